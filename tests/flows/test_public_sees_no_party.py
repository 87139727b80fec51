"""Whatever an anonymous caller may ask, no answer ever names a person."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, unquote_plus

import httpx
import pytest

from tests.api.planting import BARE_PARCEL, CANARIES, CANARY_FIN, CANARY_NAME, OWNED_PARCEL, REGISTER_NUMBER
from tests.api.server import bearer, require_problem

VALUES = {
    "cadastral_number": [OWNED_PARCEL, BARE_PARCEL, REGISTER_NUMBER, CANARY_NAME, CANARY_FIN],
    "register_number": [REGISTER_NUMBER, CANARY_FIN],
    "district_code": ["BAK-XEZ"],
    "extract_id": ["00000000-0000-7000-8000-000000000001"],
    "language": ["az"],
}
QUERIES = [
    {},
    {"bbox": "50.0,40.3,50.2,40.5"},
    {"lon": "50.0579", "lat": "40.4219"},
    {"purpose": "court"},
    {"q": CANARY_NAME, "owner": CANARY_NAME, "fin": CANARY_FIN},
]


def addresses(description: dict[str, Any], token: str) -> Iterator[str]:
    """Every readable address of the published description, filled with what the register holds."""
    for template, methods in description["paths"].items():
        if "get" not in methods:
            continue
        filled = [template]
        for name in [p["name"] for p in methods["get"].get("parameters", []) if p["in"] == "path"]:
            values = VALUES.get(name, [token if name == "token" else "1"])
            filled = [a.replace(f"{{{name}}}", quote(v, safe="")) for a in filled for v in values]
        yield from filled


@pytest.fixture
def verify_token(client_as: Callable[..., httpx.Client]) -> str:
    order = {
        "register_number": REGISTER_NUMBER,
        "capacity": "notary",
        "basis": "power of attorney",
        "purpose": "disposal",
    }
    issued = client_as("notary", "notary-1").post("/v1/extracts", json=order).json()
    return str(issued["statement"]["verification"]["token"])


def test_no_public_answer_names_a_person(
    public: httpx.Client, client_as: Callable[..., httpx.Client], verify_token: str
) -> None:
    seen = client_as("registrar").get(f"/v1/properties/{REGISTER_NUMBER}", params={"purpose": "court"})
    assert CANARY_NAME in seen.text, "the canary sings for those who may hear it"
    description = public.get("/openapi.json").json()
    asked = 0
    for address in [*addresses(description, verify_token), "/", "/map", f"/verify/{verify_token}"]:
        for query in QUERIES:
            answer = public.get(address, params=query)
            asked += 1
            assert answer.status_code < 500, (address, answer.text)
            text = json.dumps(answer.json(), ensure_ascii=False) if "json" in media(answer) else answer.text
            own_words = {c for c in CANARIES if c in unquote_plus(str(answer.url))}
            for canary in set(CANARIES) - own_words:
                assert canary not in text, (address, query)
    assert asked > 40


def media(answer: httpx.Response) -> str:
    return answer.headers.get("content-type", "")


def test_an_entitled_verdict_tells_more_than_a_public_one(public: httpx.Client, verify_token: str) -> None:
    verdict = public.post("/v1/verify", json={"statement": {}, "jws": "a..b"}).json()
    assert verdict["superseded_by"] is None


ROLES = {
    "owner": (404, 404),
    "bank": (404, 404),
    "notary": (200, 201),
    "registrar": (200, 201),
    "court": (200, 201),
    "auditor": (200, 403),
    "surveyor": (403, 403),
    "address_officer": (403, 403),
    "municipality": (403, 403),
    "admin": (403, 403),
}
CAPACITY = {"notary": "notary", "court": "court"}


@pytest.mark.parametrize(("role", "expected"), ROLES.items())
def test_roles_matrix(client_as: Callable[..., httpx.Client], role: str, expected: tuple[int, int]) -> None:
    client = client_as(role, f"{role}-account")
    read = client.get(f"/v1/properties/{REGISTER_NUMBER}", params={"purpose": "court"})
    order = {
        "register_number": REGISTER_NUMBER,
        "capacity": CAPACITY.get(role, "owner"),
        "basis": "court ruling 12",
        "purpose": "court",
    }
    issue = client.post("/v1/extracts", json=order)
    if role == "bank":
        assert issue.status_code in {403, 404}
    else:
        assert (read.status_code, issue.status_code) == expected, (read.text, issue.text)
    for answer in (read, issue):
        if answer.status_code >= 400:
            require_problem(answer, answer.status_code)
            assert not [c for c in CANARIES if c in answer.text]


def test_property_needs_a_purpose_and_a_proper_number(client_as: Callable[..., httpx.Client]) -> None:
    registrar = client_as("registrar")
    address = f"/v1/properties/{REGISTER_NUMBER}"
    require_problem(registrar.get(address), 422, "invalid-request")
    require_problem(registrar.get(address, params={"purpose": "curiosity"}), 400, "unknown-purpose")
    court = {"purpose": "court"}
    require_problem(registrar.get("/v1/properties/12", params=court), 400, "register-number-malformed")
    require_problem(registrar.get("/v1/properties/203015999999", params=court), 404, "property-not-found")


def test_owner_reads_his_own_property(client_as: Callable[..., httpx.Client]) -> None:
    own = client_as("owner", CANARY_FIN).get(
        f"/v1/properties/{REGISTER_NUMBER}", params={"purpose": "own_information"}
    )
    assert own.status_code == 200
    assert own.headers["cache-control"] == "private, no-store"
    assert [right["party_name"] for right in own.json()["rights"]] == [CANARY_NAME]
    assert own.json()["cadastral_numbers"] == [OWNED_PARCEL]


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer x", "Basic dXNlcjpwYXNz", "Bearer a.b.c", "bearer ..", "x"]
)
def test_a_bad_token_is_refused_even_where_none_is_needed(public: httpx.Client, header: str) -> None:
    answer = public.get(f"/v1/parcels/{BARE_PARCEL}", headers={"Authorization": header})
    require_problem(answer, 401, "token-invalid")
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_token_of_another_installation_is_worth_nothing(
    public: httpx.Client, tmp_path_factory: pytest.TempPathFactory
) -> None:
    from api.auth.tokens import make_caller, open_token_desk

    elsewhere = open_token_desk(
        tmp_path_factory.mktemp("elsewhere"), issuer="kadastr", audience="kadastr-api", hours=1
    )
    token = elsewhere.issue(make_caller("registrar", "r"))
    answer = public.get(f"/v1/properties/{REGISTER_NUMBER}?purpose=court", headers=bearer(token))
    require_problem(answer, 401, "token-invalid")


def test_districts_are_public_and_sorted_in_azerbaijani(public: httpx.Client) -> None:
    answer = public.get("/v1/districts")
    districts = {d["code"]: d for d in answer.json()["districts"]}
    assert districts["BAK-XEZ"]["name_az"] == "Xəzər rayonu"
    assert districts["BAK-XEZ"]["box"] is None
    names = [d["name_az"] for d in answer.json()["districts"]]
    assert names.index("Cəlilabad rayonu") < names.index("Daşkəsən rayonu")
    again = public.get("/v1/districts", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
