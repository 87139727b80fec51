"""Attribute mapping: which column of the file becomes which field of the register, and in which unit.

A field that cannot be read makes a fault of its row; nothing is guessed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from cadastre.kernel.errors import InvalidInput
from cadastre.kernel.measures import AREA_UNITS_M2
from cadastre.kernel.text import NFC_MAY_CHANGE
from ingest.readers.batch import list_names

AREA_UNITS: Final = MappingProxyType({unit: float(size) for unit, size in AREA_UNITS_M2.items()})


class FieldKind(StrEnum):
    """How the text or number of a column is read."""

    TEXT = "text"
    IDENTIFIER = "identifier"
    INTEGER = "integer"
    DECIMAL = "decimal"
    AREA = "area"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the register that a file may fill."""

    name: str
    kind: FieldKind
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    longest: int = 500


@dataclass(frozen=True, slots=True)
class Source:
    """Where a field comes from: the column and, for areas, its unit."""

    column: str
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """A value that cannot be read: its row (from 0 in the batch), field, column and text."""

    row: int
    field: str
    column: str
    value: str


@dataclass(frozen=True, slots=True)
class MappedColumns:
    """Typed columns by field name (string, int64, float64 or date32 arrays), and the faults."""

    columns: Mapping[str, pa.Array]
    faults: Sequence[Fault]


class AttributeMap:
    """The chosen mapping, checked against the columns of one file."""

    def __init__(self, fields: Iterable[Field], chosen: Mapping[str, Source]) -> None:
        self._fields = {field.name: field for field in fields if field.name in chosen}
        self.sources = dict(chosen)

    def __contains__(self, field: str) -> bool:
        return field in self._fields

    def describe(self) -> dict[str, str]:
        """Return the mapping as it is recorded with the load."""
        return {
            name: source.column if source.unit is None else f"{source.column}:{source.unit}"
            for name, source in self.sources.items()
        }

    def read(self, batch: pa.RecordBatch) -> MappedColumns:
        """Convert the mapped columns of a batch; order is kept, a faulty or absent value is null."""
        columns: dict[str, pa.Array] = {}
        faults: list[Fault] = []
        for name in self._fields:
            column = self.sources[name].column
            columns[name], bad = self._read_field(batch, name)
            if bad:
                raw = batch.column(batch.schema.get_field_index(column))
                faults.extend(Fault(row, name, column, _show(raw[row])) for row in bad)
        return MappedColumns(columns, faults)

    def read_one(self, batch: pa.RecordBatch, field: str) -> pa.Array:
        """Convert the column of one field, as :meth:`read` does."""
        return self._read_field(batch, field)[0]

    def _read_field(self, batch: pa.RecordBatch, name: str) -> tuple[pa.Array, list[int]]:
        source = self.sources[name]
        raw = batch.column(batch.schema.get_field_index(source.column))
        return _convert(raw, self._fields[name], source.unit)


def parse_mapping(texts: Sequence[str], fields: Sequence[Field], columns: Sequence[str]) -> AttributeMap:
    """Read ``target=source[:unit]`` texts; a column named exactly as a field maps itself.

    Raises
    ------
    InvalidInput
        Unknown field or column (the known ones are listed), a unit where none belongs.

    Examples
    --------
    >>> area = Field("documentary_area_m2", FieldKind.AREA)
    >>> parse_mapping(["documentary_area_m2=AreaAc:acre"], [area], ["AreaAc"]).describe()
    {'documentary_area_m2': 'AreaAc:acre'}
    >>> parse_mapping([], [area], ["Documentary_Area_m2"]).describe()
    {'documentary_area_m2': 'Documentary_Area_m2'}
    """
    known = {field.name: field for field in fields}
    lower = {column.lower(): column for column in columns}
    chosen = {name: Source(lower[name]) for name in known if name in lower}
    for text in texts:
        target, separator, source = text.partition("=")
        if not separator or not source:
            raise InvalidInput(
                f"--map {text!r} is not target=source[:unit], such as documentary_area_m2=AreaAc:acre.",
                code="mapping-malformed",
            )
        field = known.get(target.strip())
        if field is None:
            raise InvalidInput(
                f"--map names no field {target.strip()!r}; the fields are {list_names(list(known), 40)}.",
                code="mapping-field-unknown",
                fields=list(known),
            )
        chosen[field.name] = _parse_source(source.strip(), field, columns)
    return AttributeMap(fields, chosen)


def _parse_source(text: str, field: Field, columns: Sequence[str]) -> Source:
    if text in columns:
        return Source(text)
    column, separator, unit = text.rpartition(":")
    if separator and column in columns:
        if field.kind is not FieldKind.AREA:
            raise InvalidInput(f"{field.name} has no unit, so {text!r} is not usable.", code="mapping-unit")
        if unit not in AREA_UNITS:
            raise InvalidInput(
                f"{unit!r} is not a unit of area; use {list_names(list(AREA_UNITS))}.", code="mapping-unit"
            )
        return Source(column, unit)
    if not columns:
        raise InvalidInput(
            f"The file has no columns at all, so {text!r} cannot be mapped; it may have no rows.",
            code="mapping-column-unknown",
        )
    raise InvalidInput(
        f"The file has no column {(column if separator and unit in AREA_UNITS else text)!r}; "
        f"it has {list_names(list(columns), 60)}.",
        code="mapping-column-unknown",
        columns=list(columns),
    )


