"""What stands in one section of the register at the moment a decision is made; no names, no SQL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from shapely import Polygon

from cadastre.domain.party import PartyKind
from cadastre.domain.share import Share


@dataclass(frozen=True, slots=True)
class PartyState:
    """A party as rules see it; ``stands_for`` is the record it was merged into, itself when none."""

    party_id: UUID
    kind: PartyKind
    stands_for: UUID
    has_number: bool
    born_on: date | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """Agreed terms of a lease or the like; ``part`` is in the UTM zone of the district (32638 or 32639)."""

    until: date | None = None
    rent: Decimal | None = None
    rent_currency: str | None = None
    rent_period: str | None = None
    part: Polygon | None = None
    dispose_by: date | None = None


@dataclass(frozen=True, slots=True)
class RightState:
    """A current right of one holder; ``share`` is None when it is joint."""

    right_id: int
    kind: str
    party_id: UUID
    share: Share | None
    registration_number: str
    registration_date: date
    valid_from: date
    source_id: int | None
    terms: Terms = field(default_factory=Terms)


@dataclass(frozen=True, slots=True)
class Encumbrance:
    """Contents of a restriction, without its place in the register."""

    kind: str
    beneficiary: UUID | None = None
    burdened: UUID | None = None
    benefits_property_id: int | None = None
    amount: Decimal | None = None
    currency: str | None = None
    interest_rate: Decimal | None = None
    rank: int | None = None
    note_number: str | None = None
    note_dated: date | None = None
    until: date | None = None
    part: Polygon | None = None
    authority: str | None = None


@dataclass(frozen=True, slots=True)
class RestrictionState:
    """A current restriction."""

    restriction_id: int
    contents: Encumbrance
    registration_number: str
    registration_date: date
    valid_from: date
    source_id: int | None


@dataclass(frozen=True, slots=True)
class ParcelState:
    """The current version of a parcel of the property; ``outline`` is None without geometry."""

    parcel_id: int
    version_id: int
    property_object_id: int
    cadastral_number: str
    outline: Polygon | None
    srid: int
    surveyed_area_m2: Decimal | None
    documentary_area_m2: Decimal | None
    attributes: Mapping[str, str | int | None]


@dataclass(frozen=True, slots=True)
class PropertyState:
    """One section: everything current in it, read after its head was taken.

    ``building_numbers`` are those of ``building_ids``, in the same order.
    """

    property_id: int
    register_number: str
    object_kind: str
    district_code: str
    version: int
    closed_on: date | None
    rights: tuple[RightState, ...]
    restrictions: tuple[RestrictionState, ...]
    parcels: tuple[ParcelState, ...]
    unit_ids: tuple[int, ...] = ()
    building_ids: tuple[int, ...] = ()
    building_numbers: tuple[str, ...] = ()
    under_investigation: frozenset[str] = frozenset()

    @property
    def owners(self) -> tuple[RightState, ...]:
        """Rights of ownership, or claims to it while the building is unfinished."""
        return tuple(right for right in self.rights if right.kind in ("ownership", "future_ownership"))

    @property
    def people(self) -> Iterator[UUID]:
        """Everybody who stands in the section, some several times."""
        yield from (right.party_id for right in self.rights)
        for restriction in self.restrictions:
            named = (restriction.contents.beneficiary, restriction.contents.burdened)
            yield from (party for party in named if party is not None)


__all__ = [
    "Encumbrance",
    "ParcelState",
    "PartyState",
    "PropertyState",
    "RestrictionState",
    "RightState",
    "Terms",
]
