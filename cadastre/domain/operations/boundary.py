"""Boundary change and partial transfer: neighbours redraw their boundary, parcels and sections stay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from shapely import Polygon

from cadastre.domain.commands import ShiftBoundary
from cadastre.domain.operations.land import (
    find_parcel,
    outline_of,
    overlap_width_m,
    pass_on,
    require_drawn,
    require_one_zone,
)
from cadastre.domain.plan import Act, EndParcel, OpenParcel, Plan
from cadastre.domain.property_state import ParcelState, PropertyState
from cadastre.domain.succession import Succession, carry_burdens, join_ground
from cadastre.kernel.errors import InvalidInput
from cadastre.kernel.overlay import intersection_of
from cadastre.kernel.width import is_wide


def plan_boundary(command: ShiftBoundary, states: Mapping[int, PropertyState], today: date) -> Plan:
    """Plan new outlines of parcels that keep their numbers, within one property or among neighbours.

    Ground that passes to another property falls under its holders' rights there, and takes along
    what burdens it: every restriction, and every right beside ownership, of the giving property is
    restated at the receiving one for that ground. A new version comes of its own parcel's version
    and of every version whose ground it takes.

    Parameters
    ----------
    command
        New outlines: valid Polygons on the millimetre grid of the parcels' UTM zone (easting,
        northing). Whether they cover the old ones is judged by the rules, not here.
    states
        The sections by id, read after their heads were taken; one that owns none of the parcels is
        left alone.
    today
        Day of the decision; dates the tolerance of overlaps.

    Raises
    ------
    InvalidInput
        A parcel of no section here, named twice, or without geometry; fewer than two parcels;
        different zones; burdens that cannot stand beside each other.
    """
    outlines = _require_sense(command)
    require_drawn(outlines.values())
    touched = [
        state for state in states.values() if any(each.parcel_id in outlines for each in state.parcels)
    ]
    parcels = [_find(states, parcel_id) for parcel_id in outlines]
    srid = require_one_zone(parcels)
    width_m = overlap_width_m(today)
    carried = carry_burdens(_make_succession(touched, outlines, width_m))
    manner = "partial_transfer" if command.is_partial_transfer else "boundary_change"
    districts = {parcel.parcel_id: state.district_code for state in touched for parcel in state.parcels}
    acts: tuple[Act, ...] = (
        *carried.ends,
        *(EndParcel(parcel.version_id) for parcel in parcels),
        *_open(parcels, outlines, districts, srid, manner, width_m),
        *carried.opens,
    )
    return Plan(f"register.{manner}", acts)


def _require_sense(command: ShiftBoundary) -> dict[int, Polygon]:
    outlines = dict(command.outlines)
    if len(outlines) < len(command.outlines) or len(outlines) < 2:
        raise InvalidInput(
            "A boundary lies between at least two parcels; name each parcel once.",
            code="boundary-without-neighbour",
        )
    return outlines


def _find(states: Mapping[int, PropertyState], parcel_id: int) -> ParcelState:
    for state in states.values():
        if any(parcel.parcel_id == parcel_id for parcel in state.parcels):
            return find_parcel(state, parcel_id)
    raise InvalidInput(
        "A parcel is not of any of the named properties; name the properties of all parcels.",
        code="parcel-not-in-property",
    )


def _make_succession(
    touched: list[PropertyState], outlines: Mapping[int, Polygon], width_m: float
) -> Succession:
    return Succession(
        tuple(touched),
        {state.property_id: join_ground(each.outline for each in state.parcels) for state in touched},
        {
            state.property_id: join_ground(
                outlines.get(each.parcel_id, each.outline) for each in state.parcels
            )
            for state in touched
        },
        width_m,
        frozenset(
            state.property_id for state in touched if any(each.outline is None for each in state.parcels)
        ),
    )


def _open(
    parcels: list[ParcelState],
    outlines: Mapping[int, Polygon],
    districts: Mapping[int, str],
    srid: int,
    manner: str,
    width_m: float,
) -> Iterator[Act]:
    for parcel in parcels:
        outline = outlines[parcel.parcel_id]
        yield OpenParcel(
            parcel.parcel_id,
            districts[parcel.parcel_id],
            outline,
            srid,
            pass_on(parcel.attributes),
            tuple(
                other.version_id
                for other in parcels
                if other is parcel or is_wide(intersection_of(outline, outline_of(other)), width_m)
            ),
            manner,
        )


__all__ = ["plan_boundary"]
