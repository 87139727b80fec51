"""Shapes of cadastral zones: placed in degrees with true edges, compared with each other in metres."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from cadastre.kernel.crs import WGS84_SRID, transformation
from cadastre.kernel.overlay import intersections_of
from cadastre.kernel.width import is_wider

Geometries = npt.NDArray[np.object_]
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
_METRES_PER_DEGREE: Final = 111_320.0


@dataclass(frozen=True, slots=True)
class ZoneOverlaps:
    """Overlapping pairs of positions, ``first`` of the others, ``second`` of the zones; area in m2."""

    first: IntArray
    second: IntArray
    area_m2: FloatArray


def count_after_densifying(zones: Geometries, srid: int, step_m: float) -> FloatArray:
    """Count the vertices that :func:`to_degrees` would make of each zone, before it is asked to.

    Examples
    --------
    >>> count_after_densifying(np.array([shapely.box(0, 0, 1000, 1000)]), 32639, 100.0).tolist()
    [45.0]
    """
    per_unit = _find_step(srid, step_m)
    extra = np.zeros(len(zones)) if per_unit is None else shapely.length(zones) / per_unit
    return np.asarray(shapely.get_num_coordinates(zones) + extra, dtype=np.float64)


def to_degrees(zones: Geometries, srid: int, operation: int | None, step_m: float) -> Geometries:
    """Bring zones to longitude and latitude, with vertices so close that edges stay where they were.

    A straight edge of a projected file bows in degrees: by 16 mm over a kilometre of parallel
    here, by 0.2 mm over the 100 m to which edges are cut.

    Parameters
    ----------
    zones
        ``(n,)`` valid Polygons and MultiPolygons without Z in the system of the file, east first;
        none missing or empty. Order is kept.
    srid, operation
        EPSG codes of the system of the file and of its pinned operation.
    step_m
        Longest edge in a projected file, metres; edges of a geographic file stay as they are.

    Returns
    -------
    Geometries
        ``(n,)`` MultiPolygons in EPSG:4326, longitude first, degrees; validity is not looked at again.

    References
    ----------
    DECISIONS.md, architecture decision 2 (legal geometry and densification).

    Examples
    --------
    >>> square = np.array([shapely.box(425000, 4480000, 426000, 4481000)])
    >>> placed = to_degrees(square, 32639, None, 100.0)
    >>> shapely.get_num_coordinates(placed).tolist(), shapely.get_srid(placed).tolist()
    ([41], [4326])
    >>> to_degrees(np.array([], dtype=object), 32639, None, 100.0).size
    0
    """
    step = _find_step(srid, step_m)
    edged = zones if step is None else shapely.segmentize(zones, step)
    placed = transformation(srid, WGS84_SRID, operation).apply_to_geometries(edged)
    if not placed.size:
        return placed
    parts, owners = shapely.get_parts(placed, return_index=True)
    return np.asarray(shapely.set_srid(shapely.multipolygons(parts, indices=owners), WGS84_SRID))


def to_metres(shapes: Geometries, legal_srid: int, step_m: float) -> Geometries:
    """Bring shapes in degrees to a UTM zone, densified, fit to be measured and compared there.

    What a narrow neck makes invalid on the way is repaired: these shapes are measured, never stored.

    Examples
    --------
    >>> box = shapely.box(50.0, 40.4, 50.01, 40.41)
    >>> moved = to_metres(np.array([box]), 32639, 100.0)
    >>> bool(abs(moved[0].area / 941_000 - 1) < 0.01), int(shapely.get_srid(moved[0]))
    (True, 32639)
    """
    edged = shapely.segmentize(shapes, step_m / _METRES_PER_DEGREE)
    moved = transformation(WGS84_SRID, legal_srid).apply_to_geometries(edged)
    broken = ~shapely.is_valid(moved)
    moved[broken] = shapely.make_valid(moved[broken], method="structure", keep_collapsed=False)
    return moved


def find_overhangs(
    zones: Geometries, boundary: shapely.Geometry, width_m: float
) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """Measure what of each zone lies outside the boundary of its district.

    Parameters
    ----------
    zones, boundary
        In one UTM zone, metres; see :func:`to_metres`.
    width_m
        Permitted width of what lies outside.

    Returns
    -------
    outside_m2, wide
        ``(n,)`` area outside, and whether it is wider than permitted somewhere.

    Examples
    --------
    >>> zones = np.array([shapely.box(0, 0, 10, 10), shapely.box(5, 0, 15.4, 10), shapely.box(5, 0, 20, 10)])
    >>> outside, wide = find_overhangs(zones, shapely.box(0, 0, 15, 10), 0.5)
    >>> outside.round(6).tolist(), wide.tolist()
    ([0.0, 4.0, 50.0], [False, False, True])
    """
    outside = np.asarray(shapely.difference(zones, boundary), dtype=object)
    return np.asarray(shapely.area(outside), dtype=np.float64), is_wider(outside, width_m)


def find_zone_overlaps(zones: Geometries, others: Geometries | None, width_m: float) -> ZoneOverlaps:
    """Find the zones that overlap others, or earlier ones of their own, by more than a width.

    Parameters
    ----------
    zones, others
        ``(n,)`` and ``(m,)`` areas in one UTM zone, metres; without ``others`` every zone meets the
        zones before it.
    width_m
        Permitted width of an overlap, metres.

    Returns
    -------
    ZoneOverlaps
        Sorted by ``second``, then ``first``.

    Examples
    --------
    >>> row = np.array([shapely.box(0, 0, 10, 10), shapely.box(9, 0, 20, 10), shapely.box(19.6, 0, 30, 10)])
    >>> found = find_zone_overlaps(row, None, 0.5)
    >>> found.first.tolist(), found.second.tolist(), found.area_m2.tolist()
    ([0], [1], [10.0])
    >>> find_zone_overlaps(row, row[:1], 0.5).second.tolist()
    [0, 1]
    >>> find_zone_overlaps(np.array([], dtype=object), row, 0.5).first.size
    0
    """
    within = others is None
    left = zones if others is None else others
    second, first = shapely.STRtree(left).query(zones, predicate="intersects")
    if within:
        second, first = second[first < second], first[first < second]
    shared = intersections_of(left[first], zones[second])
    wide = is_wider(shared, width_m)
    first, second, area = first[wide], second[wide], shapely.area(shared[wide])
    order = np.lexsort((first, second))
    return ZoneOverlaps(
        first[order].astype(np.int64), second[order].astype(np.int64), np.asarray(area)[order]
    )


@lru_cache(maxsize=16)
def _find_step(srid: int, step_m: float) -> float | None:
    """Give the longest edge in units of a projected system; None for a geographic one."""
    from pyproj import CRS

    system = CRS.from_epsg(srid)
    if system.is_geographic:
        return None
    return step_m / float(system.axis_info[0].unit_conversion_factor)


__all__ = [
    "ZoneOverlaps",
    "count_after_densifying",
    "find_overhangs",
    "find_zone_overlaps",
    "to_degrees",
    "to_metres",
]
