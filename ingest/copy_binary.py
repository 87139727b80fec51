"""PostgreSQL's binary COPY format, built for whole columns at a time by Arrow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

HEADER: Final = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
TRAILER: Final = b"\xff\xff"
_NULL: Final = pa.scalar(b"\xff\xff\xff\xff", pa.binary())
_NOTHING: Final = pa.scalar(b"", pa.binary())
_EPOCH_DAYS: Final = 10957  # 1970-01-01 to 2000-01-01
_NUMERIC_DIGITS: Final = 4

Column = Any
"""Encoded values, their lengths before them; several arrays of pieces may stand for one column."""


def int8_column(values: npt.NDArray[np.int64]) -> list[Column]:
    """Encode bigint values."""
    return [_fixed(values.astype(">i8"))]


def date_column(days: pa.Array) -> list[Column]:
    """Encode dates; null is NULL."""
    numbers = days.cast(pa.int32()).fill_null(0).to_numpy().astype(np.int64) - _EPOCH_DAYS
    return [_blank(_fixed(numbers.astype(">i4")), days)]


def numeric_column(values: npt.NDArray[np.float64]) -> list[Column]:
    """Encode ``numeric(14, 2)`` values, not negative; NaN becomes NULL.

    Examples
    --------
    >>> numeric_column(np.array([612.5, np.nan]))[0].to_pylist()[0].hex()
    '0000001000040002000000020000000002641388'
    >>> join_rows([numeric_column(np.array([np.nan]))]).hex()
    '0001ffffffff'
    """
    known = np.isfinite(values)
    cents = np.rint(np.where(known, values, 0.0) * 100).astype(np.int64)
    whole, part = np.divmod(cents, 100)
    record = np.zeros(
        len(values), dtype=[("n", ">i4"), ("head", ">i2", 4), ("digit", ">i2", _NUMERIC_DIGITS)]
    )
    record["n"] = 16
    record["head"] = (_NUMERIC_DIGITS, 2, 0, 2)  # digits, weight of the first, sign, decimals shown
    record["digit"][:, 0] = whole // 100_000_000
    record["digit"][:, 1] = whole // 10_000 % 10_000
    record["digit"][:, 2] = whole % 10_000
    record["digit"][:, 3] = part * 100
    return [_blank(_pieces(record), pa.array(known).cast(pa.int8()), zero_is_null=True)]


def bytes_column(values: pa.Array) -> list[Column]:
    """Encode text or bytes (geometry as EWKB); null is NULL."""
    values = values.cast(pa.binary())
    lengths = pc.fill_null(pc.binary_length(values), -1).to_numpy()
    prefix = _pieces(lengths.astype(">i4").view([("n", ">i4")]))
    return [prefix, values.fill_null(b"") if values.null_count else values]


def optional_int2_column(values: pa.Array) -> list[Column]:
    """Encode smallint values kept as floats; null is NULL."""
    numbers = values.fill_null(0).to_numpy()
    return [_blank(_fixed(numbers.astype(">i2")), values)]


def optional_float4_column(values: pa.Array) -> list[Column]:
    """Encode real values; null is NULL."""
    return [_blank(_fixed(values.fill_null(0).to_numpy().astype(">f4")), values)]


def constant(data: bytes | None) -> list[Column]:
    """Give one encoded value to every row."""
    return [_NULL if data is None else pa.scalar(len(data).to_bytes(4, "big") + data, pa.binary())]


def join_rows(columns: Sequence[list[Column]]) -> bytes:
    """Interleave encoded columns into rows (without header and trailer).

    Examples
    --------
    >>> join_rows([int8_column(np.array([1, 2])), constant(b"AZ")]).hex(" ", 2)[:44]
    '0002 0000 0008 0000 0000 0000 0001 0000 0002'
    >>> join_rows([int8_column(np.array([], dtype=np.int64)), constant(None)])
    b''
    """
    head = pa.scalar(len(columns).to_bytes(2, "big"), pa.binary())
    pieces = [piece for column in columns for piece in column]
    joined = pc.binary_join_element_wise(head, *pieces, _NOTHING)
    if not len(joined):
        return b""
    offsets = np.frombuffer(joined.buffers()[1], np.int32, len(joined) + 1, joined.offset * 4)
    return bytes(memoryview(joined.buffers()[2])[offsets[0] : offsets[-1]])


def _fixed(values: npt.NDArray[np.generic]) -> pa.Array:
    record = np.empty(len(values), dtype=[("n", ">i4"), ("value", values.dtype)])
    record["n"] = values.dtype.itemsize
    record["value"] = values
    return _pieces(record)


def _pieces(record: npt.NDArray[np.void]) -> pa.Array:
    """Cut an array of records into the bytes of each."""
    size, count = record.dtype.itemsize, len(record)
    offsets = pa.py_buffer((np.arange(count + 1, dtype=np.int32) * size).tobytes())
    return pa.Array.from_buffers(pa.binary(), count, [None, offsets, pa.py_buffer(record.tobytes())])


def _blank(pieces: pa.Array, values: pa.Array, *, zero_is_null: bool = False) -> pa.Array:
    """Write NULL where a value is null (or, of a mask, zero)."""
    missing = pc.equal(values, 0) if zero_is_null else pc.is_null(values)
    return pc.if_else(missing, _NULL, pieces) if pc.any(missing, min_count=0).as_py() else pieces


__all__ = [
    "HEADER",
    "TRAILER",
    "Column",
    "bytes_column",
    "constant",
    "date_column",
    "int8_column",
    "join_rows",
    "numeric_column",
    "optional_float4_column",
    "optional_int2_column",
]
