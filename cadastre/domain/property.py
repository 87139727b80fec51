"""A property (LA_BAUnit) as an entitled caller sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class HolderView:
    """A right with its holder; ``share`` is "1/2", or None when the right is joint or no ownership."""

    kind: str
    party_name: str
    party_kind: str
    share: str | None
    joint: bool
    registration_number: str
    registration_date: date


@dataclass(frozen=True, slots=True)
class RestrictionView:
    """A restriction and whom it benefits."""

    kind: str
    beneficiary: str | None
    registration_number: str
    registration_date: date
    amount: str | None
    currency: str | None
    rank: int | None
    until: date | None


@dataclass(frozen=True, slots=True)
class UnitView:
    """A flat or other part of a building; areas in m2 with two decimals."""

    kind: str
    building_number: str
    unit_number: str
    building_entrance: int | None
    floor: int | None
    room_count: int | None
    total_area_m2: str | None
    living_area_m2: str | None


@dataclass(frozen=True, slots=True)
class PropertyView:
    """One section of the register at a ledger index, in its ``version``; holds personal data."""

    register_number: str
    object_kind: str
    district_code: str
    opened_on: date
    version: int
    ledger_index: int
    cadastral_numbers: tuple[str, ...]
    units: tuple[UnitView, ...]
    rights: tuple[HolderView, ...]
    restrictions: tuple[RestrictionView, ...]


__all__ = ["HolderView", "PropertyView", "RestrictionView", "UnitView"]
