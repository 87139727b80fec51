"""Ready rows written as the two COPY streams of the register: parcel and parcel_version."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from ingest import copy_binary as binary
from ingest.bulk_plan import NUMBER, LoadPlan

PARCEL_COPY: Final = (
    "COPY cadastre.parcel (parcel_id, cadastral_number, district_code) FROM STDIN WITH (FORMAT binary)"
)
VERSION_COPY: Final = (
    "COPY cadastre.parcel_version (version_id, parcel_id, valid_from, recorded_leaf, load_id, geom, "
    "surveyed_area_m2, documentary_area_m2, land_category, ownership_form, purpose, quality_group, "
    "address_text, source_number, source_date, accuracy_m, source_srid, operation_code, "
    "operation_accuracy_m) FROM STDIN WITH (FORMAT binary)"
)
_UNIX_EPOCH_ORDINAL: Final = 719163


def encode_parcels(plan: LoadPlan, ready: pa.RecordBatch) -> tuple[bytes, bytes]:
    """Encode ready rows for :data:`PARCEL_COPY` and :data:`VERSION_COPY` (rows only).

    The identities follow from the row's place in the file, so that any process can
    encode any piece: base + row number - 1.
    """
    count = ready.num_rows
    row = ready.column("row").to_numpy()
    parcel_id = binary.int8_column(plan.parcel_id_base + row)
    parcels = binary.join_rows(
        (parcel_id, _encode_numbers(plan, ready, row), binary.constant(plan.district_code.encode(), count))
    )
    source_date = _column(ready, "source_date", pa.date32())
    versions = binary.join_rows(
        (
            binary.int8_column(plan.version_id_base + row),
            parcel_id,
            binary.date_column(_find_valid_from(plan, source_date)),
            binary.constant(_int8(plan.leaf_id), count),
            binary.constant(_int8(plan.load_id), count),
            binary.bytes_column(ready.column("geom").to_pylist()),
            binary.numeric_column(ready.column("surveyed_area_m2").to_numpy()),
            binary.numeric_column(_floats(ready, "documentary_area_m2")),
            binary.optional_int2_column(_column(ready, "land_category", pa.float64())),
            binary.text_column(_column(ready, "ownership_form", pa.string())),
            binary.text_column(_column(ready, "purpose", pa.string())),
            binary.optional_int2_column(_column(ready, "quality_group", pa.float64())),
            binary.text_column(_column(ready, "address_text", pa.string())),
            binary.text_column(_column(ready, "source_number", pa.string())),
            _encode_dates(source_date),
            binary.optional_float4_column(_column(ready, "accuracy_m", pa.float64())),
            binary.constant(plan.source_srid.to_bytes(4, "big"), count),
            binary.constant(None if plan.operation_code is None else plan.operation_code.encode(), count),
            binary.constant(_float4(plan.operation_accuracy_m), count),
        )
    )
    return parcels, versions


def _encode_numbers(plan: LoadPlan, ready: pa.RecordBatch, row: np.ndarray) -> binary.Column:
    if not plan.mints_numbers:
        return binary.text_column(ready.column(NUMBER))
    serials = (plan.number_base + row).tolist()
    return binary.bytes_column([f"{plan.district_code}-{serial:08d}".encode() for serial in serials])


def _find_valid_from(plan: LoadPlan, source_date: pa.Array) -> np.ndarray:
    """Return the day from which each row holds: its document's day, else (or if that lies ahead) today."""
    today = plan.today.toordinal() - _UNIX_EPOCH_ORDINAL
    days = source_date.cast(pa.int32()).fill_null(today).to_numpy().astype(np.int64)
    return np.minimum(days, today)


def _encode_dates(dates: pa.Array) -> binary.Column:
    days = dates.cast(pa.int32()).fill_null(0).to_numpy().astype(np.int64)
    column = binary.date_column(days)
    if dates.null_count:
        for row in np.flatnonzero(dates.is_null().to_numpy(zero_copy_only=False)).tolist():
            column[row] = b"\xff\xff\xff\xff"
    return column


def _column(ready: pa.RecordBatch, name: str, kind: pa.DataType) -> pa.Array:
    index = ready.schema.get_field_index(name)
    return pa.nulls(ready.num_rows, kind) if index < 0 else ready.column(index)


def _floats(ready: pa.RecordBatch, name: str) -> np.ndarray:
    return _column(ready, name, pa.float64()).to_numpy(zero_copy_only=False).astype(np.float64)


def _int8(value: int) -> bytes:
    return value.to_bytes(8, "big", signed=True)


def _float4(value: float | None) -> bytes | None:
    return None if value is None else np.array(value, ">f4").tobytes()


__all__ = ["PARCEL_COPY", "VERSION_COPY", "encode_parcels"]
