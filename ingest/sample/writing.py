"""Writing layers and tables piece by piece, so that memory does not grow with the sample."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Final

import pyarrow as pa
import pyogrio
from pyarrow import csv

from ingest.sample.tables import GEOMETRY

LABEL: Final = "SYNTHETIC sample data, invented by cadastre sample; no real parcel, address or person"
_INDEX_UP_TO: Final = 250_000


class LayerFile:
    """A GeoPackage with one layer, written in several pieces.

    Files of more than 250 000 rows carry no spatial index: GDAL builds it row by row when a
    layer is appended to, which would take longer than making the sample.
    """

    def __init__(self, path: Path, geometry_type: str, srid: int, expected: int) -> None:
        self._path = path
        self._geometry_type = geometry_type
        self._srid = srid
        self._indexed = expected <= _INDEX_UP_TO
        self._rows = 0
        path.unlink(missing_ok=True)

    def append(self, table: pa.Table) -> None:
        """Write a further piece."""
        first = self._rows == 0
        self._rows += len(table)
        if not len(table) and not first:
            return
        options = {
            "SPATIAL_INDEX": "YES" if self._indexed else "NO",
            "DESCRIPTION": LABEL,
            "IDENTIFIER": self._path.stem,
        }
        pyogrio.write_arrow(
            table,
            self._path,
            layer=self._path.stem,
            driver="GPKG",
            geometry_name=GEOMETRY,
            geometry_type=self._geometry_type,
            crs=f"EPSG:{self._srid}",
            append=not first,
            **({"layer_options": options} if first else {}),
        )


class TableFile:
    """A CSV file in UTF-8 with a header, written in several pieces."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: csv.CSVWriter | None = None

    def append(self, table: pa.Table) -> None:
        """Write a further piece."""
        if self._writer is None:
            options = csv.WriteOptions(quoting_style="needed")
            self._writer = csv.CSVWriter(self._path, table.schema, write_options=options)
        self._writer.write_table(table)

    def __enter__(self) -> TableFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writer is not None:
            self._writer.close()
