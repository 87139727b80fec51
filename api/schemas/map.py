"""What the public map asks for beside tiles."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel, Field

from cadastre.domain.codelist import Language
from tiles import Unit


class MapDistrict(BaseModel):
    """An administrative unit to choose on the map."""

    code: str
    names: dict[Language, str]
    kind: str
    parent_code: str | None
    parcels: int = Field(description="Registered parcels.")
    has_boundary: bool
    box: tuple[float, float, float, float] | None = Field(
        description="West, south, east, north in degrees; null when the register knows no place for it."
    )


class MapDistricts(BaseModel):
    """All units in force, in Azerbaijani alphabetical order."""

    districts: list[MapDistrict]

    @classmethod
    def of(cls, units: Iterable[Unit]) -> MapDistricts:
        """Write the units."""
        return cls(
            districts=[
                MapDistrict(
                    code=unit.code,
                    names={"az": unit.name_az, "en": unit.name_en, "ru": unit.name_ru},
                    kind=unit.kind,
                    parent_code=unit.parent_code,
                    parcels=unit.parcels,
                    has_boundary=unit.has_boundary,
                    box=unit.box,
                )
                for unit in units
            ]
        )


__all__ = ["MapDistrict", "MapDistricts"]
