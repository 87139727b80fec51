"""GeoParquet: row groups streamed by pyarrow (the GDAL at hand has no Parquet driver)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cadastre.kernel.errors import InvalidInput, UnreadableInput
from ingest.readers.batch import BATCH_ROWS, GEOMETRY, LayerInfo, ReadBatch, decode_text

_LONGITUDE_LATITUDE = "OGC:CRS84"


class ParquetLayer:
    """The one layer of a GeoParquet file."""

    def __init__(self, path: Path, layer: str | None) -> None:
        self._path = path
        self.notes: list[str] = []
        try:
            self._file = pq.ParquetFile(path)
        except (pa.ArrowException, OSError) as error:
            raise self._damaged(error) from None
        if layer is not None and layer != path.stem:
            raise InvalidInput(
                f"{path.name} has no layer {layer!r}; it has {path.stem}.",
                code="layer-unknown",
                layers=[path.stem],
            )
        self._geometry, described = self._read_geo_metadata()
        names = [name for name in self._file.schema_arrow.names if name != self._geometry]
        types = described.get("geometry_types") or [None]
        self.info = LayerInfo(
            path.name,
            "Parquet",
            path.stem,
            _read_crs(described),
            tuple(names),
            types[0] if len(types) == 1 else None,
            self._file.metadata.num_rows,
        )

    def read(self, batch_rows: int = BATCH_ROWS) -> Iterator[ReadBatch]:
        """Yield all rows in file order."""
        batches = self._file.iter_batches(batch_size=batch_rows, columns=[*self.info.columns, self._geometry])
        while True:
            try:
                batch = next(batches, None)
            except (pa.ArrowException, OSError) as error:
                raise self._damaged(error) from None
            if batch is None:
                return
            arrays = [_plain(batch.column(name)) for name in self.info.columns]
            wkb = batch.column(self._geometry)
            wkb = getattr(wkb, "storage", wkb).cast(pa.binary())
            yield decode_text(
                pa.RecordBatch.from_arrays([*arrays, wkb], names=[*self.info.columns, GEOMETRY])
            )

    def _read_geo_metadata(self) -> tuple[str, dict[str, Any]]:
        raw = (self._file.schema_arrow.metadata or {}).get(b"geo")
        if raw is None:
            raise UnreadableInput(f"{self._path.name} is Parquet but not GeoParquet (no geo metadata).")
        try:
            geo = json.loads(raw)
            name = str(geo["primary_column"])
            described = dict(geo["columns"][name])
        except (ValueError, KeyError, TypeError):
            raise UnreadableInput(f"{self._path.name} has damaged GeoParquet metadata.") from None
        if described.get("encoding") != "WKB":
            raise UnreadableInput(
                f"{self._path.name} stores geometry as {described.get('encoding')}; only WKB is read."
            )
        if name not in self._file.schema_arrow.names:
            raise UnreadableInput(f"{self._path.name} has no column {name}, which its metadata names.")
        return name, described

    def _damaged(self, error: Exception) -> UnreadableInput:
        text = str(error).splitlines()[0][:200].rstrip(".") if str(error) else type(error).__name__
        return UnreadableInput(f"{self._path.name} is a damaged Parquet file: {text}.", file=self._path.name)


def _read_crs(described: dict[str, Any]) -> str | None:
    if "crs" not in described:
        return _LONGITUDE_LATITUDE
    crs = described["crs"]
    return None if crs is None else json.dumps(crs)


def _plain(values: pa.Array) -> pa.Array:
    return values.dictionary_decode() if pa.types.is_dictionary(values.type) else values


__all__ = ["ParquetLayer"]
