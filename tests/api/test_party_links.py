"""A legacy record found by its resemblance, linked on evidence by two officers, its spelling kept."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from tests.api.server import require_problem
from tests.api.test_documents import pdf, put
from tests.database import Database
from tests.register import Register

Sign = Callable[..., httpx.Client]
PURPOSE = {"purpose": "official_duty"}
SERIAL = itertools.count(1)


class Legacy:
    """A section whose owner has no number, and the same person with one (synthetic)."""

    def __init__(self, database: Database) -> None:
        serial = next(SERIAL)
        self.register_number = f"2030150091{serial:02d}"
        self.fin = f"5ZK1M{serial:02d}"
        engine = create_engine(database.app_url, poolclass=NullPool)
        with engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL ROLE cadastre_write")
            register = Register(connection)
            section = register.property(self.register_number)
            self.old: UUID = register.party("Мамедов Али")
            register.right(section, self.old, (1, 2))
            register.right(section, register.party("Həsənov Rauf"), (1, 2))
            self.known: UUID = register.party("Məmmədov Əli Həsən oğlu", fin=self.fin)
            self.firm: UUID = register.party("Sintetik MMC", kind="legal")
        engine.dispose()


@pytest.fixture
def legacy(planted_database: Database) -> Legacy:
    return Legacy(planted_database)


@pytest.fixture
def officer(client_as: Sign) -> httpx.Client:
    return client_as("registrar", "registrar-one")


@pytest.fixture
def second(client_as: Sign) -> httpx.Client:
    return client_as("registrar", "registrar-two")


def send(client: httpx.Client, address: str, body: dict[str, Any]) -> httpx.Response:
    return client.post(address, json=body, headers={"Idempotency-Key": str(uuid4())})


def order(legacy: Legacy, document: str, /, **changed: object) -> dict[str, Any]:
    body = {"from_party_id": legacy.old, "to_party_id": legacy.known, "document_id": document}
    body |= {"manner": "same", "evidence": "fin_document"} | changed
    return {name: str(value) for name, value in body.items()}


@pytest.fixture
def evidence(officer: httpx.Client) -> str:
    return str(put(officer, pdf("evidence"), kind="identity_document").json()["id"])


def propose(client: httpx.Client, legacy: Legacy, scan: str, /, **changed: object) -> httpx.Response:
    return send(client, "/v1/party-links", order(legacy, scan, **changed))


def decide(client: httpx.Client, proposal: int, decision: str = "link") -> httpx.Response:
    return send(client, f"/v1/party-links/{proposal}/decision", {"decision": decision})


def test_a_legacy_record_is_matched_and_linked_and_keeps_its_spelling(
    legacy: Legacy, officer: httpx.Client, second: httpx.Client, client_as: Sign, evidence: str
) -> None:
    question = PURPOSE | {"fin": legacy.fin, "register_number": legacy.register_number}
    (found,) = officer.get("/v1/party-matches", params=question).json()
    assert (found["name"], found["party_id"]) == ("Мамедов Али", str(legacy.old))
    assert found["reasons"] == ["other-spelling", "words-missing"]
    assert found["register_numbers"] == [legacy.register_number]

    proposed = propose(officer, legacy, evidence)
    assert proposed.status_code == 201, proposed.text
    proposal = proposed.json()["proposal_id"]
    waiting = {each["proposal_id"]: each for each in second.get("/v1/party-links").json()}
    assert waiting[proposal]["from_name"] == "Мамедов Али"
    assert waiting[proposal]["to_name"] == "Məmmədov Əli Həsən oğlu"
    require_problem(decide(officer, proposal), 403, "four-eyes")
    decided = decide(second, proposal)
    assert decided.status_code == 201, decided.text
    assert decided.json()["link_id"] is not None
    assert proposal not in {each["proposal_id"] for each in second.get("/v1/party-links").json()}

    owner = client_as("owner", "owner-legacy", fin=legacy.fin)
    own = owner.get("/v1/properties", params={"purpose": "own_information", "fin": legacy.fin})
    assert [each["register_number"] for each in own.json()["properties"]] == [legacy.register_number]
    read = owner.get(f"/v1/properties/{legacy.register_number}", params={"purpose": "own_information"})
    assert read.status_code == 200, "what a merged record holds is its party's own"
    assert "Мамедов Али" in [each["party_name"] for each in read.json()["rights"]]
    wanted = {"register_number": legacy.register_number, "kind": "extract", "capacity": "owner"}
    wanted |= {"basis": "Own application", "purpose": "own_information"}
    assert owner.post("/v1/extracts", json=wanted).status_code == 201
    assert officer.get("/v1/party-matches", params=question).json() == [], "linked records are done with"


def test_a_proposal_is_decided_once(
    legacy: Legacy, officer: httpx.Client, second: httpx.Client, evidence: str
) -> None:
    proposal = propose(officer, legacy, evidence).json()["proposal_id"]
    assert decide(second, proposal, "reject").json() == {"proposal_id": proposal, "link_id": None}
    require_problem(decide(second, proposal), 409, "proposal-decided")
    again = propose(officer, legacy, evidence).json()["proposal_id"]
    assert decide(second, again).status_code == 201
    require_problem(propose(officer, legacy, evidence), 409, "party-linked-already")


def test_a_search_in_a_district_finds_the_record_by_name(legacy: Legacy, officer: httpx.Client) -> None:
    question = PURPOSE | {"name": "Məmmədov Əli", "district": "BAK-XEZ"}
    found = officer.get("/v1/party-matches", params=question).json()
    assert str(legacy.old) in {each["party_id"] for each in found}
    assert [each["score"] for each in found] == sorted((each["score"] for each in found), reverse=True)


def test_links_that_cannot_be_are_refused(legacy: Legacy, officer: httpx.Client, evidence: str) -> None:
    for changed, status, code in (
        ({"to_party_id": legacy.old}, 400, "party-linked-to-itself"),
        ({"to_party_id": legacy.firm}, 409, "party-kinds-differ"),
        ({"from_party_id": legacy.known, "to_party_id": legacy.old}, 409, "party-link-backwards"),
        ({"to_party_id": uuid4()}, 404, "party-not-found"),
        ({"document_id": uuid4()}, 404, "unknown-document"),
        ({"evidence": "hearsay"}, 422, "invalid-request"),
        ({"manner": "cousin"}, 422, "invalid-request"),
    ):
        require_problem(propose(officer, legacy, evidence, **changed), status, code)
    require_problem(decide(officer, 2**62), 404, "proposal-not-found")
    require_problem(decide(officer, 0), 422, "invalid-request")


def test_two_numbered_persons_are_two(
    legacy: Legacy, planted_database: Database, officer: httpx.Client, evidence: str
) -> None:
    other = Legacy(planted_database)
    refused = propose(officer, legacy, evidence, from_party_id=other.known)
    require_problem(refused, 409, "party-numbers-differ")


@pytest.mark.parametrize(
    ("question", "status", "code"),
    [
        ({"name": "Əli"}, 400, "bad-question"),
        ({"name": "Əli", "district": "BAK-XEZ", "register_number": "203015009101"}, 400, "bad-question"),
        ({"district": "BAK-XEZ"}, 400, "bad-question"),
        ({"fin": "5ZK1MOA", "district": "BAK-XEZ"}, 400, "fin-letter-o"),
        ({"fin": "0000000", "district": "BAK-XEZ"}, 404, "party-not-found"),
        ({"name": "Ə\x00li", "district": "BAK-XEZ"}, 400, "text-control-character"),
        ({"name": "Ə" * 301, "district": "BAK-XEZ"}, 422, "invalid-request"),
        ({"name": "Əli", "district": "BAK-XEZ", "purpose": "curiosity"}, 400, "unknown-purpose"),
    ],
)
def test_what_is_no_question_is_refused(
    officer: httpx.Client, question: dict[str, str], status: int, code: str
) -> None:
    require_problem(officer.get("/v1/party-matches", params=PURPOSE | question), status, code)


def test_registrars_only(legacy: Legacy, client_as: Sign, public: httpx.Client, evidence: str) -> None:
    for role in ("notary", "bank", "owner", "court", "auditor"):
        require_problem(client_as(role).get("/v1/party-links"), 403)
        require_problem(propose(client_as(role), legacy, evidence), 403)
    require_problem(public.get("/v1/party-matches"), 401)
