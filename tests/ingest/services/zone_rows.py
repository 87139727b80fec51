"""Synthetic files of cadastral zones near Baku (EPSG:32639), and what a database holds of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import shapely

from ingest.report import LoadReport
from ingest.services import ZoneOptions, load_zones
from tests.database import Database
from tests.ingest.files import write_ogr

NOW = datetime(2026, 3, 3, 8, 0, tzinfo=UTC)
EAST, NORTH = 425_000.0, 4_480_000.0

Row = tuple[str | None, str | None, shapely.Geometry | None]
"""Code, name and shape of a zone."""


def block(column: float, line: float, side_m: float = 500.0) -> shapely.Polygon:
    """A square of a grid of 500 m, EPSG:32639."""
    west, south = EAST + column * 500.0, NORTH + line * 500.0
    return shapely.box(west, south, west + side_m, south + side_m)


def write_zones(
    path: Path, rows: Sequence[Row], *, districts: Sequence[str | None] | None = None, **options: Any
) -> Path:
    """Write zones with zone_code, name and, where given, district_code."""
    columns: dict[str, Sequence[Any]] = {
        "zone_code": [code for code, _, _ in rows],
        "name": [name for _, name, _ in rows],
    }
    if districts is not None:
        columns["district_code"] = districts
    options = {"driver": "GPKG", "kind": "Unknown", **options}
    return write_ogr(path, [shape for _, _, shape in rows], columns, **options)


def load(database: Database, path: Path, district: str | None = "BAK-XEZ", **more: Any) -> LoadReport:
    """Load a file as the command does."""
    return load_zones(ZoneOptions(path, district, **more), database.admin_url, now=lambda: NOW)