def _convert(raw: pa.Array, field: Field, unit: str | None) -> tuple[pa.Array, list[int]]:
    if field.kind in (FieldKind.TEXT, FieldKind.IDENTIFIER):
        return _to_text(raw, field)
    if field.kind is FieldKind.DATE:
        return _to_date(raw)
    values, bad = _to_number(raw)
    if field.kind is FieldKind.AREA:
        values = pc.multiply(values, pa.scalar(AREA_UNITS[unit or "m2"]))
    wrong = pc.invert(pc.is_finite(values))
    if field.least is not None:
        wrong = pc.or_(wrong, pc.less(values, field.least))
    if field.most is not None:
        wrong = pc.or_(wrong, pc.greater(values, field.most))
    if field.kind is FieldKind.INTEGER:
        wrong = pc.or_(wrong, pc.not_equal(values, pc.round(values)))
    return _drop(values, wrong, bad)


def _to_text(raw: pa.Array, field: Field) -> tuple[pa.Array, list[int]]:
    if pa.types.is_floating(raw.type):  # a number that a spreadsheet or a DBF kept as 123.0
        whole = pc.fill_null(pc.and_(pc.is_finite(raw), pc.equal(raw, pc.round(raw))), False)
        digits = pc.cast(pc.if_else(whole, raw, 0.0), pa.int64(), safe=False)
        text = pc.if_else(whole, pc.cast(digits, pa.string()), pc.cast(raw, pa.string()))
        text = pc.if_else(pc.is_null(raw), pa.scalar(None, pa.string()), text)
    elif pa.types.is_string(raw.type):
        text = raw
    else:
        text = pa.array([None if v is None else str(v) for v in raw.to_pylist()], pa.string())
    if not _is_ascii(text) and pc.any(pc.match_substring_regex(text, NFC_MAY_CHANGE), min_count=0).as_py():
        text = pc.utf8_normalize(text, form="NFC")
    text = pc.utf8_trim_whitespace(text)
    if field.kind is FieldKind.IDENTIFIER:
        text = pc.ascii_upper(text) if _is_ascii(text) else _upper_ascii_letters(text)
    else:
        text = pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
    wrong = pc.greater(pc.utf8_length(text), field.longest)
    if field.choices:
        wrong = pc.and_(pc.is_valid(text), pc.invert(pc.is_in(text, pa.array(field.choices))))
    return _drop(text, wrong, [])


def _upper_ascii_letters(text: pa.Array) -> pa.Array:
    table = {code: code - 32 for code in range(ord("a"), ord("z") + 1)}
    return pa.array([None if v is None else v.translate(table) for v in text.to_pylist()], pa.string())


def _is_ascii(text: pa.Array) -> bool:
    return bool(pc.all(pc.string_is_ascii(text), min_count=0).as_py() is not False)


def _to_number(raw: pa.Array) -> tuple[pa.Array, list[int]]:
    if pa.types.is_integer(raw.type) or pa.types.is_floating(raw.type) or pa.types.is_decimal(raw.type):
        return pc.cast(raw, pa.float64(), safe=False), []
    numbers: list[float | None] = []
    bad: list[int] = []
    for row, value in enumerate(raw.to_pylist()):
        text = "" if value is None else str(value).strip()
        if text.count(",") == 1 and "." not in text:  # the decimal comma of Azerbaijani spreadsheets
            text = text.replace(",", ".")
        try:
            number = float(text) if text else None
        except ValueError:
            number = math.nan
        if number is not None and "_" in text:
            number = math.nan
        if number is not None and not math.isfinite(number):
            bad.append(row)
            number = None
        numbers.append(number)
    return pa.array(numbers, pa.float64()), bad


def _to_date(raw: pa.Array) -> tuple[pa.Array, list[int]]:
    if pa.types.is_date(raw.type) or pa.types.is_timestamp(raw.type):
        return pc.cast(raw, pa.date32(), safe=False), []
    text = pc.utf8_trim_whitespace(pc.cast(raw, pa.string()))
    text = pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
    day = pc.utf8_slice_codeunits(text, 0, 10)
    shaped = pc.match_substring_regex(text, r"^\d{4}-\d{2}-\d{2}([T ].*)?$")
    parsed = pc.strptime(pc.if_else(shaped, day, None), format="%Y-%m-%d", unit="s", error_is_null=True)
    # strptime rolls 31 February over to March: what does not print back is no date.
    same = pc.equal(pc.strftime(parsed, format="%Y-%m-%d"), day)
    good = pc.fill_null(same, False)
    wrong = pc.and_(pc.is_valid(text), pc.invert(good))
    return _drop(pc.cast(parsed, pa.date32(), safe=False), wrong, [])


def _drop(values: pa.Array, wrong: pa.Array, bad: list[int]) -> tuple[pa.Array, list[int]]:
    """Make the wrong values null and name their rows."""
    wrong = pc.fill_null(wrong, False)
    if not pc.any(wrong, min_count=0).as_py():
        return values, bad
    rows = [row for row, flag in enumerate(wrong.to_pylist()) if flag]
    return pc.if_else(wrong, pa.scalar(None, values.type), values), sorted({*bad, *rows})


def _show(value: Any) -> str:
    text = str(value.as_py())
    return text if len(text) <= 80 else f"{text[:77]}..."


__all__ = [
    "AREA_UNITS",
    "AttributeMap",
    "Fault",
    "Field",
    "FieldKind",
    "MappedColumns",
    "Source",
    "parse_mapping",
]
