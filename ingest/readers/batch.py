"""What every reader yields, and what it may say about the file beside the rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa

GEOMETRY: Final = "__geometry__"
BATCH_ROWS: Final = 65_536


@dataclass(frozen=True, slots=True)
class LayerInfo:
    """One layer as the file describes it."""

    file: str
    kind: str
    layer: str
    crs: str | None
    columns: tuple[str, ...]
    geometry_type: str | None
    rows: int | None
    bounds: tuple[float, float, float, float] | None = None


@dataclass(slots=True)
class ReadBatch:
    r"""Rows of a file as they came: attributes, and geometry as well-known binary under ``GEOMETRY``.

    ``undecodable`` maps a row of this batch to the column whose text could not
    be decoded; the bytes stand escaped (``\xfc``) in the row.
    """

    rows: pa.RecordBatch
    undecodable: dict[int, str] = field(default_factory=dict)


def decode_text(batch: pa.RecordBatch) -> ReadBatch:
    """Check every text column; bytes that are no UTF-8 are escaped and named, never guessed."""
    undecodable: dict[int, str] = {}
    for index, column in enumerate(batch.schema):
        if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
            continue
        values = batch.column(index)
        try:
            values.validate(full=True)
        except pa.ArrowInvalid:
            fixed, rows = _escape(values)
            undecodable.update(dict.fromkeys(rows, column.name))
            batch = batch.set_column(index, column.name, fixed)
    return ReadBatch(batch, undecodable)


def _escape(values: pa.Array) -> tuple[pa.Array, list[int]]:
    binary = pa.binary() if pa.types.is_string(values.type) else pa.large_binary()
    texts: list[str | None] = []
    rows: list[int] = []
    for row, raw in enumerate(values.view(binary).to_pylist()):
        try:
            texts.append(None if raw is None else raw.decode("utf-8"))
        except UnicodeDecodeError:
            rows.append(row)
            texts.append(raw.decode("utf-8", "backslashreplace"))
    return pa.array(texts, pa.string()), rows


__all__ = ["BATCH_ROWS", "GEOMETRY", "LayerInfo", "ReadBatch", "decode_text"]
