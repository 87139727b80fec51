"""First pass of a load: one spilled batch meets the row rules and becomes rows ready for the register."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

from cadastre.kernel.crs import WGS84_SRID, transformation
from cadastre.kernel.measures import compute_geodesic_area_m2
from cadastre.rules.catalogue import get_rule
from cadastre.rules.finding import FindingSet, FloatArray, IntArray, Severity, find_rows
from cadastre.rules.measure import (
    check_area,
    check_country,
    check_documentary_area,
    check_spacing,
    check_zone,
)
from cadastre.rules.numbers import check_numbers
from cadastre.rules.shape import Geometries, check_shapes, check_validity
from ingest.arrow_files import read_batch, write_batch, write_file
from ingest.bulk_keys import write_keys
from ingest.bulk_plan import DOCUMENTARY_AREA, NUMBER, ChunkJob, ChunkResult, LoadPlan
from ingest.ewkb import write_ewkb
from ingest.geometry_column import read_geometries
from ingest.hilbert import compute_hilbert, list_tiles
from ingest.readers.batch import GEOMETRY
from ingest.row_keys import find_distinct_points, hash_shapes, hash_texts
from ingest.staging_rows import format_finding, format_rejected

CELL_DEG: Final = 0.005
_FINE_M: Final = 8.0
_FINE_ORDER: Final = 22
_ROUGHLY_DEG: Final = 1e-7
_SOME: Final = 64


class _Chunk:
    """The rows of one batch on their way through the rules."""

    def __init__(self, plan: LoadPlan, job: ChunkJob) -> None:
        self.plan = plan
        self.job = job
        self.batch = read_batch(plan.raw_path(job.chunk))
        self.count = self.batch.num_rows
        self.rejected: npt.NDArray[np.bool_] = np.zeros(self.count, dtype=np.bool_)
        self.found: list[tuple[FindingSet, FloatArray | None]] = []
        self.mapped = plan.attributes.read(self.batch)
        numbers = self.mapped.columns.get(NUMBER)
        self.numbers = pa.nulls(self.count, pa.string()) if numbers is None else numbers

    def add(
        self, findings: FindingSet | None, positions: IntArray | None = None, srid: int = WGS84_SRID
    ) -> None:
        """Take findings over; ``positions`` tells which row each of the checked ones is."""
        if findings is None or not len(findings):
            return
        places = None if findings.xy is None else _to_lon_lat(findings.xy, srid, self.plan)
        if positions is not None:
            findings.rows = positions[findings.rows]
        self.found.append((findings, places))
        if findings.rule.severity is Severity.ERROR:
            self.rejected[findings.rows] = True


def prepare_chunk(plan: LoadPlan, job: ChunkJob) -> ChunkResult:
    """Apply the row rules to one spilled batch; spill what passed and what did not."""
    chunk = _Chunk(plan, job)
    _check_attributes(chunk)
    polygons = _check_geometries(chunk)
    positions = find_rows(~shapely.is_missing(polygons))
    positions, legal, lon_lat, starts = _locate(chunk, polygons, positions)
    positions, legal, area, cells_of = _check_legal(chunk, positions, legal, lon_lat, starts)
    ready = find_rows(~chunk.rejected[positions])
    return _spill(chunk, positions[ready], legal[ready], area[ready], cells_of[ready])


def _check_attributes(chunk: _Chunk) -> None:
    undecodable = chunk.job.undecodable
    if undecodable:
        rows = np.array(sorted(undecodable), dtype=np.int64)
        details: list[dict[str, Any]] = [{"column": undecodable[int(row)]} for row in rows]
        chunk.add(FindingSet(get_rule("text-undecodable"), rows, details=details))
    if chunk.mapped.faults:
        faults = sorted(chunk.mapped.faults, key=lambda fault: fault.row)
        details = [{"field": f.field, "column": f.column, "value": f.value} for f in faults]
        rows = np.array([fault.row for fault in faults], dtype=np.int64)
        chunk.add(FindingSet(get_rule("attribute-unreadable"), rows, details=details))
    if not chunk.plan.mints_numbers:
        for findings in check_numbers(chunk.numbers):
            chunk.add(findings)


def _check_geometries(chunk: _Chunk) -> Geometries:
    """Read the bytes, straighten curves, and return the polygons that passed (None elsewhere)."""
    column = chunk.batch.column(chunk.batch.schema.get_field_index(GEOMETRY))
    sagitta = chunk.plan.tolerances.linearise_sagitta_m
    geometries, missing, curved = read_geometries(column, chunk.plan.source_srid, sagitta)
    checked = check_shapes(geometries, missing, most_vertices=chunk.plan.tolerances.ring_vertices_max)
    if curved.size:
        chunk.add(FindingSet(get_rule("geometry-curve-linearised"), curved, limit=sagitta))
    for findings in checked.findings:
        chunk.add(findings, srid=chunk.plan.source_srid)
    return checked.polygons


def _locate(
    chunk: _Chunk, polygons: Geometries, positions: IntArray
) -> tuple[IntArray, Geometries, FloatArray, IntArray]:
    """Bring the polygons to degrees, keep those in the country, round them in the legal zone to the mm."""
    plan = chunk.plan
    xy = shapely.get_coordinates(polygons[positions])
    single, of = find_distinct_points(xy)  # corners that neighbours share are transformed once
    distinct = transformation(plan.source_srid, WGS84_SRID, plan.operation).apply(xy[single])
    lon_lat = distinct[of]
    counts = shapely.get_num_coordinates(polygons[positions])
    starts = (np.cumsum(counts) - counts).astype(np.int64)
    inside = check_country(lon_lat, starts)
    if not inside.all():
        outside = find_rows(~inside)
        place = lon_lat[starts[outside]]
        details = [_describe_place(*xy[starts[at]]) for at in outside[:1000].tolist()]
        details += [{}] * (len(outside) - len(details))
        chunk.add(
            FindingSet(get_rule("location-outside-country"), outside, xy=place, details=details), positions
        )
        keep = np.repeat(inside, counts)
        xy, lon_lat, of, counts, positions = (
            xy[keep],
            lon_lat[keep],
            of[keep],
            counts[inside],
            positions[inside],
        )
        starts = (np.cumsum(counts) - counts).astype(np.int64)
    legal_xy = xy if plan.source_srid == plan.legal_srid else _to_legal(distinct, plan)[of]
    grid = round(1 / plan.tolerances.coordinate_grid_m)
    legal_xy = np.rint(legal_xy * grid) / grid
    return positions, shapely.set_coordinates(polygons[positions], legal_xy), lon_lat, starts


def _check_legal(
    chunk: _Chunk, positions: IntArray, legal: Geometries, lon_lat: FloatArray, starts: IntArray
) -> tuple[IntArray, Geometries, FloatArray, FloatArray]:
    plan, limits = chunk.plan, chunk.plan.tolerances
    if not positions.size:
        return positions, legal, np.empty(0), np.empty((0, 4))
    low, high = np.minimum.reduceat(lon_lat, starts), np.maximum.reduceat(lon_lat, starts)
    broken: list[FindingSet] = []
    valid = check_validity(legal, np.ones(len(legal), dtype=np.bool_), broken)
    for findings in broken:
        for detail in findings.details or ():
            detail["after"] = "rounding to the mm in the legal zone"
        chunk.add(findings, positions, plan.legal_srid)
    positions, legal = positions[valid], legal[valid]
    low, high = low[valid], high[valid]
    chunk.add(check_zone(low, high, plan.legal_srid, limits.zone_overhang_deg), positions)
    area = compute_geodesic_area_m2(legal)
    chunk.add(check_area(area, limits.area_min_m2), positions)
    chunk.add(check_spacing(legal, limits.vertex_spacing_m), positions, plan.legal_srid)
    documents = chunk.mapped.columns.get(DOCUMENTARY_AREA)
    if documents is not None:
        paper = documents.to_numpy(zero_copy_only=False)[positions]
        relative, floor = limits.area_documentary_relative, limits.area_documentary_floor_m2
        chunk.add(check_documentary_area(area, paper, relative, floor), positions)
    _check_district(chunk, positions, low, high)
    return positions, legal, area, np.column_stack((low, high))


def _check_district(chunk: _Chunk, positions: IntArray, low: FloatArray, high: FloatArray) -> None:
    """Reject what lies wholly outside the district's boundary, when the register has one."""
    if chunk.plan.district_wkb is None or not positions.size:
        return
    district = shapely.from_wkb(chunk.plan.district_wkb)
    shapely.prepare(district)
    boxes = shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1])
    outside = find_rows(~shapely.intersects(district, boxes))
    if outside.size:
        details: list[dict[str, Any]] = [{"district": chunk.plan.district_code}] * outside.size
        place = (low[outside] + high[outside]) / 2
        chunk.add(
            FindingSet(get_rule("location-outside-district"), outside, xy=place, details=details), positions
        )


