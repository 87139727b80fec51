"""Columns become fields with units; what cannot be read is named, never guessed."""

from __future__ import annotations

import unicodedata
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from cadastre.kernel.errors import InvalidInput
from cadastre.kernel.text import NFC_MAY_CHANGE
from ingest.bulk_plan import list_parcel_fields
from ingest.readers import Fault, Field, FieldKind, parse_mapping

FIELDS = list_parcel_fields(("dovlet", "belediyye", "xususi"))


def convert(field: Field, values: Any, mapping: str | None = None) -> tuple[list[Any], list[tuple[int, str]]]:
    batch = pa.RecordBatch.from_arrays([pa.array(values)], names=["c"])
    mapped = parse_mapping([mapping or f"{field.name}=c"], [field], ["c"]).read(batch)
    return mapped.columns[field.name].to_pylist(), [(fault.row, fault.value) for fault in mapped.faults]


@pytest.mark.parametrize(
    ("kind", "values", "expected", "faults"),
    [
        (FieldKind.IDENTIFIER, [" a-1 ", "ə1", None, ""], ["A-1", "ə1", None, ""], []),
        (FieldKind.IDENTIFIER, [585.0, 1.5, None], ["585", "1.5", None], []),
        (FieldKind.IDENTIFIER, [7, None], ["7", None], []),
        (FieldKind.TEXT, ["I\u0307stanbul", "  ", None], ["İstanbul", None, None], []),
        (FieldKind.DECIMAL, ["1.5", "1,5", "1e2", "", None], [1.5, 1.5, 100.0, None, None], []),
        (FieldKind.DECIMAL, ["x", "1_0", "nan", "1,000.5"], [None] * 4, [0, 1, 2, 3]),
        (FieldKind.DECIMAL, [float("nan"), float("inf"), 2.0], [None, None, 2.0], [0, 1]),
        (FieldKind.INTEGER, [3.0, 3.5, 1], [3.0, None, 1.0], [1]),
        (
            FieldKind.DATE,
            ["2020-02-29", "2021-02-29", "29.02.2020", ""],
            [date(2020, 2, 29), None, None, None],
            [1, 2],
        ),
        (FieldKind.DATE, ["2020-01-02T03:04:05+04:00", "2020-01-02 03:04"], [date(2020, 1, 2)] * 2, []),
        (FieldKind.DATE, [date(2020, 1, 2), None], [date(2020, 1, 2), None], []),
    ],
)
def test_values(kind: FieldKind, values: list[Any], expected: list[Any], faults: list[int]) -> None:
    found, bad = convert(Field("f", kind), values)
    assert found == expected
    assert [row for row, _ in bad] == faults


@pytest.mark.parametrize(
    ("unit", "factor"), [("m2", 1), ("ha", 10_000), ("acre", 4046.8564224), ("ft2", 0.09290304)]
)
def test_area_units(unit: str, factor: float) -> None:
    found, bad = convert(Field("a", FieldKind.AREA), [2.0], f"a=c:{unit}")
    assert found == [pytest.approx(2 * factor)]
    assert bad == []


def test_limits_and_choices() -> None:
    assert convert(Field("k", FieldKind.INTEGER, least=1, most=7), [0, 7, 8]) == (
        [None, 7, None],
        [(0, "0"), (2, "8")],
    )
    chosen = convert(Field("o", FieldKind.TEXT, choices=("dovlet",)), ["dovlet", "mine", None])
    assert chosen == (["dovlet", None, None], [(1, "mine")])
    assert convert(Field("t", FieldKind.TEXT, longest=3), ["abcd"])[1] == [(0, "abcd")]


def test_columns_named_as_fields_map_themselves() -> None:
    mapped = parse_mapping(["cadastral_number=PID"], FIELDS, ["PID", "Land_Category", "cadastral_number"])
    assert mapped.describe() == {"cadastral_number": "PID", "land_category": "Land_Category"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("cadastral_number", "is not target=source"),
        ("cadastral_number=", "is not target=source"),
        ("colour=PID", "no field 'colour'; the fields are cadastral_number, land_category"),
        ("cadastral_number=NOPE", "no column 'NOPE'; it has PID, Area:x"),
        ("documentary_area_m2=NOPE:ha", "no column 'NOPE'"),
        ("documentary_area_m2=PID:verst", "'verst' is not a unit of area; use m2, ha, acre, ft2"),
        ("cadastral_number=PID:ha", "cadastral_number has no unit"),
    ],
)
def test_a_mapping_that_cannot_be_is_explained(text: str, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        parse_mapping([text], FIELDS, ["PID", "Area:x"])


def test_a_column_may_hold_a_colon() -> None:
    assert parse_mapping(["purpose=Area:x"], FIELDS, ["Area:x"]).describe() == {"purpose": "Area:x"}


def test_a_fault_names_row_field_column_and_value() -> None:
    batch = pa.RecordBatch.from_pydict({"Cat": ["2", "nine"]})
    mapped = parse_mapping(["land_category=Cat"], FIELDS, ["Cat"]).read(batch)
    assert list(mapped.faults) == [Fault(1, "land_category", "Cat", "nine")]


def test_what_is_not_sent_to_be_composed_is_composed() -> None:
    every = [chr(code) for code in range(0x110000) if not 0xD800 <= code <= 0xDFFF]
    spared = pc.filter(
        pa.array(every, pa.string()), pc.invert(pc.match_substring_regex(pa.array(every), NFC_MAY_CHANGE))
    ).to_pylist()
    assert {"ə", "İ", "ş", "№", "₼", "—", "ж", "й", "Ҹ"} <= set(spared)
    for first in spared:
        text = "".join(first + second for second in spared)
        assert unicodedata.is_normalized("NFC", text)


def test_decomposed_text_is_composed() -> None:
    field = Field("address_text", FieldKind.TEXT)
    batch = pa.record_batch({"address_text": ["S\u0327ki", "küçə", None]})
    read = parse_mapping([], [field], ["address_text"]).read(batch)
    assert read.columns["address_text"].to_pylist() == ["Şki", "küçə", None]
