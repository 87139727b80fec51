"""The columns of a units file, and the reading of one row: what is unreadable becomes findings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from cadastre.domain.codelist import load_codelist
from cadastre.domain.unit import UnitKey, parse_unit_number
from cadastre.kernel.errors import InvalidInput
from cadastre.kernel.ids import parse_cadastral_number
from cadastre.rules.finding import Finding
from cadastre.rules.packaged import find_fault, holds_back
from ingest.columns import require_columns
from ingest.tabular import TableRow

REQUIRED: Final = ("building_number", "unit_number", "kind")
OPTIONAL: Final = (
    "entrance_number",
    "floor",
    "room_count",
    "total_area_m2",
    "living_area_m2",
    "auxiliary_area_m2",
    "cadastral_number",
    "synthetic",  # the label of sample files; says nothing about the unit
)
_WHOLE_NUMBERS: Final = {
    "entrance_number": (1, 100, "unit-entrance-malformed"),
    "floor": (-10, 200, "unit-floor-malformed"),
    "room_count": (0, 1000, "unit-rooms-malformed"),
}
_LARGEST_AREA: Final = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A readable row."""

    key: UnitKey
    kind: str
    entrance_number: int | None
    floor: int | None
    room_count: int | None
    total_area_m2: Decimal | None
    living_area_m2: Decimal | None
    auxiliary_area_m2: Decimal | None
    cadastral_number: str | None


@dataclass(frozen=True, slots=True)
class ReadUnit:
    """A row after reading: the unit when it is readable, and its findings."""

    source: TableRow
    unit: UnitRow | None
    findings: list[Finding]


def place_unit_columns(name: str, columns: Sequence[str]) -> dict[str, int]:
    """Give the position of every column; a wrong header is refused with what is missing and unknown.

    Examples
    --------
    >>> place_unit_columns("u.csv", ["building_number", "unit_number", "rooms"])
    Traceback (most recent call last):
        ...
    cadastre.kernel.errors.InvalidInput: u.csv lacks the columns kind; it has unknown columns rooms.
    """
    return require_columns(name, columns, REQUIRED, OPTIONAL)


class UnitsReader:
    """Reads the rows of one file."""

    def __init__(self, columns: Mapping[str, int]) -> None:
        self._columns = columns
        self._kinds = tuple(entry.code for entry in load_codelist("object_kinds") if entry.flag("is_unit"))

    def read(self, source: TableRow) -> ReadUnit:
        """Read one row."""
        cells = dict.fromkeys((*REQUIRED, *OPTIONAL), "")
        cells |= {name: source.cells[at] for name, at in self._columns.items()}
        row = _UnitReading(source.number, cells)
        if source.fault is not None:
            rule, seen = source.fault
            row.add(rule, seen=seen)
            return ReadUnit(source, None, row.findings)
        unit = row.unit(self._kinds)
        return ReadUnit(source, None if holds_back(row.findings) else unit, row.findings)


@dataclass(slots=True)
class _UnitReading:
    """The reading of one row in progress."""

    number: int
    cells: Mapping[str, str]
    findings: list[Finding] = field(default_factory=list)

    def add(
        self, rule: str, measured: float | None = None, limit: float | None = None, **detail: Any
    ) -> None:
        named = [self.cells[column] for column in ("building_number", "unit_number") if self.cells[column]]
        subject = ", ".join(named)[:80] or None
        self.findings.append(find_fault(rule, self.number, subject, measured=measured, limit=limit, **detail))

    def unit(self, kinds: Sequence[str]) -> UnitRow | None:
        key = self.key()
        kind = self.cells["kind"].casefold().replace("-", "_")
        if kind not in kinds:
            self.add("unit-kind-unknown", seen=self.cells["kind"][:60], allowed=", ".join(kinds))
        numbers = {name: self.whole_number(name) for name in _WHOLE_NUMBERS}
        total, living, auxiliary = (self.area(f"{part}_area_m2") for part in ("total", "living", "auxiliary"))
        if total is None and not self.cells["total_area_m2"]:
            self.add("unit-area-missing")
        for part in (living, auxiliary):
            if total is not None and part is not None and part > total:
                self.add("unit-living-exceeds-total", float(part), float(total))
        cadastral_number = self.cadastral_number()
        if key is None:
            return None
        return UnitRow(
            key,
            kind,
            **numbers,
            total_area_m2=total,
            living_area_m2=living,
            auxiliary_area_m2=auxiliary,
            cadastral_number=cadastral_number,
        )

    def key(self) -> UnitKey | None:
        building = unit = None
        try:
            building = parse_cadastral_number(self.cells["building_number"])
        except InvalidInput as error:
            self.add("building-number-malformed", reason=error.message)
        try:
            unit = parse_unit_number(self.cells["unit_number"])
        except InvalidInput as error:
            self.add("unit-number-malformed", reason=error.message)
        return None if building is None or unit is None else UnitKey(building, unit)

    def cadastral_number(self) -> str | None:
        text = self.cells["cadastral_number"]
        if not text:
            return None
        try:
            return parse_cadastral_number(text)
        except InvalidInput as error:
            self.add("cadastral-number-malformed", reason=error.message)
            return None

    def whole_number(self, column: str) -> int | None:
        text = self.cells[column]
        if not text:
            return None
        least, most, rule = _WHOLE_NUMBERS[column]
        digits = text.removeprefix("-")
        if digits.isascii() and digits.isdecimal() and len(digits) <= 4 and least <= int(text) <= most:
            return int(text)
        self.add(rule, seen=text[:40], least=least, most=most)
        return None

    def area(self, column: str) -> Decimal | None:
        """Read square metres, kept to two decimals; the living area of a storeroom may be 0."""
        text = self.cells[column]
        if not text:
            return None
        try:
            value = Decimal(text).quantize(Decimal("0.01")) if text.isascii() else Decimal("NaN")
        except InvalidOperation:
            value = Decimal("NaN")
        if value.is_finite() and 0 <= value <= _LARGEST_AREA and (value > 0 or column != "total_area_m2"):
            return value
        self.add("unit-area-malformed", column=column, seen=text[:40])
        return None


__all__ = ["OPTIONAL", "REQUIRED", "ReadUnit", "UnitRow", "UnitsReader", "place_unit_columns"]
