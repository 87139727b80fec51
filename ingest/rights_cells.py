"""The cells of one row of a rights file, and the reading of single values out of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from cadastre.domain.codelist import Entry
from cadastre.domain.unit import UnitKey, parse_unit_number
from cadastre.kernel.errors import InvalidInput
from cadastre.kernel.ids import parse_cadastral_number, parse_registration_number
from cadastre.kernel.text import clean_text
from cadastre.rules.finding import Finding
from cadastre.rules.packaged import find_fault

_Check = Callable[[str], tuple[str, ...]]
_Parse = Callable[[str], str]


@dataclass(slots=True)
class RowCells:
    """The cells of one row by column (all known columns, empty ones too), and what has been found so far."""

    number: int
    cells: Mapping[str, str]
    today: date
    codes: Mapping[str, Mapping[str, Entry]]
    findings: list[Finding] = field(default_factory=list)

    def add(self, rule: str, **detail: Any) -> None:
        """Record a finding of the row; ``detail`` holds no personal data."""
        unit = ", ".join(filter(None, (self.cells["building_number"], self.cells["unit_number"])))
        subject = self.cells["register_number"] or unit or self.cells["cadastral_number"]
        self.findings.append(find_fault(rule, self.number, subject[:60] or None, **detail))

    def flag(self, codelist: str, code: str, key: str) -> bool:
        """Tell whether a code has a flag in its list."""
        entry = self.codes[codelist].get(code)
        return bool(entry is not None and entry.flag(key))

    def code(self, column: str, codelist: str, *, rule: str | None = None) -> str | None:
        """Read a code; hyphens and capitals are forgiven, anything unknown is listed against."""
        text = self.cells[column].casefold().replace("-", "_")
        known = self.codes[codelist]
        if text not in known:
            allowed = ", ".join(known)
            self.add(
                rule or f"{column.replace('_', '-')}-unknown", seen=self.cells[column][:60], allowed=allowed
            )
            return None
        return text

    @property
    def needs_unit(self) -> bool:
        """Whether the object is of a kind that lies inside a building."""
        return self.flag("object_kinds", self.cells["object_kind"].casefold().replace("-", "_"), "is_unit")

    def unit(self) -> UnitKey | None:
        """Read what names a unit: a kind that lies inside a building needs it, no other kind has it."""
        building, number = self.cells["building_number"], self.cells["unit_number"]
        if self.needs_unit and not (building and number):
            self.add("object-kind-needs-unit", kind=self.cells["object_kind"])
            return None
        if not self.needs_unit:
            if building or number:
                self.add("unit-beside-land", kind=self.cells["object_kind"][:60])
            return None
        try:
            key = UnitKey(parse_cadastral_number(building), parse_unit_number(number))
        except InvalidInput as error:
            rule = (
                "unit-number-malformed"
                if error.code == "unit-number-malformed"
                else "building-number-malformed"
            )
            self.add(rule, reason=error.message)
            return None
        return key

    def name(self, column: str) -> str | None:
        """Read a name: composed letters, outer blanks gone, otherwise as printed."""
        try:
            text = clean_text(self.cells[column], field=column, max_length=300)
        except InvalidInput as error:
            self.add("party-name-unreadable", column=column, code=error.code)
            return None
        if not text:
            self.add("party-name-unreadable", column=column)
        return text or None

    def text(self, column: str, longest: int) -> str | None:
        """Read a text that may be absent."""
        try:
            return clean_text(self.cells[column], field=column, max_length=longest) or None
        except InvalidInput as error:
            self.add("text-unreadable", column=column, code=error.code)
            return None

    def number_of(self, column: str, check: _Check, parse: _Parse) -> str | None:
        """Read a FİN or VÖEN; an unproven pattern is warned about."""
        raw = self.cells[column]
        if not raw:
            return None
        try:
            value = parse(raw)
        except InvalidInput as error:
            self.add(f"{column}-malformed", code=error.code)
            return None
        for code in check(raw):
            self.add(f"{column}-unproven", code=code)
        return value

    def registration_number(self) -> str:
        """Read the number of the registration; empty when it is malformed."""
        try:
            return parse_registration_number(self.cells["registration_number"])
        except InvalidInput as error:
            self.add("registration-number-malformed", reason=error.message)
            return ""

    def day(self, column: str, *, past: bool) -> date | None:
        """Read a date; one that must be ``past`` does not lie in the future."""
        text = self.cells[column]
        if not text:
            return None
        iso = text.removesuffix("T00:00:00")
        try:
            day = date.fromisoformat(iso) if len(iso) == 10 and iso[4] == iso[7] == "-" else None
        except ValueError:
            day = None
        if day is None:
            self.add("date-malformed", column=column, seen=text[:40])
        elif past and day > self.today:
            self.add("date-future", column=column, seen=text[:40])
        return day


__all__ = ["RowCells"]
