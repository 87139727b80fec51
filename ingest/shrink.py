"""Polygons drawn in by a fraction of a millimetre, so that neighbours stop touching: a quick, safe filter."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

Geometries = npt.NDArray[np.object_]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
_LONGEST_CORNER = 20.0
_SHORTEST_EDGE = 50.0


def shrink_polygons(polygons: Geometries, distance_m: float) -> tuple[Geometries, BoolArray]:
    """Move every edge of each polygon inwards, corners mitred, without asking GEOS for a buffer.

    Parameters
    ----------
    polygons
        ``(n,)`` valid Polygons in a projected system, metres, axis order easting, northing.
        None and empty are not allowed.
    distance_m
        How far each edge moves, metres, positive.

    Returns
    -------
    shrunk, exact
        ``(n,)`` polygons in the same order. Where ``exact`` is true the result covers
        every point that lies at least ``2 * distance_m`` inside the polygon and keeps
        ``distance_m`` from its boundary; elsewhere (holes, short edges, needle corners)
        the polygon is returned as it came.

    Examples
    --------
    >>> shrunk, exact = shrink_polygons(np.array([shapely.box(0, 0, 10, 10)]), 0.0005)
    >>> bool(exact[0]), shrunk[0].bounds
    (True, (0.0005, 0.0005, 9.9995, 9.9995))
    >>> shrink_polygons(np.array([shapely.box(0, 0, 0.01, 10)]), 0.0005)[1].tolist()
    [False]
    >>> shrink_polygons(np.array([], dtype=object), 0.0005)[1].size
    0
    """
    exact: BoolArray = (shapely.get_num_interior_rings(polygons) == 0) & (
        shapely.get_num_coordinates(polygons) <= 500
    )
    result: Geometries = polygons.copy()
    rows = np.flatnonzero(exact)
    if rows.size == 0:
        return result, exact
    xy = shapely.get_coordinates(polygons[rows])
    counts = shapely.get_num_coordinates(polygons[rows])
    starts = np.concatenate(([0], np.cumsum(counts)))
    moved, sound = _move_corners(xy, starts, distance_m, is_ccw(xy, starts))
    exact[rows] = sound
    good = np.flatnonzero(sound)
    if good.size:
        kept = moved[np.repeat(sound, counts)]
        rings = np.concatenate(([0], np.cumsum(counts[good])))
        offsets = (rings, np.arange(good.size + 1))
        result[rows[good]] = shapely.from_ragged_array(shapely.GeometryType.POLYGON, kept, offsets)
    return result, exact


def is_ccw(xy: FloatArray, starts: npt.NDArray[np.int64]) -> BoolArray:
    """Tell from the signed area of each ring on which side its inside lies."""
    local = xy - np.repeat(xy[starts[:-1]], np.diff(starts), axis=0)
    cross = np.zeros(len(xy))
    cross[:-1] = local[:-1, 0] * local[1:, 1] - local[1:, 0] * local[:-1, 1]
    cross[starts[1:] - 1] = 0.0  # the step from one ring to the next is no edge
    return np.asarray(np.add.reduceat(cross, starts[:-1]) > 0, dtype=np.bool_)


def _move_corners(
    xy: FloatArray, starts: npt.NDArray[np.int64], distance: float, counter_clockwise: BoolArray
) -> tuple[FloatArray, BoolArray]:
    """Return the mitred corners of all rings, and per ring whether every corner is harmless."""
    first, last = starts[:-1], starts[1:] - 1
    edge = np.empty_like(xy)
    edge[:-1] = xy[1:] - xy[:-1]
    edge[last] = edge[first]  # the closing point sees the first edge again
    length = np.hypot(edge[:, 0], edge[:, 1])
    with np.errstate(divide="ignore", invalid="ignore"):
        unit = edge / length[:, None]
    before = np.empty_like(unit)
    before[1:] = unit[:-1]
    before[first] = unit[last - 1]
    turn_sign = np.repeat(np.where(counter_clockwise, 1.0, -1.0), np.diff(starts))
    cosine = (before * unit).sum(axis=1)
    sine = (before[:, 0] * unit[:, 1] - before[:, 1] * unit[:, 0]) * turn_sign
    with np.errstate(divide="ignore", invalid="ignore"):
        # mitre: both edges move inwards by `distance`; the corner moves by distance / cos(half the turn)
        factor = distance / (1 + cosine)
        normal = np.column_stack((-(before + unit)[:, 1], (before + unit)[:, 0])) * turn_sign[:, None]
        shift = normal * factor[:, None]
    reach = np.hypot(shift[:, 0], shift[:, 1])
    limit = np.where(sine < 0, 1.9 * distance, _LONGEST_CORNER * distance)
    fine = (length >= _SHORTEST_EDGE * distance) & (reach <= limit) & np.isfinite(reach)
    return xy + shift, np.asarray(np.minimum.reduceat(fine, first), dtype=np.bool_)


__all__ = ["is_ccw", "shrink_polygons"]
