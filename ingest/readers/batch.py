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


def unique_names(names: list[str]) -> list[str]:
    """Number repeated column names apart (``name``, ``name_2``)."""
    seen: dict[str, int] = {}
    result = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        result.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return result


def list_names(names: list[str], most: int = 20) -> str:
    """Write names for a sentence, cut after ``most``."""
    shown = ", ".join(names[:most]) or "none"
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


__all__ = [
    "BATCH_ROWS",
    "GEOMETRY",
    "LayerInfo",
    "ReadBatch",
    "decode_text",
    "list_names",
    "unique_names",
]
