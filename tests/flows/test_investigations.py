"""Flags of investigation over HTTP: begun by a registrar or court, shown, ended, and readable afterwards."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from cadastre.db.unit_of_work import Database as Opened
from cadastre.domain.moment import Moment
from cadastre.services.ledger_clock import sequence
from cadastre.store.investigations import list_investigations
from cadastre.store.ledger import get_head_index
from tests.api.server import require_problem
from tests.database import Database
from tests.flows.test_applications import etag_of, file, sale, upload
from tests.register import Register, square

Sign = Callable[..., httpx.Client]
SERIAL = itertools.count(1)


@pytest.fixture
def registrar(client_as: Sign) -> httpx.Client:
    return client_as("registrar", "registrar-of-doubts", name="Qeydiyyatçı")


@pytest.fixture
def court(client_as: Sign) -> httpx.Client:
    return client_as("court", "court-of-doubts", name="Məhkəmə")


@pytest.fixture
def section(planted_database: Database) -> dict[str, Any]:
    """A property with land and one owner: register, registration and cadastral number, party, id."""
    at = next(SERIAL)
    number, land = f"203097{at:06d}", f"DOUBT-{at}"
    engine = create_engine(planted_database.app_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL ROLE cadastre_write")
        register = Register(connection, serial=700_000 + at * 100)
        register.leaf()
        owner = register.party("Şübhəli Sahib")
        here = register.property(number, register.parcel(land, square(30_000 + 40.0 * at, 0.0)))
        register.right(here, owner)
        entry = f"2324{register.serial:06d}"
    engine.dispose()
    return {"number": number, "entry": entry, "land": land, "party": str(owner), "id": here}


def flag(client: httpx.Client, key: str | None = None, **body: Any) -> httpx.Response:
    asked = {"attribute": "section", "reason": "Arxiv sənədi fərqlidir.", **body}
    return client.post("/v1/investigations", json=asked, headers={"Idempotency-Key": key or str(uuid4())})


def shown(client: httpx.Client, number: str) -> list[dict[str, Any]]:
    answer = client.get("/v1/investigations", params={"register_number": number, "purpose": "disposal"})
    assert answer.status_code == 200, answer.text
    return [dict(row) for row in answer.json()]


def test_each_kind_of_subject_is_flagged_shown_and_ended(
    registrar: httpx.Client, section: dict[str, Any], planted_database: Database
) -> None:
    number = section["number"]
    orders = (
        {"register_number": number},
        {"register_number": number, "registration_number": section["entry"], "attribute": "share"},
        {"cadastral_number": section["land"], "attribute": "area"},
        {"party_id": section["party"], "attribute": "identity"},
    )
    begun = [flag(registrar, **order) for order in orders]
    assert [answer.status_code for answer in begun] == [201] * 4, [answer.text for answer in begun]
    before = number_all(planted_database)
    assert [(row["subject"], row["attribute"]) for row in shown(registrar, number)] == [
        ("property", "section"),
        ("entry", "share"),
        ("parcel", "area"),
        ("party", "identity"),
    ]
    for answer in begun:
        gone = registrar.delete(f"/v1/investigations/{answer.json()['investigation_id']}")
        assert gone.status_code == 204, gone.text
    assert registrar.delete(f"/v1/investigations/{begun[0].json()['investigation_id']}").status_code == 204
    number_all(planted_database)
    assert shown(registrar, number) == []
    assert count_known(planted_database, section["id"], before) == 4


def test_whoever_deals_with_the_property_is_told_what_is_in_doubt(
    registrar: httpx.Client, client_as: Sign, section: dict[str, Any]
) -> None:
    notary, number = client_as("notary", "notary-of-doubts", name="Nigar Quliyeva"), section["number"]
    for order in (
        {"register_number": number, "registration_number": section["entry"], "attribute": "share"},
        {"cadastral_number": section["land"], "attribute": "area"},
        {"party_id": section["party"], "attribute": "identity"},
    ):
        assert flag(registrar, **order).status_code == 201
    body = sale(number, upload(notary))
    body["parties"][0] = {"role": "disposer", "kind": "natural", "name": "Şübhəli Sahib"}
    told = file(notary, body, etag_of(notary, number))
    assert told.status_code == 201, told.text
    (doubt,) = [finding for finding in told.json()["findings"] if finding["rule"] == "under-investigation"]
    assert (doubt["weight"], doubt["detail"]["attributes"]) == ("warning", "area, identity, share")


def test_a_flag_is_begun_once_and_a_key_gives_one(registrar: httpx.Client, section: dict[str, Any]) -> None:
    key, number = str(uuid4()), section["number"]
    first, again = (flag(registrar, key, register_number=number) for _ in range(2))
    assert first.content == again.content
    require_problem(flag(registrar, register_number=number), 409, "under-investigation-already")


def test_what_a_court_began_a_court_ends(
    registrar: httpx.Client, court: httpx.Client, section: dict[str, Any]
) -> None:
    begun = flag(court, register_number=section["number"]).json()["investigation_id"]
    require_problem(registrar.delete(f"/v1/investigations/{begun}"), 403, "court-began-it")
    assert court.delete(f"/v1/investigations/{begun}").status_code == 204


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"attribute": "colour"}, 400, "attribute-not-investigated"),
        ({"attribute": "rank"}, 400, "attribute-not-investigated"),
        ({"register_number": None}, 400, "subject-not-one"),
        ({"cadastral_number": "X"}, 400, "subject-not-one"),
        ({"register_number": "203099999999"}, 404, "property-not-found"),
        ({"registration_number": "2324999999", "attribute": "share"}, 409, "entry-not-current"),
        ({"reason": " "}, 400, "reason-missing"),
        ({"reason": "x" * 3000}, 422, None),
        ({"reason": "a\u202eb"}, 400, None),
    ],
)
def test_faulty_flags_are_problems(
    registrar: httpx.Client, section: dict[str, Any], change: dict[str, Any], status: int, code: str | None
) -> None:
    require_problem(flag(registrar, **{"register_number": section["number"], **change}), status, code)


def test_nobody_else_flags_or_lists(client_as: Sign, section: dict[str, Any]) -> None:
    notary = client_as("notary", "notary-of-doubts")
    require_problem(flag(notary, register_number=section["number"]), 403, "role-not-entitled")
    listed = notary.get(
        "/v1/investigations", params={"register_number": section["number"], "purpose": "disposal"}
    )
    require_problem(listed, 403, "role-not-entitled")


def number_all(planted: Database) -> int:
    """Number all leaves; gives the newest index."""
    database = Opened(planted.app_url)
    sequence(database)
    head = database.run(lambda uow: get_head_index(uow.connection))
    database.close()
    return head


def count_known(planted: Database, property_id: int, known_at: int) -> int:
    """Count the flags on a section today, as the register knew them at an index."""
    database = Opened(planted.app_url)
    today = database.run(lambda uow: uow.connection.exec_driver_sql("SELECT ledger.today()").scalar_one())
    rows = database.run(lambda uow: list_investigations(uow.connection, property_id, Moment(today, known_at)))
    database.close()
    return len(rows)
