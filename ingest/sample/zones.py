"""Cadastral zones of a synthetic district: what the avenues enclose, edge to edge."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from ingest.sample.streets import AVENUE, Floats, StreetPlan
from ingest.sample.warp import Ground, to_output

Geometries = NDArray[np.object_]
_STEP_M: Final = 22.0
_REACH_M: Final = 1.0
_MARGIN_M: Final = 200.0


def plan_zones(plan: StreetPlan, ground: Ground, srid: int, corners: Floats) -> Geometries:
    """Enclose the parcels of a town by the centre lines of its avenues.

    Parameters
    ----------
    plan
        Streets on the flat sheet, metres.
    corners
        ``(n, 2)`` one corner of each parcel, easting and northing in ``srid``.

    Returns
    -------
    numpy.ndarray
        Polygons in ``srid``, those nearest the middle of the town first. Neighbours share their
        vertices, none overlap; each holds a parcel and ends 200 m beyond the outermost ones.
    """
    avenues = plan.level == AVENUE
    start, end = plan.start[avenues], plan.end[avenues]
    # An avenue ends on the line that it meets, but for the last bit: drawn longer, it crosses it.
    ahead = (end - start) / np.linalg.norm(end - start, axis=1)[:, None] * _REACH_M
    lines = shapely.linestrings(np.stack([start - ahead, end + ahead], axis=1))
    edges = shapely.get_parts(shapely.segmentize(shapely.union_all(lines), _STEP_M))
    faces = shapely.get_parts(shapely.polygonize(edges))
    faces = faces[np.argsort(shapely.distance(shapely.centroid(faces), shapely.Point(0, 0)), kind="stable")]
    zones = shapely.transform(faces, lambda xy: to_output(ground.place(xy), srid))
    west, south = corners.min(axis=0) - _MARGIN_M
    east, north = corners.max(axis=0) + _MARGIN_M
    inside, _ = shapely.STRtree(np.asarray(shapely.points(corners))).query(zones, predicate="intersects")
    clipped = shapely.intersection(zones[np.unique(inside)], shapely.box(west, south, east, north))
    return np.asarray(clipped, dtype=object)


__all__ = ["plan_zones"]
