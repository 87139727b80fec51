"""Ready rows written as the two COPY streams of the register: parcel and parcel_version."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

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


def encode_parcels(
    plan: LoadPlan, ready: pa.RecordBatch, serial: npt.NDArray[np.int64]
) -> tuple[bytes, bytes]:
    """Encode ready rows for :data:`PARCEL_COPY` and :data:`VERSION_COPY` (rows only).

    ``serial`` counts the rows of the load along the ground, from 1: identities rise in
    the order in which rows are copied, so that their indexes grow at one end. A number
    that the register mints follows the row's place in the file.
    """
    row = ready.column("row").to_numpy()
    parcel_id = binary.int8_column(plan.parcel_id_base + serial)
    parcels = binary.join_rows(
        (parcel_id, _encode_numbers(plan, ready, row), binary.constant(plan.district_code.encode()))
    )
    source_date = _column(ready, "source_date", pa.date32())
    versions = binary.join_rows(
        (
            binary.int8_column(plan.version_id_base + serial),
            parcel_id,
            binary.date_column(_find_valid_from(plan, source_date)),
            binary.constant(_int8(plan.leaf_id)),
            binary.constant(_int8(plan.load_id)),
            binary.bytes_column(ready.column("geom")),
            binary.numeric_column(ready.column("surveyed_area_m2").to_numpy()),
            binary.numeric_column(_floats(ready, "documentary_area_m2")),
            binary.optional_int2_column(_column(ready, "land_category", pa.float64())),
            binary.bytes_column(_column(ready, "ownership_form", pa.string())),
            binary.bytes_column(_column(ready, "purpose", pa.string())),
            binary.optional_int2_column(_column(ready, "quality_group", pa.float64())),
            binary.bytes_column(_column(ready, "address_text", pa.string())),
            binary.bytes_column(_column(ready, "source_number", pa.string())),
            binary.date_column(source_date),
            binary.optional_float4_column(_column(ready, "accuracy_m", pa.float64())),
            binary.constant(plan.source_srid.to_bytes(4, "big")),
            binary.constant(None if plan.operation_code is None else plan.operation_code.encode()),
            binary.constant(_float4(plan.operation_accuracy_m)),
        )
    )
    return parcels, versions


def _encode_numbers(plan: LoadPlan, ready: pa.RecordBatch, row: npt.NDArray[np.int64]) -> list[binary.Column]:
    if not plan.mints_numbers:
        return binary.bytes_column(ready.column(NUMBER))
    serials = (plan.number_base + row).tolist()
    minted = pa.array([f"{plan.district_code}-{serial:08d}" for serial in serials], pa.string())
    return binary.bytes_column(minted)


def _find_valid_from(plan: LoadPlan, source_date: pa.Array) -> pa.Array:
    """Return the day from which each row holds: its document's day, else (or if that lies ahead) today."""
    today = pa.scalar(plan.today, pa.date32())
    return pc.min_element_wise(source_date, today)


def _column(ready: pa.RecordBatch, name: str, kind: pa.DataType) -> pa.Array:
    index = ready.schema.get_field_index(name)
    return pa.nulls(ready.num_rows, kind) if index < 0 else ready.column(index)


def _floats(ready: pa.RecordBatch, name: str) -> npt.NDArray[np.float64]:
    values = _column(ready, name, pa.float64()).to_numpy(zero_copy_only=False)
    return np.asarray(values, dtype=np.float64)


def _int8(value: int) -> bytes:
    return value.to_bytes(8, "big", signed=True)


def _float4(value: float | None) -> bytes | None:
    return None if value is None else np.array(value, ">f4").tobytes()


__all__ = ["PARCEL_COPY", "VERSION_COPY", "encode_parcels"]
