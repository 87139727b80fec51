"""One right or restriction restated at a successor property: holder, contents, registration unchanged."""

from __future__ import annotations

from dataclasses import replace

from shapely import Polygon

from cadastre.domain.plan import OpenRestriction, OpenRight, PropertyRef
from cadastre.domain.property_state import RestrictionState, RightState

Entry = RightState | RestrictionState


def carry_right(right: RightState, to: PropertyRef, part: Polygon | None = None) -> OpenRight:
    """Restate a right at a property; ``part`` is the ground it burdens there, None the whole of it."""
    return OpenRight(
        property=to,
        kind=right.kind,
        party_id=right.party_id,
        share=right.share,
        terms=replace(right.terms, part=part),
        continues=right,
        keeps_registration=True,
    )


def carry_restriction(
    restriction: RestrictionState, to: PropertyRef, part: Polygon | None = None
) -> OpenRestriction:
    """Restate a restriction at a property; ``part`` is the ground it burdens there, None the whole of it."""
    return OpenRestriction(
        property=to, contents=replace(restriction.contents, part=part), continues=restriction
    )


def carry_entry(entry: Entry, to: PropertyRef, part: Polygon | None = None) -> OpenRight | OpenRestriction:
    """Restate a right or a restriction at a property."""
    if isinstance(entry, RightState):
        return carry_right(entry, to, part)
    return carry_restriction(entry, to, part)


def part_of(entry: Entry) -> Polygon | None:
    """Give the part of the land that an entry burdens; None is the whole of it."""
    return entry.terms.part if isinstance(entry, RightState) else entry.contents.part


def is_same_burden(one: Entry, other: Entry) -> bool:
    """Tell whether two entries are one burden: alike in everything but their place and the part.

    A joint mortgage stands at every piece of a divided parcel under one registration number; merged
    again, it is one mortgage.
    """
    return burden_of(one) == burden_of(other)


def burden_of(entry: Entry) -> tuple[object, ...]:
    """Give what an entry is wherever it stands: its contents and registration, not its part."""
    registration = (entry.registration_number, entry.registration_date)
    if isinstance(entry, RightState):
        share = None if entry.share is None else entry.share.value
        return (*registration, entry.kind, entry.party_id, share, replace(entry.terms, part=None))
    return (*registration, replace(entry.contents, part=None))


__all__ = [
    "Entry",
    "burden_of",
    "carry_entry",
    "carry_restriction",
    "carry_right",
    "is_same_burden",
    "part_of",
]
