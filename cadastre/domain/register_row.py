"""One row of an existing register: one holder's right on a property, or a restriction of it, or both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from cadastre.domain.party import PartyMention
from cadastre.domain.share import Share
from cadastre.domain.unit import UnitKey


@dataclass(frozen=True, slots=True)
class Basis:
    """Document that a right or a restriction rests on (əsas sənəd)."""

    kind: str
    number: str | None = None
    dated: date | None = None
    issuer: str | None = None


@dataclass(frozen=True, slots=True)
class RightEntry:
    """A right of one holder; ``share`` is None when it is joint or none was given.

    ``until`` ends a lease or the like; ``scope`` names the part that it burdens.
    """

    kind: str
    holder: PartyMention
    share: Share | None
    joint: bool = False
    until: date | None = None
    scope: str | None = None


@dataclass(frozen=True, slots=True)
class RestrictionEntry:
    """A restriction (encumbrance) of the property."""

    kind: str
    beneficiary: PartyMention | None = None
    until: date | None = None
    rank: int | None = None
    amount: Decimal | None = None
    currency: str | None = None
    scope: str | None = None


@dataclass(frozen=True, slots=True)
class SectionFacts:
    """What the section says of the object itself; the areas are those of its title document, m2."""

    former_address: str | None = None
    paper_series: str | None = None
    paper_number: str | None = None
    divisible: bool | None = None
    total_area_m2: Decimal | None = None
    living_area_m2: Decimal | None = None
    auxiliary_area_m2: Decimal | None = None
    room_count: int | None = None


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """A readable row; number and date of registration are those of its right, or of its lone restriction.

    With a ``unit`` the cadastral number is that of the land under its building, or empty.
    """

    row: int
    register_number: str | None
    cadastral_number: str
    object_kind: str
    registration_number: str
    registration_date: date
    right: RightEntry | None = None
    restriction: RestrictionEntry | None = None
    basis: Basis | None = None
    book_number: str | None = None
    sheet_number: str | None = None
    unit: UnitKey | None = None
    section: SectionFacts = SectionFacts()

    @property
    def object_key(self) -> str | UnitKey:
        """What the row is about: a parcel, or a unit of a building."""
        return self.unit or self.cadastral_number


__all__ = ["Basis", "RegisterRow", "RestrictionEntry", "RightEntry", "SectionFacts"]
