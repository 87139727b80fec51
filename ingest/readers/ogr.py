"""GeoPackage, Shapefile, GeoJSON and FlatGeobuf: streamed through GDAL as Arrow batches."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa

from cadastre.kernel.errors import InvalidInput, UnreadableInput
from ingest.readers import geopackage
from ingest.readers.batch import (
    BATCH_ROWS,
    GEOMETRY,
    LayerInfo,
    ReadBatch,
    decode_text,
    list_names,
    unique_names,
)
from ingest.readers.detect import FileKind
from ingest.readers.gdal_env import pyogrio, require_fenced
from ingest.readers.shapefile import check_shapefile

T = TypeVar("T")
_LOSSY = "couldn't be converted correctly"
_READ_ERRORS = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.FeatureError,
    pyogrio.errors.FieldError,
    pyogrio.errors.GeometryError,
    pa.ArrowException,
    OSError,
    RuntimeError,
    ValueError,
    UnicodeDecodeError,
)


class OgrLayer:
    """One layer of a file that GDAL reads; ``notes`` fills while it is read."""

    def __init__(self, path: Path, kind: FileKind, layer: str | None, encoding: str | None) -> None:
        require_fenced()
        self._path = path
        self._encoding: str | None = None
        self.notes: list[str] = []
        rows: int | None = None
        if kind is FileKind.GEOPACKAGE:
            geopackage.check_schema(path)
        if kind is FileKind.SHAPEFILE:
            facts = check_shapefile(path, encoding)
            self._encoding, rows = facts.encoding, facts.records
        name = _choose_layer(path, self._list_layers(), layer)
        meta = self._guard(lambda: pyogrio.read_info(path, layer=name, encoding=self._encoding))
        if meta["driver"] != kind:
            raise UnreadableInput(f"{path.name} is read by GDAL as {meta['driver']}, not as {kind.value}.")
        crs = meta["crs"]
        if kind is FileKind.GEOPACKAGE:
            rows = geopackage.count_rows(path, name)
            crs = None if geopackage.has_undefined_crs(path, name) else crs
        elif kind is FileKind.FLATGEOBUF and meta["features"] >= 0:
            rows = int(meta["features"])
        columns = tuple(str(column) for column in meta["fields"])
        self.info = LayerInfo(
            path.name, kind.value, name, crs, columns, meta["geometry_type"], rows, _read_bounds(meta)
        )

    def read(self, batch_rows: int = BATCH_ROWS) -> Iterator[ReadBatch]:
        """Yield all rows in file order; fewer than the file declares is an error, never silent."""
        count = 0
        with self._open(batch_rows) as (meta, reader):
            name = meta["geometry_name"] or "wkb_geometry"
            while (batch := self._guard(lambda: _read_next(reader))) is not None:
                count += batch.num_rows
                if batch.num_rows:
                    yield decode_text(_rename(batch, name, self.info.columns))
        if self.info.rows is not None and count != self.info.rows:
            raise UnreadableInput(
                f"{self._path.name} is damaged: it declares {self.info.rows:,} rows, {count:,} can be read."
            )

    def _list_layers(self) -> list[tuple[str, str | None]]:
        found = self._guard(lambda: pyogrio.list_layers(self._path))
        return [(str(name), None if kind is None else str(kind)) for name, kind in found]

    @contextmanager
    def _open(self, batch_rows: int) -> Iterator[tuple[dict[str, Any], pa.RecordBatchReader]]:
        source = pyogrio.raw.open_arrow(
            self._path,
            layer=self.info.layer,
            encoding=self._encoding,
            batch_size=batch_rows,
            use_pyarrow=True,
            datetime_as_string=True,
        )
        opened = self._guard(source.__enter__)
        try:
            yield opened
        finally:
            source.__exit__(None, None, None)

    def _guard(self, call: Callable[[], T]) -> T:
        """Run one call into GDAL: its warnings become notes, its failures one plain sentence."""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                result = call()
            except _READ_ERRORS as error:
                raise UnreadableInput(
                    f"{self._path.name} cannot be read: {_first_line(error, self._path)}",
                    file=self._path.name,
                ) from None
        for warning in caught:
            text = _first_line(warning.message, self._path)
            if _LOSSY in text:
                raise UnreadableInput(
                    f"{self._path.name} holds text that is not in its declared encoding; give --encoding.",
                    file=self._path.name,
                )
            if text not in self.notes:
                self.notes.append(text)
        return result


def _read_bounds(meta: dict[str, Any]) -> tuple[float, float, float, float] | None:
    """Return the bounds that the file declares, when it declares sound ones."""
    found = meta["total_bounds"]
    if found is None or not all(math.isfinite(value) for value in found) or found[0] >= found[2]:
        return None
    return float(found[0]), float(found[1]), float(found[2]), float(found[3])


def _read_next(reader: pa.RecordBatchReader) -> pa.RecordBatch | None:
    try:
        return reader.read_next_batch()
    except StopIteration:
        return None


def _rename(batch: pa.RecordBatch, geometry: str, columns: tuple[str, ...]) -> pa.RecordBatch:
    """Bring the columns into the declared order with the geometry last (absent geometry is null)."""
    names = list(batch.schema.names)
    at = names.index(geometry) if geometry in names else None
    arrays = [batch.column(i) for i in range(len(names)) if i != at]
    wkb = pa.nulls(batch.num_rows, pa.binary()) if at is None else batch.column(at)
    if not pa.types.is_binary(wkb.type):
        wkb = getattr(wkb, "storage", wkb).cast(pa.binary())
    labels = [name for i, name in enumerate(names) if i != at]
    return pa.RecordBatch.from_arrays([*arrays, wkb], names=[*unique_names(labels), GEOMETRY])


def _choose_layer(path: Path, layers: list[tuple[str, str | None]], wanted: str | None) -> str:
    names = [name for name, _ in layers]
    if wanted is not None:
        if wanted in names:
            return wanted
        raise InvalidInput(
            f"{path.name} has no layer {wanted!r}; it has {list_names(names)}.",
            code="layer-unknown",
            layers=names,
        )
    spatial = [name for name, kind in layers if kind is not None] or names
    if not spatial:
        raise UnreadableInput(f"{path.name} holds no layer.", file=path.name)
    if len(spatial) > 1:
        raise InvalidInput(
            f"{path.name} has {len(spatial)} layers; choose one with --layer: {list_names(spatial)}.",
            code="layer-needed",
            layers=spatial,
        )
    return spatial[0]


def _first_line(error: object, path: Path) -> str:
    text = str(error).strip().splitlines() or [type(error).__name__]
    return text[0].replace(str(path), path.name)[:300].rstrip(".") + "."


__all__ = ["OgrLayer"]
