"""Second pass of a load: the rows of one unit of ground against their neighbours, new and registered."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import psycopg2
import pyarrow as pa
import shapely

from cadastre.kernel.crs import WGS84_SRID, transformation
from cadastre.rules.finding import FloatArray, IntArray
from ingest.arrow_files import read_batch, write_file
from ingest.bulk_plan import LoadPlan, UnitJob, UnitResult, Winners
from ingest.bulk_tiles import TileIndex
from ingest.hilbert import list_tiles
from ingest.overlap import Geometries, find_overlaps, find_overlaps_with
from ingest.parcel_copy import encode_parcels

_REGISTERED: Final = """
    SELECT p.cadastral_number, ST_AsBinary(v.geom), ST_SRID(v.geom)
      FROM cadastre.parcel_version v JOIN cadastre.parcel p USING (parcel_id)
     WHERE v.superseded_leaf IS NULL AND v.valid_to IS NULL
       AND v.geom_wgs84 && ST_MakeEnvelope(%s, %s, %s, %s, 4326)
"""
_MARGIN_DEG: Final = 1e-6


def check_unit(plan: LoadPlan, job: UnitJob) -> UnitResult:
    """Find the overlaps that touch the rows of a unit, and encode the rows that have none."""
    index = TileIndex.load(plan.folder)
    own_rows = _read_rows(plan, *_list_owned(index, job))
    own = shapely.from_wkb(own_rows.column("geom").to_numpy(zero_copy_only=False))
    near_rows = _read_rows(plan, *_list_near(index, job, _boxes(own_rows)))
    near_rows = _keep_touching(own, near_rows)
    near = shapely.from_wkb(near_rows.column("geom").to_numpy(zero_copy_only=False))
    first, second, area, xy = _find_pairs(plan, own_rows, own, near_rows, near)
    registered = _find_registered(plan, own_rows, own)
    row = own_rows.column("row").to_numpy()
    met = np.isin(row, np.concatenate((first, second, np.array([r[0] for r in registered], dtype=np.int64))))
    serial = job.before + 1 + np.arange(len(row))
    free = own_rows.take(pa.array(np.flatnonzero(~met)))
    parcel_path, version_path = _write_copies(plan, f"unit-{job.unit:06d}", free, serial[~met])
    return UnitResult(
        unit=job.unit,
        first=first,
        second=second,
        area_m2=area,
        lon_lat=transformation(plan.legal_srid, WGS84_SRID).apply(xy),
        registered=registered,
        copied=free.num_rows,
        deferred=row[met],
        deferred_serial=serial[met],
        parcel_path=parcel_path,
        version_path=version_path,
    )


def encode_winners(plan: LoadPlan, winners: Winners) -> tuple[bytes, bytes]:
    """Encode the rows that won their overlaps."""
    rows = _read_rows(plan, winners.chunk, winners.position)
    order = np.argsort(winners.row)
    at = order[np.searchsorted(winners.row[order], rows.column("row").to_numpy())]
    return encode_parcels(plan, rows, winners.serial[at])


def _list_owned(index: TileIndex, job: UnitJob) -> tuple[IntArray, IntArray]:
    owned = np.asarray(index.owned[job.start : job.stop])
    chunk = np.asarray(index.chunk[job.start : job.stop])[owned]
    position = np.asarray(index.position[job.start : job.stop])[owned]
    return chunk.astype(np.int64), position.astype(np.int64)


def _list_near(index: TileIndex, job: UnitJob, boxes: FloatArray) -> tuple[IntArray, IntArray]:
    """List the rows of other units that stand on a tile which a row of this unit touches."""
    tiles = np.unique(list_tiles(boxes)[0])
    start = np.searchsorted(index.tile, tiles, side="left")
    stop = np.searchsorted(index.tile, tiles, side="right")
    count = stop - start
    at = np.repeat(start - np.concatenate(([0], np.cumsum(count)[:-1])), count) + np.arange(count.sum())
    own_chunk, own_position = _list_owned(index, job)
    key = index.chunk[at].astype(np.int64) << 32 | index.position[at]
    near = np.setdiff1d(key, own_chunk << 32 | own_position)
    return near >> 32, near & 0xFFFFFFFF


def _read_rows(plan: LoadPlan, chunk: IntArray, position: IntArray) -> pa.RecordBatch:
    """Read rows from the spill, chunk by chunk, in the order of their position there."""
    order = np.lexsort((position, chunk))
    chunk, position = chunk[order], position[order]
    parts = []
    for number in np.unique(chunk).tolist():
        span = slice(*np.searchsorted(chunk, [number, number + 1]))
        parts.append(read_batch(plan.ready_path(number)).take(pa.array(position[span])))
    if not parts:
        return read_batch(plan.ready_path(0)).slice(0, 0)
    table = pa.Table.from_batches(parts).combine_chunks()
    return table.to_batches()[0] if table.num_rows else parts[0]


def _keep_touching(own: Geometries, near_rows: pa.RecordBatch) -> pa.RecordBatch:
    if not near_rows.num_rows or not len(own):
        return near_rows.slice(0, 0)
    boxes = _boxes(near_rows)
    tree = shapely.STRtree(own)
    hit = tree.query(shapely.box(boxes[:, 0], boxes[:, 1], boxes[:, 2], boxes[:, 3]))[0]
    return near_rows.take(pa.array(np.unique(hit)))


def _find_pairs(
    plan: LoadPlan, own_rows: pa.RecordBatch, own: Geometries, near_rows: pa.RecordBatch, near: Geometries
) -> tuple[IntArray, IntArray, FloatArray, FloatArray]:
    """Return the pairs as file rows, earlier first; pairs of two neighbours belong to other units."""
    row = np.concatenate((own_rows.column("row").to_numpy(), near_rows.column("row").to_numpy()))
    order = np.argsort(row, kind="stable")
    polygons = np.concatenate((own, near))[order]
    is_own = (np.arange(len(row)) < len(own))[order]
    row = row[order]
    pairs = find_overlaps(polygons, plan.tolerances.overlap_width_m)
    mine = is_own[pairs.first] | is_own[pairs.second]
    return row[pairs.first[mine]], row[pairs.second[mine]], pairs.area_m2[mine], pairs.xy[mine]


def _find_registered(
    plan: LoadPlan, own_rows: pa.RecordBatch, own: Geometries
) -> list[tuple[int, str, float, float, float]]:
    """Find overlaps with parcels already registered: row, their number, area, longitude, latitude."""
    if plan.database_url is None or not len(own):
        return []
    way = transformation(plan.legal_srid, WGS84_SRID)
    low_x, low_y, high_x, high_y = shapely.total_bounds(own)
    corners = way.apply(np.array([[low_x, low_y], [low_x, high_y], [high_x, low_y], [high_x, high_y]]))
    low, high = corners.min(axis=0) - _MARGIN_DEG, corners.max(axis=0) + _MARGIN_DEG
    with psycopg2.connect(plan.database_url) as connection, connection.cursor() as cursor:
        cursor.execute(_REGISTERED, (*low.tolist(), *high.tolist()))
        found = cursor.fetchall()
    connection.close()
    if not found:
        return []
    others = _bring_to_zone(plan, [bytes(r[1]) for r in found], np.array([r[2] for r in found]))
    pairs = find_overlaps_with(own, others, plan.tolerances.overlap_width_m)
    lon_lat = way.apply(pairs.xy)
    row = own_rows.column("row").to_numpy()
    return [
        (int(row[b]), str(found[a][0]), float(area), float(place[0]), float(place[1]))
        for a, b, area, place in zip(pairs.first, pairs.second, pairs.area_m2, lon_lat, strict=True)
    ]


def _bring_to_zone(plan: LoadPlan, wkb: list[bytes], srid: npt.NDArray[np.int64]) -> Geometries:
    """Bring registered geometries to the load's zone; those of the other zone are densified first."""
    geometries: Geometries = shapely.from_wkb(np.array(wkb, dtype=object))
    foreign = srid != plan.legal_srid
    if foreign.any():
        for zone in np.unique(srid[foreign]).tolist():
            rows = srid == zone
            dense = shapely.segmentize(geometries[rows], plan.tolerances.seam_densify_m)
            geometries[rows] = transformation(zone, plan.legal_srid).apply_to_geometries(dense)
    return geometries


def _boxes(rows: pa.RecordBatch) -> FloatArray:
    return np.column_stack([rows.column(name).to_numpy() for name in ("min_x", "min_y", "max_x", "max_y")])


def _write_copies(plan: LoadPlan, name: str, rows: pa.RecordBatch, serial: IntArray) -> tuple[Path, Path]:
    paths = plan.staging_path(f"{name}-parcel"), plan.staging_path(f"{name}-version")
    parcels, versions = encode_parcels(plan, rows, serial)
    for path, data in zip(paths, (parcels, versions), strict=True):
        write_file(path, data)
    return paths


__all__ = ["check_unit", "encode_winners"]
