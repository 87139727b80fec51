"""Turning points as a plan prints them: one start, one direction, numbers, side lengths."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from itertools import pairwise
from typing import Any

from pyproj import Geod, Transformer

from cadastre.extract.record import Ring, TurningPoint
from cadastre.kernel.errors import InvalidInput

LEGAL_SRIDS = (32638, 32639)
_MM = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class NumberedPoint:
    """A turning point with the horizontal length of the side that leads to ``next_number``."""

    number: int
    northing_mm: int
    easting_mm: int
    next_number: int
    side_mm: int


@dataclass(frozen=True, slots=True)
class NumberedRing:
    """A ring ready for print; ``role`` is ``outer`` or ``hole``."""

    role: str
    points: tuple[NumberedPoint, ...]


def number_rings(rings: tuple[Ring, ...], *, srid: int) -> tuple[NumberedRing, ...]:
    """Give numbers to the corners of a polygon and measure its sides.

    Every ring starts at its north-western corner (least ``easting - northing``)
    and runs clockwise on the map; numbers run on from the outer ring through the
    holes in the order given.

    Parameters
    ----------
    rings
        Outer ring, then holes; closed or open, any direction; EPSG:``srid``,
        northing before easting, metres.
    srid
        32638 or 32639.

    Returns
    -------
    tuple of NumberedRing
        Whole millimetres.  Side lengths are horizontal lengths on the WGS 84
        ellipsoid (what a tape shows at sea level), not grid lengths: the grid
        is up to 0.4 mm per metre shorter.  Empty for no rings.

    Raises
    ------
    InvalidInput
        Another SRID, or a ring with fewer than three distinct corners.

    References
    ----------
    UTM: EPSG Guidance Note 7-2; geodesic: Karney 2013, J. Geodesy 87, 43-55.

    Examples
    --------
    >>> corners = ((0, 0), (0, 10), (10, 10), (10, 0))
    >>> square = tuple(TurningPoint(4_470_000.0 + n, 400_000.0 + e) for n, e in corners)
    >>> (ring,) = number_rings((square,), srid=32639)
    >>> [(p.number, p.northing_mm % 100_000, p.side_mm) for p in ring.points]
    [(1, 10000, 10003), (2, 10000, 10003), (3, 0, 10003), (4, 0, 10003)]
    >>> number_rings((), srid=32639)
    ()
    """
    if srid not in LEGAL_SRIDS:
        raise InvalidInput(
            f"EPSG:{srid} is not a legal zone; use EPSG:32638 or EPSG:32639.", code="not-a-legal-zone"
        )
    numbered: list[NumberedRing] = []
    first = 1
    for index, ring in enumerate(rings):
        corners = _in_order(ring)
        sides = _side_lengths_mm(corners, srid)
        count = len(corners)
        points = tuple(
            NumberedPoint(
                number=first + i,
                northing_mm=corner[0],
                easting_mm=corner[1],
                next_number=first + (i + 1) % count,
                side_mm=sides[i],
            )
            for i, corner in enumerate(corners)
        )
        numbered.append(NumberedRing("hole" if index else "outer", points))
        first += count
    return tuple(numbered)


def rings_of(polygon: Any) -> tuple[Ring, ...]:
    """Rings of a Shapely Polygon in a UTM zone (x easting, y northing, metres); empty gives ().

    Examples
    --------
    >>> import shapely
    >>> rings_of(shapely.box(400000, 4470000, 400010, 4470010))[0][0]
    TurningPoint(northing=4470000.0, easting=400010.0)
    >>> rings_of(shapely.Polygon())
    ()
    """
    if polygon.is_empty:
        return ()
    return tuple(
        tuple(TurningPoint(northing=float(xy[1]), easting=float(xy[0])) for xy in ring.coords)
        for ring in (polygon.exterior, *polygon.interiors)
    )


def _in_order(ring: Ring) -> list[tuple[int, int]]:
    corners: list[tuple[int, int]] = []
    for point in ring:
        corner = (_to_mm(point.northing), _to_mm(point.easting))
        if not corners or corners[-1] != corner:
            corners.append(corner)
    if len(corners) > 1 and corners[0] == corners[-1]:
        corners.pop()
    if len(corners) < 3:
        raise InvalidInput("A boundary ring has fewer than three corners.", code="degenerate-ring")
    if _twice_area(corners) > 0:
        corners.reverse()
    start = min(range(len(corners)), key=lambda i: (corners[i][1] - corners[i][0], corners[i]))
    return corners[start:] + corners[:start]


def _twice_area(corners: list[tuple[int, int]]) -> int:
    """Shoelace sum with easting as x and northing as y; positive counter-clockwise."""
    closed = [*corners, corners[0]]
    return sum(a[1] * b[0] - b[1] * a[0] for a, b in pairwise(closed))


def _to_mm(metres: float) -> int:
    return int(Decimal(repr(float(metres))).quantize(_MM, ROUND_HALF_EVEN).scaleb(3))


@lru_cache(maxsize=2)
def _to_lon_lat(srid: int) -> Transformer:
    return Transformer.from_crs(srid, 4326, always_xy=True)


_WGS84 = Geod(ellps="WGS84")


def _side_lengths_mm(corners: list[tuple[int, int]], srid: int) -> list[int]:
    closed = [*corners, corners[0]]
    lon, lat = _to_lon_lat(srid).transform([c[1] / 1000 for c in closed], [c[0] / 1000 for c in closed])
    return [round(length * 1000) for length in _WGS84.line_lengths(lon, lat)]
