"""A building stands on the piece that holds it, in every read and at every moment, whatever became of its land."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from shapely import Polygon, box
from sqlalchemy import text

from cadastre.db.unit_of_work import Database, UnitOfWork
from cadastre.domain.commands import CancelEntries, Merge
from cadastre.domain.moment import Moment
from cadastre.store.ledger import append_leaf
from cadastre.store.properties import find_property
from cadastre.store.search import find_by_parcel
from tests.cadastre.services.registering import Office
from tests.cadastre.services.test_land_registration import block, halves, settle, successors
from tests.database import TestCluster
from tests.register import DAY, Register

_BUILDING = text("""
    INSERT INTO cadastre.building (building_number, parcel_id, kind, floors, valid_from, recorded_leaf, geom)
    VALUES (:number, :parcel, 'individual_house', 2, :day, :leaf, ST_GeomFromWKB(:wkb, 32639))
    RETURNING building_id
""")
_PUBLISHED = text("SELECT parcel_id FROM publish.building WHERE building_number = :number")


@pytest.fixture(scope="module")
def office(test_cluster: TestCluster) -> Iterator[Office]:
    """One register for all tests: each has land of its own."""
    copy = test_cluster.create_copy()
    database = Database(copy.app_url, pool_size=4)
    yield Office(database)
    database.close()
    test_cluster.drop_copy(copy)


def build(office: Office, number: str, parcel_id: int, outline: Polygon | None) -> int:
    """A house as the survey found it, no object of any section."""

    def write(register: Register) -> int:
        row = {"number": number, "parcel": parcel_id, "day": DAY, "leaf": register.leaf()}
        wkb = None if outline is None else outline.wkb
        return int(register.connection.execute(_BUILDING, row | {"wkb": wkb}).scalar_one())

    return office._write(write)


def standing_on(office: Office, property_id: int, known_at: int | None = None) -> dict[str, str]:
    """Which building stands on which parcel of a section."""
    at = Moment(office.today(), office.head() if known_at is None else known_at)

    def read(uow: UnitOfWork) -> dict[str, str]:
        append_leaf(uow.connection, kind="access.test", actor="test", payload={})
        rows = find_property(uow.connection, property_id, at)
        assert rows is not None
        numbers = {p.parcel_id: p.cadastral_number for p in rows.parcels}
        return {b.building_number: numbers[b.parcel_id] for b in rows.buildings}

    return office.database.run(read)


def house(row: int, east_m: float, width_m: float = 6.0) -> Polygon:
    west, south, *_ = block(row, east_m).bounds
    return box(west, south + 5, west + width_m, south + 11)


def cadastral_number(office: Office, property_id: int) -> str:
    return office.state(property_id).parcels[0].cadastral_number


def test_a_house_goes_with_the_piece_that_holds_most_of_it(office: Office) -> None:
    (owner,) = office.people("Sahib Bir")
    (here,) = settle(office, owner, 1, 0)
    parcel_id = office.state(here).parcels[0].parcel_id
    build(office, "EV-1", parcel_id, house(1, 11))  # 4 m of it in the west, 2 m in the east
    build(office, "EV-2", parcel_id, house(1, 30))
    before = office.head()
    west, east = successors(office.register("division", halves(office.state(here), 1)))
    assert standing_on(office, west) == {"EV-1": cadastral_number(office, west)}
    assert standing_on(office, east) == {"EV-2": cadastral_number(office, east)}
    assert set(standing_on(office, here, before)) == {"EV-1", "EV-2"}
    published = office.database.read(
        lambda uow: uow.connection.execute(_PUBLISHED, {"number": "EV-2"}).scalar_one()
    )
    assert published == office.state(east).parcels[0].parcel_id


def test_a_merger_brings_it_along_and_the_history_of_each_step_stays(office: Office) -> None:
    (owner,) = office.people("Sahib İki")
    (here,) = settle(office, owner, 2, 0)
    build(office, "EV-3", office.state(here).parcels[0].parcel_id, house(2, 20))
    west, east = successors(office.register("division", halves(office.state(here), 2)))
    divided = office.head()
    merged = office.register("merger", Merge((west, east), block(2, 0)), properties=(west, east))
    (whole,) = successors(merged)
    assert standing_on(office, whole) == {"EV-3": cadastral_number(office, whole)}
    assert set(standing_on(office, east, divided)) == {"EV-3"}
    assert standing_on(office, west, divided) == {}


def test_without_an_outline_nobody_says_on_which_piece_it_stands(office: Office) -> None:
    (owner,) = office.people("Sahib Üç")
    (here,) = settle(office, owner, 3, 0)
    build(office, "EV-4", office.state(here).parcels[0].parcel_id, None)
    west, east = successors(office.register("division", halves(office.state(here), 3)))
    assert (standing_on(office, west), standing_on(office, east)) == ({}, {})


def test_the_section_of_a_house_is_found_by_the_parcel_where_it_stands_now(office: Office) -> None:
    (owner,) = office.people("Sahib Dörd")
    (here,) = settle(office, owner, 4, 0)
    first = cadastral_number(office, here)
    house_id = build(office, "EV-5", office.state(here).parcels[0].parcel_id, house(4, 25))

    def own(register: Register) -> int:
        office.serial += 1
        section = register.property(f"2030170{office.serial:05d}")
        register.connection.execute(
            text("""INSERT INTO cadastre.property_object (property_id, building_id, valid_from, recorded_leaf)
                    VALUES (:property, :building, :day, :leaf)"""),
            {"property": section, "building": house_id, "day": DAY, "leaf": register.leaf()},
        )
        register.right(section, owner)
        return section

    section = office._write(own)
    office.head()
    west, east = successors(office.register("division", halves(office.state(here), 4)))

    def found(number: str) -> set[int]:
        at = Moment(office.today(), office.head())
        return office.database.run(lambda uow: find_by_parcel(uow.connection, number, at))

    assert section in found(cadastral_number(office, east))
    assert section not in found(cadastral_number(office, west))
    assert section not in found(first)


def test_a_cancelled_division_puts_the_house_back_as_if_it_had_never_moved(office: Office) -> None:
    (owner,) = office.people("Sahib Beş")
    (here,) = settle(office, owner, 5, 0)
    first = cadastral_number(office, here)
    build(office, "EV-6", office.state(here).parcels[0].parcel_id, house(5, 25))
    case = office.file("division", here)
    west, east = successors(office.decide(case, halves(office.state(here), 5)))
    divided = office.head()
    command = CancelEntries((west, east), (case,))
    office.register("cancellation", command, properties=(west, east))
    assert standing_on(office, here) == {"EV-6": first}
    assert set(standing_on(office, east, divided)) == {"EV-6"}
    sites = text(
        "SELECT count(*) FROM cadastre.building_site s JOIN cadastre.building b USING (building_id) "
        "WHERE b.building_number = 'EV-6' AND s.superseded_leaf IS NULL"
    )
    assert office.database.run(lambda uow: uow.connection.execute(sites).scalar_one()) == 0
