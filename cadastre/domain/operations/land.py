"""What the operations on land share: parcels, their attributes, and what they pass on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

import shapely
from shapely import Polygon

from cadastre.domain.carrying import carry_right
from cadastre.domain.codelist import load_codelist
from cadastre.domain.plan import EndRight, MoveObject, OpenRight, ParcelRef, PropertyRef
from cadastre.domain.property_state import ParcelState, PropertyState, RightState
from cadastre.kernel.errors import InvalidInput

PASSED_ON = ("land_category", "ownership_form", "purpose", "quality_group", "address_text")
"""Attributes of land that its successors keep; those of a survey (accuracy, source) are the new survey's."""


def find_parcel(state: PropertyState, parcel_id: int) -> ParcelState:
    """Give the parcel of a property by its id."""
    for parcel in state.parcels:
        if parcel.parcel_id == parcel_id:
            return parcel
    raise InvalidInput(
        f"The property {state.register_number} has no such parcel; name one of its own.",
        code="parcel-not-in-property",
        register_number=state.register_number,
    )


def outline_of(parcel: ParcelState) -> Polygon:
    """Give the outline of a parcel that land is cut from or joined to."""
    if parcel.outline is None:
        raise InvalidInput(
            f"The parcel {parcel.cadastral_number} has no geometry; register its survey first.",
            code="parcel-without-geometry",
            cadastral_number=parcel.cadastral_number,
        )
    return parcel.outline


def require_drawn(outlines: Iterable[Polygon]) -> None:
    """Require outlines that planes can be cut with: valid, flat polygons that are not empty.

    Examples
    --------
    >>> require_drawn([Polygon([(0, 0), (1, 0), (1, 1)])])
    >>> require_drawn([Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])])
    Traceback (most recent call last):
        ...
    cadastre.kernel.errors.InvalidInput: Outline 1 is not one valid polygon: Self-intersection[0.5 0.5].
    >>> require_drawn([])
    """
    for place, outline in enumerate(outlines, start=1):
        if not outline.is_valid or outline.is_empty or outline.has_z:
            reason = shapely.is_valid_reason(outline) if not outline.is_valid else "empty or not flat"
            raise InvalidInput(
                f"Outline {place} is not one valid polygon: {reason}.", code="outline-invalid", outline=place
            )


def require_one_zone(parcels: Iterable[ParcelState]) -> int:
    """Give the one UTM zone in which parcels are kept."""
    srids = sorted({parcel.srid for parcel in parcels})
    if len(srids) != 1:
        raise InvalidInput(
            "The parcels are kept in different UTM zones; land is not joined or moved across their border.",
            code="zones-differ",
            srids=[str(srid) for srid in srids],
        )
    return srids[0]


def overlap_width_m(today: date) -> float:
    """Give the width up to which an overlap, gap or strip counts as noise on a day, metres."""
    return float(load_codelist("tolerances").entry_at("overlap_width_m", today).number())


def pass_on(attributes: Mapping[str, str | int | None]) -> dict[str, str | int | None]:
    """Give the attributes that a successor of a parcel keeps."""
    return {name: attributes[name] for name in PASSED_ON if attributes.get(name) is not None}


def pass_on_common(parcels: Iterable[ParcelState]) -> dict[str, str | int | None]:
    """Give the attributes in which all parcels agree; what differs is not guessed."""
    kept = [pass_on(parcel.attributes) for parcel in parcels]
    return {
        name: value for name, value in kept[0].items() if all(other.get(name) == value for other in kept[1:])
    }


def leave(parcel: ParcelState) -> MoveObject:
    """End a parcel's membership of its property."""
    return MoveObject(parcel.property_object_id, parcel.parcel_id, unit_id=None, building_id=None, to=None)


def join_parcel(parcel: ParcelRef, to: PropertyRef) -> MoveObject:
    """Put a new parcel into a property."""
    return MoveObject(None, parcel, unit_id=None, building_id=None, to=to)


def move_buildings(building_ids: Iterable[int], unit_ids: Iterable[int], to: PropertyRef) -> list[MoveObject]:
    """Move buildings and units from the property where they are to another."""
    moved = [MoveObject(None, None, unit_id=None, building_id=each, to=to) for each in building_ids]
    return moved + [MoveObject(None, None, unit_id=each, building_id=None, to=to) for each in unit_ids]


def carry_ownership(
    owners: Iterable[RightState], to: Iterable[PropertyRef]
) -> tuple[list[EndRight], list[OpenRight]]:
    """Close ownership where it stood and restate it, share for share, at every successor."""
    owners = tuple(owners)
    opens = [carry_right(owner, ref) for ref in to for owner in owners]
    return [EndRight(owner) for owner in owners], opens


def kind_after(kind: str, *, is_built: bool) -> str:
    """Give the kind of the object that a piece of land is: without its house it is a land parcel.

    Examples
    --------
    >>> kind_after("individual_house", is_built=True), kind_after("individual_house", is_built=False)
    ('individual_house', 'land_parcel')
    >>> kind_after("forest", is_built=False)
    'forest'
    """
    return "land_parcel" if stands_on_land(kind) and not is_built else kind


def stands_on_land(kind: str) -> bool:
    """Tell whether an object of this kind is land together with a building on it."""
    return load_codelist("object_kinds").latest(kind).flag("has_building")


__all__ = [
    "PASSED_ON",
    "carry_ownership",
    "find_parcel",
    "join_parcel",
    "kind_after",
    "leave",
    "move_buildings",
    "outline_of",
    "overlap_width_m",
    "pass_on",
    "pass_on_common",
    "require_drawn",
    "require_one_zone",
    "stands_on_land",
]
