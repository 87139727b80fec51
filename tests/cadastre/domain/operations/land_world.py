"""A register of land in memory: carries plans out, remembers all versions, and judges what stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import count
from typing import NoReturn
from uuid import UUID

import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from cadastre.domain.carrying import Entry, burden_of, part_of
from cadastre.domain.lineage import ancestors, descendants, list_families
from cadastre.domain.plan import (
    Act,
    CloseProperty,
    EndParcel,
    EndRestriction,
    EndRight,
    MoveObject,
    NewRef,
    OpenParcel,
    OpenProperty,
    OpenRestriction,
    OpenRight,
    Plan,
)
from cadastre.domain.property_state import ParcelState, PropertyState, RestrictionState, RightState
from cadastre.domain.succession import join_ground, list_burdens
from cadastre.kernel.overlay import intersection_of, symmetric_difference_of, union_of
from cadastre.kernel.width import is_wide, list_wide_polygons

TODAY = date(2026, 11, 2)
SRID = 32639
EAST, NORTH = 425_000.0, 4_480_000.0
WIDTH_M = 0.002
ATTRIBUTES: Mapping[str, str | int | None] = {
    "land_category": 2,
    "ownership_form": "xususi",
    "purpose": "fərdi yaşayış evi",
    "accuracy_m": 1,
}


def block(east_m: float, north_m: float, width_m: float = 40.0, height_m: float = 40.0) -> Polygon:
    """Rectangle in EPSG:32639, its south-west corner offset in metres from a fixed point."""
    west, south = EAST + east_m, NORTH + north_m
    return shapely.box(west, south, west + width_m, south + height_m)


@dataclass
class LandWorld:
    """Sections by id, open and closed, and every parcel version that ever stood."""

    states: dict[int, PropertyState] = field(default_factory=dict)
    version_parents: dict[int, tuple[int, ...]] = field(default_factory=dict)
    property_parents: dict[int, tuple[int, ...]] = field(default_factory=dict)
    outlines: dict[int, Polygon] = field(default_factory=dict)
    ended: set[int] = field(default_factory=set)
    ids: Iterator[int] = field(default_factory=lambda: count(1))

    def open_states(self) -> list[PropertyState]:
        """Sections that are not closed."""
        return [state for state in self.states.values() if state.closed_on is None]

    def add_property(self, *outlines: Polygon | None, kind: str = "land_parcel") -> int:
        """Open a section over new parcels, as yet without a right."""
        property_id = next(self.ids)
        self.states[property_id] = PropertyState(
            property_id, f"{property_id:012d}", kind, "BAK-XEZ", 1, None, (), (), ()
        )
        for outline in outlines:
            self._open_parcel(
                property_id, OpenParcel(NewRef("p"), "BAK-XEZ", outline, SRID, ATTRIBUTES, (), "x")
            )
        return property_id

    def carry_out(self, plan: Plan) -> dict[NewRef, int]:
        """Carry out the acts in order; gives the ids of what was opened."""
        names: dict[NewRef, int] = {}
        parcels: dict[int, ParcelState] = {}
        for act in plan.acts:
            self._carry_out_act(act, names, parcels)
        assert not parcels, "a parcel is in no section"
        return names

    def _carry_out_act(self, act: Act, names: dict[NewRef, int], parcels: dict[int, ParcelState]) -> None:
        match act:
            case EndRight(right):
                self._drop(right)
            case EndRestriction(restriction):
                self._drop(restriction)
            case EndParcel(version_id):
                assert version_id in self.outlines
                assert version_id not in self.ended
                self.ended.add(version_id)
            case OpenProperty():
                names[act.ref] = self._open_section(act)
            case OpenParcel():
                self._open_planned_parcel(act, names, parcels)
            case MoveObject():
                self._move(act, names, parcels)
            case OpenRight() | OpenRestriction():
                self._enter(act, names)
            case CloseProperty(property_id):
                state = self.states[property_id]
                assert not self._contents_of(state)
                self.states[property_id] = replace(state, closed_on=TODAY)
            case _:
                _never(act)

    def _drop(self, entry: Entry) -> None:
        holders = [
            s for s in self.open_states() if any(entry is each for each in (*s.rights, *s.restrictions))
        ]
        assert len(holders) == 1, "what is closed does not stand, or stands twice"
        state = holders[0]
        self.states[state.property_id] = replace(
            state,
            rights=tuple(each for each in state.rights if each is not entry),
            restrictions=tuple(each for each in state.restrictions if each is not entry),
        )

    def _open_section(self, act: OpenProperty) -> int:
        property_id = self.add_property(kind=act.object_kind)
        self.property_parents[property_id] = act.from_property_ids
        assert act.district_code == "BAK-XEZ"
        return property_id

    def _open_planned_parcel(
        self, act: OpenParcel, names: dict[NewRef, int], parcels: dict[int, ParcelState]
    ) -> None:
        assert act.outline is not None
        if isinstance(act.parcel, int):
            owner = next(s for s in self.open_states() if any(p.parcel_id == act.parcel for p in s.parcels))
            old = next(p for p in owner.parcels if p.parcel_id == act.parcel)
            fresh = replace(
                self._make_version(act), parcel_id=act.parcel, property_object_id=old.property_object_id
            )
            kept = tuple(fresh if p is old else p for p in owner.parcels)
            self.states[owner.property_id] = replace(owner, parcels=kept)
        else:
            fresh = self._make_version(act)
            names[act.parcel] = fresh.parcel_id
            parcels[fresh.parcel_id] = fresh

    def _make_version(self, act: OpenParcel) -> ParcelState:
        version, parcel = next(self.ids), next(self.ids)
        assert act.srid == SRID
        if act.outline is not None:
            self.outlines[version] = act.outline
        self.version_parents[version] = act.from_version_ids
        return ParcelState(
            parcel,
            version,
            next(self.ids),
            f"BAK-XEZ-{parcel}",
            act.outline,
            SRID,
            None,
            None,
            act.attributes,
        )

    def _open_parcel(self, property_id: int, act: OpenParcel) -> None:
        state = self.states[property_id]
        self.states[property_id] = replace(state, parcels=(*state.parcels, self._make_version(act)))

    def _move(self, act: MoveObject, names: dict[NewRef, int], parcels: dict[int, ParcelState]) -> None:
        if act.to is None:
            state = next(s for s in self.open_states() if any(p.parcel_id == act.parcel for p in s.parcels))
            kept = tuple(p for p in state.parcels if p.parcel_id != act.parcel)
            self.states[state.property_id] = replace(state, parcels=kept)
            return
        to = act.to if isinstance(act.to, int) else names[NewRef(act.to)]
        target = self.states[to]
        if act.parcel is not None:
            parcel = parcels.pop(names[NewRef(str(act.parcel))])
            self.states[to] = replace(target, parcels=(*target.parcels, parcel))
        elif act.building_id is not None:
            self._take_building(act.building_id)
            self.states[to] = replace(target, building_ids=(*target.building_ids, act.building_id))

    def _take_building(self, building_id: int) -> None:
        state = next(s for s in self.states.values() if building_id in s.building_ids)
        kept = tuple(each for each in state.building_ids if each != building_id)
        self.states[state.property_id] = replace(state, building_ids=kept)

    def _enter(self, act: OpenRight | OpenRestriction, names: dict[NewRef, int]) -> None:
        to = act.property if isinstance(act.property, int) else names[NewRef(act.property)]
        state = self.states[to]
        assert state.closed_on is None, "an entry in a closed section"
        row = next(self.ids)
        old = act.continues
        number = f"2326{row:06d}" if old is None else old.registration_number
        day = TODAY if old is None else old.registration_date
        if isinstance(act, OpenRight):
            right = RightState(
                row, act.kind, act.party_id, act.share, number, day, TODAY, None, terms=act.terms
            )
            self.states[to] = replace(state, rights=(*state.rights, right))
        else:
            entry = RestrictionState(row, act.contents, number, day, TODAY, None)
            self.states[to] = replace(state, restrictions=(*state.restrictions, entry))

    @staticmethod
    def _contents_of(state: PropertyState) -> tuple[object, ...]:
        return (*state.rights, *state.restrictions, *state.parcels)

    def land_of(self, state: PropertyState) -> BaseGeometry:
        """All land of a section."""
        return join_ground(parcel.outline for parcel in state.parcels)

    def burdened_ground(self) -> dict[tuple[object, ...], BaseGeometry]:
        """The ground that each burden lies on, wherever it stands."""
        ground: dict[tuple[object, ...], list[BaseGeometry]] = {}
        for state in self.open_states():
            land = self.land_of(state)
            for entry in list_burdens(state):
                part = part_of(entry)
                share = land if part is None else intersection_of(part, land)
                ground.setdefault(burden_of(entry), []).append(share)
        return {key: union_of(shares) for key, shares in ground.items()}

    def owned_ground(self) -> dict[tuple[UUID, Fraction | None], BaseGeometry]:
        """The ground in which each party owns each share."""
        ground: dict[tuple[UUID, Fraction | None], list[BaseGeometry]] = {}
        for state in self.open_states():
            for owner in state.owners:
                share = None if owner.share is None else owner.share.value
                ground.setdefault((owner.party_id, share), []).append(self.land_of(state))
        return {key: union_of(shares) for key, shares in ground.items()}

    def require_order(self) -> None:
        """Every section that stands is whole: land, shares, ranks, holders; nothing is left in a closed one."""
        for state in self.states.values():
            if state.closed_on is not None:
                assert not self._contents_of(state)
                continue
            assert state.parcels or state.unit_ids
            assert not self.ended & {parcel.version_id for parcel in state.parcels}
            shares = [owner.share for owner in state.owners]
            if None in shares:
                assert set(shares) == {None}
                assert len(shares) > 1
            else:
                assert sum(share.value for share in shares if share is not None) == 1
            ranks = [r.contents.rank for r in state.restrictions if r.contents.rank is not None]
            assert len(ranks) == len(set(ranks))
            holders = [(right.kind, right.party_id) for right in state.rights]
            assert len(holders) == len(set(holders))
            land = self.land_of(state)
            mapped = all(parcel.outline is not None for parcel in state.parcels)
            for entry in list_burdens(state) if mapped else ():
                part = part_of(entry)
                assert part is None or list_wide_polygons(intersection_of(part, land), WIDTH_M)

    def require_lineage(self) -> None:
        """What came of something leads back to it, forwards in id only, and a family keeps its area."""
        for parents in (self.version_parents, self.property_parents):
            for child, olders in parents.items():
                assert all(older < child for older in olders)
                for older in olders:
                    assert older in ancestors(parents, child)
        for version in self.outlines:
            for child in descendants(self.version_parents, version):
                assert version in ancestors(self.version_parents, child)
        current = {p.version_id for state in self.open_states() for p in state.parcels}
        for family in list_families(self.version_parents, self.outlines):
            roots = [self.outlines[each] for each in family if not self.version_parents.get(each)]
            leaves = [self.outlines[each] for each in family & current]
            before, after = sum(each.area for each in roots), sum(each.area for each in leaves)
            # the register's own tolerance of one operation: 0.1 % and never less than half a square metre
            assert abs(after - before) <= max(before * 0.001, 0.5)
            assert not is_wide(symmetric_difference_of(union_of(roots), union_of(leaves)), WIDTH_M)


def money(amount: int) -> Decimal:
    """Sum of money."""
    return Decimal(amount).quantize(Decimal("0.01"))


def _never(act: NoReturn) -> NoReturn:
    raise AssertionError(f"an act that no operation on land plans: {act}")
