from __future__ import annotations

from dataclasses import replace

import pytest
import shapely

from cadastre.domain.commands import Divide, Piece
from cadastre.domain.operations.division import plan_division
from cadastre.domain.plan import (
    CloseProperty,
    OpenParcel,
    OpenProperty,
    OpenRestriction,
    OpenRight,
    Plan,
)
from cadastre.domain.property_state import Encumbrance, PropertyState, Terms
from cadastre.domain.share import WHOLE, Share
from cadastre.kernel.errors import InvalidInput
from tests.cadastre.domain.operations.land_world import TODAY, LandWorld, block, money
from tests.cadastre.domain.operations.section import A, B, C, D, closings_come_first

WEST, EAST = block(0, 0, 15), block(15, 0, 25)


def settle(*acts: OpenRestriction | OpenRight, kind: str = "land_parcel") -> tuple[LandWorld, PropertyState]:
    world = LandWorld()
    each = world.add_property(block(0, 0), kind=kind)
    owners = (OpenRight(each, "ownership", A, Share(2, 4)), OpenRight(each, "ownership", B, Share(1, 2)))
    world.carry_out(Plan("test", (*owners, *(replace(act, property=each) for act in acts))))
    return world, world.states[each]


def divide(state: PropertyState, *pieces: Piece) -> Plan:
    return plan_division(Divide(state.property_id, state.parcels[0].parcel_id, pieces), state, TODAY)


def halves(state: PropertyState) -> Plan:
    return divide(state, Piece(WEST), Piece(EAST))


def test_each_piece_is_a_property_of_the_same_holders_in_the_same_printed_shares() -> None:
    world, state = settle()
    plan = divide(state, Piece(WEST, purpose="bağ", documentary_area_m2="600"), Piece(EAST))
    ids = world.carry_out(plan)
    west, east = (world.states[ids[name]] for name in ids if name.startswith("property"))
    for piece, outline in ((west, WEST), (east, EAST)):
        assert [(owner.party_id, str(owner.share)) for owner in piece.owners] == [(A, "2/4"), (B, "1/2")]
        assert piece.parcels[0].outline == outline
        assert world.property_parents[piece.property_id] == (state.property_id,)
        assert world.version_parents[piece.parcels[0].version_id] == (state.parcels[0].version_id,)
    assert world.states[state.property_id].closed_on == TODAY
    kept = {"land_category": 2, "ownership_form": "xususi"}
    assert west.parcels[0].attributes == kept | {"purpose": "bağ", "documentary_area_m2": "600"}
    assert east.parcels[0].attributes == kept | {"purpose": "fərdi yaşayış evi"}


def test_what_is_closed_is_closed_before_anything_is_opened() -> None:
    _, state = settle(OpenRestriction(0, Encumbrance("arrest")))
    plan = halves(state)
    assert plan.event == "register.division"
    assert closings_come_first(plan)
    close = plan.acts.index(CloseProperty(state.property_id, "division"))
    assert close < min(at for at, act in enumerate(plan.acts) if isinstance(act, OpenProperty | OpenParcel))


def test_a_restriction_of_the_whole_burdens_every_piece_whole_with_its_number() -> None:
    mortgage = Encumbrance("mortgage", D, amount=money(100), currency="AZN", rank=1)
    world, state = settle(OpenRestriction(0, mortgage), OpenRestriction(0, Encumbrance("arrest", burdened=A)))
    old = {entry.contents.kind: entry.registration_number for entry in state.restrictions}
    world.carry_out(halves(state))
    for piece in world.open_states():
        assert [entry.contents for entry in piece.restrictions] == [
            mortgage,
            Encumbrance("arrest", burdened=A),
        ]
        assert {entry.contents.kind: entry.registration_number for entry in piece.restrictions} == old


def test_a_servitude_goes_to_the_piece_where_it_lies_and_is_clipped_where_it_lies_in_both() -> None:
    inside = Encumbrance("servitude", C, part=block(20, 0, 5, 40))
    across = Encumbrance("servitude", D, part=block(10, 10, 20, 3))
    world, state = settle(OpenRestriction(0, inside), OpenRestriction(0, across))
    world.carry_out(halves(state))
    west, east = world.open_states()
    clipped = block(10, 10, 5, 3).normalize(), block(15, 10, 15, 3).normalize()
    assert [entry.contents for entry in west.restrictions] == [replace(across, part=clipped[0])]
    unmoved = replace(inside, part=block(20, 0, 5, 40).normalize())
    assert [entry.contents for entry in east.restrictions] == [unmoved, replace(across, part=clipped[1])]


def test_what_only_touches_a_piece_within_the_tolerance_does_not_go_there() -> None:
    noise, strip = block(13, 0, 2.002, 40), block(13, 0, 2.003, 40)
    lease = [
        OpenRight(0, "lease", C, None, Terms(part=noise)),
        OpenRight(0, "usufruct", C, None, Terms(part=strip)),
    ]
    world, state = settle(*lease)
    world.carry_out(halves(state))
    west, east = world.open_states()
    assert [right.kind for right in west.rights] == ["ownership", "ownership", "lease", "usufruct"]
    assert [right.kind for right in east.rights] == ["ownership", "ownership", "usufruct"]


