from __future__ import annotations

import pytest
from shapely import Polygon

from cadastre.domain.commands import ShiftBoundary
from cadastre.domain.operations.boundary import plan_boundary
from cadastre.domain.plan import OpenRestriction, OpenRight, Plan
from cadastre.domain.property_state import Encumbrance, ParcelState, Terms
from cadastre.domain.share import WHOLE
from cadastre.kernel.errors import InvalidInput
from tests.cadastre.domain.operations.land_world import TODAY, LandWorld, block, money
from tests.cadastre.domain.operations.section import A, B, C, D, closings_come_first

STRIP = block(35, 0, 5).normalize()


def settle() -> tuple[LandWorld, int, int]:
    """Two neighbours of different owners; the western gives a strip of 5 m to the eastern."""
    world = LandWorld()
    west, east = world.add_property(block(0, 0)), world.add_property(block(40, 0))
    enter(world, OpenRight(west, "ownership", A, WHOLE), OpenRight(east, "ownership", B, WHOLE))
    return world, west, east


def enter(world: LandWorld, *acts: OpenRight | OpenRestriction) -> None:
    world.carry_out(Plan("test", acts))


def parcel_of(world: LandWorld, each: int) -> ParcelState:
    return world.states[each].parcels[0]


def shift(world: LandWorld, west: int, east: int, *, partial: bool = False) -> Plan:
    outlines = (
        (parcel_of(world, west).parcel_id, block(0, 0, 35)),
        (parcel_of(world, east).parcel_id, block(35, 0, 45)),
    )
    plan = plan_boundary(ShiftBoundary(outlines, partial), world.states, TODAY)
    assert closings_come_first(plan)
    world.carry_out(plan)
    world.require_order()
    return plan


def parts(world: LandWorld, each: int) -> list[tuple[str, object]]:
    return [(entry.contents.kind, entry.contents.part) for entry in world.states[each].restrictions]


def test_parcels_and_sections_keep_their_numbers_and_owners_and_the_taker_comes_of_both() -> None:
    world, west, east = settle()
    before = [parcel_of(world, each) for each in (west, east)]
    rights = [world.states[each].rights for each in (west, east)]
    assert shift(world, west, east).event == "register.boundary_change"
    after = [parcel_of(world, each) for each in (west, east)]
    assert [parcel.parcel_id for parcel in after] == [parcel.parcel_id for parcel in before]
    assert [parcel.outline for parcel in after] == [block(0, 0, 35), block(35, 0, 45)]
    assert [world.states[each].rights for each in (west, east)] == rights
    assert world.version_parents[after[0].version_id] == (before[0].version_id,)
    assert world.version_parents[after[1].version_id] == tuple(parcel.version_id for parcel in before)


def test_a_partial_transfer_is_called_so() -> None:
    world, west, east = settle()
    assert shift(world, west, east, partial=True).event == "register.partial_transfer"


def test_ground_that_leaves_takes_its_burden_along_and_ground_that_comes_falls_under_the_takers() -> None:
    world, west, east = settle()
    enter(world, OpenRestriction(west, Encumbrance("mortgage", D, rank=1, amount=money(5), currency="AZN")))
    enter(world, OpenRestriction(east, Encumbrance("arrest", authority="court")))
    number = world.states[west].restrictions[0].registration_number
    shift(world, west, east)
    assert parts(world, west) == [("mortgage", None)]
    assert parts(world, east) == [("arrest", None), ("mortgage", STRIP)]
    carried = world.states[east].restrictions[1]
    assert (carried.registration_number, carried.contents.amount) == (number, money(5))


def test_a_part_moves_with_its_ground_and_what_is_untouched_is_not_restated() -> None:
    world, west, east = settle()
    enter(world, OpenRestriction(west, Encumbrance("servitude", C, part=block(36, 0, 3))))
    enter(world, OpenRestriction(west, Encumbrance("servitude", D, part=block(0, 0, 3))))
    enter(world, OpenRight(west, "lease", C, None, Terms(part=block(30, 0, 10))))
    kept = world.states[west].restrictions[1]
    shift(world, west, east)
    assert world.states[west].restrictions == (kept,)
    assert parts(world, east) == [("servitude", block(36, 0, 3).normalize())]
    leases = [right.terms.part for each in (west, east) for right in world.states[each].rights[1:]]
    assert leases == [block(30, 0, 5).normalize(), STRIP]


def test_ground_that_comes_back_is_one_burden_again() -> None:
    world, west, east = settle()
    enter(world, OpenRestriction(west, Encumbrance("mortgage", D, rank=1)))
    shift(world, west, east)
    outlines = (
        (parcel_of(world, west).parcel_id, block(0, 0)),
        (parcel_of(world, east).parcel_id, block(40, 0)),
    )
    world.carry_out(plan_boundary(ShiftBoundary(outlines), world.states, TODAY))
    assert (parts(world, west), parts(world, east)) == ([("mortgage", None)], [])


def test_mortgages_of_one_rank_do_not_meet() -> None:
    world, west, east = settle()
    enter(world, *(OpenRestriction(each, Encumbrance("mortgage", D, rank=1)) for each in (west, east)))
    with pytest.raises(InvalidInput) as refused:
        shift(world, west, east)
    assert refused.value.code == "mortgage-ranks-collide"


def test_a_burden_stays_where_an_unmapped_parcel_may_hold_it() -> None:
    world = LandWorld()
    west, east = world.add_property(block(0, 0), None), world.add_property(block(40, 0))
    enter(world, OpenRight(west, "ownership", A, WHOLE), OpenRight(east, "ownership", B, WHOLE))
    enter(world, OpenRestriction(west, Encumbrance("servitude", C, part=block(30, 60, 9, 9))))
    enter(world, OpenRestriction(west, Encumbrance("servitude", D, part=block(30, 0, 10))))
    shift(world, west, east)
    assert parts(world, west) == [
        ("servitude", block(30, 60, 9, 9)),
        ("servitude", block(30, 0, 5).normalize()),
    ]
    assert parts(world, east) == [("servitude", STRIP)]


def test_a_shift_that_makes_no_sense_is_refused() -> None:
    world, west, east = settle()
    mine, other = parcel_of(world, west).parcel_id, parcel_of(world, east).parcel_id
    for outlines, code in (
        (((mine, block(0, 0, 35)),), "boundary-without-neighbour"),
        (((mine, block(0, 0, 35)), (mine, block(0, 0, 35))), "boundary-without-neighbour"),
        (((mine, block(0, 0, 35)), (999_999, block(35, 0, 5))), "parcel-not-in-property"),
    ):
        with pytest.raises(InvalidInput) as refused:
            plan_boundary(ShiftBoundary(outlines), world.states, TODAY)
        assert refused.value.code == code
    unmapped = world.add_property(None)
    named = ((other, block(40, 0)), (parcel_of(world, unmapped).parcel_id, block(0, 0)))
    with pytest.raises(InvalidInput) as refused:
        plan_boundary(ShiftBoundary(named), world.states, TODAY)
    assert refused.value.code == "parcel-without-geometry"


def test_an_outline_that_crosses_itself_is_refused() -> None:
    world, west, east = settle()
    bow = Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    outlines = ((parcel_of(world, west).parcel_id, bow), (parcel_of(world, east).parcel_id, block(35, 0, 45)))
    with pytest.raises(InvalidInput) as refused:
        plan_boundary(ShiftBoundary(outlines), world.states, TODAY)
    assert refused.value.code == "outline-invalid"