def _spill(
    chunk: _Chunk, positions: IntArray, legal: Geometries, area: FloatArray, corners: FloatArray
) -> ChunkResult:
    """Write the ready rows along the Hilbert curve, stage the others, and report."""
    plan, job = chunk.plan, chunk.job
    boxes = shapely.bounds(legal) if len(legal) else np.empty((0, 4))
    fine = compute_hilbert(
        np.floor(boxes[:, 0] / _FINE_M).astype(np.int64),
        np.floor(boxes[:, 1] / _FINE_M).astype(np.int64),
        _FINE_ORDER,
    )
    order = np.argsort(fine, kind="stable")
    positions, boxes, area = positions[order], boxes[order], area[order]
    legal = legal[order]
    tiles, owners = list_tiles(boxes)
    taken = pa.array(positions)
    columns = {name: values.take(taken) for name, values in chunk.mapped.columns.items() if name != NUMBER}
    columns |= {
        "row": pa.array(positions + job.first_row),
        NUMBER: chunk.numbers.take(taken),
        "geom": write_ewkb(legal, plan.legal_srid),
        "surveyed_area_m2": pa.array(area),
        "min_x": pa.array(boxes[:, 0]),
        "min_y": pa.array(boxes[:, 1]),
        "max_x": pa.array(boxes[:, 2]),
        "max_y": pa.array(boxes[:, 3]),
    }
    write_batch(plan.ready_path(job.chunk), pa.RecordBatch.from_pydict(columns))
    numbers, shapes = hash_texts(chunk.numbers, plan.hash_seed), hash_shapes(legal, plan.hash_seed)
    write_keys(plan, job.chunk, {"number": numbers, "shape": shapes, "tile": tiles, "owner": owners})
    return ChunkResult(
        chunk=job.chunk,
        rows_read=chunk.count,
        ready=len(positions),
        rejected_rows=find_rows(chunk.rejected),
        some_tiles=tiles[:: max(1, len(tiles) // _SOME)],
        cells=_list_cells(corners[order]),
        findings=_count(chunk.found),
        staged=_stage(chunk),
        bounds=_get_bounds(corners),
    )


def _stage(chunk: _Chunk) -> list[str]:
    """Write rejected rows and findings of the chunk as COPY text; return the names of the files."""
    plan, job = chunk.plan, chunk.job
    names = []
    rows = find_rows(chunk.rejected)
    if rows.size:
        name = f"rejected-row-{job.chunk:06d}"
        text = format_rejected(plan.load_id, job.first_row, rows.tolist(), chunk.batch)
        write_file(plan.staging_path(name), text)
        names.append(name)
    lines = [line for findings, places in chunk.found for line in _format(chunk, findings, places)]
    if lines:
        name = f"finding-row-{job.chunk:06d}"
        write_file(plan.staging_path(name), "".join(lines))
        names.append(name)
    return names


def _format(chunk: _Chunk, findings: FindingSet, places: FloatArray | None) -> list[str]:
    if findings.rule.severity is Severity.INFO:  # said once with its count, not once per row
        return []
    return [
        format_finding(
            chunk.plan.load_id,
            chunk.job.first_row + int(findings.rows[at]),
            finding.rule,
            finding.severity,
            subject=chunk.numbers[int(findings.rows[at])].as_py(),
            measured=finding.measured,
            limit=finding.limit,
            unit=finding.unit,
            detail=finding.detail,
            lon_lat=None if places is None else (float(places[at, 0]), float(places[at, 1])),
        )
        for at, finding in enumerate(findings)
    ]


def _count(found: Sequence[tuple[FindingSet, FloatArray | None]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for findings, _ in found:
        counts[findings.rule.id] = counts.get(findings.rule.id, 0) + len(findings)
    return counts


def _list_cells(corners: FloatArray) -> IntArray:
    """Return the keys of the 0.005 degree cells that boxes of degrees touch, each once, sorted."""
    if not len(corners):
        return np.empty(0, dtype=np.int64)
    low = np.floor((corners[:, :2] - _ROUGHLY_DEG) / CELL_DEG).astype(np.int64)
    size = np.floor((corners[:, 2:] + _ROUGHLY_DEG) / CELL_DEG).astype(np.int64) - low + 1
    count = size[:, 0] * size[:, 1]
    owner = np.repeat(np.arange(len(corners)), count)
    nth = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    cells = (low[owner, 0] + nth % size[owner, 0]) * 100000 + low[owner, 1] + nth // size[owner, 0]
    return np.unique(cells)


def _get_bounds(corners: FloatArray) -> tuple[float, float, float, float] | None:
    if not len(corners):
        return None
    low, high = corners[:, :2].min(axis=0), corners[:, 2:].max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def _to_legal(lon_lat: FloatArray, plan: LoadPlan) -> FloatArray:
    return np.asarray(transformation(WGS84_SRID, plan.legal_srid).apply(lon_lat), dtype=np.float64)


def _to_lon_lat(xy: FloatArray, srid: int, plan: LoadPlan) -> FloatArray:
    if srid == WGS84_SRID:
        return xy
    operation = plan.operation if srid == plan.source_srid else None
    return np.asarray(transformation(srid, WGS84_SRID, operation).apply(xy), dtype=np.float64)


def _describe_place(x: float, y: float) -> dict[str, str | int | float | None]:
    if math.isfinite(x) and math.isfinite(y):
        return {"x": round(float(x), 3), "y": round(float(y), 3)}
    return {}


__all__ = ["prepare_chunk"]
