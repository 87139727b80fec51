"""Sections found by party, paper, parcel and address over HTTP: by the entitled, on record, without names."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from tests.api.planting import (
    BARE_PARCEL,
    CANARIES,
    CANARY_FIN,
    CANARY_VOEN,
    OWNED_PARCEL,
    REGISTER_NUMBER,
)
from tests.api.server import require_problem
from tests.database import Database
from tests.register import Register

Sign = Callable[..., httpx.Client]
LEGACY_NUMBER = "203015000777"
PURPOSE = {"purpose": "disposal"}


@pytest.fixture(scope="module")
def searched(planted_database: Database) -> Database:
    """The planted register with a street, a paper and a legacy record of the same owner (synthetic)."""
    engine = create_engine(planted_database.app_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL ROLE cadastre_write")
        plant_more(connection)
    engine.dispose()
    return planted_database


def plant_more(connection: Connection) -> None:
    register = Register(connection)
    leaf = register.leaf()
    legacy = register.party("Мамедов Али")
    register.right(register.property(LEGACY_NUMBER), legacy)
    row = {
        "leaf": leaf,
        "legacy": legacy,
        "fin": CANARY_FIN,
        "number": REGISTER_NUMBER,
        "parcel": OWNED_PARCEL,
    }
    connection.execute(
        text("""INSERT INTO registry.party_link (from_party_id, to_party_id, manner, evidence, proposed_by,
                                                 decided_by, recorded_leaf)
                SELECT :legacy, party_id, 'same', 'fin_document', 'registrar-1', 'registrar-2', :leaf
                  FROM party.party WHERE fin = :fin"""),
        row,
    )
    connection.execute(
        text("""INSERT INTO registry.paper_extract (series, number, property_id, recorded_leaf)
                SELECT 'RX', '0123456', property_id, :leaf FROM cadastre.property WHERE register_number = :number"""),
        row,
    )
    street = connection.execute(
        text("""INSERT INTO address.street (district_code, kind, name_az, valid_from, recorded_leaf, geom)
                VALUES ('BAK-XEZ', 'kuce', 'Sergey Yesenin', DATE '2020-01-01', :leaf,
                        ST_GeomFromText('LINESTRING(420000 4475000, 420100 4475000)', 32639)) RETURNING street_id"""),
        row,
    ).scalar_one()
    connection.execute(
        text("""INSERT INTO address.entrance (street_id, number, parcel_id, valid_from, recorded_leaf, geom)
                SELECT :street, '7A', parcel_id, DATE '2020-01-01', :leaf,
                       ST_GeomFromText('POINT(420010 4475010)', 32639)
                  FROM cadastre.parcel WHERE cadastral_number = :parcel"""),
        row | {"street": street},
    )


def numbers(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    assert not [word for word in CANARIES if word in answer.text], "an answer to a search names nobody"
    return [each["register_number"] for each in answer.json()["properties"]]


@pytest.fixture
def search(searched: Database, client_as: Sign) -> Callable[..., httpx.Response]:
    """Function that asks as a notary."""

    def ask(**question: str) -> httpx.Response:
        return client_as("notary", "notary-search").get("/v1/properties", params=PURPOSE | question)

    return ask


def test_a_person_is_found_with_the_records_merged_into_him(search: Callable[..., httpx.Response]) -> None:
    answer = search(fin=CANARY_FIN.lower())
    assert numbers(answer) == [REGISTER_NUMBER, LEGACY_NUMBER]
    assert [each["held_as"] for each in answer.json()["properties"]] == [["ownership"], ["ownership"]]


def test_a_bank_is_found_by_its_mortgages(search: Callable[..., httpx.Response]) -> None:
    answer = search(voen=CANARY_VOEN)
    assert numbers(answer) == [REGISTER_NUMBER]
    assert answer.json()["properties"][0]["held_as"] == ["mortgage"]


@pytest.mark.parametrize("paper", ["RX 0123456", "rx0123456", "RX № 0123456"])
def test_a_paper_is_found(search: Callable[..., httpx.Response], paper: str) -> None:
    assert numbers(search(paper=paper)) == [REGISTER_NUMBER]


def test_a_parcel_is_found(search: Callable[..., httpx.Response]) -> None:
    answer = search(cadastral_number=OWNED_PARCEL)
    assert numbers(answer) == [REGISTER_NUMBER]
    assert answer.json()["properties"][0]["cadastral_numbers"] == [OWNED_PARCEL]
    assert numbers(search(cadastral_number=BARE_PARCEL)) == []


@pytest.mark.parametrize(
    "address",
    [
        "Sergey Yesenin küç., 7A",
        "Mərdəkan, SERGEY YESENİN küçəsi, 7a",
        "Серҝеј Јесенин, 7A",
        "ул. Серҝеј Јесенин",
        "Sergey Yesenin",
    ],
)
def test_an_address_is_found_however_it_is_spelled(
    search: Callable[..., httpx.Response], address: str
) -> None:
    assert numbers(search(address=address)) == [REGISTER_NUMBER]
    assert numbers(search(address=address, district="BAK-XEZ")) == [REGISTER_NUMBER]
    assert numbers(search(address=address, district="BAK-SAB")) == []


def test_another_house_is_not_found(search: Callable[..., httpx.Response]) -> None:
    assert numbers(search(address="Sergey Yesenin küç., 9")) == []


def test_more_than_was_asked_for_is_told(search: Callable[..., httpx.Response]) -> None:
    answer = search(fin=CANARY_FIN, limit="1")
    assert (numbers(answer), answer.json()["more"]) == ([REGISTER_NUMBER], True)


@pytest.mark.parametrize(
    ("question", "status", "code"),
    [
        ({}, 400, "bad-question"),
        ({"fin": CANARY_FIN, "voen": CANARY_VOEN}, 400, "bad-question"),
        ({"fin": CANARY_FIN, "district": "BAK-XEZ"}, 400, "bad-question"),
        ({"fin": "7CANARO"}, 400, "fin-letter-o"),
        ({"fin": "1234"}, 400, "fin-malformed"),
        ({"voen": "1401555081"}, 400, "voen-check-digit"),
        ({"paper": "12"}, 400, "paper-series-malformed"),
        ({"cadastral_number": "12№7"}, 400, None),
        ({"address": ", 7"}, 400, "bad-question"),
        ({"address": "Niz\x00ami"}, 400, "text-control-character"),
        ({"fin": CANARY_FIN, "purpose": "curiosity"}, 400, "unknown-purpose"),
        ({"fin": CANARY_FIN, "limit": "0"}, 422, "invalid-request"),
        ({"name": "Kanareyka"}, 422, "invalid-request"),
        ({"address": "x" * 10_000}, 422, "invalid-request"),
    ],
)
def test_what_is_no_question_is_refused(
    search: Callable[..., httpx.Response], question: dict[str, str], status: int, code: str | None
) -> None:
    require_problem(search(**question), status, code)


def test_owners_and_banks_find_their_own_only(searched: Database, client_as: Sign) -> None:
    owner = client_as("owner", "owner-search", fin=CANARY_FIN)
    stranger = client_as("owner", "owner-other", fin="5ZK1M0A")
    bank = client_as("bank", "bank-search", voen=CANARY_VOEN)
    ask = {"purpose": "own_information"}
    assert numbers(owner.get("/v1/properties", params=ask | {"fin": CANARY_FIN})) == [
        REGISTER_NUMBER,
        LEGACY_NUMBER,
    ]
    for client in (owner, bank):
        found = client.get("/v1/properties", params=ask | {"cadastral_number": OWNED_PARCEL})
        assert numbers(found) == [REGISTER_NUMBER]
    assert numbers(stranger.get("/v1/properties", params=ask | {"cadastral_number": OWNED_PARCEL})) == []
    for client in (stranger, bank):
        require_problem(
            client.get("/v1/properties", params=ask | {"fin": CANARY_FIN}), 403, "own-number-only"
        )
    nameless = client_as("owner", "owner-without-fin")
    require_problem(nameless.get("/v1/properties", params=ask | {"voen": CANARY_VOEN}), 403)
    assert numbers(nameless.get("/v1/properties", params=ask | {"paper": "RX0123456"})) == []


def test_others_may_not_search(searched: Database, public: httpx.Client, client_as: Sign) -> None:
    question = PURPOSE | {"fin": CANARY_FIN}
    require_problem(public.get("/v1/properties", params=question), 401)
    require_problem(client_as("surveyor").get("/v1/properties", params=question), 403)


def test_a_search_leaves_what_was_found_and_no_number_of_a_person(
    search: Callable[..., httpx.Response], searched: Database, client_as: Sign
) -> None:
    client_as("court", "court-search").get("/v1/properties", params=PURPOSE | {"fin": CANARY_FIN})
    engine = create_engine(searched.superuser_url, poolclass=NullPool)
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT kind, payload::jsonb FROM ledger.leaf WHERE actor = 'court-search' ORDER BY leaf_id")
        ).all()
    engine.dispose()
    assert [tuple(row) for row in rows] == [
        ("access.search", {"by": "party", "purpose": "disposal"}),
        ("access.found", {"register_numbers": [REGISTER_NUMBER, LEGACY_NUMBER]}),
    ]
