"""A district as the public may see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple


class Box(NamedTuple):
    """Extent in degrees, EPSG:4326."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True, slots=True)
class DistrictFacts:
    """An administrative unit in force; ``box`` is None until its boundary is loaded."""

    code: str
    name_az: str
    name_en: str
    name_ru: str
    kind: str
    parent_code: str | None
    legal_srid: int
    valid_from: date
    box: Box | None


__all__ = ["Box", "DistrictFacts"]
