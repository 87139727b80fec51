"""Which registered parcels lie beyond which sides of a parcel, by the numbers of its turning points."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import shapely

from cadastre.extract.boundary import NumberedRing, number_rings
from cadastre.extract.neighbour import NeighbourRecord
from cadastre.extract.record import Ring

TOLERANCE_M: Final = 0.10
"""A parcel that comes so near to a side borders on it: settlements are surveyed to so much."""
_SEEN_M: Final = 0.50
"""So much of a side must run along a neighbour, or half of a shorter one; else they only meet at a corner."""


def find_neighbours(
    rings: tuple[Ring, ...], others: Sequence[tuple[str, shapely.Polygon]], *, srid: int
) -> tuple[NeighbourRecord, ...]:
    """Find along which sides other parcels lie.

    Parameters
    ----------
    rings
        Outer ring, then holes of the parcel; EPSG:``srid``, metres.
    others
        Cadastral numbers with polygons (x easting, y northing, metres, EPSG:``srid``); those that are not
        within TOLERANCE_M of the boundary are passed over.
    srid
        32638 or 32639.

    Returns
    -------
    tuple of NeighbourRecord
        Ordered by turning point, then number; a neighbour met twice stands twice. Empty for no rings.

    Examples
    --------
    >>> from cadastre.extract.record import TurningPoint
    >>> corners = ((0, 0), (0, 10), (10, 10), (10, 0))
    >>> plot = tuple(TurningPoint(4_470_000.0 + n, 400_000.0 + e) for n, e in corners)
    >>> east = shapely.box(400_010, 4_470_002, 400_020, 4_470_030)
    >>> find_neighbours((plot,), [("E-1", east)], srid=32639)
    (NeighbourRecord(cadastral_number='E-1', first=2, last=3),)
    >>> find_neighbours((), [("E-1", east)], srid=32639)
    ()
    """
    numbered = number_rings(rings, srid=srid)
    found = [
        NeighbourRecord(number, first, last)
        for number, polygon in others
        for ring in numbered
        for first, last in _runs(ring, _sides_along(ring, polygon))
    ]
    return tuple(sorted(found, key=lambda one: (one.first, one.cadastral_number, one.last)))


def _sides_along(ring: NumberedRing, polygon: shapely.Polygon) -> list[bool]:
    corners = [(point.easting_mm / 1000, point.northing_mm / 1000) for point in ring.points]
    sides: Any = shapely.linestrings(
        [[start, end] for start, end in zip(corners, (*corners[1:], corners[0]), strict=True)]
    )
    near = polygon.buffer(TOLERANCE_M, quad_segs=2)
    shapely.prepare(near)
    along = [0.0] * len(corners)
    for i in shapely.intersects(near, sides).nonzero()[0]:
        along[i] = float(shapely.length(shapely.intersection(near, sides[i])))
    return [
        shared >= min(_SEEN_M, length / 2) and shared > 0.0
        for shared, length in zip(along, shapely.length(sides), strict=True)
    ]


def _runs(ring: NumberedRing, along: list[bool]) -> Iterable[tuple[int, int]]:
    """Give the first and last point of every unbroken run of sides; rings have no beginning."""
    count = len(along)
    if all(along):
        yield ring.points[0].number, ring.points[0].number
        return
    for start in (i for i in range(count) if along[i] and not along[i - 1]):
        end = start
        while along[end % count]:
            end += 1
        yield ring.points[start].number, ring.points[end % count].number


__all__ = ["TOLERANCE_M", "find_neighbours"]
