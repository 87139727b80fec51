"""A parcel as the public may see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class ParcelFacts:
    """Public facts of a registered parcel; no party, no right.

    ``geometry_wgs84`` is a GeoJSON Polygon (EPSG:4326, lon/lat order) in the full
    precision of the stored coordinates, or None for a parcel without geometry.
    Areas are square metres; ``surveyed_area_m2`` is ellipsoidal.
    """

    cadastral_number: str
    district_code: str
    land_category: int | None
    ownership_form: str | None
    purpose: str | None
    quality_group: int | None
    surveyed_area_m2: Decimal | None
    documentary_area_m2: Decimal | None
    accuracy_m: float | None
    address_text: str | None
    source_srid: int | None
    operation_code: str | None
    legal_srid: int | None
    valid_from: date
    recorded_leaf: int
    version_id: int
    has_property: bool
    geometry_wgs84: dict[str, Any] | None


__all__ = ["ParcelFacts"]
