"""Codes with names in three languages, each in force from one day to another.

The lists are packaged TOML files in ``cadastre/codelists``; every entry has a
legal source. Numbers in them are decimals, never binary floats, so that a
limit shown to a person is the limit that was checked.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Final, Literal

from cadastre.kernel.errors import InvalidInput, NotFound

Language = Literal["az", "en", "ru"]
Attribute = str | int | bool | Decimal | date | tuple[str, ...]

_NAME: Final = re.compile(r"[a-z][a-z_]*")
_OWN_KEYS: Final = frozenset({"code", "az", "en", "ru", "valid_from", "valid_to", "source"})
_BY_MEMBER: Final = MappingProxyType(
    {
        "applicant_capacity": "applicant_capacities",
        "basis_kind": "basis_kinds",
        "capacity": "applicant_capacities",
        "closing_reason": "closing_reasons",
        "district": "districts",
        "extract_kind": "extract_kinds",
        "holiday": "holidays",
        "investigated_attribute": "investigated_attributes",
        "land_category": "land_categories",
        "object_kind": "object_kinds",
        "operation": "operations",
        "ownership_form": "ownership_forms",
        "party_kind": "party_kinds",
        "purpose": "purposes",
        "registrar": "registrars",
        "rent_period": "rent_periods",
        "restriction_kind": "restriction_kinds",
        "right_kind": "right_kinds",
        "service": "services",
        "source_kind": "basis_kinds",
        "title_kind": "title_kinds",
        "tolerance": "tolerances",
    }
)
"""What one entry of a list is called, to the list's own name."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One code with its names, its period and its source; ``valid_to`` is the first day out of force."""

    codelist: str
    code: str
    az: str
    en: str
    ru: str
    valid_from: date
    valid_to: date | None
    source: str
    attributes: Mapping[str, Attribute]

    def name(self, language: Language) -> str:
        """Give the name in a language."""
        return {"az": self.az, "en": self.en, "ru": self.ru}[language]

    def in_force(self, on: date) -> bool:
        """Tell whether the entry is in force on a day."""
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)

    def text(self, key: str) -> str:
        """Give an attribute that is text."""
        value = self._get(key)
        if not isinstance(value, str):
            raise self._wrong(key, "text")
        return value

    def find_text(self, key: str) -> str | None:
        """Give an attribute that is text, or None when the entry has none of that name."""
        return self.text(key) if key in self.attributes else None

    def texts(self, key: str) -> tuple[str, ...]:
        """Give an attribute that is a list of texts; without one, the empty list."""
        value = self.attributes.get(key, ())
        if not isinstance(value, tuple):
            raise self._wrong(key, "a list of texts")
        return value

    def integer(self, key: str) -> int:
        """Give an attribute that is a whole number."""
        value = self._get(key)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self._wrong(key, "a whole number")
        return value

    def number(self, key: str = "value") -> Decimal:
        """Give an attribute that is a number, exactly."""
        value = self._get(key)
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise self._wrong(key, "a number")
        return Decimal(value)

    def flag(self, key: str) -> bool:
        """Give an attribute that is true or false; without one, false."""
        value = self.attributes.get(key, False)
        if not isinstance(value, bool):
            raise self._wrong(key, "true or false")
        return value

    def _get(self, key: str) -> Attribute:
        try:
            return self.attributes[key]
        except KeyError:
            raise self._wrong(key, "given") from None

    def _wrong(self, key: str, wanted: str) -> InvalidInput:
        return InvalidInput(
            f"Attribute {key!r} of code {self.code!r} in codelist {self.codelist!r} is not {wanted}.",
            code="codelist-attribute",
        )


