"""Division, merger and boundary change decided on a real register: land, burdens and lineage as they stand."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from uuid import UUID

import pytest
from shapely import Polygon, box
from sqlalchemy import text

from cadastre.db.unit_of_work import Database
from cadastre.domain.commands import Divide, GrantRight, Merge, Piece, RegisterMortgage, ShiftBoundary
from cadastre.domain.property_state import Encumbrance, PropertyState, Terms
from cadastre.kernel.errors import CadastreError
from cadastre.services.registration import Registered
from tests.cadastre.services.registering import Office
from tests.database import TestCluster
from tests.register import KHAZAR_EAST, KHAZAR_NORTH, Register


@pytest.fixture(scope="module")
def office(test_cluster: TestCluster) -> Iterator[Office]:
    """One register for all tests: each has land of its own."""
    copy = test_cluster.create_copy()
    database = Database(copy.app_url, pool_size=4)
    yield Office(database)
    database.close()
    test_cluster.drop_copy(copy)


def block(row: int, east_m: float, width_m: float = 40.0) -> Polygon:
    """Land of one test (its row), 40 m high, EPSG:32639."""
    west, south = KHAZAR_EAST + 3000 + east_m, KHAZAR_NORTH + 100 * row
    return box(west, south, west + width_m, south + 40)


def settle(office: Office, owner: UUID, row: int, *places_m: float) -> list[int]:
    """Properties of one owner side by side."""

    def write(register: Register) -> list[int]:
        made = []
        for place in places_m:
            office.serial += 1
            parcel = register.parcel(f"L-{row}-{place:g}", block(row, place))
            made.append(register.property(f"2030160{office.serial:05d}", parcel))
            register.right(made[-1], owner)
        return made

    return office._write(write)


def halves(state: PropertyState, row: int) -> Divide:
    pieces = Piece(block(row, 0, 15)), Piece(block(row, 15, 25))
    return Divide(state.property_id, state.parcels[0].parcel_id, pieces)


def successors(done: Registered) -> list[int]:
    return [done.new_ids[name] for name in sorted(done.new_ids) if name.startswith("property")]


def lineage(office: Office, table: str, key: str, to: int) -> list[tuple[int, str]]:
    query = text(f"SELECT from_{key}_id, manner FROM cadastre.{table} WHERE to_{key}_id = :to ORDER BY 1")
    return office.database.run(lambda uow: [tuple(row) for row in uow.connection.execute(query, {"to": to})])


def loan(bank: UUID, rank: int) -> Encumbrance:
    return Encumbrance("mortgage", bank, amount=Decimal(50_000), currency="AZN", rank=rank)


def test_a_mortgaged_parcel_is_divided_and_the_section_closed(office: Office) -> None:
    owner, bank, lessee = office.people("Sahib", "Bank", "İcarəçi")
    (here,) = settle(office, owner, 1, 0)
    office.register("mortgage", RegisterMortgage(here, loan(bank, 1)))
    terms = Terms(part=block(1, 20, 5))
    office.register("lease", GrantRight(here, "lease", lessee, terms))
    before = office.state(here)
    done = office.register("division", halves(before, 1))
    west, east = (office.state(each) for each in successors(done))
    assert [str(o.share) for o in (*west.owners, *east.owners)] == ["1/1", "1/1"]
    assert [len(each.rights) for each in (west, east)] == [1, 2]
    for each in (west, east):
        (mortgage,) = each.restrictions
        assert mortgage.contents == before.restrictions[0].contents
        assert mortgage.registration_number == before.restrictions[0].registration_number
        assert each.parcels[0].attributes["purpose"] == before.parcels[0].attributes["purpose"]
        assert lineage(office, "property_lineage", "property", each.property_id) == [(here, "division")]
        version = each.parcels[0].version_id
        assert lineage(office, "parcel_lineage", "version", version) == [
            (before.parcels[0].version_id, "division")
        ]
    after = office.state(here)
    assert after.closed_on == office.today()
    assert not (after.rights + after.restrictions + after.parcels)
    total = sum(each.parcels[0].surveyed_area_m2 for each in (west, east) if each.parcels[0].surveyed_area_m2)
    assert abs(total - Decimal(1600)) < 2


def test_the_house_goes_with_its_piece(office: Office) -> None:
    (owner,) = office.people("Sahib")
    (here,) = settle(office, owner, 6, 0)
    build = text("""
        WITH house AS (
            INSERT INTO cadastre.building (building_number, parcel_id, kind, valid_from, recorded_leaf)
            VALUES ('EV-6', :parcel, 'individual_house', DATE '2020-01-01', :leaf) RETURNING building_id)
        INSERT INTO cadastre.property_object (property_id, building_id, valid_from, recorded_leaf)
        SELECT :here, building_id, DATE '2020-01-01', :leaf FROM house
    """)
    parcel = office.state(here).parcels[0].parcel_id

    def found(register: Register) -> None:
        register.decision_about(here)
        values = {"parcel": parcel, "here": here, "leaf": register.leaf()}
        register.connection.execute(build, values)

    office._write(found)
    state = office.state(here)
    assert state.building_numbers == ("EV-6",)
    pieces = Piece(block(6, 0, 15), building_ids=state.building_ids), Piece(block(6, 15, 25))
    done = office.register("division", Divide(here, parcel, pieces))
    assert [office.state(each).building_numbers for each in successors(done)] == [("EV-6",), ()]


def test_an_arrested_property_may_be_divided_and_every_piece_is_arrested(office: Office) -> None:
    (owner,) = office.people("Sahib")
    (here,) = settle(office, owner, 2, 0)
    office.arrest(here)
    done = office.register("division", halves(office.state(here), 2))
    for each in successors(done):
        assert [entry.contents.kind for entry in office.state(each).restrictions] == ["arrest"]


def test_arrested_pieces_merge_again_under_one_arrest(office: Office) -> None:
    (owner,) = office.people("Sahib")
    (here,) = settle(office, owner, 7, 0)
    office.arrest(here)
    west, east = successors(office.register("division", halves(office.state(here), 7)))
    done = office.register("merger", Merge((west, east), block(7, 0)), properties=(west, east))
    (arrest,) = office.state(*successors(done)).restrictions
    assert (arrest.contents.kind, arrest.contents.part) == ("arrest", None)


@pytest.mark.parametrize("alike", [False, True])
def test_arrested_ground_stays_with_its_holder(office: Office, alike: bool) -> None:
    row = 8 + alike
    owner, other = office.people("Sahib", "Qonşu")
    (west,) = settle(office, owner, row, 0)
    (east,) = settle(office, owner if alike else other, row, 40)
    office.arrest(west)
    ids = [office.state(each).parcels[0].parcel_id for each in (west, east)]
    outlines = ((ids[0], block(row, 0, 35)), (ids[1], block(row, 35, 45)))
    case = office.file("boundary_change", west, east)
    if alike:
        office.decide(case, ShiftBoundary(outlines))
        (carried,) = office.state(east).restrictions
        assert carried.contents.part is not None
        return
    with pytest.raises(CadastreError) as refused:
        office.decide(case, ShiftBoundary(outlines))
    assert refused.value.code == "property-blocked"
    office.withdraw(case)
    outlines = ((ids[0], block(row, 0, 45)), (ids[1], block(row, 45, 35)))
    office.register("boundary_change", ShiftBoundary(outlines), properties=(west, east))


def test_two_properties_merge_and_each_burden_lies_on_its_former_land(office: Office) -> None:
    owner, bank = office.people("Sahib", "Bank")
    west, east = settle(office, owner, 3, 0, 40)
    office.register("mortgage", RegisterMortgage(east, loan(bank, 1)))
    done = office.register("merger", Merge((west, east), block(3, 0, 80)), properties=(west, east))
    merged = office.state(*successors(done))
    part = merged.restrictions[0].contents.part
    assert part is not None
    assert part.equals(block(3, 40))
    assert lineage(office, "property_lineage", "property", merged.property_id) == [
        (west, "merger"),
        (east, "merger"),
    ]
    assert [office.state(each).closed_on is not None for each in (west, east)] == [True, True]


def test_a_strip_goes_to_the_neighbour_with_its_mortgage(office: Office) -> None:
    owner, other, bank = office.people("Sahib", "Qonşu", "Bank")
    (west,) = settle(office, owner, 4, 0)
    (east,) = settle(office, other, 4, 40)
    office.register("mortgage", RegisterMortgage(west, loan(bank, 1)))
    old = [office.state(each).parcels[0] for each in (west, east)]
    outlines = ((old[0].parcel_id, block(4, 0, 35)), (old[1].parcel_id, block(4, 35, 45)))
    office.register("partial_transfer", ShiftBoundary(outlines, True), properties=(west, east))
    new = [office.state(each) for each in (west, east)]
    assert [each.parcels[0].cadastral_number for each in new] == [each.cadastral_number for each in old]
    parts = [entry.contents.part for each in new for entry in each.restrictions]
    assert parts[0] is None
    assert parts[1] is not None
    assert parts[1].equals(block(4, 35, 5))
    version = new[1].parcels[0].version_id
    assert lineage(office, "parcel_lineage", "version", version) == [
        (each.version_id, "partial_transfer") for each in old
    ]


def test_the_database_refuses_a_division_that_makes_or_loses_land(office: Office) -> None:
    (owner,) = office.people("Sahib")
    (here,) = settle(office, owner, 5, 0)
    state = office.state(here)
    for pieces, code in (
        ((block(5, 0, 15), block(5, 15, 15)), "area-not-balanced"),
        ((block(5, 0, 15), block(5, 14, 25)), "parcel-overlaps"),
    ):
        command = Divide(here, state.parcels[0].parcel_id, tuple(Piece(each) for each in pieces))
        with pytest.raises(CadastreError) as refused:
            office.register("division", command)
        assert refused.value.code == code
    assert office.state(here).parcels == state.parcels
