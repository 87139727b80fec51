"""Land: pieces cover what they were cut from, area moves and is neither made nor lost."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

import shapely
from shapely import Polygon

from cadastre.domain.codelist import load_codelist
from cadastre.domain.commands import Divide, Merge, ShiftBoundary
from cadastre.domain.property_state import ParcelState
from cadastre.rules.fault import Fault
from cadastre.rules.proposal import Proposal

_GRID_M: Final = 0.001
"""Coordinates of the register lie on the millimetre."""


def check_areas_balance(proposal: Proposal, limit: Fraction | None) -> Iterator[Fault]:
    """The areas before and after differ by no more than is permitted (both in one UTM zone, m2)."""
    before, after = _outlines(proposal)
    if not before or not after or limit is None:
        return
    known_before, known_after = _known(before), _known(after)
    if len(known_before) < len(before) or len(known_after) < len(after):
        yield Fault(_land_subject(proposal), detail={"reason": "a parcel has no geometry"}, unknown=True)
        return
    old = _area(known_before)
    floor = load_codelist("tolerances").find_entry("area_lineage_floor_m2", proposal.today)
    allowed = max(old * limit, Fraction(1, 2) if floor is None else Fraction(floor.number()))
    gap = abs(_area(known_after) - old)
    if gap > allowed:
        yield Fault(_land_subject(proposal), gap, allowed)


def check_pieces_cover(proposal: Proposal, limit: Fraction | None) -> Iterator[Fault]:
    """The union of the new parcels is that of the old ones, and the new ones do not overlap."""
    before, after = _outlines(proposal)
    old, new = _known(before), _known(after)
    if not old or not new or limit is None or len(old) + len(new) < len(before) + len(after):
        return
    whole_old, whole_new = (
        shapely.union_all(old, grid_size=_GRID_M),
        shapely.union_all(new, grid_size=_GRID_M),
    )
    apart = shapely.symmetric_difference(whole_old, whole_new, grid_size=_GRID_M)
    if not shapely.buffer(apart, -float(limit) / 2).is_empty:
        where = shapely.point_on_surface(apart)
        yield Fault(_land_subject(proposal), _m2(apart.area), detail=_place(where, "not covered alike"))
    for at, piece in enumerate(new):
        others = new[at + 1 :]
        shared = shapely.intersection(piece, shapely.union_all(others)) if others else Polygon()
        if not shapely.buffer(shared, -float(limit) / 2).is_empty:
            where = shapely.point_on_surface(shared)
            yield Fault(_land_subject(proposal), _m2(shared.area), detail=_place(where, "pieces overlap"))


def check_merged_is_one(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """The union of the parcels to be merged is one polygon: they share a boundary, not a corner."""
    command = proposal.command
    if not isinstance(command, Merge):
        return
    outlines = _known(tuple(p.outline for p in _parcels(proposal) if p is not None))
    union = shapely.union_all(outlines, grid_size=_GRID_M)
    parts = shapely.get_num_geometries(union)
    if outlines and (union.geom_type != "Polygon" or parts > 1):
        yield Fault(_land_subject(proposal), Fraction(int(parts)), Fraction(1))


def check_pending_change(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """No earlier case or survey is about to change a parcel of the command."""
    for parcel in _touched(proposal):
        if parcel.parcel_id in proposal.pending_parcels:
            yield Fault(parcel.cadastral_number)


def check_indivisible(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """A parcel that is marked indivisible is not divided."""
    if isinstance(proposal.command, Divide):
        for parcel in _touched(proposal):
            if parcel.attributes.get("divisibility") == "indivisible":
                yield Fault(parcel.cadastral_number)


def check_piece_area(proposal: Proposal, limit: Fraction | None) -> Iterator[Fault]:
    """No resulting parcel is smaller than the least registrable one."""
    for outline in _known(_outlines(proposal)[1]):
        area = _m2(outline.area)
        if limit is not None and area < limit:
            yield Fault(_land_subject(proposal), area, limit)


def check_land_category(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """The category of land that a paper states is the one that the authority has set."""
    stated = [document for document in proposal.documents if document.land_category is not None]
    for parcel in _parcels(proposal) if stated else ():
        category = parcel.attributes.get("land_category")
        for document in stated:
            if category is not None and str(category) != document.land_category:
                detail = {"on_paper": document.land_category, "set": str(category), "document": document.role}
                yield Fault(parcel.cadastral_number, detail=detail)


def _parcels(proposal: Proposal) -> tuple[ParcelState, ...]:
    return tuple(parcel for state in proposal.states.values() for parcel in state.parcels)


def _touched(proposal: Proposal) -> tuple[ParcelState, ...]:
    """Parcels that the command cuts, joins or redraws."""
    match proposal.command:
        case Divide() as divide:
            ids = {divide.parcel_id}
        case ShiftBoundary() as shift:
            ids = {parcel_id for parcel_id, _ in shift.outlines}
        case Merge():
            return _parcels(proposal)
        case _:
            return ()
    return tuple(parcel for parcel in _parcels(proposal) if parcel.parcel_id in ids)


def _outlines(proposal: Proposal) -> tuple[tuple[Polygon | None, ...], tuple[Polygon | None, ...]]:
    """Outlines before and after: those of the plan, or of the command while there is no plan."""
    if proposal.plan is not None:
        return proposal.outcome.outlines_before, proposal.outcome.outlines_after
    before = tuple(parcel.outline for parcel in _touched(proposal))
    match proposal.command:
        case Divide() as divide:
            return before, tuple(piece.outline for piece in divide.pieces)
        case Merge() as merge:
            return before, (merge.outline,)
        case ShiftBoundary() as shift:
            return before, tuple(outline for _, outline in shift.outlines)
        case _:
            return (), ()


def _known(outlines: tuple[Polygon | None, ...]) -> list[Polygon]:
    return [outline for outline in outlines if outline is not None]


def _area(outlines: list[Polygon]) -> Fraction:
    return sum((_m2(outline.area) for outline in outlines), Fraction(0))


def _m2(area: float) -> Fraction:
    """Round an area to 0.0001 m2, below which coordinates on the millimetre say nothing."""
    return Fraction(round(area * 10_000), 10_000)


def _land_subject(proposal: Proposal) -> str | None:
    touched = _touched(proposal)
    return touched[0].cadastral_number if touched else None


def _place(where: shapely.Point, what: str) -> dict[str, str | int | None]:
    """Say where a fault is, in the UTM zone of the district."""
    return {"what": what, "easting_m": f"{where.x:.3f}", "northing_m": f"{where.y:.3f}"}


CHECKS: Final = {
    "areas-balance": check_areas_balance,
    "pieces-cover-original": check_pieces_cover,
    "merged-is-one-polygon": check_merged_is_one,
    "pending-change-on-parcel": check_pending_change,
    "parcel-indivisible": check_indivisible,
    "piece-below-minimum": check_piece_area,
    "land-category-mismatch": check_land_category,
}

__all__ = ["CHECKS"]
