"""A section of the register at a moment, for entitled eyes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from cadastre.domain.property import PropertyView


class Seen(BaseModel):
    """Something that is read off a view of the register."""

    model_config = ConfigDict(from_attributes=True)


class Basis(Seen):
    """The document that an entry rests on."""

    kind: str = Field(description="Codelist basis_kinds.")
    series: str | None
    number: str | None
    date: date | None
    issuer: str | None


class Part(Seen):
    """The part of the land that an entry is about."""

    area_m2: str = Field(description="Ellipsoidal, m2 with two decimals.")
    srid: int = Field(description="UTM zone of wkt: 32638 or 32639.")
    wkt: str = Field(description="Legal geometry: easting, northing in metres.")
    geometry: dict[str, Any] = Field(description="GeoJSON, EPSG:4326.")


class Entry(Seen):
    """What every entry says of itself."""

    kind: str
    registration_number: str
    registration_date: date
    journal_number: int | None = Field(description="Of the case by which it was registered here.")
    valid_from: date
    until: date | None = Field(description="Last day that was agreed.")
    scope: str | None = Field(description="The part in words, when it is not the whole.")
    part: Part | None
    basis: Basis | None
    rent: str | None = Field(description="Money with two decimals.")
    rent_currency: str | None
    rent_period: str | None = Field(description="day, month, year or term.")


class Holder(Entry):
    """A right and who holds it."""

    origin: str = Field(description="right; restriction for what was entered as an encumbrance.")
    kind: str = Field(description="Codelist right_kinds.")
    party_name: str | None
    party_kind: str | None
    share: str | None = Field(description="Exact fraction such as 1/2; null when the right is joint.")
    joint: bool
    dispose_by: date | None = Field(description="Last day for a foreign heir to dispose of the land.")


class Restriction(Entry):
    """A restriction and whom it benefits."""

    origin: str = Field(description="restriction; right for a right that burdens the owner.")
    kind: str = Field(description="Codelist restriction_kinds, or right_kinds when the origin is a right.")
    beneficiary: str | None
    beneficiary_kind: str | None
    burdened: str | None = Field(description="Holder whose right alone is burdened; null: the whole.")
    benefits_register_number: str | None = Field(description="Property that a servitude is for.")
    amount: str | None = Field(description="Money with two decimals.")
    currency: str | None
    interest_rate: str | None = Field(description="Percent a year, four decimals.")
    rank: int | None
    note_number: str | None = Field(description="Mortgage note.")
    note_dated: date | None
    authority: str | None = Field(description="Who imposed it.")
    confirm_by: datetime | None = Field(description="When a court must have been told of an urgent act.")


class Unit(Seen):
    """A flat or other part of a building."""

    kind: str = Field(description="Codelist object_kinds.")
    building_number: str
    unit_number: str
    building_entrance: int | None = Field(description="Which entrance of the building leads to it, from 1.")
    floor: int | None
    room_count: int | None
    total_area_m2: str | None = Field(description="m2 with two decimals.")
    living_area_m2: str | None = Field(description="m2 with two decimals.")


class Flag(Seen):
    """Something of the section that is under investigation."""

    subject: str = Field(description="property, parcel, entry or party.")
    attribute: str = Field(description="Codelist investigated_attributes.")
    reason: str
    registration_number: str | None = Field(description="Of the entry.")
    cadastral_number: str | None = Field(description="Of the parcel.")
    since: date


class Paper(Seen):
    """A paper extract (kupça) of the section."""

    series: str
    number: str
    state: str = Field(description="in_use, converted or void.")
    issued_on: date | None


class Servitude(Seen):
    """A servitude that another property bears for this one."""

    kind: str
    register_number: str = Field(description="The property that is burdened by it.")
    registration_number: str
    registration_date: date
    until: date | None


class Closing(Seen):
    """The section is closed: nothing stands in it any more."""

    closed_on: date
    reason: str = Field(
        description="division, merger, partial_transfer, demolition, cancellation, renumbering or completion."
    )
    successors: list[str] = Field(description="Register numbers of the sections that came of it.")
    stood_as_of: date = Field(description="With stood_known_at: shows the section as it stood at its end.")
    stood_known_at: int


class Property(Seen):
    """One section of the register at a moment; the look at it is logged."""

    register_number: str
    object_kind: str
    district_code: str
    opened_on: date
    version: int | None = Field(
        description="How often what is registered has changed; the ETag names it. Null: a past state."
    )
    as_of: date = Field(description="Day of the law's time that is shown.")
    ledger_index: int = Field(description="Newest ledger entry that this answer knows of (known_at).")
    cadastral_numbers: list[str]
    building_numbers: list[str] = Field(description="Buildings that are objects of it.")
    units: list[Unit] = Field(description="Parts of buildings that the property consists of.")
    rights: list[Holder] = Field(description="Encumbrances that are somebody's right too stand here as well.")
    restrictions: list[Restriction] = Field(
        description="Lease, usufruct, trust management and building right stand here as well as in rights."
    )
    under_investigation: list[Flag]
    closing: Closing | None = Field(description="Null while the section is open.")
    papers: list[Paper] = Field(description="Paper extracts of old that are known of it.")
    servitudes: list[Servitude] = Field(description="What other properties bear for this one.")

    @classmethod
    def json_of(cls, view: PropertyView) -> bytes:
        """Give the JSON text of a view, checked against this schema once."""
        return cls.model_validate(view).model_dump_json().encode()


__all__ = [
    "Basis",
    "Closing",
    "Flag",
    "Holder",
    "Paper",
    "Part",
    "Property",
    "Restriction",
    "Servitude",
    "Unit",
]
