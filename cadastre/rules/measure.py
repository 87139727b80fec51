"""Row rules on the legal geometry: where it lies, how large it is, how close its corners stand."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from cadastre.kernel.crs import is_in_country, legal_srid_at, measure_overhang_deg
from cadastre.rules.catalogue import get_rule
from cadastre.rules.finding import FindingSet, FloatArray, find_rows

Geometries = npt.NDArray[np.object_]
Mask = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]


def check_country(lon_lat: FloatArray, starts: IntArray) -> Mask:
    """Tell which geometries lie wholly in the country.

    Parameters
    ----------
    lon_lat
        ``(m, 2)`` vertices of all geometries, one after the other, degrees (EPSG:4326, longitude first).
    starts
        ``(n,)`` position of the first vertex of each geometry, none of them empty.

    Examples
    --------
    >>> check_country(np.array([[49.8, 40.4], [49.9, 40.4], [-76.7, 37.3]]), np.array([0, 2])).tolist()
    [True, False]
    """
    if not len(starts):
        return np.empty(0, dtype=np.bool_)
    inside = is_in_country(lon_lat[:, 0], lon_lat[:, 1])
    return np.asarray(np.logical_and.reduceat(inside, starts), dtype=np.bool_)


def check_zone(low: FloatArray, high: FloatArray, legal_srid: int, most_deg: float) -> FindingSet | None:
    """Find the parcels too far outside the zone in which their district is kept; the zone that fits is named.

    Parameters
    ----------
    low, high
        ``(n, 2)`` corners of their boxes, degrees (EPSG:4326, longitude first).
    legal_srid
        EPSG code of the district's UTM zone.
    most_deg
        How far a district may reach beyond the edge of its zone.

    Examples
    --------
    >>> found = check_zone(np.array([[50.1, 40.4]]), np.array([[50.2, 40.5]]), 32638, 0.6)
    >>> found.measured.tolist(), found.details
    ([2.2], [{'legal': 'EPSG:32638', 'fits': 'EPSG:32639'}])
    """
    beyond = measure_overhang_deg(low[:, 0], high[:, 0], legal_srid)
    rows = find_rows(beyond > most_deg)
    if not rows.size:
        return None
    places = (low[rows] + high[rows]) / 2
    details: list[dict[str, str | int | float | None]] = [
        {"legal": f"EPSG:{legal_srid}", "fits": f"EPSG:{legal_srid_at(float(lon))}"} for lon in places[:, 0]
    ]
    return FindingSet(get_rule("location-wrong-zone"), rows, beyond[rows].round(3), most_deg, places, details)


def check_area(area_m2: FloatArray, least_m2: float) -> FindingSet | None:
    """Find the parcels below the least registrable area.

    Examples
    --------
    >>> found = check_area(np.array([0.99, 1.0]), 1.0)
    >>> found.rows.tolist(), found.measured.tolist()
    ([0], [0.99])
    >>> check_area(np.array([5.0]), 1.0) is None
    True
    """
    # The register keeps two decimals: what rounds to the limit meets it.
    rows = find_rows(np.round(area_m2, 2) < least_m2)
    if not rows.size:
        return None
    return FindingSet(get_rule("area-below-minimum"), rows, area_m2[rows], least_m2)


def check_documentary_area(
    surveyed_m2: FloatArray, documentary_m2: FloatArray, relative: float, floor_m2: float
) -> FindingSet | None:
    """Find the parcels whose two areas differ by more than a share of the document and more than a floor.

    Examples
    --------
    >>> found = check_documentary_area(np.array([103.0, 100.5, 7.0]), np.array([100, 100, np.nan]), 0.01, 1.0)
    >>> found.rows.tolist(), found.measured.tolist(), found.details[0]["documentary_m2"]
    ([0], [3.0], 100.0)
    """
    with np.errstate(invalid="ignore"):
        differs = np.abs(surveyed_m2 - documentary_m2) > np.maximum(relative * documentary_m2, floor_m2)
    rows = find_rows(differs)
    if not rows.size:
        return None
    details: list[dict[str, str | int | float | None]] = [
        {
            "documentary_m2": round(float(documentary_m2[row]), 2),
            "surveyed_m2": round(float(surveyed_m2[row]), 2),
        }
        for row in rows
    ]
    gap = np.abs(surveyed_m2[rows] - documentary_m2[rows]).round(2)
    return FindingSet(get_rule("area-documentary-differs"), rows, gap, details=details)


def check_spacing(polygons: Geometries, least_m: float) -> FindingSet | None:
    """Find the parcels with neighbouring turning points closer than a distance.

    Parameters
    ----------
    polygons
        ``(n,)`` Polygons in a projected system, metres, easting, northing; none missing or empty.

    Examples
    --------
    >>> near = shapely.Polygon([(0, 0), (9, 0), (9, 0.001), (9, 9)])
    >>> found = check_spacing(np.array([shapely.box(0, 0, 9, 9), near]), 0.002)
    >>> found.rows.tolist(), found.measured.tolist(), found.xy.tolist()
    ([1], [0.001], [[9.0, 0.001]])
    """
    suspects = _find_close(polygons, least_m)
    if not suspects.size:
        return None
    rings, owners = shapely.get_rings(polygons[suspects], return_index=True)
    owners = suspects[owners]
    xy, ring_of = shapely.get_coordinates(rings, return_index=True)
    step = np.hypot(*(xy[1:] - xy[:-1]).T)
    close = np.flatnonzero((step < least_m) & (ring_of[1:] == ring_of[:-1]))
    if not close.size:
        return None
    owner = owners[ring_of[close + 1]]
    order = np.lexsort((step[close], owner))
    rows, first = np.unique(owner[order], return_index=True)
    at = close[order[first]]
    return FindingSet(
        get_rule("geometry-spacing"), rows.astype(np.int64), np.round(step[at], 4), least_m, xy[at + 1]
    )


def _find_close(polygons: Geometries, least_m: float) -> IntArray:
    """Find the polygons that may have close corners: steps from ring to ring are counted as well."""
    xy, owners = shapely.get_coordinates(polygons, return_index=True)
    if len(xy) < 2:
        return np.empty(0, dtype=np.int64)
    step = xy[1:] - xy[:-1]
    close = (np.abs(step) < least_m).all(axis=1) & (owners[1:] == owners[:-1])
    return np.unique(owners[1:][close]).astype(np.int64)


__all__ = ["check_area", "check_country", "check_documentary_area", "check_spacing", "check_zone"]
