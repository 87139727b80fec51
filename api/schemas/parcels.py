"""Public answers about parcels: GeoJSON (RFC 7946) with the register's facts."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, Field

from cadastre.domain.parcel import ParcelFacts


class ParcelProperties(BaseModel):
    """Public facts of a registered parcel."""

    cadastral_number: str = Field(examples=["BAK-XEZ-00000123"])
    district_code: str = Field(examples=["BAK-XEZ"])
    land_category: int | None = Field(description="Codelist land_categories, 1 to 7.")
    ownership_form: str | None = Field(description="dovlet, belediyye or xususi.")
    purpose: str | None
    quality_group: int | None
    surveyed_area_m2: float | None = Field(description="Ellipsoidal area of the registered boundary, m².")
    documentary_area_m2: float | None = Field(description="Area by the title document, m².")
    accuracy_m: float | None = Field(description="Stated accuracy of the boundary points, m.")
    address_text: str | None
    legal_srid: int | None = Field(description="EPSG code of the legal geometry: 32638 or 32639.")
    source_srid: int | None = Field(description="EPSG code in which the geometry was delivered.")
    operation_code: str | None = Field(description="Coordinate operation that was applied to it.")
    valid_from: date
    has_property: bool = Field(description="Whether a right is registered; without one: not in the register.")


class Parcel(BaseModel):
    """A registered parcel: its facts, and its boundary in the full precision of the register."""

    type: Literal["Feature"] = "Feature"
    id: str
    geometry: dict[str, Any] | None = Field(description="GeoJSON Polygon, EPSG:4326, or null.")
    properties: ParcelProperties

    @classmethod
    def of(cls, facts: ParcelFacts) -> Parcel:
        """Write the facts of a parcel as GeoJSON."""
        values = {name: getattr(facts, name) for name in ParcelProperties.model_fields}
        return cls(
            id=facts.cadastral_number,
            geometry=facts.geometry_wgs84,
            properties=ParcelProperties.model_validate(values),
        )


class ParcelList(BaseModel):
    """Registered parcels in a box or at a point, ordered by cadastral number."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[Parcel]
    limit: int
    complete: bool = Field(description="False when the limit may have cut the list: ask for a smaller box.")

    @classmethod
    def of(cls, found: list[ParcelFacts], limit: int) -> ParcelList:
        """Write a list of parcels, saying whether it may be cut."""
        shown = [Parcel.of(facts) for facts in found[:limit]]
        return cls(features=shown, limit=limit, complete=len(found) < limit)


__all__ = ["Parcel", "ParcelList", "ParcelProperties"]
