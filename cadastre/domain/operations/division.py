"""Division: one parcel is cut into pieces, each a property of the same holders under the same burdens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from shapely.geometry.base import BaseGeometry

from cadastre.domain.commands import Divide, Piece
from cadastre.domain.operations.land import (
    carry_ownership,
    find_parcel,
    join_parcel,
    kind_after,
    leave,
    move_buildings,
    outline_of,
    overlap_width_m,
    pass_on,
    require_drawn,
    stands_on_land,
)
from cadastre.domain.plan import (
    Act,
    CloseProperty,
    EndParcel,
    NewRef,
    OpenParcel,
    OpenProperty,
    Plan,
    PropertyRef,
)
from cadastre.domain.property_state import ParcelState, PropertyState
from cadastre.domain.succession import Carried, Succession, carry_burdens, join_ground
from cadastre.kernel.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class _Division:
    """A parcel of a property, its pieces, and whether the section keeps other objects."""

    state: PropertyState
    parcel: ParcelState
    pieces: tuple[Piece, ...]

    @property
    def lives_on(self) -> bool:
        """Whether the section has other parcels, so that it is not closed."""
        return len(self.state.parcels) > 1

    @property
    def successors(self) -> tuple[PropertyRef, ...]:
        """The sections in which the rights stand afterwards."""
        opened = tuple(_property(at) for at in range(len(self.pieces)))
        return (self.state.property_id, *opened) if self.lives_on else opened


def plan_division(command: Divide, state: PropertyState, today: date) -> Plan:
    """Plan the division of one parcel of a property.

    Every piece becomes a parcel and a property of its own, held by the same holders in the same
    shares; the other parcels, if there are any, stay in the section, otherwise it is closed.
    Restrictions and other rights go to every piece that holds some of their ground.

    Parameters
    ----------
    command
        Pieces: valid Polygons on the millimetre grid of the parcel's UTM zone (easting, northing).
        Whether they cover the parcel is judged by the rules, not here.
    state
        The section, read after its head was taken.
    today
        Day of the decision; dates the tolerance of overlaps.

    Raises
    ------
    InvalidInput
        No such parcel, one without geometry, a piece that is no valid polygon, fewer than two pieces,
        or buildings of the section that no piece, or more than one, takes along.
    """
    parcel = find_parcel(state, command.parcel_id)
    outline_of(parcel)
    division = _Division(state, parcel, command.pieces)
    require_drawn(piece.outline for piece in command.pieces)
    _require_sense(division)
    carried = _carry(division, overlap_width_m(today))
    ended, owning = carry_ownership(state.owners, division.successors)
    closing: tuple[Act, ...] = () if division.lives_on else (CloseProperty(state.property_id, "division"),)
    acts: tuple[Act, ...] = (
        *ended,
        *carried.ends,
        leave(parcel),
        EndParcel(parcel.version_id),
        *closing,
        *_open_pieces(division),
        *owning,
        *carried.opens,
    )
    return Plan("register.division", acts)


def _require_sense(division: _Division) -> None:
    if len(division.pieces) < 2:
        raise InvalidInput("A division has at least two pieces.", code="division-without-pieces")
    taken = Counter(
        (what, each)
        for piece in division.pieces
        for what, ids in (("building", piece.building_ids), ("unit", piece.unit_ids))
        for each in ids
    )
    owned = {("building", each) for each in division.state.building_ids}
    owned |= {("unit", each) for each in division.state.unit_ids}
    if set(taken) - owned or any(count > 1 for count in taken.values()):
        raise InvalidInput(
            "A piece takes along a building or unit that is not of this property, or that another piece "
            "takes too; name each once.",
            code="building-misplaced",
        )
    if not division.lives_on and owned - set(taken):
        raise InvalidInput(
            f"{len(owned - set(taken))} buildings or units of the property go with no piece; say with which.",
            code="building-unplaced",
        )
    if not division.lives_on and not owned and stands_on_land(division.state.object_kind):
        raise InvalidInput(
            "The building of this property is not recorded, so that no piece can take it along; "
            "register it first.",
            code="building-not-recorded",
        )


def _carry(division: _Division, width_m: float) -> Carried:
    state = division.state
    lands: dict[PropertyRef, BaseGeometry] = {
        _property(at): piece.outline for at, piece in enumerate(division.pieces)
    }
    kept = [parcel for parcel in state.parcels if parcel is not division.parcel]
    unmapped: frozenset[int] = frozenset()
    if division.lives_on:
        lands[state.property_id] = join_ground(parcel.outline for parcel in kept)
        if any(parcel.outline is None for parcel in kept):
            unmapped = frozenset({state.property_id})
    before = {state.property_id: join_ground(parcel.outline for parcel in state.parcels)}
    return carry_burdens(Succession((state,), before, lands, width_m, unmapped))


def _open_pieces(division: _Division) -> Iterator[Act]:
    state, parcel = division.state, division.parcel
    for at, piece in enumerate(division.pieces):
        is_built = bool(piece.building_ids or piece.unit_ids)
        yield OpenProperty(
            _property(at),
            kind_after(state.object_kind, is_built=is_built),
            state.district_code,
            (state.property_id,),
            "division",
        )
        yield OpenParcel(
            _parcel(at),
            state.district_code,
            piece.outline,
            parcel.srid,
            _describe(parcel, piece),
            (parcel.version_id,),
            "division",
        )
        yield join_parcel(_parcel(at), _property(at))
        yield from move_buildings(piece.building_ids, piece.unit_ids, _property(at))


def _describe(parcel: ParcelState, piece: Piece) -> dict[str, str | int | None]:
    described = pass_on(parcel.attributes)
    if piece.purpose is not None:
        described["purpose"] = piece.purpose
    if piece.documentary_area_m2 is not None:
        described["documentary_area_m2"] = piece.documentary_area_m2
    return described


def _property(at: int) -> NewRef:
    return NewRef(f"property-{at + 1}")


def _parcel(at: int) -> NewRef:
    return NewRef(f"parcel-{at + 1}")


__all__ = ["plan_division"]
