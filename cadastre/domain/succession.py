"""Where rights and restrictions stand after land was divided, merged or moved between properties.

Every entry burdens ground: the part that it names, or all the land of its property. After the
operation it stands at every property whose land holds some of that ground, wider than the
tolerance of overlaps: at the whole of the land where its ground covers it, else at the part. What
burdens the whole of a property that lives on burdens the whole of it still (land that accrues
falls under it); what leaves takes its burdens along.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import shapely
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from cadastre.domain.carrying import Entry, burden_of, carry_entry, part_of
from cadastre.domain.plan import EndRestriction, EndRight, OpenRestriction, OpenRight, PropertyRef
from cadastre.domain.property_state import PropertyState, RightState
from cadastre.kernel.errors import InvalidInput
from cadastre.kernel.overlay import difference_of, intersection_of, symmetric_difference_of, union_of
from cadastre.kernel.width import is_wide, list_wide_polygons

OWNING_KINDS = ("ownership", "future_ownership")
Parts = tuple[Polygon | None, ...]


@dataclass(frozen=True, slots=True)
class Succession:
    """Properties as they stood, and the land of each before and after; one UTM zone, metres.

    ``after`` has the properties that live on and those that open. Those in ``unmapped`` live on
    with parcels that have no geometry.
    """

    states: tuple[PropertyState, ...]
    before: Mapping[int, BaseGeometry]
    after: Mapping[PropertyRef, BaseGeometry]
    width_m: float
    unmapped: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Carried:
    """What is closed and what is opened, each in the order of the register."""

    ends: tuple[EndRight | EndRestriction, ...]
    opens: tuple[OpenRight | OpenRestriction, ...]


@dataclass(frozen=True, slots=True)
class _Placed:
    """An entry, the property it stands at and the ground it burdens."""

    entry: Entry
    at: int
    ground: BaseGeometry


def carry_burdens(succession: Succession) -> Carried:
    """Find which entries beside ownership close, and where they stand then.

    Raises
    ------
    InvalidInput
        Two mortgages of one rank would stand at a property, or two rights of one kind and holder;
        or an entry that can stand only once would burden ground in several pieces.
    """
    ends: list[EndRight | EndRestriction] = []
    opens: list[OpenRight | OpenRestriction] = []
    for placed in _group(succession):
        carried = _carry(placed, succession)
        ends += carried.ends
        opens += carried.opens
    _require_single_places(succession, ends, opens)
    return Carried(tuple(ends), tuple(opens))


def end_of(entry: Entry) -> EndRight | EndRestriction:
    """Give the act that closes an entry."""
    return EndRight(entry) if isinstance(entry, RightState) else EndRestriction(entry)


def list_burdens(state: PropertyState) -> tuple[Entry, ...]:
    """List the rights beside ownership and the restrictions of a property."""
    return (*(right for right in state.rights if right.kind not in OWNING_KINDS), *state.restrictions)


def _group(succession: Succession) -> Iterable[list[_Placed]]:
    groups: dict[tuple[object, ...], list[_Placed]] = {}
    for state in succession.states:
        land = succession.before[state.property_id]
        for entry in list_burdens(state):
            part = part_of(entry)
            ground = land if part is None else part
            if part is not None and state.property_id not in succession.unmapped:
                ground = intersection_of(part, land)
            groups.setdefault(burden_of(entry), []).append(_Placed(entry, state.property_id, ground))
    return groups.values()


def _carry(placed: list[_Placed], succession: Succession) -> Carried:
    """Move one burden, which stands at one or more properties."""
    ground = union_of(item.ground for item in placed)
    standing: dict[PropertyRef, list[_Placed]] = {}
    for item in placed:
        standing.setdefault(item.at, []).append(item)
    wanted = {ref: _find_parts(ref, ground, standing.get(ref, []), succession) for ref in succession.after}
    donors: dict[PropertyRef, _Placed] = {}
    ended: set[int] = {at for at in standing if isinstance(at, int) and at not in succession.after}
    for ref, parts in wanted.items():
        own = standing.get(ref, [])
        if not own and not parts:
            continue
        if own and _stands_so(own, parts, succession):
            continue
        donors[ref] = own[0] if own else _nearest(placed, succession.after[ref])
        ended |= {donors[ref].at} | ({ref} if isinstance(ref, int) and own else set())
    for at in sorted(ended & set(wanted) - set(donors)):
        donors[at] = standing[at][0]
    opens = [
        carry_entry(donor.entry, ref, part)
        for ref, donor in donors.items()
        for part in _name_parts(donor.entry, wanted[ref], succession.width_m)
    ]
    return Carried(tuple(end_of(item.entry) for item in placed if item.at in ended), tuple(opens))


def _find_parts(ref: PropertyRef, ground: BaseGeometry, own: list[_Placed], succession: Succession) -> Parts:
    """Find on which parts of the land of one property a burden lies afterwards; None is the whole."""
    if any(part_of(item.entry) is None for item in own):
        return (None,)
    land = succession.after[ref]
    if ref in succession.unmapped:
        others = [other for key, other in succession.after.items() if key != ref]
        mine = union_of(item.ground for item in own) if own else intersection_of(ground, land)
        return list_wide_polygons(difference_of(mine, union_of(others)), succession.width_m)
    if not shapely.intersects(ground, land):
        return ()
    parts = list_wide_polygons(intersection_of(ground, land), succession.width_m)
    if parts and not is_wide(difference_of(land, ground), succession.width_m):
        return (None,)
    return parts


def _stands_so(own: list[_Placed], parts: Parts, succession: Succession) -> bool:
    """Tell whether a burden stands already as it shall stand, noise left aside."""
    if None in parts:
        return len(own) == 1 and part_of(own[0].entry) is None
    stood = union_of(item.ground for item in own)
    wanted = union_of(parts)
    return bool(parts) and not is_wide(symmetric_difference_of(stood, wanted), succession.width_m)


def _nearest(placed: list[_Placed], land: BaseGeometry) -> _Placed:
    """Pick the entry that gives a property most of its burdened ground."""
    return max(placed, key=lambda item: float(shapely.area(intersection_of(item.ground, land))))


def _name_parts(entry: Entry, parts: Parts, width_m: float) -> Parts:
    """Give the parts that the register can hold: one polygon for what can stand only once.

    A part named as one polygon stays as it was named where clipping it would break it up: what it
    burdens is its meeting with the land anyway.
    """
    if len(parts) < 2 or not _stands_once(entry):
        return parts
    named = part_of(entry)
    wanted = union_of(parts)
    if named is None or is_wide(difference_of(wanted, named), width_m):
        raise InvalidInput(
            f"The entry {entry.registration_number} would burden ground in {len(parts)} separate "
            "parts of one property, and it can name one part only; change the outlines, or end it "
            "and enter it anew first.",
            code="burden-in-several-parts",
            registration_number=entry.registration_number,
        )
    return (named,)


def _stands_once(entry: Entry) -> bool:
    """Tell whether a property can hold only one such row: a right of a holder, a mortgage of a rank."""
    return isinstance(entry, RightState) or entry.contents.rank is not None


def _require_single_places(
    succession: Succession,
    ends: list[EndRight | EndRestriction],
    opens: list[OpenRight | OpenRestriction],
) -> None:
    closed = {_row_of(end.right if isinstance(end, EndRight) else end.restriction) for end in ends}
    taken: dict[tuple[object, ...], str] = {}
    places = [
        (_place_of(state.property_id, entry), entry.registration_number)
        for state in succession.states
        for entry in list_burdens(state)
        if _row_of(entry) not in closed
    ]
    places += [
        (_place_of(act.property, act.continues), act.continues.registration_number)
        for act in opens
        if act.continues is not None
    ]
    for place, number in places:
        if place is None:
            continue
        if place in taken:
            what = "rights of one kind and holder" if place[0] == "right" else "mortgages of one rank"
            raise InvalidInput(
                f"The entries {taken[place]} and {number} would stand at one property as two {what}; "
                "change or end one of them first.",
                code="rights-collide" if place[0] == "right" else "mortgage-ranks-collide",
                registration_numbers=[taken[place], number],
            )
        taken[place] = number


def _row_of(entry: Entry) -> tuple[str, int]:
    if isinstance(entry, RightState):
        return "right", entry.right_id
    return "restriction", entry.restriction_id


def _place_of(ref: PropertyRef, entry: Entry) -> tuple[object, ...] | None:
    if isinstance(entry, RightState):
        return "right", ref, entry.kind, entry.party_id
    rank = entry.contents.rank
    return None if rank is None else ("rank", ref, rank)


def join_ground(outlines: Iterable[Polygon | None]) -> BaseGeometry:
    """Join the outlines of a property's parcels; those without geometry count as nothing."""
    known = [outline for outline in outlines if outline is not None]
    return union_of(known) if known else MultiPolygon()


__all__ = [
    "OWNING_KINDS",
    "Carried",
    "Succession",
    "carry_burdens",
    "end_of",
    "join_ground",
    "list_burdens",
]
