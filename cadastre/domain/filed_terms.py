"""Terms of a filed application: each read as what it is, or refused by its name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import shapely
from shapely import Polygon

from cadastre.domain.filing import CasePartyRole, FiledApplication, FiledParty
from cadastre.domain.first_objects import Found
from cadastre.domain.property_state import PropertyState
from cadastre.kernel.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class FiledTerms:
    """An application beside what now stands in the sections that it names, and what else was looked up."""

    application: FiledApplication
    states: Mapping[int, PropertyState]
    found: Found | None = None

    def property_id(self) -> int:
        """Give the one property that the application names."""
        if len(self.application.property_ids) != 1:
            raise InvalidInput("This service is asked for one property at a time.", code="one-property")
        return self.application.property_ids[0]

    def section(self) -> PropertyState:
        """Give what stands in the section of the one property."""
        return self.states[self.property_id()]

    def party(self, *roles: CasePartyRole) -> FiledParty:
        """Give the one party that stands in one of these roles."""
        found = self.application.parties_as(*roles)
        if len(found) != 1:
            names = " or ".join(role.value for role in roles)
            raise InvalidInput(f"One party stands as {names}, not {len(found)}.", code="one-party")
        return found[0]

    def get(self, key: str) -> Any:
        """Give a term, or None."""
        return self.application.terms.get(key)

    def need(self, key: str) -> Any:
        """Give a term that must be there."""
        value = self.get(key)
        if value is None or value == "":
            raise InvalidInput(f"The application does not state {key}.", code="term-missing", term=key)
        return value

    def day(self, key: str) -> date | None:
        """Give a term that is a day."""
        return read_day(self.get(key), key)

    def number(self, key: str) -> Decimal | None:
        """Give a term that is an exact number, written as text."""
        return read_number(self.get(key), key)


def read_day(value: Any, key: str) -> date | None:
    """Read a day, or None."""
    try:
        return None if value is None else date.fromisoformat(value)
    except (TypeError, ValueError):
        raise InvalidInput(f"{key} is no day such as 2026-03-31.", code="term-malformed") from None


def read_number(value: Any, key: str) -> Decimal | None:
    """Read an exact number, written as text, or None."""
    try:
        number = None if value is None else Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if number is not None and not number.is_finite():
        raise InvalidInput(f"{key} is no number such as 50000.00.", code="term-malformed", term=key)
    return number


def read_whole(value: Any, key: str) -> int:
    """Read a whole number."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidInput(f"{key} is a whole number.", code="term-malformed", term=key)
    return value


def list_objects(filed: FiledTerms, key: str, *required: str) -> list[Mapping[str, Any]]:
    """Give a term that is a list of objects, each with the keys required."""
    found = filed.need(key)
    if not isinstance(found, list) or not all(
        isinstance(item, dict) and all(item.get(name) is not None for name in required) for item in found
    ):
        raise InvalidInput(f"{key} is a list, each with {', '.join(required)}.", code="term-malformed")
    if not found:
        raise InvalidInput(f"{key} is empty.", code="term-missing", term=key)
    return found


def find_restriction_id(section: PropertyState, number: str) -> int:
    """Give the current restriction of a registration number."""
    for entry in section.restrictions:
        if entry.registration_number == number:
            return entry.restriction_id
    raise InvalidInput(
        f"No current entry of property {section.register_number} has the registration number {number}.",
        code="entry-not-found",
        register_number=section.register_number,
    )


def find_building_id(section: PropertyState, number: object) -> int:
    """Give the building of a number among those of the section."""
    for building_id, known in zip(section.building_ids, section.building_numbers, strict=True):
        if known == number:
            return building_id
    raise InvalidInput(
        f"No building {str(number)[:60]!r} belongs to property {section.register_number}.",
        code="building-not-in-property",
        register_number=section.register_number,
    )


def find_parcel_id(sections: Iterable[PropertyState], number: str) -> int:
    """Give the parcel of a cadastral number among those of the sections."""
    for section in sections:
        for parcel in section.parcels:
            if parcel.cadastral_number == number:
                return parcel.parcel_id
    raise InvalidInput(f"No parcel {number} belongs to these properties.", code="parcel-not-in-case")


def read_polygon(text: Any, key: str) -> Polygon:
    """Read a polygon from WKT, in metres of the district's UTM zone."""
    try:
        shape = shapely.from_wkt(text) if isinstance(text, str) else None
    except (shapely.GEOSException, ValueError):
        shape = None
    if not isinstance(shape, Polygon) or shape.is_empty:
        raise InvalidInput(f"{key} is no polygon in WKT.", code="term-malformed", term=key)
    return shape


__all__ = [
    "FiledTerms",
    "find_building_id",
    "find_parcel_id",
    "find_restriction_id",
    "list_objects",
    "read_day",
    "read_number",
    "read_polygon",
    "read_whole",
]
