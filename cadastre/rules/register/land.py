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
from cadastre.kernel.width import GRID_M
from cadastre.rules.fault import Fault
from cadastre.rules.land_change import list_off_grid, list_overlaps, measure_balance, measure_cover
from cadastre.rules.proposal import Proposal


def check_areas_balance(proposal: Proposal, limit: Fraction | None) -> Iterator[Fault]:
    """The areas before and after, on the ellipsoid, differ by no more than is permitted (m2)."""
    before, after = _outlines(proposal)
    if not before or not after or limit is None:
        return
    known_before, known_after = _known(before), _known(after)
    if len(known_before) < len(before) or len(known_after) < len(after):
        yield Fault(_land_subject(proposal), detail={"reason": "a parcel has no geometry"}, unknown=True)
        return
    floor = load_codelist("tolerances").entry_at("area_lineage_floor_m2", proposal.today).number()
    balance = measure_balance(known_before, known_after)
    allowed = balance.limit_m2(limit, Fraction(floor))
    if balance.difference_m2 > allowed:
        detail = {"before_m2": str(balance.before_m2), "after_m2": str(balance.after_m2)}
        yield Fault(_land_subject(proposal), Fraction(balance.difference_m2), allowed, detail)


def check_pieces_cover(proposal: Proposal, limit: Fraction | None) -> Iterator[Fault]:
    """The union of the new parcels is that of the old ones, and the new ones do not overlap."""
    before, after = _outlines(proposal)
    old, new = _known(before), _known(after)
    if not old or not new or limit is None or len(old) + len(new) < len(before) + len(after):
        return
    cover = measure_cover(old, new, float(limit))
    for what, places in (("left out", cover.left_out), ("taken beyond", cover.beyond)):
        for place in places:
            yield Fault(_land_subject(proposal), _m2(place.area), detail=_place(place, what))
    for first, second, place in list_overlaps(new, float(limit)):
        detail = _place(place, f"pieces {first + 1} and {second + 1} overlap")
        yield Fault(_land_subject(proposal), _m2(place.area), detail=detail)


def check_grid(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """Corners of new outlines are whole millimetres."""
    for outline in _known(_outlines(proposal)[1]):
        corners = list_off_grid(outline)
        if corners:
            detail = {"easting_m": f"{corners[0][0]:.6f}", "northing_m": f"{corners[0][1]:.6f}"}
            yield Fault(_land_subject(proposal), Fraction(len(corners)), Fraction(0), detail)


def check_merged_is_one(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """The union of the parcels to be merged is one polygon: they share a boundary, not a corner."""
    if not proposal.asked(Merge):
        return
    outlines = _known(tuple(parcel.outline for parcel in _touched(proposal)))
    union = shapely.union_all(outlines, grid_size=GRID_M)
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
    if proposal.asked(Divide):
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
    """Parcels that the commands cut, join or redraw."""
    ids = {command.parcel_id for command in proposal.asked(Divide)}
    ids |= {parcel_id for command in proposal.asked(ShiftBoundary) for parcel_id, _ in command.outlines}
    joined = {property_id for command in proposal.asked(Merge) for property_id in command.property_ids}
    return tuple(
        parcel
        for state in proposal.states.values()
        for parcel in state.parcels
        if parcel.parcel_id in ids or state.property_id in joined
    )


def _outlines(proposal: Proposal) -> tuple[tuple[Polygon | None, ...], tuple[Polygon | None, ...]]:
    """Outlines before and after: those of the plan, or of the commands while there is no plan."""
    if proposal.plan is not None:
        return proposal.outcome.outlines_before, proposal.outcome.outlines_after
    after = [piece.outline for command in proposal.asked(Divide) for piece in command.pieces]
    after += [command.outline for command in proposal.asked(Merge)]
    after += [outline for command in proposal.asked(ShiftBoundary) for _, outline in command.outlines]
    return tuple(parcel.outline for parcel in _touched(proposal)), tuple(after)


def _known(outlines: tuple[Polygon | None, ...]) -> list[Polygon]:
    return [outline for outline in outlines if outline is not None]


def _m2(area: float) -> Fraction:
    """Round an area to 0.0001 m2, below which coordinates on the millimetre say nothing."""
    return Fraction(round(area * 10_000), 10_000)


def _land_subject(proposal: Proposal) -> str | None:
    touched = _touched(proposal)
    return touched[0].cadastral_number if touched else None


def _place(ground: Polygon, what: str) -> dict[str, str | int | None]:
    """Say where a fault is, in the UTM zone of the district."""
    where = shapely.point_on_surface(ground)
    return {"what": what, "easting_m": f"{where.x:.3f}", "northing_m": f"{where.y:.3f}"}


CHECKS: Final = {
    "areas-balance": check_areas_balance,
    "pieces-cover-original": check_pieces_cover,
    "outline-off-grid": check_grid,
    "merged-is-one-polygon": check_merged_is_one,
    "pending-change-on-parcel": check_pending_change,
    "parcel-indivisible": check_indivisible,
    "piece-below-minimum": check_piece_area,
    "land-category-mismatch": check_land_category,
}

__all__ = ["CHECKS"]
