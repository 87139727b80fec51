"""Land before and after a division, merger or boundary change: covered, disjoint, balanced, on the grid.

The measures; which of them stop a case, and the limits of a day, are said by the rules. All
polygons of a call lie in one UTM zone (EPSG:32638 or 32639, easting first, metres).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
import shapely
from shapely import Polygon

from cadastre.kernel.measures import compute_geodesic_area_m2
from cadastre.kernel.overlay import difference_of, intersection_of, union_of
from cadastre.kernel.width import GRID_M, is_wide, list_wide_polygons

_CENT = Decimal("0.01")
# Rounding of a northing of seven digits to the nearest double.
_GRID_NOISE_M = 1e-8


@dataclass(frozen=True, slots=True)
class Cover:
    """What the new outlines leave out of the old ones, and what they take beyond them; each a place."""

    left_out: tuple[Polygon, ...]
    beyond: tuple[Polygon, ...]

    @property
    def is_exact(self) -> bool:
        """Whether nothing wider than the tolerance is left out or taken beyond."""
        return not self.left_out and not self.beyond


@dataclass(frozen=True, slots=True)
class Balance:
    """Areas before and after on the ellipsoid, square metres in the two decimals of the register."""

    before_m2: Decimal
    after_m2: Decimal

    @property
    def difference_m2(self) -> Decimal:
        """How much the area after is more or less than before, without sign."""
        return abs(self.after_m2 - self.before_m2)

    def limit_m2(self, relative: Fraction, floor_m2: Fraction) -> Fraction:
        """Give the permitted difference: a part of the area before, or the floor if that is more."""
        return max(Fraction(self.before_m2) * relative, floor_m2)


def measure_cover(before: Sequence[Polygon], after: Sequence[Polygon], width_m: float) -> Cover:
    """Compare the land of old outlines with that of new ones.

    Parameters
    ----------
    before, after
        Valid Polygons, holes allowed; metres, easting, northing. Order does not matter.
    width_m
        Tolerated width of a gap or a strip, metres.

    Returns
    -------
    Cover
        Polygons wider than the tolerance, largest first. No outlines are no land.

    References
    ----------
    FLOSS SOLA, rule 4 (union of the new parcels equals the union of the old).

    Examples
    --------
    >>> west, east = shapely.box(0, 0, 5, 9), shapely.box(5, 0, 10, 9)
    >>> measure_cover([shapely.box(0, 0, 10, 9)], [west, east], 0.002).is_exact
    True
    >>> short = measure_cover([shapely.box(0, 0, 10, 9)], [west, shapely.box(5.003, 0, 10, 9)], 0.002)
    >>> [gap.bounds for gap in short.left_out], short.beyond
    ([(5.0, 0.0, 5.003, 9.0)], ())
    >>> measure_cover([], [], 0.002).is_exact
    True
    """
    old, new = union_of(before), union_of(after)
    return Cover(
        list_wide_polygons(difference_of(old, new), width_m),
        list_wide_polygons(difference_of(new, old), width_m),
    )


def list_overlaps(outlines: Sequence[Polygon], width_m: float) -> tuple[tuple[int, int, Polygon], ...]:
    """List the pairs of outlines that overlap by more than a width, and where; copies and nested ones too.

    Parameters
    ----------
    outlines
        Valid Polygons; metres, easting, northing.
    width_m
        Tolerated width of an overlap, metres: the definition of the register.

    Returns
    -------
    tuple
        Two positions, the earlier first, and the widest place of each pair. Empty for fewer than two.

    References
    ----------
    DECISIONS.md, "No two registered parcels overlap".

    Examples
    --------
    >>> row = [shapely.box(0, 0, 10, 10), shapely.box(9, 0, 20, 10), shapely.box(20, 0, 30, 10)]
    >>> [(first, second, place.area) for first, second, place in list_overlaps(row, 0.002)]
    [(0, 1, 10.0)]
    >>> list_overlaps([shapely.box(0, 0, 10, 10), shapely.box(9.998, 0, 20, 10)], 0.002), list_overlaps([], 1)
    ((), ())
    """
    if len(outlines) < 2:
        return ()
    shapes = np.array(outlines, dtype=object)
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    found = []
    for at, other in sorted(zip(first.tolist(), second.tolist(), strict=True)):
        if at < other:
            shared = intersection_of(shapes[at], shapes[other])
            # judged before it is brought to the grid: the tolerance is not a multiple of it
            if is_wide(shared, width_m):
                found.append((at, other, max(_polygons(shared), key=lambda place: float(place.area))))
    return tuple(found)


def list_off_grid(outline: Polygon) -> tuple[tuple[float, float], ...]:
    """List the corners of an outline that are not whole millimetres.

    Parameters
    ----------
    outline
        Polygon; metres, easting, northing.

    Returns
    -------
    tuple
        Easting and northing of each, in the order of the rings. Empty for an empty polygon.

    Examples
    --------
    >>> list_off_grid(shapely.box(425000.001, 4480000, 425010, 4480010.123))
    ()
    >>> list_off_grid(shapely.box(425000.0005, 4480000, 425010, 4480010))[0]
    (425000.0005, 4480000.0)
    >>> list_off_grid(Polygon())
    ()
    """
    corners = np.unique(shapely.get_coordinates(outline), axis=0)
    if not len(corners):
        return ()
    off = np.abs(corners - np.round(corners / GRID_M) * GRID_M).max(axis=1) > _GRID_NOISE_M
    return tuple((float(easting), float(northing)) for easting, northing in corners[off])


def measure_balance(before: Sequence[Polygon], after: Sequence[Polygon]) -> Balance:
    """Add up areas on the ellipsoid before and after, each outline rounded as the register keeps it.

    Parameters
    ----------
    before, after
        Valid Polygons; EPSG:32638 or 32639, metres, easting, northing.

    References
    ----------
    FLOSS SOLA, rule 6 (sum of official areas, new against old).

    Examples
    --------
    >>> whole = shapely.box(499990, 4470000, 500010, 4470010)
    >>> balance = measure_balance([whole], [shapely.box(499990, 4470000, 500000, 4470010)])
    >>> balance.before_m2, balance.difference_m2, balance.limit_m2(Fraction(1, 1000), Fraction(1, 2))
    (Decimal('200.16'), Decimal('100.08'), Fraction(1, 2))
    >>> measure_balance([], []).difference_m2
    Decimal('0')
    """
    return Balance(_add_areas(before), _add_areas(after))


def _add_areas(outlines: Sequence[Polygon]) -> Decimal:
    if not outlines:
        return Decimal(0)
    areas = compute_geodesic_area_m2(np.array(outlines, dtype=object))
    return sum((Decimal(repr(float(area))).quantize(_CENT) for area in areas), Decimal(0))


def _polygons(shared: shapely.Geometry) -> list[Polygon]:
    return [part for part in shapely.get_parts(shared) if isinstance(part, Polygon)]


__all__ = [
    "Balance",
    "Cover",
    "list_off_grid",
    "list_overlaps",
    "measure_balance",
    "measure_cover",
]
