"""Entrances follow the ground: after a division, a merger, a moved boundary, and when a court undoes one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from shapely import box
from sqlalchemy import text

from address_registry import Followed, find_address_text, follow_ground
from cadastre.db.unit_of_work import Database
from cadastre.domain.commands import CancelEntries, Divide, Merge, Piece, ShiftBoundary
from cadastre.domain.moment import Moment
from cadastre.services.ledger_clock import sequence
from tests.cadastre.services.registering import Office
from tests.cadastre.services.test_land_registration import block, settle, successors
from tests.database import TestCluster
from tests.register import DAY, KHAZAR_EAST, KHAZAR_NORTH, Register

STREET = text("""
    INSERT INTO address.street (district_code, kind, name_az, valid_from, recorded_leaf)
    VALUES ('BAK-XEZ', 'kuce', :name, '2024-01-01', :leaf) RETURNING street_id
""")
DOOR = text("""
    INSERT INTO address.entrance (street_id, number, parcel_id, valid_from, recorded_leaf, geom)
    VALUES (:street, :number, :parcel, '2024-05-02', :leaf, ST_SetSRID(ST_MakePoint(:east, :north), 32639))
""")
STANDING = text("""
    SELECT e.number, e.parcel_id, e.valid_from FROM address.entrance e
     WHERE e.street_id = :street AND e.superseded_leaf IS NULL AND e.valid_to IS NULL ORDER BY e.number
""")


@pytest.fixture(scope="module")
def office(test_cluster: TestCluster) -> Iterator[Office]:
    copy = test_cluster.create_copy()
    database = Database(copy.app_url, pool_size=4)
    yield Office(database)
    database.close()
    test_cluster.drop_copy(copy)


def parcel_of(office: Office, property_id: int) -> int:
    (parcel,) = office.state(property_id).parcels
    return parcel.parcel_id


def street(office: Office, row: int, parcel_id: int, *east_m: float, north_m: float = 20.0) -> UUID:
    """A street with doors 1, 2, ... of a parcel, so far east of its block; 20 m north is inside."""

    def write(register: Register) -> UUID:
        leaf = register.leaf()
        found = register.connection.execute(STREET, {"name": f"Sınaq {row}", "leaf": leaf}).scalar_one()
        for number, east in enumerate(east_m, 1):
            point = {"east": KHAZAR_EAST + 3000 + east, "north": KHAZAR_NORTH + 100 * row + north_m}
            door = {"street": found, "number": str(number), "parcel": parcel_id, "leaf": leaf}
            register.connection.execute(DOOR, door | point)
        return UUID(str(found))

    return office._write(write)


def doors(office: Office, of_street: UUID) -> dict[str, Any]:
    """On which parcel each door of a street is now."""

    def read(uow: Any) -> dict[str, Any]:
        return {row.number: row.parcel_id for row in uow.connection.execute(STANDING, {"street": of_street})}

    return office.database.run(read)


def followed(office: Office) -> Followed:
    sequence(office.database)
    return follow_ground(office.database)


def cut(office: Office, here: int, row: int) -> Divide:
    pieces = Piece(block(row, 0, 15)), Piece(block(row, 15, 25))
    return Divide(here, parcel_of(office, here), pieces)


def address_of(office: Office, parcel_id: int, at: Moment) -> str | None:
    found = office.database.run(lambda uow: find_address_text(uow.connection, [parcel_id], [], at))
    return None if found is None else found.az


@pytest.mark.parametrize(("row", "north_m"), [(71, 20.0), (72, -3.0)], ids=["inside", "on the street"])
def test_after_a_division_each_door_is_on_the_piece_that_holds_it_or_is_nearest(
    office: Office, row: int, north_m: float
) -> None:
    (owner,) = office.people("Sahib")
    (here,) = settle(office, owner, row, 0)
    old = parcel_of(office, here)
    on = street(office, row, old, 5.0, 30.0, north_m=north_m)
    followed(office)
    before = office.head()
    done = office.register("division", cut(office, here, row), properties=(here,))
    west, east = (parcel_of(office, each) for each in successors(done))
    assert followed(office).entrances == 2
    assert doors(office, on) == {"1": west, "2": east}
    assert followed(office) == Followed(0, more=False), "each decision is followed once"
    sequence(office.database)
    now, today = office.head(), office.today()
    assert address_of(office, east, Moment(today, now)) == f"Sınaq {row} küçəsi 2, Xəzər rayonu, Bakı"
    assert address_of(office, old, Moment(today, now)) is None
    assert address_of(office, old, Moment(DAY, now)) == f"Sınaq {row} küçəsi 1, Xəzər rayonu, Bakı"
    assert address_of(office, old, Moment(today, before)) == f"Sınaq {row} küçəsi 1, Xəzər rayonu, Bakı"


def test_a_division_that_a_court_undoes_leaves_the_doors_as_they_were(office: Office) -> None:
    (owner,) = office.people("Sahib")
    (here,) = settle(office, owner, 73, 0)
    old = parcel_of(office, here)
    on = street(office, 73, old, 5.0, 30.0)
    case = office.file("division", here)
    made = successors(office.decide(case, cut(office, here, 73)))
    followed(office)
    assert old not in doors(office, on).values()
    office.register("cancellation", CancelEntries(tuple(made), (case,)), properties=tuple(made))
    assert followed(office).entrances == 2
    assert doors(office, on) == {"1": old, "2": old}
    assert address_of(office, old, Moment(DAY, office.head())) == "Sınaq 73 küçəsi 1, Xəzər rayonu, Bakı"


def test_doors_come_together_with_merged_land(office: Office) -> None:
    (owner,) = office.people("Sahib")
    west, east = settle(office, owner, 74, 0, 40)
    on = street(office, 74, parcel_of(office, east), 50.0)
    ids = (west, east)
    done = office.register("merger", Merge(ids, block(74, 0, 80)), properties=ids)
    followed(office)
    (whole,) = successors(done)
    assert doors(office, on) == {"1": parcel_of(office, whole)}


def test_a_boundary_that_moves_takes_the_doors_on_its_strip_along(office: Office) -> None:
    (owner,) = office.people("Sahib")
    west, east = settle(office, owner, 75, 0, 40)
    one, other = parcel_of(office, west), parcel_of(office, east)
    on = street(office, 75, one, 5.0, 38.0)
    north = KHAZAR_NORTH + 7500
    west_land = box(KHAZAR_EAST + 3000, north, KHAZAR_EAST + 3035, north + 40)
    east_land = box(KHAZAR_EAST + 3035, north, KHAZAR_EAST + 3080, north + 40)
    shift = ShiftBoundary(((one, west_land), (other, east_land)))
    office.register("boundary_change", shift, properties=(west, east))
    assert followed(office).entrances == 1
    assert doors(office, on) == {"1": one, "2": other}
