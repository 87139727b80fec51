from __future__ import annotations

from dataclasses import replace

import pytest
from shapely import Polygon

from cadastre.domain.commands import Merge
from cadastre.domain.operations.merger import plan_merger
from cadastre.domain.plan import OpenRestriction, OpenRight, Plan
from cadastre.domain.property_state import Encumbrance, PropertyState, Terms
from cadastre.domain.share import WHOLE, Share
from cadastre.kernel.errors import InvalidInput
from tests.cadastre.domain.operations.land_world import TODAY, LandWorld, block
from tests.cadastre.domain.operations.section import A, B, C, D, closings_come_first

WHOLE_LAND = block(0, 0, 80)


def settle() -> tuple[LandWorld, int, int]:
    """Two neighbours of the same holders; the shares are printed differently."""
    world = LandWorld()
    west, east = world.add_property(block(0, 0)), world.add_property(block(40, 0))
    for each, shares in ((west, (Share(2, 4), Share(1, 2))), (east, (Share(1, 2), Share(1, 2)))):
        acts = (OpenRight(each, "ownership", party, s) for party, s in zip((A, B), shares, strict=True))
        world.carry_out(Plan("test", tuple(acts)))
    return world, west, east


def enter(world: LandWorld, *acts: OpenRight | OpenRestriction) -> None:
    world.carry_out(Plan("test", acts))


def merge(world: LandWorld, *ids: int) -> PropertyState:
    plan = plan_merger(Merge(ids, WHOLE_LAND), world.states, TODAY)
    assert plan.event == "register.merger"
    assert closings_come_first(plan)
    names = world.carry_out(plan)
    world.require_order()
    return world.states[next(names[name] for name in names if name.startswith("property"))]


def refused(world: LandWorld, *ids: int) -> str:
    with pytest.raises(InvalidInput) as error:
        plan_merger(Merge(ids, WHOLE_LAND), world.states, TODAY)
    return error.value.code


def test_two_properties_become_one_of_the_same_holders_and_both_are_closed() -> None:
    world, west, east = settle()
    merged = merge(world, west, east)
    assert [(owner.party_id, str(owner.share)) for owner in merged.owners] == [(A, "2/4"), (B, "1/2")]
    assert merged.parcels[0].outline == WHOLE_LAND
    assert world.property_parents[merged.property_id] == (west, east)
    assert world.version_parents[merged.parcels[0].version_id] == tuple(sorted(world.ended))
    assert [state.property_id for state in world.open_states()] == [merged.property_id]


def test_what_burdened_one_burdens_its_former_land_and_what_burdened_both_burdens_all() -> None:
    world, west, east = settle()
    enter(world, OpenRestriction(west, Encumbrance("arrest", authority="court")))
    both = world.states[west].restrictions[0]
    enter(world, OpenRestriction(east, both.contents, continues=both))
    enter(world, OpenRestriction(east, Encumbrance("mortgage", D, rank=1)), OpenRight(east, "lease", C, None))
    merged = merge(world, west, east)
    found = [(entry.contents.kind, entry.contents.part) for entry in merged.restrictions]
    assert found == [("arrest", None), ("mortgage", block(40, 0).normalize())]
    assert merged.restrictions[0].registration_number == both.registration_number
    assert [right.terms.part for right in merged.rights if right.kind == "lease"] == [
        block(40, 0).normalize()
    ]


def test_a_servitude_across_both_becomes_one_again() -> None:
    world, west, east = settle()
    enter(world, OpenRestriction(west, Encumbrance("servitude", C, part=block(10, 0, 30, 3))))
    way = world.states[west].restrictions[0]
    enter(world, OpenRestriction(east, replace(way.contents, part=block(40, 0, 30, 3)), continues=way))
    merged = merge(world, west, east)
    parts = [entry.contents.part for entry in merged.restrictions]
    assert len(parts) == 1
    assert parts[0] is not None
    assert parts[0].equals(block(10, 0, 60, 3))


def test_a_servitude_of_one_for_the_other_ends_and_one_for_a_third_stays() -> None:
    world, west, east = settle()
    third = world.add_property(block(0, 40))
    enter(world, OpenRight(third, "ownership", C, WHOLE))
    for served in (east, third):
        contents = Encumbrance("servitude", benefits_property_id=served, part=block(10, 0, 3, 40))
        enter(world, OpenRestriction(west, contents))
    merged = merge(world, west, east)
    assert [entry.contents.benefits_property_id for entry in merged.restrictions] == [third]


def test_two_mortgages_of_one_rank_do_not_meet() -> None:
    world, west, east = settle()
    enter(world, *(OpenRestriction(each, Encumbrance("mortgage", D, rank=1)) for each in (west, east)))
    assert refused(world, west, east) == "mortgage-ranks-collide"


def test_two_leases_of_one_lessee_do_not_meet_unless_they_are_one() -> None:
    world, west, east = settle()
    enter(world, OpenRight(west, "lease", C, None))
    lease = next(right for right in world.states[west].rights if right.kind == "lease")
    one = replace(lease, right_id=999_999)
    world.states[east] = replace(world.states[east], rights=(*world.states[east].rights, one))
    assert [right.kind for right in merge(world, west, east).rights].count("lease") == 1
    world, west, east = settle()
    enter(world, *(OpenRight(each, "lease", C, None, Terms(until=TODAY)) for each in (west, east)))
    assert refused(world, west, east) == "rights-collide"


def test_a_mortgage_of_land_that_would_lie_apart_is_refused() -> None:
    world, west, east = settle()
    owners = world.states[west].owners
    apart = world.add_property(block(80, 0), block(-40, 0))
    enter(world, *(OpenRight(apart, "ownership", owner.party_id, owner.share) for owner in owners))
    enter(world, OpenRestriction(apart, Encumbrance("mortgage", D, rank=1)))
    with pytest.raises(InvalidInput) as error:
        plan_merger(Merge((west, east, apart), block(-40, 0, 160)), world.states, TODAY)
    assert error.value.code == "burden-in-several-parts"


def test_what_the_parcels_do_not_agree_on_is_left_out() -> None:
    world, west, east = settle()
    parcel = world.states[east].parcels[0]
    other = replace(parcel, attributes={**parcel.attributes, "purpose": "bağ"})
    world.states[east] = replace(world.states[east], parcels=(other,))
    assert merge(world, west, east).parcels[0].attributes == {"land_category": 2, "ownership_form": "xususi"}


def test_a_merger_that_makes_no_sense_is_refused() -> None:
    world, west, east = settle()
    assert refused(world, west) == "merger-without-parcels"
    assert refused(world, west, east, east) == "merger-without-parcels"
    bare = world.add_property()
    assert refused(world, west, east, bare) == "merger-without-land"
    state = world.states[east]
    for changed, code in (
        (replace(state, district_code="BAK-SAB"), "districts-differ"),
        (replace(state, object_kind="forest"), "kinds-differ"),
        (replace(state, rights=state.rights[:1]), "holders-differ"),
        (replace(state, parcels=(replace(state.parcels[0], srid=32638),)), "zones-differ"),
        (replace(state, parcels=(replace(state.parcels[0], outline=None),)), "parcel-without-geometry"),
    ):
        world.states[east] = changed
        assert refused(world, west, east) == code


def test_an_outline_that_crosses_itself_is_refused() -> None:
    world, west, east = settle()
    bow = Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    with pytest.raises(InvalidInput) as error:
        plan_merger(Merge((west, east), bow), world.states, TODAY)
    assert error.value.code == "outline-invalid"
