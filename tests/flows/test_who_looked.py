"""Whoever is shown a person leaves a trace that the person sees; every route is walked for holes."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from tests.api.planting import (
    CANARIES,
    CANARY_FIN,
    CANARY_NAME,
    CANARY_VOEN,
    OWNED_PARCEL,
    REGISTER_NUMBER,
)
from tests.api.server import require_problem
from tests.database import Database
from tests.flows.test_extract_flow import ORDER, Sign

READ = f"/v1/properties/{REGISTER_NUMBER}"
COURT = {"purpose": "court"}
SEEN_WITHIN_S = 5.0


@pytest.fixture
def person(client_as: Sign) -> httpx.Client:
    return client_as("owner", CANARY_FIN, name=CANARY_NAME)


@pytest.fixture
def bank(client_as: Sign) -> httpx.Client:
    return client_as("bank", "bank-1", voen=CANARY_VOEN)


def looks_at(person: httpx.Client, address: str = "/v1/persons/me/looks") -> list[dict[str, Any]]:
    answer = person.get(address)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["looks"])


def test_a_person_sees_at_once_who_looked(person: httpx.Client, client_as: Sign) -> None:
    notary = client_as("notary", "notary-9", name="Nigar Quliyeva")
    assert notary.get(READ, params={"purpose": "disposal"}).status_code == 200
    begun = time.monotonic()
    look = looks_at(person)[0]
    assert time.monotonic() - begun < SEEN_WITHIN_S
    assert (look["register_number"], look["case_id"]) == (REGISTER_NUMBER, None)
    assert look["who"]["name"] == "Nigar Quliyeva"
    assert look["who"]["role"]["name"] == {"az": "Notarius", "en": "Notary", "ru": "Нотариус"}
    assert look["purpose"]["name"] == {"az": "Özgəninkiləşdirmə", "en": "Disposal", "ru": "Отчуждение"}
    assert look["what"]["code"] == "access.property"
    assert looks_at(person, f"{READ}/looks")[0] == look


def test_a_beneficiary_is_a_person_too(bank: httpx.Client, client_as: Sign) -> None:
    client_as("court", "court-3", name="Sınaq Məhkəməsi").get(READ, params=COURT)
    assert looks_at(bank)[0]["who"]["name"] == "Sınaq Məhkəməsi"


def test_an_extract_and_its_opening_are_looks(person: httpx.Client, client_as: Sign) -> None:
    notary = client_as("notary", "notary-9")
    issued = notary.post("/v1/extracts", json=ORDER).json()
    assert looks_at(person)[0]["what"]["code"] == "extract.requested"
    client_as("auditor", "auditor-1").get(f"/v1/extracts/{issued['id']}")
    latest = looks_at(person)[0]
    assert (latest["what"]["code"], latest["who"]["role"]["code"]) == ("access.extract", "auditor")


def test_whom_a_certificate_is_about_sees_who_opened_it(client_as: Sign) -> None:
    order = {"capacity": "notary", "basis": "Ərizə 7", "purpose": "inheritance", "fin": "7NEMAYE"}
    issued = client_as("notary", "notary-9").post("/v1/extracts/existence", json=order).json()
    assert client_as("auditor", "auditor-1").get(f"/v1/extracts/{issued['id']}").status_code == 200
    seen = [
        (look["what"]["code"], look["who"]["role"]["code"])
        for look in looks_at(client_as("owner", "7NEMAYE"))
    ]
    assert seen == [("access.extract", "auditor"), ("access.existence", "notary")]


def test_what_was_asked_for_an_investigation_is_opened_unseen_too(
    person: httpx.Client, client_as: Sign
) -> None:
    before = looks_at(person)
    court = client_as("court", "court-8", name="Sınaq İstintaq Məhkəməsi")
    issued = court.post(
        "/v1/extracts", json={**ORDER, "capacity": "court", "purpose": "investigation"}
    ).json()
    assert court.get(issued["pdf"]).status_code == 200
    assert looks_at(person) == before
    other = client_as("court", "court-9", name="Başqa məhkəmə")
    assert other.get(f"/v1/extracts/{issued['id']}").status_code == 200
    assert looks_at(person)[0]["who"]["name"] == "Başqa məhkəmə", "whoever else opens it says so at once"


def test_a_search_by_number_is_a_look_whatever_it_finds(person: httpx.Client, client_as: Sign) -> None:
    asked = {"fin": CANARY_FIN, "purpose": "court"}
    assert client_as("court", "court-3").get("/v1/properties", params=asked).status_code == 200
    assert {look["what"]["code"] for look in looks_at(person)[:2]} == {"access.search", "access.found"}
    nobody = client_as("owner", "7NEMAXX")
    client_as("court", "court-3").get("/v1/properties", params={"fin": "7NEMAXX", "purpose": "court"})
    assert [look["what"]["code"] for look in looks_at(nobody)] == ["access.search"]


def test_a_refused_try_shows_nothing_and_is_no_look(person: httpx.Client, client_as: Sign) -> None:
    before = looks_at(person)
    require_problem(client_as("owner", "7STRANG").get(READ, params=COURT), 404, "property-not-found")
    assert looks_at(person) == before


def test_an_investigation_is_told_from_its_day_on_and_not_before(
    person: httpx.Client, client_as: Sign, planted_database: Database
) -> None:
    secret = {"purpose": "investigation"}
    refused = client_as("notary", "notary-9").get(READ, params=secret)
    require_problem(refused, 403, "purpose-not-entitled")
    before = looks_at(person)
    court = client_as("court", "court-8", name="Sınaq İstintaq Məhkəməsi")
    assert court.get(READ, params=secret).status_code == 200
    assert looks_at(person) == before
    engine = create_engine(planted_database.superuser_url, poolclass=NullPool)
    with engine.begin() as connection:  # half a year passes: by the hand of whoever may do everything
        leaf, told = connection.exec_driver_sql(
            "SELECT k.leaf_id, l.payload::jsonb ->> 'disclosed_from' = k.disclosed_from::text"
            "  FROM evidence.look k JOIN ledger.leaf l USING (leaf_id) WHERE k.disclosed_from IS NOT NULL"
            " ORDER BY 1 DESC LIMIT 1"
        ).one()
        assert told, "the ledger has the day, so it cannot be put off unseen"
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.exec_driver_sql(
            "UPDATE evidence.look SET disclosed_from = ledger.today() WHERE leaf_id = %s", (leaf,)
        )
    engine.dispose()
    assert looks_at(person)[0]["who"]["name"] == "Sınaq İstintaq Məhkəməsi"


def test_pages_follow_one_another(person: httpx.Client, client_as: Sign) -> None:
    for _ in range(3):
        client_as("registrar", "registrar-1").get(READ, params=COURT)
    whole = looks_at(person)[:3]
    first = person.get("/v1/persons/me/looks", params={"limit": 2}).json()
    assert first["looks"] == whole[:2]
    then = person.get("/v1/persons/me/looks", params={"limit": 2, "before": first["before"]}).json()
    assert then["looks"][0] == whole[2]


def test_who_has_no_number_or_no_section_sees_none(client_as: Sign, public: httpx.Client) -> None:
    require_problem(public.get("/v1/persons/me/looks"), 401, "not-authenticated")
    nameless = client_as("registrar", "registrar-1").get("/v1/persons/me/looks")
    require_problem(nameless, 403, "number-not-vouched")
    stranger = client_as("owner", "7STRANG")
    require_problem(stranger.get(f"{READ}/looks"), 404, "property-not-found")


ROLES = ("notary", "registrar", "court", "auditor", "bank", "municipality", "surveyor")
QUERIES: tuple[dict[str, str], ...] = (
    {},
    COURT,
    {"fin": CANARY_FIN, **COURT},
    {"voen": CANARY_VOEN, **COURT},
    {"cadastral_number": OWNED_PARCEL, **COURT},
    {"name": CANARY_NAME, "kind": "natural", "register_number": REGISTER_NUMBER, **COURT},
    {"register_number": REGISTER_NUMBER, **COURT},
)
OWN = {"/v1/persons/me/looks"}


def addresses(description: dict[str, Any], values: dict[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Every readable address of the published description, with each of the questions that it understands."""
    for template, methods in description["paths"].items():
        if "get" not in methods or template in OWN or template.startswith("/tiles"):
            continue
        filled, known = template, set()
        for parameter in methods["get"].get("parameters", []):
            if parameter["in"] == "path":
                name = parameter["name"]
                filled = filled.replace(f"{{{name}}}", values.get(name, "1"))
            known.add(parameter["name"])
        asked = [{k: v for k, v in query.items() if k in known} for query in QUERIES]
        yield from ((filled, query) for place, query in enumerate(asked) if query not in asked[:place])


