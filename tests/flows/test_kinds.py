"""Every product over HTTP: issued, handed out again byte for byte, judged, as XML, and told to whom it is about."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from lxml import etree

from tests.api.planting import CANARY_FIN, CANARY_NAME, CANARY_VOEN, REGISTER_NUMBER
from tests.api.server import require_problem
from tests.flows.test_extract_flow import ORDER, Sign

ABOUT_PROPERTY = (
    "extract",
    "certificate",
    "plan",
    "reference-description",
    "reference-rights",
    "reference-encumbrances",
    "archive",
)
SAYS = {
    "reference-description": {"parcels"},
    "reference-rights": {"rights", "servitudes"},
    "reference-encumbrances": {"restrictions"},
    "archive": {"terminated"},
    "existence": set[str](),
}
WHOLE = {"parcels", "rights", "restrictions", "servitudes"}
PERSON = {"fin": CANARY_FIN, "capacity": "notary", "basis": "Heirs' application 7", "purpose": "inheritance"}


@pytest.fixture
def notary(client_as: Sign) -> httpx.Client:
    return client_as("notary", "notary-7", name="Nigar Quliyeva")


def issue(notary: httpx.Client, kind: str) -> dict[str, Any]:
    if kind == "existence":
        answer = notary.post("/v1/extracts/existence", json=PERSON)
    else:
        answer = notary.post("/v1/extracts", json={**ORDER, "kind": kind})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


@pytest.mark.parametrize("kind", [*ABOUT_PROPERTY, "existence"])
def test_each_kind_is_issued_judged_and_the_same_for_ever(
    notary: httpx.Client, public: httpx.Client, kind: str
) -> None:
    body = issue(notary, kind)
    statement, address = body["statement"], f"/v1/extracts/{body['id']}"
    assert (statement["kind"], statement["asked_kind"]) == (kind, kind)
    said = {part for part in (*WHOLE, "terminated") if statement[part] is not None}
    assert said == SAYS.get(kind, WHOLE)
    first = {media: notary.get(address, headers={"Accept": media}) for media in MEDIA}
    again = {media: notary.get(address, headers={"Accept": media}) for media in MEDIA}
    for media, answer in first.items():
        assert answer.status_code == 200, (media, answer.text)
        assert answer.headers["content-type"].startswith(media)
    assert first["application/json"].json()["statement"] == statement
    for media in ("application/pdf", "application/xml"):
        assert first[media].content == again[media].content
    judged = notary.post(
        "/v1/verify",
        content=first["application/pdf"].content,
        headers={"Content-Type": "application/pdf"},
    ).json()
    assert judged["verdict"] == "AUTHENTIC", judged
    assert public.get(f"/verify/{statement['verification']['token']}").status_code == 200
    version = statement["schema"].rpartition(":")[2]
    schema = etree.XMLSchema(etree.fromstring(public.get(f"/schemas/statement-{version}.xsd").content))
    schema.assertValid(etree.fromstring(first["application/xml"].content))


MEDIA = ("application/json", "application/pdf", "application/xml")


def test_a_reference_names_nobody_whom_it_is_not_about(notary: httpx.Client) -> None:
    body = issue(notary, "reference-description")
    assert CANARY_NAME not in str(body["statement"])
    assert CANARY_NAME in str(issue(notary, "reference-rights")["statement"])


def test_whether_somebody_owns_anything(notary: httpx.Client, client_as: Sign) -> None:
    found = issue(notary, "existence")["statement"]["existence"]
    assert found["exists"] is True
    assert [one["register_number"] for one in found["holdings"]] == [REGISTER_NUMBER]
    nobody = notary.post("/v1/extracts/existence", json={**PERSON, "fin": "7NEMAYY"}).json()
    assert nobody["statement"]["existence"]["exists"] is False
    assert "7NEMAYY" not in str({**nobody["statement"], "existence": None})
    looks = client_as("owner", "7NEMAYY").get("/v1/persons/me/looks").json()["looks"]
    assert [look["what"]["code"] for look in looks] == ["access.existence"]


def test_a_bank_learns_yes_or_no_and_an_owner_asks_about_himself(client_as: Sign) -> None:
    bank = client_as("bank", "bank-1", voen=CANARY_VOEN)
    asked = {**PERSON, "capacity": "mortgagee", "purpose": "mortgage"}
    found = bank.post("/v1/extracts/existence", json=asked).json()["statement"]["existence"]
    assert (found["exists"], found["holdings"]) == (True, None)
    owner = client_as("owner", CANARY_FIN)
    own = {**PERSON, "capacity": "owner", "purpose": "own_information"}
    assert owner.post("/v1/extracts/existence", json=own).json()["statement"]["existence"]["holdings"]
    other = owner.post("/v1/extracts/existence", json={**own, "fin": "7NEMAYY"})
    require_problem(other, 403, "own-number-only")
    neither = owner.post("/v1/extracts/existence", json={**own, "fin": None})
    require_problem(neither, 400, "bad-question")
    surveyor = client_as("surveyor", "s-1").post("/v1/extracts/existence", json=PERSON)
    require_problem(surveyor, 403, "role-not-entitled")


def test_the_forms_are_published(public: httpx.Client) -> None:
    schema = public.get("/schemas/statement-5.json")
    assert schema.json()["$id"] == "urn:kadastr:statement:5"
    require_problem(public.get("/schemas/statement-99.json"), 404, "schema-not-found")
