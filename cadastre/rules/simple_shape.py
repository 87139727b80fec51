"""Row rules on lines and points: present, readable, finite, one part."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import shapely

from cadastre.rules.catalogue import find_rule
from cadastre.rules.finding import FindingSet, find_rows
from cadastre.rules.shape import Geometries, Mask

POINT: Final = 0
LINE: Final = 1
_MULTI_OF: Final = {POINT: 4, LINE: 5}


@dataclass(slots=True)
class SimpleShapes:
    """Points or lines of the rows that passed (None elsewhere), in order, and what was found.

    ``partless`` marks rows whose line has several parts that do not join.
    """

    shapes: Geometries
    partless: Mask
    findings: list[FindingSet] = field(default_factory=list)

    def add(self, rule_id: str, mask: Mask, measured: np.ndarray | None = None) -> None:
        """Record a rule at the rows of a mask."""
        rule = find_rule(rule_id)
        if rule is None:
            raise KeyError(rule_id)
        rows = find_rows(mask)
        if rows.size:
            values = None if measured is None else measured[rows].astype(np.float64)
            self.findings.append(FindingSet(rule, rows, values))


def check_simple_shapes(geometries: Geometries, missing: Mask, wanted: int) -> SimpleShapes:
    """Bring rows to one point or one directed line each, and say what was done.

    Parameters
    ----------
    geometries
        ``(n,)`` array of any shapely geometries, None where a row has none or it was unreadable;
        any system, axis order x, y. Order is kept.
    missing
        ``(n,)`` mask of the rows that had no geometry at all (the other Nones were unreadable).
    wanted
        :data:`POINT` or :data:`LINE`.

    Returns
    -------
    SimpleShapes
        Points or lines without Z; a line keeps its direction, and parts are joined only head to tail.

    Examples
    --------
    >>> chain = shapely.from_wkt("MULTILINESTRING ((0 0, 1 0), (1 0, 2 0))")
    >>> fork = shapely.from_wkt("MULTILINESTRING ((0 0, 1 0), (5 5, 6 6))")
    >>> checked = check_simple_shapes(np.array([chain, fork, None]), np.array([False, False, True]), LINE)
    >>> [shape and shape.wkt for shape in checked.shapes], checked.partless.tolist()
    (['LINESTRING (0 0, 1 0, 2 0)', None, None], [False, True, False])
    >>> check_simple_shapes(np.array([], dtype=object), np.array([], dtype=bool), POINT).shapes.size
    0
    """
    found = SimpleShapes(
        np.full(len(geometries), None, dtype=object), np.zeros(len(geometries), dtype=np.bool_)
    )
    absent = shapely.is_missing(geometries)
    found.add("geometry-null", absent & missing)
    found.add("geometry-unreadable", absent & ~missing)
    empty = shapely.is_empty(geometries) & ~absent
    found.add("geometry-empty", empty)
    types = shapely.get_type_id(geometries)
    wrong = ~absent & ~empty & ~np.isin(types, (wanted, _MULTI_OF[wanted]))
    found.add("shape-wrong-type", wrong)
    usable = ~absent & ~empty & ~wrong
    usable &= _check_finite(geometries, usable, found)
    found.shapes[usable] = geometries[usable]
    _unwrap(found, usable, wanted)
    found.shapes = shapely.force_2d(found.shapes)
    found.add("geometry-z-dropped", shapely.has_z(geometries) & ~shapely.is_missing(found.shapes))
    return found


def _check_finite(geometries: Geometries, usable: Mask, found: SimpleShapes) -> Mask:
    finite = np.ones(len(geometries), dtype=np.bool_)
    coordinates, owners = shapely.get_coordinates(geometries[usable], return_index=True)
    broken = owners[~np.isfinite(coordinates).all(axis=1)]
    finite[find_rows(usable)[np.unique(broken)]] = False
    found.add("geometry-not-finite", ~finite)
    return finite


def _unwrap(found: SimpleShapes, usable: Mask, wanted: int) -> None:
    shapes = found.shapes
    parts = shapely.get_num_geometries(shapes)
    multi = usable & (shapely.get_type_id(shapes) == _MULTI_OF[wanted])
    single = multi & (parts == 1)
    shapes[single] = shapely.get_geometry(shapes[single], 0)
    found.add("shape-part-unwrapped", single)
    several = multi & (parts > 1)
    if wanted == LINE:
        # Only the plane counts for whether parts meet; the height is left out anyway.
        shapes[several] = shapely.line_merge(shapely.force_2d(shapes[several]), directed=True)
        joined = several & (shapely.get_type_id(shapes) == LINE)
        found.add("shape-parts-joined", joined, parts)
        several &= ~joined
    found.partless[:] = several
    shapes[several] = None


__all__ = ["LINE", "POINT", "SimpleShapes", "check_simple_shapes"]
