"""Administrative units."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from cadastre.domain.district import DistrictFacts


class District(BaseModel):
    """A rayon, a city, or a district of Baku."""

    model_config = ConfigDict(from_attributes=True)

    code: str = Field(examples=["BAK-XEZ"])
    name_az: str
    name_en: str
    name_ru: str
    kind: str
    parent_code: str | None
    legal_srid: int = Field(description="EPSG code of its legal geometries: 32638 or 32639.")
    valid_from: date
    box: tuple[float, float, float, float] | None = Field(
        description="west, south, east, north in degrees; null until the boundary is loaded."
    )


class DistrictList(BaseModel):
    """Units in force, in Azerbaijani order of their names."""

    districts: list[District]

    @classmethod
    def of(cls, found: list[DistrictFacts]) -> DistrictList:
        """Write the list."""
        return cls(districts=[District.model_validate(facts) for facts in found])


__all__ = ["District", "DistrictList"]
