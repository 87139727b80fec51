"""Powers of attorney, guardians, signatories, consents over HTTP: on a scan, ended once, read on record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from tests.api.planting import CANARY_FIN, CANARY_VOEN
from tests.api.server import require_problem
from tests.api.test_documents import pdf, put
from tests.database import Database
from tests.register import Register

Sign = Callable[..., httpx.Client]
ADDRESS = "/v1/representations"
PRINCIPAL = {"kind": "natural", "name": "Kanareyka Əzizağa qızı", "fin": CANARY_FIN}
FIRM = {"kind": "legal", "name": "Kanarbank ASC", "voen": CANARY_VOEN}
PURPOSE = {"purpose": "official_duty"}
TODAY = (datetime.now(UTC) + timedelta(hours=4)).date()


def agent(fin: str = "5ZK1R01") -> dict[str, str]:
    return {"kind": "natural", "name": "Sintetik Vəkil", "fin": fin}


@pytest.fixture
def notary(client_as: Sign) -> httpx.Client:
    return client_as("notary", "notary-acting")


@pytest.fixture
def scan(notary: httpx.Client) -> str:
    return str(put(notary, pdf("power of attorney"), kind="power_of_attorney").json()["id"])


def send(client: httpx.Client, address: str, body: dict[str, Any], key: str | None = None) -> httpx.Response:
    return client.post(address, json=body, headers={"Idempotency-Key": key or str(uuid4())})


def order(scan: str, /, **changed: Any) -> dict[str, Any]:
    body = {
        "kind": "power_of_attorney",
        "principal": PRINCIPAL,
        "agent": agent(),
        "paper": {"document_id": scan, "number": "1Z-441", "dated": "2026-01-05"},
        "operations": ["sale", "mortgage_registration"],
        "valid_from": "2026-01-05",
        "valid_to": "2027-01-05",
    }
    return body | changed


def standing(client: httpx.Client, fin: str) -> dict[int, dict[str, Any]]:
    rows = client.get(ADDRESS, params=PURPOSE | {"fin": fin})
    assert rows.status_code == 200, rows.text
    return {row["representation_id"]: row for row in rows.json()}


def test_a_power_of_attorney_is_entered_seen_and_revoked_once(notary: httpx.Client, scan: str) -> None:
    fin, key = "5ZK1R02", str(uuid4())
    body = order(scan, agent=agent(fin))
    made, again = send(notary, ADDRESS, body, key), send(notary, ADDRESS, body, key)
    assert made.status_code == 201, made.text
    assert made.content == again.content
    number = made.json()["representation_id"]
    seen = standing(notary, fin)
    assert list(seen) == [number]
    assert seen[number]["operations"] == ["sale", "mortgage_registration"]
    assert (seen[number]["agent_name"], seen[number]["document_id"]) == ("Sintetik Vəkil", scan)
    assert (seen[number]["valid_to"], seen[number]["end_reason"]) == ("2027-01-05", None)

    ended = send(notary, f"{ADDRESS}/{number}/end", {"reason": "revoked"})
    assert ended.status_code == 201, ended.text
    (last,) = standing(notary, fin).values()
    assert (last["end_reason"], last["valid_to"]) == ("revoked", TODAY.isoformat())
    assert last["representation_id"] == ended.json()["representation_id"]
    for gone in (number, ended.json()["representation_id"], 2**62):
        refused = send(notary, f"{ADDRESS}/{gone}/end", {"reason": "died"})
        require_problem(refused, 409, "representation-ended")


def test_a_person_who_comes_again_is_one_record(notary: httpx.Client, scan: str) -> None:
    fin = "5ZK1R03"
    for _ in range(2):
        assert send(notary, ADDRESS, order(scan, agent=agent(fin))).status_code == 201
    assert len({row["agent_party_id"] for row in standing(notary, fin).values()}) == 1


def test_guardians_and_signatories_fit_their_principals(notary: httpx.Client, scan: str) -> None:
    signatory = order(scan, kind="company_signatory", principal=FIRM, operations=[])
    assert send(notary, ADDRESS, signatory).status_code == 201
    guardian = order(scan, kind="guardian", permission={"document_id": scan}, operations=[])
    made = send(notary, ADDRESS, guardian)
    assert standing(notary, CANARY_FIN)[made.json()["representation_id"]]["has_permission"] is True
    for kind, principal in (
        ("company_signatory", PRINCIPAL),
        ("guardian", FIRM),
        ("estate_administrator", FIRM),
    ):
        refused = send(notary, ADDRESS, order(scan, kind=kind, principal=principal))
        require_problem(refused, 400, "principal-of-other-kind")


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"agent": PRINCIPAL}, 400, "represents-himself"),
        ({"agent": {"kind": "natural", "name": "Sintetik"}}, 400, "party-number-missing"),
        ({"agent": {"kind": "legal", "name": "Sintetik", "fin": "5ZK1R01"}}, 400, "party-number-misfit"),
        ({"agent": {"kind": "natural", "name": "", "fin": "5ZK1R09"}}, 400, "party-name-missing"),
        ({"agent": {"kind": "natural", "name": "Ə\x00li", "fin": "5ZK1R09"}}, 400, "text-control-character"),
        ({"agent": {"kind": "natural", "name": "Ə" * 10_000, "fin": "5ZK1R09"}}, 422, "invalid-request"),
        ({"agent": {"kind": "natural", "party_id": str(uuid4())}}, 404, "party-not-found"),
        ({"agent": PRINCIPAL | {"voen": CANARY_VOEN}}, 409, "party-numbers-conflict"),
        ({"operations": ["theft"]}, 400, "unknown-operation"),
        ({"valid_to": "2026-01-04"}, 400, "validity-backwards"),
        ({"register_number": "12"}, 400, "register-number-malformed"),
        ({"register_number": "203015999999"}, 404, "property-not-found"),
        ({"paper": {"document_id": str(uuid4())}}, 404, "unknown-document"),
        ({"kind": "friend"}, 422, "invalid-request"),
    ],
)
def test_what_makes_no_sense_is_refused(
    notary: httpx.Client, scan: str, changed: dict[str, Any], status: int, code: str
) -> None:
    require_problem(send(notary, ADDRESS, order(scan, **changed)), status, code)


def test_a_paper_of_tomorrow_and_a_stranger_s_scan_are_refused(
    notary: httpx.Client, scan: str, client_as: Sign
) -> None:
    tomorrow = {"document_id": scan, "dated": (TODAY + timedelta(days=1)).isoformat()}
    require_problem(send(notary, ADDRESS, order(scan, paper=tomorrow)), 400, "document-future-dated")
    require_problem(send(client_as("notary", "notary-2"), ADDRESS, order(scan)), 404, "unknown-document")
    assert send(client_as("registrar"), ADDRESS, order(scan)).status_code == 201


def test_notaries_and_registrars_only(client_as: Sign, public: httpx.Client, scan: str) -> None:
    for role in ("owner", "bank", "court", "auditor"):
        require_problem(send(client_as(role), ADDRESS, order(scan)), 403)
    require_problem(public.get(ADDRESS, params=PURPOSE | {"fin": CANARY_FIN}), 401)
    notary = client_as("notary")
    require_problem(notary.get(ADDRESS, params=PURPOSE), 400, "bad-question")
    require_problem(
        notary.get(ADDRESS, params={"purpose": "curiosity", "fin": CANARY_FIN}), 400, "unknown-purpose"
    )


def file_case(database: Database, applicant: str, *, decided: bool) -> UUID:
    """A case of an applicant about a section of its own."""
    engine = create_engine(database.app_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL ROLE cadastre_write")
        register = Register(connection)
        register.leaf()
        serial = connection.execute(text("SELECT count(*) FROM cadastre.property")).scalar_one()
        property_id = register.property(f"20301601{serial:04d}")
        register.right(property_id, register.party("Sintetik Sahib"))
        case_id: UUID = register.file("sale", property_id, applicant=applicant)
        if decided:
            register.step(case_id, "withdraw", applicant)
    engine.dispose()
    return case_id


def test_a_consent_is_added_to_an_open_case_of_the_caller(
    notary: httpx.Client, scan: str, planted_database: Database, client_as: Sign
) -> None:
    own = file_case(planted_database, "notary-acting", decided=False)
    strange = file_case(planted_database, "notary-other", decided=False)
    over = file_case(planted_database, "notary-acting", decided=True)

    def consent(case_id: UUID, **changed: Any) -> dict[str, Any]:
        body = {"case_id": str(case_id), "kind": "spouse", "party": agent("5ZK1R07")}
        return body | {"paper": {"document_id": scan}, "given_on": "2026-01-05"} | changed

    made = send(notary, "/v1/consents", consent(own))
    assert made.status_code == 201, made.text
    assert made.json()["consent_id"] >= 1
    require_problem(send(notary, "/v1/consents", consent(strange)), 404, "case-not-found")
    require_problem(send(notary, "/v1/consents", consent(uuid4())), 404, "case-not-found")
    require_problem(send(notary, "/v1/consents", consent(over)), 409, "case-over")
    late = consent(own, given_on=(TODAY + timedelta(days=1)).isoformat())
    require_problem(send(notary, "/v1/consents", late), 400, "validity-backwards")
    assert send(client_as("registrar"), "/v1/consents", consent(strange)).status_code == 201
