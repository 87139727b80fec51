"""Row rules on the shape alone: present, readable, finite, one valid polygon, not absurdly long."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from cadastre.rules.catalogue import get_rule
from cadastre.rules.finding import FindingSet, FloatArray, find_rows

Geometries = npt.NDArray[np.object_]
Mask = npt.NDArray[np.bool_]
Detail = dict[str, str | int | float | None]
_POLYGON, _MULTIPOLYGON = 3, 6
_REASON: Final = re.compile(r"^(?P<reason>[^\[]+)\[(?P<x>\S+) (?P<y>[^\]\s]+)")


@dataclass(frozen=True, slots=True)
class CheckedShapes:
    """Polygons of the rows that passed (None elsewhere), in order, and what was found."""

    polygons: Geometries
    passed: Mask
    findings: list[FindingSet]


def check_shapes(
    geometries: Geometries, missing: Mask, *, most_vertices: int, many_parts: bool = False
) -> CheckedShapes:
    """Apply the shape rules to the geometries of a set of rows.

    Parameters
    ----------
    geometries
        ``(n,)`` array of any shapely geometries, None where a row has none or it was
        unreadable; any planar or geographic system, axis order x, y. Order is kept.
    missing
        ``(n,)`` mask of the rows that had no geometry at all (the other Nones were unreadable).
    most_vertices
        Largest number of coordinates that one geometry may have.
    many_parts
        Whether a MultiPolygon is welcome (a district) or one polygon is asked for (a parcel).

    Returns
    -------
    CheckedShapes
        One Polygon (or MultiPolygon, where welcome) without Z per passed row. A row may
        carry several findings.

    References
    ----------
    ISO 19125-1:2004, 6.1.11.

    Examples
    --------
    >>> square, bow = shapely.box(0, 0, 1, 1), shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    >>> checked = check_shapes(np.array([square, bow, None]), np.array([False, False, True]), most_vertices=9)
    >>> checked.passed.tolist(), [(f.rule.id, f.rows.tolist()) for f in checked.findings]
    ([True, False, False], [('geometry-null', [2]), ('geometry-invalid', [1])])
    >>> check_shapes(np.array([], dtype=object), np.array([], dtype=bool), most_vertices=9).passed.size
    0
    """
    found: list[FindingSet] = []
    absent = shapely.is_missing(geometries)
    _add(found, "geometry-null", absent & missing)
    _add(found, "geometry-unreadable", absent & ~missing)
    empty = shapely.is_empty(geometries) & ~absent
    _add(found, "geometry-empty", empty)
    kind = shapely.get_type_id(geometries)
    wrong = ~absent & ~empty & ~np.isin(kind, (_POLYGON, _MULTIPOLYGON))
    if wrong.any():
        rows = find_rows(wrong)
        names: list[Detail] = [{"type": geometries[row].geom_type} for row in rows]
        found.append(FindingSet(get_rule("geometry-wrong-type"), rows, details=names))
    usable = ~absent & ~empty & ~wrong
    usable &= _check_finite(geometries, usable, found)
    usable &= _check_length(geometries, usable, most_vertices, found)
    parts = shapely.get_num_geometries(geometries)
    several = usable & (parts > 1) & (not many_parts)
    if several.any():
        rows = find_rows(several)
        found.append(
            FindingSet(
                get_rule("geometry-multipart"),
                rows,
                parts[rows].astype(float),
                1.0,
                _find_place(geometries[rows]),
            )
        )
    valid = check_validity(geometries, usable, found)
    passed = usable & ~several & valid
    single = passed & (parts == 1)
    return CheckedShapes(_unwrap(geometries, passed, single & (kind == _MULTIPOLYGON), found), passed, found)


def check_validity(geometries: Geometries, usable: Mask, found: list[FindingSet]) -> Mask:
    """Return the valid ones among ``usable``; reason and place of the others go to ``found``."""
    valid = np.zeros(len(geometries), dtype=bool)
    valid[usable] = shapely.is_valid(geometries[usable])
    rows = find_rows(usable & ~valid)
    if rows.size:
        details: list[Detail] = []
        places = np.full((rows.size, 2), np.nan)
        for at, text in enumerate(shapely.is_valid_reason(geometries[rows])):
            match = _REASON.match(text)
            details.append({"reason": match["reason"].strip() if match else text})
            if match:
                places[at] = float(match["x"]), float(match["y"])
        found.append(FindingSet(get_rule("geometry-invalid"), rows, xy=places, details=details))
    return valid


def _check_finite(geometries: Geometries, usable: Mask, found: list[FindingSet]) -> Mask:
    good = np.ones(len(geometries), dtype=bool)
    # The bounds of a geometry hide a NaN in some versions of GEOS; the coordinates do not.
    coordinates, owners = shapely.get_coordinates(geometries[usable], return_index=True)
    finite = np.isfinite(coordinates).all(axis=1)
    if not finite.all():
        good[find_rows(usable)[np.unique(owners[~finite])]] = False
        _add(found, "geometry-not-finite", ~good)
    return good


def _check_length(geometries: Geometries, usable: Mask, most: int, found: list[FindingSet]) -> Mask:
    counts = shapely.get_num_coordinates(geometries)
    long = usable & (counts > most)
    if long.any():
        rows = find_rows(long)
        rule = get_rule("geometry-vertices")
        place = _find_place(geometries[rows])
        found.append(FindingSet(rule, rows, counts[rows].astype(float), float(most), place))
    return ~long


def _unwrap(geometries: Geometries, passed: Mask, wrapped: Mask, found: list[FindingSet]) -> Geometries:
    polygons: Geometries = np.full(len(geometries), None, dtype=object)
    polygons[passed] = geometries[passed]
    polygons[wrapped] = shapely.get_geometry(geometries[wrapped], 0)
    _add(found, "geometry-part-unwrapped", wrapped)
    high = passed & shapely.has_z(polygons)
    if high.any():
        _add(found, "geometry-z-dropped", high)
        polygons[high] = shapely.force_2d(polygons[high])
    return polygons


def _find_place(geometries: Geometries) -> FloatArray:
    """Return a point of each geometry that is not None (its first coordinate)."""
    coordinates, owners = shapely.get_coordinates(geometries, return_index=True)
    first = np.searchsorted(owners, np.arange(len(geometries)))
    return np.asarray(coordinates[first], dtype=np.float64)


def _add(found: list[FindingSet], rule_id: str, mask: Mask) -> None:
    if mask.any():
        found.append(FindingSet(get_rule(rule_id), find_rows(mask)))


__all__ = ["CheckedShapes", "check_shapes", "check_validity"]
