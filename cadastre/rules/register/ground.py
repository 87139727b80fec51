"""Burdened ground: wherever land goes, what burdened it goes along, to the last strip."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Final

import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from cadastre.domain.commands import CancelEntries, Correct, EndEntry, Merge
from cadastre.domain.property_state import PropertyState
from cadastre.kernel.overlay import difference_of, union_of
from cadastre.kernel.width import list_wide_polygons
from cadastre.rules.fault import Fault
from cadastre.rules.outcome import Section
from cadastre.rules.proposal import Proposal

_OWNING: Final = ("ownership", "future_ownership")


def check_burdened_ground(proposal: Proposal, limit: Fraction | None) -> Iterator[Fault]:
    """The ground that an entry burdened is burdened by it afterwards, whoever holds that ground now."""
    if limit is None or not proposal.outcome.opened_parcels or proposal.asked(CancelEntries):
        return
    for state in proposal.states.values():
        land = _union(parcel.outline for parcel in state.parcels)
        for number, kind, part in _burdens(proposal, state):
            before = land if part is None else part
            after = _ground_of(proposal, number, kind)
            if before is None or after is None:
                continue
            lost = list_wide_polygons(difference_of(before, after), 2 * float(limit))
            if lost:
                yield _lost(number, kind, lost)


def _burdens(proposal: Proposal, state: PropertyState) -> Iterator[tuple[str, str, Polygon | None]]:
    """Entries that burden ground and are not to end: registration number, kind, part."""
    ended_rights = {command.right_id for command in proposal.asked(EndEntry)}
    ended_rights |= {command.right_id for command in proposal.asked(Correct)}
    ended = {command.restriction_id for command in proposal.asked(EndEntry)}
    ended |= {command.restriction_id for command in proposal.asked(Correct)}
    merged = [set(command.property_ids) for command in proposal.asked(Merge)]
    for right in state.rights:
        if right.kind not in _OWNING and right.right_id not in ended_rights:
            yield right.registration_number, right.kind, right.terms.part
    for entry in state.restrictions:
        serves = {state.property_id, entry.contents.benefits_property_id}
        if entry.restriction_id not in ended and not any(serves <= together for together in merged):
            yield entry.registration_number, entry.contents.kind, entry.contents.part


def _ground_of(proposal: Proposal, number: str, kind: str) -> BaseGeometry | None:
    """The ground that an entry would burden in all sections together; None when some has no geometry."""
    grounds: list[BaseGeometry] = []
    for section in proposal.outcome.open_sections:
        for part in _parts(section, number, kind):
            ground = _union(section.outlines) if part is None else part
            if ground is None:
                return None
            grounds.append(ground)
    return union_of(grounds)


def _parts(section: Section, number: str, kind: str) -> Iterator[Polygon | None]:
    for right in section.rights:
        if (right.registration_number, right.kind) == (number, kind):
            yield right.terms.part
    for charge in section.restrictions:
        if (charge.registration_number, charge.contents.kind) == (number, kind):
            yield charge.contents.part


def _union(outlines: Iterable[Polygon | None]) -> BaseGeometry | None:
    known = list(outlines)
    if any(outline is None for outline in known):
        return None
    return union_of(known)


def _lost(number: str, kind: str, lost: tuple[Polygon, ...]) -> Fault:
    where = shapely.point_on_surface(lost[0])
    area = Fraction(round(sum(place.area for place in lost) * 10_000), 10_000)
    place = {"easting_m": f"{where.x:.3f}", "northing_m": f"{where.y:.3f}"}
    return Fault(number, area, Fraction(0), {"kind": kind, **place})


CHECKS: Final = {"burdened-ground-lost": check_burdened_ground}

__all__ = ["CHECKS"]
