"""Overlay of legal ground on a fixed grid: union, difference and intersection that are always valid.

Floating-point overlay is not robust: over five valid outlines in whole millimetres that touch along a slanted
line `shapely.union_all` gave a shell within a shell, 7,500 m² of a block of 6,400 (DECISIONS.md, 53). On a
fixed grid every crossing is rounded to a grid point and the result is valid and complete.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

OVERLAY_GRID_M: Final = 1e-5
"""Crossings are rounded to hundredths of a millimetre: far below any rule, far above the noise of floats."""


def union_of(grounds: Iterable[BaseGeometry | None]) -> Polygon | MultiPolygon:
    """Unite outlines, metres of a projected system (easting, northing); empty of nothing.

    Examples
    --------
    >>> union_of([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), None]).area
    2.0
    """
    known = [ground for ground in grounds if ground is not None]
    return _ground_in(shapely.union_all(known, grid_size=OVERLAY_GRID_M))


def difference_of(ground: BaseGeometry, other: BaseGeometry) -> Polygon | MultiPolygon:
    """Return the ground of the first that lies outside the second, metres."""
    return _ground_in(shapely.difference(ground, other, grid_size=OVERLAY_GRID_M))


def intersection_of(ground: BaseGeometry, other: BaseGeometry) -> Polygon | MultiPolygon:
    """Return the ground that both share, metres; empty where they only touch.

    Examples
    --------
    >>> intersection_of(shapely.box(0, 0, 2, 2), shapely.box(1, 0, 3, 2)).bounds
    (1.0, 0.0, 2.0, 2.0)
    >>> intersection_of(shapely.box(0, 0, 2, 2), shapely.box(2, 0, 3, 2)).is_empty
    True
    """
    return _ground_in(shapely.intersection(ground, other, grid_size=OVERLAY_GRID_M))


def symmetric_difference_of(ground: BaseGeometry, other: BaseGeometry) -> Polygon | MultiPolygon:
    """Return the ground that only one of both covers, metres."""
    return _ground_in(shapely.symmetric_difference(ground, other, grid_size=OVERLAY_GRID_M))


def _ground_in(result: BaseGeometry) -> Polygon | MultiPolygon:
    """Leave out the points and lines of an overlay: they are no ground, and no overlay takes a mixture."""
    if isinstance(result, Polygon | MultiPolygon):
        return result
    return MultiPolygon([part for part in shapely.get_parts(result) if isinstance(part, Polygon)])


def intersections_of(grounds: NDArray[np.object_], others: NDArray[np.object_]) -> NDArray[np.object_]:
    """Intersect ``(n,)`` with ``(n,)`` geometries pair by pair, metres."""
    shared = shapely.intersection(grounds, others, grid_size=OVERLAY_GRID_M)
    return np.asarray(shared, dtype=object)


__all__ = [
    "OVERLAY_GRID_M",
    "difference_of",
    "intersection_of",
    "intersections_of",
    "symmetric_difference_of",
    "union_of",
]
