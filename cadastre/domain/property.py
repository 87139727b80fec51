"""A property (LA_BAUnit) as an entitled caller sees it at a moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class BasisView:
    """The document that an entry rests on."""

    kind: str
    series: str | None
    number: str | None
    date: date | None
    issuer: str | None


@dataclass(frozen=True, slots=True)
class PartView:
    """The part of the land that an entry is about.

    ``area_m2`` is ellipsoidal, ``wkt`` stands in the legal UTM zone ``srid`` (easting, northing in
    metres), ``geometry`` is GeoJSON in EPSG:4326.
    """

    area_m2: str
    srid: int
    wkt: str
    geometry: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class HolderView:
    """A right with its holder; ``share`` is "1/2", or None when the right is joint or no ownership.

    ``origin`` is "restriction" for what was entered as an encumbrance and is somebody's right too.
    """

    origin: str
    kind: str
    party_name: str | None
    party_kind: str | None
    share: str | None
    joint: bool
    registration_number: str
    registration_date: date
    journal_number: int | None
    valid_from: date
    until: date | None
    rent: str | None
    rent_currency: str | None
    rent_period: str | None
    dispose_by: date | None
    scope: str | None
    part: PartView | None
    basis: BasisView | None


@dataclass(frozen=True, slots=True)
class RestrictionView:
    """A restriction and whom it benefits; ``origin`` is "right" for a right that burdens the owner."""

    origin: str
    kind: str
    beneficiary: str | None
    beneficiary_kind: str | None
    burdened: str | None
    benefits_register_number: str | None
    registration_number: str
    registration_date: date
    journal_number: int | None
    valid_from: date
    until: date | None
    amount: str | None
    currency: str | None
    interest_rate: str | None
    rank: int | None
    note_number: str | None
    note_dated: date | None
    rent: str | None
    rent_currency: str | None
    rent_period: str | None
    authority: str | None
    confirm_by: datetime | None
    scope: str | None
    part: PartView | None
    basis: BasisView | None


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
class FlagView:
    """Something of the section that is under investigation; an entry or parcel by its own number."""

    subject: str
    attribute: str
    reason: str
    registration_number: str | None
    cadastral_number: str | None
    since: date


@dataclass(frozen=True, slots=True)
class PaperView:
    """A paper extract (kupça) of the section: in use, converted or void."""

    series: str
    number: str
    state: str
    issued_on: date | None = None


@dataclass(frozen=True, slots=True)
class ServitudeView:
    """A servitude that another section (``register_number``) bears for this one."""

    kind: str
    register_number: str
    registration_number: str
    registration_date: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class ClosingView:
    """That the section is closed: nothing stands in it any more.

    ``stood_as_of`` and ``stood_known_at`` are the moment that shows it as it stood at its end.
    """

    closed_on: date
    reason: str
    successors: tuple[str, ...]
    stood_as_of: date
    stood_known_at: int


@dataclass(frozen=True, slots=True)
class PropertyView:
    """One section of the register at a moment; holds personal data.

    ``version`` names the present state, None for a past one.
    """

    register_number: str
    object_kind: str
    district_code: str
    opened_on: date
    version: int | None
    as_of: date
    ledger_index: int
    cadastral_numbers: tuple[str, ...]
    building_numbers: tuple[str, ...]
    units: tuple[UnitView, ...]
    rights: tuple[HolderView, ...]
    restrictions: tuple[RestrictionView, ...]
    under_investigation: tuple[FlagView, ...]
    closing: ClosingView | None
    papers: tuple[PaperView, ...] = ()
    servitudes: tuple[ServitudeView, ...] = ()

    @property
    def is_past(self) -> bool:
        """Whether some past state is shown, on which nothing can be applied for."""
        return self.version is None


__all__ = [
    "BasisView",
    "ClosingView",
    "FlagView",
    "HolderView",
    "PaperView",
    "PartView",
    "PropertyView",
    "RestrictionView",
    "UnitView",
]
