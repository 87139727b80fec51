"""A file compared part by part, chunk by chunk and unit by unit gives what it gives as a whole."""

from __future__ import annotations

import hashlib
import importlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from ingest import bulk_keys, bulk_tiles
from ingest.report import LoadReport
from ingest.services import LoadOptions, load_parcels
from tests.database import Database
from tests.ingest.files import write_ogr

bulk_load = importlib.import_module("ingest.bulk_load")
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
_REGISTERED = """
    SELECT p.cadastral_number, ST_AsText(v.geom), v.surveyed_area_m2
      FROM cadastre.parcel p JOIN cadastre.parcel_version v USING (parcel_id) ORDER BY 1
"""
_FINDINGS = """
    SELECT row_number, rule, severity, subject, measured, detail FROM staging.finding
     WHERE load_id = :load ORDER BY row_number, rule, detail::text
"""


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a scattered file of 400 parcels over 2 km with repeated numbers, copies and overlaps."""
    random = np.random.default_rng(7)
    shapes = [
        shapely.box(400_000 + 100 * x, 4_470_000 + 100 * y, 400_100 + 100 * x, 4_470_100 + 100 * y)
        for x in range(20)
        for y in range(20)
    ]
    numbers = [f"N-{place:04d}" for place in range(len(shapes))]
    for twin, other in ((17, 310), (44, 45), (390, 3)):
        numbers[twin] = numbers[other]
    for copy, other in ((120, 299), (121, 122)):
        shapes[copy] = shapes[other]
    for moved in (60, 61, 201, 333):
        shapes[moved] = shapely.transform(shapes[moved], lambda xy: xy + np.array([30.0, 10.0]))
    order = random.permutation(len(shapes))
    path = tmp_path_factory.mktemp("ground") / "scattered.gpkg"
    columns = {"cadastral_number": [numbers[place] for place in order]}
    return write_ogr(path, [shapes[place] for place in order], columns, driver="GPKG")


def load(database: Database, path: Path) -> tuple[LoadReport, list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    options = LoadOptions(path=path, district="BAK-XEZ", workers=1)
    report = load_parcels(options, database.admin_url, now=lambda: NOW)
    engine = create_engine(database.admin_url, poolclass=NullPool)
    with engine.connect() as connection:
        registered = [tuple(row) for row in connection.execute(text(_REGISTERED))]
        found = connection.execute(text(_FINDINGS), {"load": report.load_id})
        return report, registered, [(*row[:5], str(row[5])) for row in found]


def digest(rows: list[tuple[Any, ...]]) -> str:
    return hashlib.sha256(repr(rows).encode()).hexdigest()[:16]


@pytest.mark.parametrize(("chunk", "part", "unit"), [(400, 10_000, 10_000), (37, 50, 20), (11, 70, 1)])
def test_the_pieces_do_not_change_the_outcome(
    ground: Path,
    fresh_database: Database,
    monkeypatch: pytest.MonkeyPatch,
    chunk: int,
    part: int,
    unit: int,
) -> None:
    monkeypatch.setattr(bulk_load, "CHUNK_ROWS", chunk)
    monkeypatch.setattr(bulk_keys, "PART_ROWS", part)
    monkeypatch.setattr(bulk_tiles, "UNIT_ROWS", unit)
    report, registered, found = load(fresh_database, ground)
    assert (report.read, report.accepted, report.rejected) == (400, 387, 13)
    assert report.findings == {"number-duplicate": 3, "parcel-overlap": 13}
    assert (digest(registered), digest(found)) == ("d7b8c1c9b36e7b93", "9d014b4696d63518")
    boxes = shapely.from_wkt([row[1] for row in registered])
    assert not shapely.STRtree(boxes).query(boxes, predicate="overlaps").size
