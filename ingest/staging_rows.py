"""COPY text for the staging tables: rejected rows as they came, and findings."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from cadastre.rules.finding import Severity
from ingest.readers.batch import GEOMETRY

REJECTED_COLUMNS = "load_id, row_number, attributes, geom_wkb"
FINDING_COLUMNS = (
    "load_id, row_number, rule, severity, subject, measured, limit_value, unit, detail, where_wgs84"
)
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_NULL = "\\N"
_POINT = struct.Struct("<BIIdd")
_EWKB_POINT = 0x20000001


def format_rejected(load_id: int, first_row: int, rows: Iterable[int], batch: pa.RecordBatch) -> str:
    """Write the rows (positions in the batch) as lines for ``staging.rejected_row``."""
    positions = list(rows)
    taken = batch.take(pa.array(positions, pa.int64()))
    names = [name for name in taken.schema.names if name != GEOMETRY]
    columns = {name: taken.column(name).to_pylist() for name in names}
    shapes = taken.column(GEOMETRY).to_pylist()
    lines = []
    for at, position in enumerate(positions):
        attributes = {name: _plain(columns[name][at]) for name in names}
        wkb = shapes[at]
        lines.append(
            "\t".join(
                (
                    str(load_id),
                    str(first_row + position),
                    _json(attributes),
                    _NULL if wkb is None else f"\\\\x{wkb.hex()}",
                )
            )
        )
    return "".join(f"{line}\n" for line in lines)


def format_finding(
    load_id: int,
    row: int | None,
    rule: str,
    severity: Severity,
    *,
    subject: str | None = None,
    measured: float | None = None,
    limit: float | None = None,
    unit: str | None = None,
    detail: Mapping[str, Any] | None = None,
    lon_lat: tuple[float, float] | None = None,
) -> str:
    """Write one finding as a line for ``staging.finding``."""
    place = _NULL
    if lon_lat is not None and all(math.isfinite(value) for value in lon_lat):
        place = _POINT.pack(1, _EWKB_POINT, 4326, *lon_lat).hex().upper()
    values = (
        str(load_id),
        _NULL if row is None else str(row),
        rule,
        severity.value,
        _text(subject),
        _number(measured),
        _number(limit),
        _text(unit),
        _json(detail or {}),
        place,
    )
    return "\t".join(values) + "\n"


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return str(value)


def _json(value: Mapping[str, Any]) -> str:
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    # jsonb holds no NUL and no lone surrogate: shown as the sign for NUL, or escaped.
    text = text.replace("\\u0000", "␀").encode("utf-8", "backslashreplace").decode("utf-8")
    return text.translate(_ESCAPES)


def _text(value: str | None) -> str:
    return _NULL if value is None else value.replace("\x00", "␀").translate(_ESCAPES)


def _number(value: float | None) -> str:
    return _NULL if value is None or math.isnan(value) else repr(float(value))


__all__ = ["FINDING_COLUMNS", "REJECTED_COLUMNS", "format_finding", "format_rejected"]
