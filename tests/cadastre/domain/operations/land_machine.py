"""Random histories of land: divided, merged, moved and burdened; what must hold after every step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import shapely
from hypothesis import event
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from cadastre.domain.carrying import burden_of
from cadastre.domain.commands import Divide, Merge, Piece, ShiftBoundary
from cadastre.domain.operations.boundary import plan_boundary
from cadastre.domain.operations.division import plan_division
from cadastre.domain.operations.merger import plan_merger
from cadastre.domain.plan import OpenRestriction, OpenRight, Plan
from cadastre.domain.property_state import Encumbrance, ParcelState, PropertyState, Terms
from cadastre.domain.share import Share
from cadastre.kernel.errors import InvalidInput
from cadastre.kernel.overlay import difference_of, intersection_of, symmetric_difference_of, union_of
from cadastre.kernel.width import is_wide, list_wide_polygons
from cadastre.rules.land_change import list_off_grid, list_overlaps, measure_balance, measure_cover
from tests.cadastre.domain.operations.land_world import TODAY, WIDTH_M, LandWorld, block, money
from tests.cadastre.domain.operations.section import A, B, C, D

T = TypeVar("T")
_MOST_SECTIONS = 9
_LEAST_M2 = 4.0
_NUMBERS = st.integers(0, 1 << 16)
_PLACES = st.integers(150, 750)
_CLASHES = frozenset({"mortgage-ranks-collide", "rights-collide", "burden-in-several-parts"})


class LandMachine(RuleBasedStateMachine):
    """Four neighbouring properties; two of the same holders, one joint, one of a sole owner."""

    @initialize()
    def settle(self) -> None:
        self.world = LandWorld()
        halves = ((A, Share(1, 3)), (B, Share(4, 6)))
        owners = (halves, ((A, Share(2, 6)), (B, Share(2, 3))), ((B, None), (C, None)), ((A, Share(1, 1)),))
        for at, holders in enumerate(owners):
            each = self.world.add_property(block(40 * (at % 2), 40 * (at // 2)))
            self._enter(*(OpenRight(each, "ownership", party, share) for party, share in holders))

    @rule(pick=_NUMBERS, easting=_PLACES, northing=_PLACES, slant=st.integers(-3, 3))
    def divide(self, pick: int, easting: int, northing: int, slant: int) -> None:
        state = choose(self.world.open_states(), pick)
        parcel = choose(state.parcels, pick)
        pieces = cut(outline_of(parcel), easting, northing, slant)
        if len(self.world.open_states()) >= _MOST_SECTIONS or len(pieces) < 2:
            return
        command = Divide(state.property_id, parcel.parcel_id, tuple(Piece(piece) for piece in pieces))
        self._run(plan_division, command, state)

    @rule(pick=_NUMBERS)
    def merge(self, pick: int) -> None:
        pairs = [
            (one, other, outlines[0])
            for one in self.world.open_states()
            for other in self.world.open_states()
            if one.property_id < other.property_id and holding(one) == holding(other)
            if shapely.intersects(self.world.land_of(one), self.world.land_of(other))
            if len(outlines := join(self.world.land_of(one), self.world.land_of(other))) == 1
        ]
        if not pairs:
            return
        one, other, outline = choose(pairs, pick)
        ids = (one.property_id, other.property_id) if pick % 2 else (other.property_id, one.property_id)
        self._run(plan_merger, Merge(ids, outline), dict(self.world.states))

    @rule(
        pick=_NUMBERS,
        easting=_PLACES,
        northing=_PLACES,
        slant=st.integers(-3, 3),
        partial=st.booleans(),
    )
    def move_ground(self, pick: int, easting: int, northing: int, slant: int, partial: bool) -> None:
        """A strip of one parcel goes to a neighbour, of the same or another holder."""
        parcels = [parcel for state in self.world.open_states() for parcel in state.parcels]
        giver, taker = choose(parcels, pick), choose(parcels, pick // 7)
        for strip in cut(outline_of(giver), easting, northing, slant):
            joined = join(outline_of(taker), strip)
            left = list_wide_polygons(difference_of(outline_of(giver), strip), WIDTH_M)
            if giver is not taker and len(joined) == len(left) == 1 and left[0].area > _LEAST_M2:
                outlines = ((giver.parcel_id, left[0]), (taker.parcel_id, joined[0]))
                self._run(plan_boundary, ShiftBoundary(outlines, partial), dict(self.world.states))
                return

    @rule(pick=_NUMBERS, burdened=st.booleans())
    def mortgage(self, pick: int, burdened: bool) -> None:
        state = choose(self.world.open_states(), pick)
        taken = {entry.contents.rank for entry in state.restrictions}
        rank = next(rank for rank in range(1, 99) if rank not in taken)
        holder = state.owners[0].party_id if burdened else None
        contents = Encumbrance("mortgage", D, holder, amount=money(pick + 1), currency="AZN", rank=rank)
        self._enter(OpenRestriction(state.property_id, contents))

    @rule(pick=_NUMBERS)
    def arrest(self, pick: int) -> None:
        state = choose(self.world.open_states(), pick)
        self._enter(OpenRestriction(state.property_id, Encumbrance("arrest", authority="court")))

    @rule(pick=_NUMBERS, easting=_PLACES, northing=_PLACES, benefits=st.booleans())
    def servitude(self, pick: int, easting: int, northing: int, benefits: bool) -> None:
        """A way across one part; it serves a neighbour's land or a person."""
        state = choose(self.world.open_states(), pick)
        part = choose(cut(outline_of(choose(state.parcels, pick)), easting, northing, 1), pick)
        others = [other.property_id for other in self.world.open_states() if other is not state]
        served = choose(others, pick) if benefits and others else None
        contents = Encumbrance("servitude", None if served else C, benefits_property_id=served, part=part)
        self._enter(OpenRestriction(state.property_id, contents))

    @rule(pick=_NUMBERS, easting=_PLACES, northing=_PLACES, whole=st.booleans())
    def lease(self, pick: int, easting: int, northing: int, whole: bool) -> None:
        state = choose(self.world.open_states(), pick)
        lessee = choose((A, B, C, D), pick // 3)
        part = choose(cut(outline_of(choose(state.parcels, pick)), easting, northing, -1), pick)
        if any((right.kind, right.party_id) == ("lease", lessee) for right in state.rights):
            return
        terms = Terms(part=None if whole else part, rent=money(pick), rent_currency="AZN", rent_period="year")
        self._enter(OpenRight(state.property_id, "lease", lessee, None, terms))

    @invariant()
    def is_in_order(self) -> None:
        self.world.require_order()

    def teardown(self) -> None:
        self.world.require_lineage()

    def _enter(self, *acts: OpenRight | OpenRestriction) -> None:
        self.world.carry_out(Plan("test", acts))

    def _run(self, planner: object, command: object, states: object) -> None:
        """Carry a command out, unless its burdens cannot stand beside each other, and compare the ground."""
        assert callable(planner)
        burdens, owned = self.world.burdened_ground(), self.world.owned_ground()
        served = lifted_by(command, self.world.open_states())
        try:
            plan = planner(command, states, TODAY)
        except InvalidInput as refused:
            if refused.code not in _CLASHES:
                raise
            event(refused.code)
            return
        event(plan.event)
        self.world.carry_out(plan)
        self._compare(command, burdens, owned, served)
        lands = [outline_of(parcel) for state in self.world.open_states() for parcel in state.parcels]
        assert not list_overlaps(lands, WIDTH_M)
        assert not any(list_off_grid(land) for land in lands)
        start = [block(40 * (at % 2), 40 * (at // 2)) for at in range(4)]
        assert measure_cover(start, lands, WIDTH_M).is_exact
        assert measure_balance(start, lands).difference_m2 < 1

    def _compare(
        self,
        command: object,
        burdens: dict[tuple[object, ...], BaseGeometry],
        owned: dict[tuple[object, object], BaseGeometry],
        served: set[tuple[object, ...]],
    ) -> None:
        after = self.world.burdened_ground()
        for key, ground in burdens.items():
            if key not in served:
                assert not is_wide(difference_of(ground, after[key]), 2 * WIDTH_M), key
                grown = difference_of(after[key], ground)
                if isinstance(command, Divide | Merge):
                    assert not is_wide(grown, 2 * WIDTH_M), key
        if isinstance(command, Divide | Merge):
            for holder, land in self.world.owned_ground().items():
                assert not is_wide(symmetric_difference_of(land, owned[holder]), 2 * WIDTH_M)


def choose(items: Sequence[T], pick: int) -> T:
    """One of them."""
    return items[pick % len(items)]


def outline_of(parcel: ParcelState) -> Polygon:
    """Outline, which every parcel of this world has."""
    assert parcel.outline is not None
    return parcel.outline


def cut(outline: Polygon, easting: int, northing: int, slant: int) -> tuple[Polygon, ...]:
    """Cut along a line through a point of the box (in thousandths of it); on the grid, nothing tiny."""
    west, south, east, north = outline.bounds
    x, y = west + (east - west) * easting / 900, south + (north - south) * northing / 900
    far = 200.0
    side = Polygon(
        [
            (x - slant * far / 3, y - far),
            (x + slant * far / 3, y + far),
            (x - far, y + far),
            (x - far, y - far),
        ]
    )
    one = list_wide_polygons(intersection_of(outline, shapely.make_valid(side)), WIDTH_M)
    rest = list_wide_polygons(difference_of(outline, union_of(one)), WIDTH_M)
    pieces = one + rest
    if (
        min(piece.area for piece in pieces) < _LEAST_M2
        or not measure_cover([outline], pieces, WIDTH_M).is_exact
    ):
        return (outline,)
    return pieces


def join(one: BaseGeometry, other: BaseGeometry) -> tuple[Polygon, ...]:
    """The polygons of two pieces of land together, or two when there is a gap or a corner between them."""
    pieces = list_wide_polygons(union_of((one, other)), WIDTH_M)
    joined = union_of(pieces)
    return pieces if not is_wide(symmetric_difference_of(joined, union_of((one, other))), WIDTH_M) else ()


def holding(state: PropertyState) -> set[tuple[object, object]]:
    """Who holds what part."""
    return {(owner.party_id, owner.share and owner.share.value) for owner in state.owners}


def lifted_by(command: object, states: Sequence[PropertyState]) -> set[tuple[object, ...]]:
    """Servitudes that end with a merger, because they would serve the land that they burden."""
    if not isinstance(command, Merge):
        return set()
    return {
        burden_of(entry)
        for state in states
        if state.property_id in command.property_ids
        for entry in state.restrictions
        if entry.contents.benefits_property_id in command.property_ids
    }