@dataclass(frozen=True, slots=True)
class Codelist:
    """All entries of one list, past, present and future, in the order in which they are shown."""

    name: str
    source: str
    entries: tuple[Entry, ...]

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def find_entry(self, code: str, on: date) -> Entry | None:
        """Give the entry of a code in force on a day, or None."""
        return next((e for e in self.entries if e.code == code and e.in_force(on)), None)

    def entry_at(self, code: str, on: date) -> Entry:
        """Give the entry of a code in force on a day; raise when there is none.

        Examples
        --------
        >>> load_codelist("districts").entry_at("BAK-XEZ", date(2026, 1, 1)).az
        'Xəzər rayonu'
        """
        entry = self.find_entry(code, on)
        if entry is None:
            known = [e.code for e in self.entries_at(on)]
            shown = ", ".join(known[:12]) + (", ..." if len(known) > 12 else "")
            raise NotFound(
                f"The list of {self.name.replace('_', ' ')} has no code {code!r} in force "
                f"on {on.isoformat()}; its codes are {shown}.",
                code="unknown-code",
                codelist=self.name,
            )
        return entry

    def latest(self, code: str) -> Entry:
        """Give the newest entry of a code, in force or not; for showing what old documents say."""
        found = [e for e in self.entries if e.code == code]
        if not found:
            raise NotFound(
                f"The list of {self.name.replace('_', ' ')} never had a code {code!r}.",
                code="unknown-code",
                codelist=self.name,
            )
        return max(found, key=lambda e: e.valid_from)

    def entries_at(self, on: date) -> tuple[Entry, ...]:
        """Give the entries in force on a day, in order."""
        return tuple(e for e in self.entries if e.in_force(on))

    def codes_at(self, on: date) -> tuple[str, ...]:
        """Give the codes in force on a day, in order."""
        return tuple(e.code for e in self.entries_at(on))


@cache
def load_codelist(name: str) -> Codelist:
    """Read a packaged list by its name or by the name of its members (``district`` for ``districts``).

    Examples
    --------
    >>> load_codelist("district") is load_codelist("nonsense")
    Traceback (most recent call last):
        ...
    cadastre.kernel.errors.NotFound: There is no codelist 'nonsense'.
    """
    plural = _BY_MEMBER.get(name, name)
    if plural != name:
        return load_codelist(plural)
    file = resources.files("cadastre") / "codelists" / f"{name}.toml"
    if not _NAME.fullmatch(name) or not file.is_file():
        raise NotFound(f"There is no codelist {name!r}.", code="unknown-codelist")
    return parse_codelist(name, file.read_text(encoding="utf-8"))


def list_codelists() -> tuple[str, ...]:
    """Name every packaged list."""
    folder = resources.files("cadastre") / "codelists"
    names = (item.name for item in folder.iterdir())
    return tuple(sorted(n.removesuffix(".toml") for n in names if n.endswith(".toml")))


def parse_codelist(name: str, text: str) -> Codelist:
    """Read a list from TOML and check that no code is in force twice on one day."""
    try:
        document = tomllib.loads(text, parse_float=Decimal)
        entries = tuple(_entry(name, document, raw) for raw in document["entries"])
        result = Codelist(name=name, source=document["source"], entries=entries)
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise InvalidInput(f"Codelist {name!r} is faulty: {error}.", code="codelist-faulty") from error
    _require_disjoint_periods(result)
    return result


def _entry(name: str, document: Mapping[str, Any], raw: Mapping[str, Any]) -> Entry:
    attributes = {key: _attribute(value) for key, value in raw.items() if key not in _OWN_KEYS}
    return Entry(
        codelist=name,
        code=raw["code"],
        az=raw["az"],
        en=raw["en"],
        ru=raw["ru"],
        valid_from=raw.get("valid_from") or document["valid_from"],
        valid_to=raw.get("valid_to"),
        source=raw.get("source", document["source"]),
        attributes=MappingProxyType(attributes),
    )


def _attribute(value: Any) -> Attribute:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    if isinstance(value, str | bool | int | Decimal | date):
        return value
    raise TypeError(f"attribute value {value!r} has no simple type")


def _require_disjoint_periods(codelist: Codelist) -> None:
    last: dict[str, Entry] = {}
    for entry in sorted(codelist.entries, key=lambda e: (e.code, e.valid_from)):
        before = last.get(entry.code)
        if before and before.in_force(entry.valid_from):
            raise InvalidInput(
                f"Codelist {codelist.name!r} has code {entry.code!r} twice "
                f"on {entry.valid_from.isoformat()}.",
                code="codelist-faulty",
            )
        if entry.valid_to is not None and entry.valid_to <= entry.valid_from:
            raise InvalidInput(
                f"Codelist {codelist.name!r} ends code {entry.code!r} before it begins.",
                code="codelist-faulty",
            )
        last[entry.code] = entry


__all__ = [
    "Attribute",
    "Codelist",
    "Entry",
    "Language",
    "list_codelists",
    "load_codelist",
    "parse_codelist",
]
