"""Shapes of streets, entrances and buildings on their way from the file into the legal zone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from cadastre.kernel.crs import WGS84_SRID, measure_overhang_deg, transformation
from cadastre.rules.finding import FindingSet, FloatArray, find_rows
from cadastre.rules.measure import check_country
from cadastre.rules.shape import Geometries, Mask
from ingest.finding_log import require_rule
from ingest.source_system import SourceSystem

PLACED_RULES: Final = frozenset(
    {"shape-outside-country", "shape-wrong-zone", "shape-outside-district", "shape-too-small"}
)
"""Rules whose places are longitude and latitude already."""


@dataclass(slots=True)
class CheckedRows:
    """Shapes of a batch after the shape rules (None where there is none), and what was found.

    ``nameable`` marks rows that may stand without a shape.
    """

    shapes: Geometries
    nameable: Mask
    findings: list[FindingSet]

    def reject(self, rule: str, rows: npt.NDArray[np.int64], places: FloatArray) -> None:
        """Record a rule at rows, with where."""
        if rows.size:
            self.findings.append(FindingSet(require_rule(rule), rows, xy=places))


def locate_shapes(
    checked: CheckedRows,
    source: SourceSystem,
    legal_srid: int,
    boundary: shapely.Geometry | None,
    overhang_deg: float,
) -> Mask:
    """Bring the shapes of a batch to the legal zone, rounded to the millimetre.

    Parameters
    ----------
    checked
        Shapes in the system of the file, east (or longitude) first; changed in place, those
        outside the country to None.
    source
        The system of the file and its pinned operation.
    legal_srid
        EPSG code of the district's UTM zone.
    boundary
        The district in EPSG:4326, prepared, or None when the register has no boundary of it.
    overhang_deg
        How far a district may reach beyond the edge of its zone.

    Returns
    -------
    Mask
        ``(n,)``, true at the rows that cannot stand; their findings are in ``checked``.
    """
    shapes, bad = checked.shapes, np.zeros(len(checked.shapes), dtype=np.bool_)
    rows = find_rows(~shapely.is_missing(shapes))
    if not rows.size:
        return bad
    xy, counts = shapely.get_coordinates(shapes[rows]), shapely.get_num_coordinates(shapes[rows])
    lon_lat = transformation(source.srid, WGS84_SRID, source.operation).apply(xy)
    starts = np.concatenate(([0], np.cumsum(counts)[:-1])).astype(np.int64)
    inside = check_country(lon_lat, starts)
    failed = ~inside
    checked.reject("shape-outside-country", rows[~inside], lon_lat[starts[~inside]])
    lon = lon_lat[:, 0]
    low, high = np.minimum.reduceat(lon, starts), np.maximum.reduceat(lon, starts)
    beyond = inside & (measure_overhang_deg(low, high, legal_srid) > overhang_deg)
    checked.reject("shape-wrong-zone", rows[beyond], lon_lat[starts[beyond]])
    failed |= beyond
    if boundary is not None:
        away = inside & ~shapely.intersects(boundary, shapely.set_coordinates(shapes[rows].copy(), lon_lat))
        checked.reject("shape-outside-district", rows[away], lon_lat[starts[away]])
        failed |= away
    legal = xy if source.srid == legal_srid else _to_legal(lon_lat, np.repeat(inside, counts), legal_srid)
    rounded = shapely.set_coordinates(shapes[rows].copy(), np.rint(legal * 1000) / 1000)
    shapes[rows] = shapely.set_srid(rounded, legal_srid)
    lost = inside & (shapely.get_dimensions(rounded) > 0) & ~_is_proper(rounded)
    checked.reject("shape-too-small", rows[lost], lon_lat[starts[lost]])
    shapes[rows[~inside]] = None
    bad[rows[failed | lost]] = True
    return bad


def _to_legal(lon_lat: FloatArray, usable: Mask, legal_srid: int) -> FloatArray:
    """Transform the usable points; the others, which may have no image at all, become 0, 0."""
    legal = np.zeros_like(lon_lat)
    legal[usable] = transformation(WGS84_SRID, legal_srid).apply(lon_lat[usable])
    return legal


def _is_proper(shapes: Geometries) -> Mask:
    """Tell which lines and areas are still something after rounding."""
    return np.asarray((shapely.length(shapes) > 0) & shapely.is_valid(shapes), dtype=np.bool_)


__all__ = ["PLACED_RULES", "CheckedRows", "locate_shapes"]
