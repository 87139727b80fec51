"""Units of buildings (flats, non-residential premises): how they are named."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, NamedTuple

from cadastre.domain.codelist import Language, load_codelist
from cadastre.kernel.spelling import malformed, normalise_identifier
from cadastre.kernel.text import az_lower, nfc

UNIT_NUMBER: Final = re.compile(r"[^\W_](?:[^\W_]|[ ./-]){0,19}")
_WORD: Final = re.compile(r"[^\W\d_]{2}")


class UnitKey(NamedTuple):
    """What names a unit: the number of its building, and its own number there."""

    building_number: str
    unit_number: str

    def __str__(self) -> str:
        """Write both numbers for a person."""
        return f"{self.building_number}, {self.unit_number}"


@dataclass(frozen=True, slots=True)
class UnitPlace:
    """What an address says of a unit: its kind and number, and the building's entrance that leads to it."""

    kind: str
    number: str
    entrance_number: int | None = None


def parse_unit_number(text: str) -> str:
    """Read the number of a flat or of other premises; single letters become capitals, words stay.

    Examples
    --------
    >>> [parse_unit_number(text) for text in ("45", " 45a ", "12/3", "Zirzəmi  1")]
    ['45', '45A', '12/3', 'Zirzəmi 1']
    >>> parse_unit_number("№ 45")
    Traceback (most recent call last):
        ...
    cadastre.kernel.errors.InvalidInput: The number of the unit '№ 45' has '№' at character 1; use digits, \
letters and . / - only, 20 characters at most.
    """
    value = " ".join(nfc(text).split())
    if not _WORD.search(value):
        value = normalise_identifier(value)
    if UNIT_NUMBER.fullmatch(value):
        return value
    raise malformed(
        "unit-number-malformed",
        "number of the unit",
        value,
        UNIT_NUMBER,
        "use digits, letters and . / - only, 20 characters at most",
    )


def format_unit(place: UnitPlace, language: Language) -> str:
    """Write the part of an address that names a unit: its kind and number.

    Examples
    --------
    >>> [format_unit(UnitPlace("flat", "45"), language) for language in ("az", "en", "ru")]
    ['mənzil 45', 'flat 45', 'квартира 45']
    """
    kind = load_codelist("object_kinds").latest(place.kind).name(language)
    return f"{az_lower(kind) if language == 'az' else kind.lower()} {place.number}"


__all__ = ["UNIT_NUMBER", "UnitKey", "UnitPlace", "format_unit", "parse_unit_number"]
