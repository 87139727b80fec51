"""PostgreSQL's binary COPY format, built for whole columns at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

HEADER: Final = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
TRAILER: Final = b"\xff\xff"
_NULL: Final = b"\xff\xff\xff\xff"
_EPOCH_DAYS: Final = 10957  # 1970-01-01 to 2000-01-01
_NUMERIC_DIGITS: Final = 4

Column = list[bytes]


def int8_column(values: npt.NDArray[np.int64]) -> Column:
    """Encode bigint values."""
    return _fixed(values.astype(">i8"), 8)


def int4_column(values: npt.NDArray[np.int64]) -> Column:
    """Encode integer values."""
    return _fixed(values.astype(">i4"), 4)


def date_column(days: npt.NDArray[np.int64]) -> Column:
    """Encode dates given as days since 1970-01-01."""
    return _fixed((days - _EPOCH_DAYS).astype(">i4"), 4)


def numeric_column(values: npt.NDArray[np.float64]) -> Column:
    """Encode ``numeric(14, 2)`` values, not negative; NaN becomes NULL.

    Examples
    --------
    >>> numeric_column(np.array([612.5]))[0].hex()
    '0000001000040002000000020000000002641388'
    >>> numeric_column(np.array([np.nan]))[0].hex()
    'ffffffff'
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
    return _blank(_split(record), known)


def bytes_column(values: Sequence[bytes | None]) -> Column:
    """Encode values that are bytes already (geometry as EWKB, text as UTF-8); None is NULL."""
    return [_NULL if value is None else len(value).to_bytes(4, "big") + value for value in values]


def text_column(values: pa.Array) -> Column:
    """Encode text."""
    return bytes_column(values.cast(pa.binary()).to_pylist())


def optional_int2_column(values: pa.Array) -> Column:
    """Encode smallint values kept as floats; null is NULL."""
    numbers = values.to_numpy(zero_copy_only=False).astype(np.float64)
    known = np.isfinite(numbers)
    return _blank(_fixed(np.where(known, numbers, 0).astype(">i2"), 2), known)


def optional_float4_column(values: pa.Array) -> Column:
    """Encode real values; null is NULL."""
    numbers = values.to_numpy(zero_copy_only=False).astype(np.float64)
    return _blank(_fixed(numbers.astype(">f4"), 4), np.isfinite(numbers))


def constant(data: bytes | None, count: int) -> Column:
    """Repeat one encoded value."""
    return bytes_column([data]) * count


def join_rows(columns: Sequence[Column]) -> bytes:
    """Interleave encoded columns into rows (without header and trailer)."""
    head = len(columns).to_bytes(2, "big")
    return b"".join([piece for row in zip(*columns, strict=True) for piece in (head, *row)])


def _fixed(values: npt.NDArray[np.generic], size: int) -> Column:
    record = np.empty(len(values), dtype=[("n", ">i4"), ("value", values.dtype)])
    record["n"] = size
    record["value"] = values
    return _split(record)


def _split(record: npt.NDArray[np.void]) -> Column:
    """Cut an array of records into the bytes of each."""
    raw, size = record.tobytes(), record.dtype.itemsize
    return [raw[at : at + size] for at in range(0, len(raw), size)]


def _blank(column: Column, known: npt.NDArray[np.bool_]) -> Column:
    if not known.all():
        for row in np.flatnonzero(~known).tolist():
            column[row] = _NULL
    return column


__all__ = [
    "HEADER",
    "TRAILER",
    "Column",
    "bytes_column",
    "constant",
    "date_column",
    "int4_column",
    "int8_column",
    "join_rows",
    "numeric_column",
    "optional_float4_column",
    "optional_int2_column",
    "text_column",
]
