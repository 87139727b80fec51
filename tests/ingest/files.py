"""Small synthetic parcel files of every container, drawn near Baku (EPSG:32639)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from pyproj import CRS

from ingest.readers.gdal_env import pyogrio

CORNER = (420_000.0, 4_470_000.0)
SRID = 32639


def box(column: int, line: int, size: float = 20.0) -> shapely.Polygon:
    """A square parcel of a grid near Baku."""
    x, y = CORNER[0] + column * size, CORNER[1] + line * size
    return shapely.box(x, y, x + size, y + size)


def row_of_boxes(count: int) -> list[shapely.Polygon]:
    """Parcels side by side."""
    return [box(column, 0) for column in range(count)]


def write_ogr(
    path: Path,
    shapes: Sequence[shapely.Geometry | None],
    columns: Mapping[str, Sequence[Any]],
    *,
    driver: str,
    crs: str | None = f"EPSG:{SRID}",
    kind: str = "Polygon",
    **options: Any,
) -> Path:
    """Write a layer with GDAL."""
    values = [np.array(column, dtype=object) for column in columns.values()]
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(np.array(shapes, dtype=object)),
        field_data=values,
        fields=list(columns),
        geometry_type=kind,
        crs=crs,
        driver=driver,
        **options,
    )
    return path


def write_gpkg(
    path: Path,
    shapes: Sequence[shapely.Geometry | None],
    numbers: Sequence[str | None] | None = None,
    **options: Any,
) -> Path:
    """Write a GeoPackage with a column ``cadastral_number``."""
    names = [f"T-{at}" for at in range(len(shapes))] if numbers is None else list(numbers)
    return write_ogr(path, shapes, {"cadastral_number": names}, driver="GPKG", **options)


def write_parquet(
    path: Path, shapes: Sequence[shapely.Geometry], numbers: Sequence[str], crs: str | None = f"EPSG:{SRID}"
) -> Path:
    """Write GeoParquet 1.0."""
    described: dict[str, Any] = {"encoding": "WKB", "geometry_types": ["Polygon"]}
    described["crs"] = None if crs is None else CRS.from_user_input(crs).to_json_dict()
    geo = {"version": "1.0.0", "primary_column": "geometry", "columns": {"geometry": described}}
    table = pa.table(
        {"cadastral_number": list(numbers), "geometry": [shapely.to_wkb(shape) for shape in shapes]}
    )
    pq.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), path)
    return path
