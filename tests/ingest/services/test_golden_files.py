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
    "folder",
    [
        "gdal_fixtures/shp",
        "gdal_fixtures/geojson",
        "gdal_fixtures/kml",
        "gdal_fixtures/mitab",
        "gdal_fixtures/csv",
        "curve_fixtures",
        "openaddresses",
        "hostile",
    ],
)
def test_each_file_has_its_outcome(
    fresh_database: Database, shared_data: Callable[[str], Path], folder: str
) -> None:
    root = shared_data(folder)
    files = sorted(path for path in root.rglob("*") if path.is_file() and path.suffix.lower() not in PARTS)
    assert files
    outcomes = {path.relative_to(root).as_posix(): describe(path, fresh_database) for path in files}
    compare(folder.replace("/", "-"), outcomes)
