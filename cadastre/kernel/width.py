"""How wide a shape is: the measure by which overlaps, gaps and moved strips count or are noise."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

GRID_M: Final = 0.001
"""Legal coordinates are whole millimetres."""
# Northings of seven digits carry a noise of 1e-9 m: what is exactly as wide as the tolerance is not wider.
_NOISE_M: Final = 1e-6


def is_wider(geometries: NDArray[np.object_], width_m: float) -> NDArray[np.bool_]:
    """Tell which geometries are wider than a width somewhere (eroded by half of it, something is left).

    Parameters
    ----------
    geometries
        ``(n,)`` valid geometries of any kind, in a projected system (easting, northing, metres).
    width_m
        Width, metres, not negative.

    Returns
    -------
    NDArray
        ``(n,)`` in the same order; False for None, empty, points and lines.

    References
    ----------
    DECISIONS.md, "No two registered parcels overlap".

    Examples
    --------
    >>> wide, narrow = shapely.box(0, 0, 9, 0.003), shapely.box(0, 0, 9, 0.002)
    >>> shapes = np.array([wide, narrow, shapely.Point(0, 0), None])
    >>> is_wider(shapes, 0.002).tolist(), is_wider(shapes[:0], 0.002).tolist()
    ([True, False, False, False], [])
    """
    eroded = shapely.buffer(geometries, -(width_m / 2 + _NOISE_M))
    return np.asarray(~(shapely.is_empty(eroded) | shapely.is_missing(eroded)), dtype=np.bool_)


def is_wide(geometry: BaseGeometry, width_m: float) -> bool:
    """Tell whether one geometry is wider than a width somewhere; :func:`is_wider` of one.

    Examples
    --------
    >>> is_wide(shapely.box(0, 0, 9, 1), 0.002), is_wide(Polygon(), 0.002)
    (True, False)
    """
    return bool(is_wider(np.array([geometry], dtype=object), width_m)[0])


def list_wide_polygons(geometry: BaseGeometry, width_m: float) -> tuple[Polygon, ...]:
    """List the polygons of a geometry that are wider than a width, on the millimetre grid.

    Parameters
    ----------
    geometry
        Valid geometry of any kind, also a collection; projected system, metres.
    width_m
        Width, metres, not negative; what is not wider is left out.

    Returns
    -------
    tuple of Polygon
        Valid, whole millimetres, in normal form, largest first. Empty for an empty geometry.

    Examples
    --------
    >>> both = shapely.union(shapely.box(0, 0, 1.0004, 1), shapely.box(5, 0, 5.001, 9))
    >>> [polygon.bounds for polygon in list_wide_polygons(both, 0.002)]
    [(0.0, 0.0, 1.0, 1.0)]
    >>> list_wide_polygons(Polygon(), 0.002)
    ()
    """
    if geometry.is_empty:
        return ()
    # the second call takes the grid off again: it would bind every later operation on the result
    snapped = shapely.set_precision(shapely.set_precision(geometry, GRID_M), 0)
    polygons = [part for part in _list_parts(snapped) if is_wide(part, width_m)]
    return tuple(sorted(polygons, key=lambda polygon: (-polygon.area, polygon.bounds)))


def _list_parts(geometry: BaseGeometry) -> list[Polygon]:
    """List the polygons in a geometry; a collection may hold multipolygons."""
    parts: list[Polygon] = []
    for part in shapely.get_parts(geometry):
        if isinstance(part, Polygon):
            parts.append(shapely.normalize(part))
        elif hasattr(part, "geoms"):
            parts.extend(_list_parts(part))
    return parts


__all__ = ["GRID_M", "is_wide", "is_wider", "list_wide_polygons"]
