from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Connection, text

from address_registry import AddressBook, EntranceAddress, find_address_text, format_address, parse_street
from cadastre.domain.codelist import load_codelist
from cadastre.domain.moment import Moment
from cadastre.store.ledger import get_head_index, sequence_leaves
from tests.register import Register, square


@pytest.mark.parametrize(
    ("written", "kind", "name"),
    [
        ("Nərgiz küçəsi", "kuce", "Nərgiz"),
        ("nərgiz küç.", "kuce", "nərgiz"),
        ("Heydər Əliyev prospekti", "prospekt", "Heydər Əliyev"),
        ("3-cü Aşıq döngəsi", "donge", "3-cü Aşıq"),
        ("ул.Низами", "kuce", "Низами"),
        ("проспект Нефтяников", "prospekt", "Нефтяников"),
        ("20 Yanvar meydanı", "meydan", "20 Yanvar"),
        ("Yeni Günəşli massivi", "massiv", "Yeni Günəşli"),
        ("C.Cabbarlı küçəsi", "kuce", "C.Cabbarlı"),
        ("Vestre Stationsvej", None, "Vestre Stationsvej"),
    ],
)
def test_kind_and_name_are_told_apart(written: str, kind: str | None, name: str) -> None:
    read = parse_street(written)
    assert (read.kind, read.name) == (kind, name)


def test_more_than_three_words_are_long() -> None:
    assert parse_street("Bir iki üç dörd küçəsi").is_long
    assert not parse_street("Bir iki üç küçəsi").is_long


def test_a_city_is_named_whole_and_a_city_district_with_its_city() -> None:
    districts = load_codelist("districts")
    ganja = EntranceAddress("Cavad xan", "kuce", "12A", "GA")
    assert format_address(ganja, districts, "az") == "Cavad xan küçəsi 12A, Gəncə şəhəri"
    assert format_address(ganja, districts, "en") == "Javad khan Street 12A, Ganja City"
    assert format_address(ganja, districts, "ru") == "улица Джавад хан, 12A, город Гянджа"


def test_the_address_of_a_parcel_is_its_first_entrance(connection: Connection) -> None:
    connection.execute(text("SET LOCAL ROLE cadastre_write"))
    register = Register(connection)
    parcel = register.parcel("T-1", square(0, 0))
    leaf = register.leaf()
    street = connection.execute(
        text("""INSERT INTO address.street (district_code, kind, name_az, valid_from, recorded_leaf)
                VALUES ('BAK-XEZ', 'kuce', 'Nərgiz', '2024-01-01', :leaf) RETURNING street_id"""),
        {"leaf": leaf},
    ).scalar_one()
    for number in ("100", "12", "12A"):
        connection.execute(
            text("""INSERT INTO address.entrance (street_id, number, parcel_id, valid_from, recorded_leaf, geom)
                    VALUES (:street, :number, :parcel, '2024-01-01', :leaf,
                            ST_SetSRID(ST_MakePoint(425010, 4480010), 32639))"""),
            {"street": street, "number": number, "parcel": parcel, "leaf": leaf},
        )
    connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    sequence_leaves(connection)
    at = Moment(date(2024, 6, 1), get_head_index(connection))
    found = find_address_text(connection, [parcel], [], at)
    assert found is not None
    assert (found.az, found.en, found.ru) == (
        "Nərgiz küçəsi 12, Xəzər rayonu, Bakı",
        "Nargiz Street 12, Khazar District, Baku",
        "улица Наргиз, 12, Хазарский район, Баку",
    )
    assert find_address_text(connection, [parcel + 1], [], at) is None
    assert find_address_text(connection, [], [], at) is None
    assert find_address_text(connection, [parcel], [], replace(at, as_of=date(2023, 12, 31))) is None
    assert find_address_text(connection, [parcel], [], replace(at, known_at=at.known_at - 1)) is None
    assert AddressBook().list_leaves(connection, [parcel], []) == [leaf]
    assert AddressBook().list_leaves(connection, [parcel + 1], []) == []
