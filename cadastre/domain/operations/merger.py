"""Merger: adjacent parcels of the same holders become one parcel and one property."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from uuid import UUID

from shapely import Polygon

from cadastre.domain.commands import Merge
from cadastre.domain.operations.land import (
    carry_ownership,
    join_parcel,
    leave,
    move_buildings,
    outline_of,
    overlap_width_m,
    pass_on_common,
    require_drawn,
    require_one_zone,
)
from cadastre.domain.plan import (
    Act,
    CloseProperty,
    EndParcel,
    EndRestriction,
    EndRight,
    NewRef,
    OpenParcel,
    OpenProperty,
    Plan,
)
from cadastre.domain.property_state import ParcelState, PropertyState, RestrictionState
from cadastre.domain.succession import Succession, carry_burdens, join_ground
from cadastre.kernel.errors import InvalidInput

_PROPERTY = NewRef("property-1")
_PARCEL = NewRef("parcel-1")


@dataclass(frozen=True, slots=True)
class _Merger:
    """The sections that merge, in the order of the command, and the land they become."""

    states: tuple[PropertyState, ...]
    outline: Polygon

    @property
    def parcels(self) -> tuple[ParcelState, ...]:
        """All their parcels."""
        return tuple(parcel for state in self.states for parcel in state.parcels)


def plan_merger(command: Merge, states: Mapping[int, PropertyState], today: date) -> Plan:
    """Plan the merger of all parcels of one or more properties.

    The holders and their shares are the same in all of them. An entry that burdened every one (under
    one registration number) is carried once, for the whole; what burdened some of them burdens their
    former land. A servitude of one for the benefit of another ends: nobody serves himself.

    Parameters
    ----------
    command
        Outline: one valid Polygon on the millimetre grid of their UTM zone (easting, northing).
        Whether it covers the parcels is judged by the rules, not here.
    states
        The sections by id, read after their heads were taken.
    today
        Day of the decision; dates the tolerance of overlaps.

    Raises
    ------
    InvalidInput
        A property named twice, fewer than two parcels, a parcel without geometry, different zones,
        districts, kinds, holders or shares, or burdens that cannot stand beside each other.
    """
    merger = _Merger(tuple(states[each] for each in command.property_ids), command.outline)
    require_drawn([command.outline])
    _require_sense(merger)
    srid = require_one_zone(merger.parcels)
    lifted = _list_lifted(merger)
    succession = Succession(
        tuple(_without(state, lifted) for state in merger.states),
        {state.property_id: join_ground(map(outline_of, state.parcels)) for state in merger.states},
        {_PROPERTY: command.outline},
        overlap_width_m(today),
    )
    carried = carry_burdens(succession)
    owners = merger.states[0].owners
    _, owning = carry_ownership(owners, (_PROPERTY,))
    acts: tuple[Act, ...] = (
        *(EndRight(owner) for state in merger.states for owner in state.owners),
        *carried.ends,
        *(EndRestriction(restriction) for restriction in lifted),
        *(leave(parcel) for parcel in merger.parcels),
        *(EndParcel(parcel.version_id) for parcel in merger.parcels),
        *(CloseProperty(state.property_id, "merger") for state in merger.states),
        *_open(merger, srid),
        *owning,
        *carried.opens,
    )
    return Plan("register.merger", acts)


def _require_sense(merger: _Merger) -> None:
    ids = [state.property_id for state in merger.states]
    if len(set(ids)) < len(ids) or len(merger.parcels) < 2:
        raise InvalidInput(
            "A merger joins at least two parcels, and names every property once.",
            code="merger-without-parcels",
        )
    if any(not state.parcels for state in merger.states):
        raise InvalidInput(
            "A property that merges has no parcel; name those that have.", code="merger-without-land"
        )
    for what, values in (
        ("districts", {state.district_code for state in merger.states}),
        ("kinds of object", {state.object_kind for state in merger.states}),
    ):
        if len(values) > 1:
            raise InvalidInput(
                f"The properties are of different {what}: {', '.join(sorted(values))}; they cannot merge.",
                code=f"{what.split()[0]}-differ",
            )
    first = _holding(merger.states[0])
    if any(_holding(state) != first for state in merger.states[1:]):
        raise InvalidInput(
            "The properties do not belong to the same holders in the same shares; they cannot merge.",
            code="holders-differ",
        )


def _holding(state: PropertyState) -> Counter[tuple[str, UUID, Fraction | None]]:
    return Counter(
        (owner.kind, owner.party_id, None if owner.share is None else owner.share.value)
        for owner in state.owners
    )


def _list_lifted(merger: _Merger) -> tuple[RestrictionState, ...]:
    """List the restrictions of merging properties that benefit merging properties."""
    ids = {state.property_id for state in merger.states}
    return tuple(
        restriction
        for state in merger.states
        for restriction in state.restrictions
        if restriction.contents.benefits_property_id in ids
    )


def _without(state: PropertyState, lifted: tuple[RestrictionState, ...]) -> PropertyState:
    kept = tuple(restriction for restriction in state.restrictions if restriction not in lifted)
    return replace(state, restrictions=kept)


def _open(merger: _Merger, srid: int) -> Iterator[Act]:
    first = merger.states[0]
    ids = tuple(state.property_id for state in merger.states)
    yield OpenProperty(_PROPERTY, first.object_kind, first.district_code, ids, "merger")
    yield OpenParcel(
        _PARCEL,
        first.district_code,
        merger.outline,
        srid,
        pass_on_common(merger.parcels),
        tuple(parcel.version_id for parcel in merger.parcels),
        "merger",
    )
    yield join_parcel(_PARCEL, _PROPERTY)
    for state in merger.states:
        yield from move_buildings(state.building_ids, state.unit_ids, _PROPERTY)


__all__ = ["plan_merger"]