def test_no_route_names_a_person_without_a_look(
    public: httpx.Client, person: httpx.Client, bank: httpx.Client, client_as: Sign
) -> None:
    issued = client_as("notary", "notary-9").post("/v1/extracts", json=ORDER).json()
    values = {
        "register_number": REGISTER_NUMBER,
        "extract_id": issued["id"],
        "cadastral_number": OWNED_PARCEL,
        "language": "az",
        "token": issued["statement"]["verification"]["token"],
        "name": "title_without_geometry",
    }
    description = public.get("/openapi.json").json()
    named, latest = set(), [latest_of(who) for who in (person, bank)]
    for role in ROLES:
        client = client_as(role, f"{role}-walker", **({"voen": CANARY_VOEN} if role == "bank" else {}))
        for address, query in addresses(description, values):
            answer = client.get(address, params=query)
            assert answer.status_code < 500, (role, address, answer.text)
            if address.endswith("/looks") or not tells_of_a_person(answer, query):
                continue  # who looked is what the former are for: an owner's own look bears his name
            named.add(address)
            before, latest = latest, [latest_of(who) for who in (person, bank)]
            assert latest != before, f"{role} was shown a person by {address} {query} and no look is told"
    assert {READ, f"/v1/extracts/{issued['id']}"} <= named


def tells_of_a_person(answer: httpx.Response, query: dict[str, str]) -> bool:
    """Whether an answer holds a name or number of the planted persons that the question did not."""
    if answer.status_code != 200 or "json" not in answer.headers.get("content-type", ""):
        return False
    told = json.dumps(answer.json(), ensure_ascii=False)
    asked = " ".join(query.values())
    return any(canary in told for canary in CANARIES if canary not in asked)


def latest_of(person: httpx.Client) -> int:
    looks = looks_at(person, "/v1/persons/me/looks?limit=1")
    return int(looks[0]["key"]) if looks else 0
