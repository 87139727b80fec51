"""What lies on a parcel of a statement, in grid metres: boundary, buildings, parts, other parcels."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

import shapely

from cadastre.extract.layout_2.frame import Extent
from cadastre.extract.text import fixed

Json = dict[str, Any]
Place = tuple[float, float]
"""Northing and easting in metres, as statements order them."""


@dataclass(frozen=True, slots=True)
class Point:
    """A turning point, with the length of the side that leads to the next one."""

    number: int
    at: Place
    length: str


@dataclass(frozen=True, slots=True)
class Marked:
    """An outline with the mark that is drawn inside it."""

    rings: list[list[Place]]
    mark: str


@dataclass(frozen=True, slots=True)
class Beyond:
    """A neighbour with the numbers of the turning points between which it borders."""

    number: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Ground:
    """A parcel to be drawn; outer ring first, then holes."""

    rings: list[list[Point]]
    neighbours: list[Beyond]
    others: list[list[list[Place]]]
    buildings: list[Marked]
    parts: list[Marked]

    @property
    def extent(self) -> Extent:
        """Box around the outer boundary."""
        northings = [point.at[0] for point in self.rings[0]]
        eastings = [point.at[1] for point in self.rings[0]]
        return Extent(min(eastings), min(northings), max(eastings), max(northings))

    @property
    def count(self) -> int:
        """How many turning points there are."""
        return sum(map(len, self.rings))

    def outline(self) -> shapely.MultiLineString:
        """Give the boundary as lines, x easting and y northing."""
        return shapely.MultiLineString(
            [[(e, n) for n, e in (p.at for p in (*ring, ring[0]))] for ring in self.rings]
        )

    def sides_m(self) -> list[float]:
        """Lengths of all sides on the grid."""
        return [
            ((a.at[0] - b.at[0]) ** 2 + (a.at[1] - b.at[1]) ** 2) ** 0.5
            for ring in self.rings
            for a, b in pairwise((*ring, ring[0]))
        ]

    def mean_width_m(self) -> float:
        """Twice the area by the perimeter: the width of a strip, half the side of a square."""
        outer, *holes = ([(e, n) for n, e in (p.at for p in ring)] for ring in self.rings)
        land = shapely.Polygon(outer, holes)
        return float(2 * land.area / land.length) if land.length else 0.0

    def median_side_m(self) -> float:
        """Length of the side in the middle of all."""
        return statistics.median_high(self.sides_m())


def read_ground(parcel: Json, others: Sequence[Json], parts: Sequence[tuple[str, Json]]) -> Ground | None:
    """Read a parcel; None when its geometry is not registered."""
    if not parcel["rings"]:
        return None
    srid = parcel["crs"]["srid"]
    rings = [
        [Point(p["number"], _place(p), _length(p["side_m"])) for p in ring["points"]]
        for ring in parcel["rings"]
    ]
    land = shapely.Polygon([point.at for point in rings[0]])
    return Ground(
        rings=rings,
        neighbours=[
            Beyond(one["cadastral_number"], one["first"], one["last"])
            for one in parcel.get("neighbours") or ()
        ],
        others=[
            [[_place(p) for p in ring["points"]] for ring in other["rings"]]
            for other in others
            if other["rings"] and other["crs"]["srid"] == srid
        ],
        buildings=[Marked(_places(b["rings"]), b["label"] or "") for b in parcel["buildings"] if b["rings"]],
        parts=[
            Marked(_places(part["rings"]), mark)
            for mark, part in parts
            if part["srid"] == srid and _is_on(land, part)
        ],
    )


def _is_on(land: shapely.Polygon, part: Json) -> bool:
    """Tell whether a part lies on this parcel, not on another one of the property."""
    outline = shapely.Polygon(_places(part["rings"])[0])
    return bool(outline.representative_point().intersects(land))


def _places(rings: Sequence[Sequence[Sequence[str]]]) -> list[list[Place]]:
    return [[(float(n), float(e)) for n, e in ring] for ring in rings]


def _place(point: Json) -> Place:
    return float(point["northing"]), float(point["easting"])


def _length(side_m: str) -> str:
    return fixed(Decimal(side_m), 2).replace(".", ",")


__all__ = ["Beyond", "Ground", "Marked", "Place", "Point", "read_ground"]