def test_a_burden_that_covers_a_piece_burdens_it_whole() -> None:
    world, state = settle(OpenRestriction(0, Encumbrance("servitude", C, part=block(0, 0, 16, 40))))
    world.carry_out(halves(state))
    parts = [piece.restrictions[0].contents.part for piece in world.open_states()]
    assert parts[0] is None
    assert parts[1] is not None
    assert parts[1].equals(block(15, 0, 1, 40))


def test_a_lease_that_a_piece_cuts_in_two_keeps_its_outline_and_a_servitude_stands_twice() -> None:
    horseshoe = shapely.difference(block(10, 5, 20, 30), block(10, 10, 10, 20))
    assert isinstance(horseshoe, shapely.Polygon)
    world, state = settle(
        OpenRight(0, "lease", C, None, Terms(part=horseshoe)),
        OpenRestriction(0, Encumbrance("servitude", D, part=horseshoe)),
    )
    before = world.burdened_ground()
    world.carry_out(halves(state))
    west, _ = world.open_states()
    assert [right.terms.part for right in west.rights if right.kind == "lease"] == [horseshoe]
    assert [entry.contents.part.area for entry in west.restrictions if entry.contents.part] == [25.0, 25.0]
    for key, ground in world.burdened_ground().items():
        assert ground.equals(before[key])
    world.require_order()


def test_the_other_parcels_stay_in_the_section_with_its_rights() -> None:
    world, state = settle(OpenRestriction(0, Encumbrance("arrest")))
    world._open_parcel(
        state.property_id, OpenParcel(state.parcels[0].parcel_id, "BAK-XEZ", None, 32639, {}, (), "x")
    )
    state = world.states[state.property_id]
    world.carry_out(halves(state))
    assert len(world.open_states()) == 3
    for section in world.open_states():
        assert [str(owner.share) for owner in section.owners] == ["2/4", "1/2"]
        assert [entry.contents.kind for entry in section.restrictions] == ["arrest"]
    assert [parcel.outline for parcel in world.states[state.property_id].parcels] == [None]


def test_the_house_goes_with_the_piece_that_takes_it_and_the_other_is_bare_land() -> None:
    world, state = settle(kind="individual_house")
    state = replace(state, building_ids=(77,))
    world.states[state.property_id] = state
    ids = world.carry_out(divide(state, Piece(WEST, building_ids=(77,)), Piece(EAST)))
    pieces = [world.states[ids[name]] for name in ids if name.startswith("property")]
    assert [(piece.object_kind, piece.building_ids) for piece in pieces] == [
        ("individual_house", (77,)),
        ("land_parcel", ()),
    ]


@pytest.mark.parametrize(
    ("pieces", "code"),
    [
        ((Piece(WEST),), "division-without-pieces"),
        ((Piece(WEST), Piece(EAST)), "building-unplaced"),
        ((Piece(WEST, building_ids=(77,)), Piece(EAST, building_ids=(77,))), "building-misplaced"),
        ((Piece(WEST, building_ids=(77, 78)), Piece(EAST)), "building-misplaced"),
    ],
)
def test_a_division_that_makes_no_sense_is_refused(pieces: tuple[Piece, ...], code: str) -> None:
    _, state = settle(kind="individual_house")
    with pytest.raises(InvalidInput) as refused:
        divide(replace(state, building_ids=(77,)), *pieces)
    assert refused.value.code == code


def test_a_house_that_nobody_recorded_cannot_be_placed() -> None:
    _, state = settle(kind="individual_house")
    with pytest.raises(InvalidInput) as refused:
        halves(state)
    assert refused.value.code == "building-not-recorded"


def test_land_without_geometry_is_not_divided_and_a_strange_parcel_neither() -> None:
    world = LandWorld()
    each = world.add_property(None)
    world.carry_out(Plan("test", (OpenRight(each, "ownership", A, WHOLE),)))
    with pytest.raises(InvalidInput) as refused:
        halves(world.states[each])
    assert refused.value.code == "parcel-without-geometry"
    with pytest.raises(InvalidInput) as refused:
        plan_division(Divide(each, 999_999, (Piece(WEST), Piece(EAST))), world.states[each], TODAY)
    assert refused.value.code == "parcel-not-in-property"


@pytest.mark.parametrize(
    "wkt",
    ["POLYGON ((0 0, 1 1, 1 0, 0 1, 0 0))", "POLYGON EMPTY", "POLYGON Z ((0 0 1, 1 0 1, 1 1 1, 0 0 1))"],
)
def test_what_is_no_flat_valid_polygon_is_refused_before_anything_is_cut(wkt: str) -> None:
    _, state = settle()
    broken = shapely.from_wkt(wkt)
    assert isinstance(broken, shapely.Polygon)
    with pytest.raises(InvalidInput) as refused:
        divide(state, Piece(WEST), Piece(broken))
    assert (refused.value.code, refused.value.facts["outline"]) == ("outline-invalid", 2)
