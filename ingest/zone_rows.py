"""Rows of a zones file one by one: attributes read, shape checked and placed in degrees."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from cadastre.kernel.crs import WGS84_SRID, transformation
from cadastre.kernel.errors import InvalidInput
from cadastre.kernel.text import clean_text
from cadastre.rules.catalogue import get_rule
from cadastre.rules.finding import FindingSet, FloatArray, IntArray, Severity, find_rows
from cadastre.rules.measure import check_country
from cadastre.rules.shape import Geometries, Mask, check_shapes, check_validity
from ingest.finding_log import require_rule
from ingest.readers import Field, FieldKind
from ingest.source_system import SourceSystem
from ingest.zone_checks import count_after_densifying, to_degrees

Fault = tuple[str, dict[str, Any]]
"""A row rule and its details."""

_CODE: Final = re.compile(r"[0-9A-Z]{1,10}")
_NAME_LENGTH: Final = 200

FIELDS: Final = (
    Field("zone_code", FieldKind.IDENTIFIER, longest=60),
    Field("name", FieldKind.TEXT, longest=_NAME_LENGTH),
    Field("district_code", FieldKind.IDENTIFIER, longest=60),
)
"""What a column of a zones file may be."""


@dataclass(frozen=True, slots=True)
class Zone:
    """A row that may become a zone; ``shape`` is a MultiPolygon in EPSG:4326."""

    row: int
    district: str
    code: str
    name: str
    shape: shapely.MultiPolygon

    @property
    def place(self) -> tuple[float, float]:
        """A point of the zone: longitude, latitude."""
        point = shapely.point_on_surface(self.shape)
        return point.x, point.y


@dataclass(frozen=True, slots=True)
class PlacedZones:
    """MultiPolygons in EPSG:4326 of the rows that passed (None elsewhere), and what was found.

    Places of the findings are longitude and latitude.
    """

    shapes: Geometries
    findings: list[FindingSet]


@dataclass(frozen=True, slots=True)
class ZoneLimits:
    """How long an edge and how rich in vertices a zone may be."""

    step_m: float
    most_vertices: int


def describe_zone(
    values: Mapping[str, Any], district: str | None, known: Mapping[str, int]
) -> tuple[dict[str, str], list[Fault]]:
    """Read code, name and district of a zone.

    Parameters
    ----------
    values
        Text of the mapped columns.
    district
        The district that the caller named for all rows, if any.
    known
        Codes of the districts in force.

    Examples
    --------
    >>> describe_zone({"zone_code": "108", "name": "Mərkəz"}, "GA", {"GA": 32638})
    ({'code': '108', 'name': 'Mərkəz', 'district': 'GA'}, [])
    >>> describe_zone({"zone_code": "1-08", "name": "A", "district_code": "QQ"}, None, {"GA": 32638})[1]
    [('zone-code-malformed', {'code': '1-08'}), ('zone-district-unknown', {'district': 'QQ'})]
    >>> describe_zone({"zone_code": ""}, None, {})[1]
    [('zone-code-missing', {}), ('zone-district-missing', {})]
    """
    faults: list[Fault] = []
    code = values.get("zone_code") or ""
    if not code:
        faults.append(("zone-code-missing", {}))
    elif not _CODE.fullmatch(code):
        faults.append(("zone-code-malformed", {"code": code[:40]}))
    named = values.get("district_code") or district
    if named is None:
        faults.append(("zone-district-missing", {}))
    elif named not in known:
        faults.append(("zone-district-unknown", {"district": named[:40]}))
    elif district is not None and named != district:
        faults.append(("zone-other-district", {"district": named, "expected": district}))
    name, fault = _read_name(values.get("name") or "", code)
    if fault is not None:
        faults.append(fault)
    return {"code": code, "name": name, "district": named or ""}, faults


def _read_name(text: str, code: str) -> tuple[str, Fault | None]:
    try:
        name = clean_text(text, field="name", max_length=_NAME_LENGTH)
    except InvalidInput as error:
        return "", ("zone-name-malformed", {"code": error.code})
    if name:
        return name, None
    return code, ("zone-name-missing", {"zone": code[:40]}) if code else None


def place_zones(
    geometries: Geometries, missing: Mask, source: SourceSystem, limits: ZoneLimits
) -> PlacedZones:
    """Check the shapes of a batch and bring them to longitude and latitude.

    Parameters
    ----------
    geometries, missing
        ``(n,)`` any shapely geometries in the system of the file, east first, None where there is
        none or it was unreadable, and the mask of the rows that had none. Order is kept.
    source
        The system of the file and its pinned operation.
    limits
        Longest edge, and most vertices of one zone before and after edges are cut.
    """
    checked = check_shapes(geometries, missing, most_vertices=limits.most_vertices, many_parts=True)
    # A zone is a MultiPolygon in the register: one of a single part is no news.
    found = [one for one in checked.findings if one.rule.id != "geometry-part-unwrapped"]
    way = transformation(source.srid, WGS84_SRID, source.operation)
    for findings in found:
        if findings.xy is not None and findings.xy.size:
            findings.xy = way.apply(findings.xy)
    rows = find_rows(~shapely.is_missing(checked.polygons))
    polygons = checked.polygons[rows]
    placed: Geometries = np.full(len(geometries), None, dtype=object)
    rows = rows[_stay_in_country(polygons, rows, source, found)]
    rows = rows[_stay_small(checked.polygons[rows], rows, source, limits, found)]
    placed[rows] = to_degrees(checked.polygons[rows], source.srid, source.operation, limits.step_m)
    usable = np.zeros(len(geometries), dtype=np.bool_)
    usable[rows] = True
    placed[~check_validity(placed, usable, found)] = None
    return PlacedZones(placed, found)


def _stay_in_country(
    polygons: Geometries, rows: IntArray, source: SourceSystem, found: list[FindingSet]
) -> Mask:
    if not rows.size:
        return np.empty(0, dtype=np.bool_)
    xy, owners = shapely.get_coordinates(polygons, return_index=True)
    starts = np.searchsorted(owners, np.arange(len(polygons))).astype(np.int64)
    lon_lat = transformation(source.srid, WGS84_SRID, source.operation).apply(xy)
    inside = check_country(lon_lat, starts)
    if not inside.all():
        places: FloatArray = lon_lat[starts[~inside]]
        found.append(FindingSet(require_rule("shape-outside-country"), rows[~inside], xy=places))
    return inside


def _stay_small(
    polygons: Geometries, rows: IntArray, source: SourceSystem, limits: ZoneLimits, found: list[FindingSet]
) -> npt.NDArray[np.bool_]:
    """Keep out what would fill the memory once its edges are cut."""
    if not rows.size:
        return np.empty(0, dtype=np.bool_)
    counts = count_after_densifying(polygons, source.srid, limits.step_m)
    large = counts > limits.most_vertices
    if large.any():
        rule = get_rule("geometry-vertices")
        found.append(FindingSet(rule, rows[large], counts[large].round(), float(limits.most_vertices)))
    return ~large


def list_errors(findings: list[FindingSet]) -> list[int]:
    """List the rows (from 0) that a finding keeps out of the register."""
    errors = [one.rows for one in findings if one.rule.severity is Severity.ERROR]
    return np.unique(np.concatenate(errors)).tolist() if errors else []


__all__ = [
    "FIELDS",
    "Fault",
    "PlacedZones",
    "Zone",
    "ZoneLimits",
    "describe_zone",
    "list_errors",
    "place_zones",
]
