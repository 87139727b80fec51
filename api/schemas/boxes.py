"""Questions about a place: a box or a point, in degrees (EPSG:4326), longitude first."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from cadastre.kernel.errors import InvalidInput

_HOW = (
    "Give bbox=west,south,east,north, or lon= and lat=, in degrees; "
    "for one parcel ask for /v1/parcels/{cadastral_number}."
)


class ParcelQuestion(BaseModel):
    """Either a box or a point."""

    model_config = ConfigDict(extra="forbid")

    bbox: str | None = Field(
        default=None,
        max_length=200,
        description="west,south,east,north in degrees.",
        examples=["50.02,40.40,50.03,40.41"],
    )
    lon: float | None = Field(default=None, description="Longitude in degrees.")
    lat: float | None = Field(default=None, description="Latitude in degrees.")
    as_of: date | None = Field(
        default=None, description="Day of the law's time. Else the day of known_at, or today."
    )
    known_at: str | None = Field(
        default=None,
        max_length=40,
        description="Ledger index, or instant with offset: what was recorded by then.",
        examples=["4711"],
    )
    limit: int = Field(default=100, ge=1, le=1000, description="Parcels in one answer, for a box.")

    def box(self) -> tuple[float, float, float, float]:
        """Read the four numbers of the box."""
        if self.lon is not None or self.lat is not None:
            raise InvalidInput(f"A box and a point are two questions. {_HOW}", code="bad-question")
        try:
            west, south, east, north = (float(part) for part in (self.bbox or "").split(","))
        except ValueError:
            raise InvalidInput(f"The bbox is not four numbers. {_HOW}", code="bad-bbox") from None
        return west, south, east, north

    def point(self) -> tuple[float, float]:
        """Give longitude and latitude of the point."""
        if self.lon is None or self.lat is None:
            raise InvalidInput(f"Say where. {_HOW}", code="bad-question")
        return self.lon, self.lat


__all__ = ["ParcelQuestion"]
