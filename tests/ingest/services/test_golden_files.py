"""Every awkward file of the shared data has one blessed outcome, and never a traceback."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.database import Database
from tests.ingest.golden_outcomes import compare, describe

PARTS = {".dbf", ".shx", ".prj", ".txt", ".cpg", ".md"}


@pytest.mark.data
@pytest.mark.parametrize(
    ("folder", "pattern"),
    [
        ("gdal_fixtures/shp", "*"),
        ("gdal_fixtures/geojson", "*"),
        ("gdal_fixtures/kml", "[a-e]*"),
        ("gdal_fixtures/mitab", "*.[tTmM][aAiI]*"),
        ("gdal_fixtures/csv", "*"),
        ("curve_fixtures", "*"),
        ("openaddresses", "*"),
        ("hostile", "*"),
    ],
)
def test_each_file_has_its_outcome(
    fresh_database: Database, shared_data: Callable[[str], Path], folder: str, pattern: str
) -> None:
    root = shared_data(folder)
    files = sorted(p for p in root.glob(pattern) if p.is_file() and p.suffix.lower() not in PARTS)
    assert files
    compare(folder.replace("/", "-"), {path.name: describe(path, fresh_database) for path in files})
