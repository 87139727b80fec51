"""A section of the register, for entitled eyes."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict, Field


class Holder(BaseModel):
    """A right and who holds it."""

    model_config = ConfigDict(from_attributes=True)

    kind: str = Field(description="Codelist right_kinds.")
    party_name: str
    party_kind: str
    share: str | None = Field(description="Exact fraction such as 1/2; null when the right is joint.")
    joint: bool
    registration_number: str
    registration_date: date


class Restriction(BaseModel):
    """A restriction and whom it benefits."""

    model_config = ConfigDict(from_attributes=True)

    kind: str = Field(description="Codelist restriction_kinds.")
    beneficiary: str | None
    registration_number: str
    registration_date: date
    amount: str | None = Field(description="Money with two decimals.")
    currency: str | None
    rank: int | None
    until: date | None


class Unit(BaseModel):
    """A flat or other part of a building."""

    model_config = ConfigDict(from_attributes=True)

    kind: str = Field(description="Codelist object_kinds.")
    building_number: str
    unit_number: str
    building_entrance: int | None = Field(description="Which entrance of the building leads to it, from 1.")
    floor: int | None
    room_count: int | None
    total_area_m2: str | None = Field(description="m2 with two decimals.")
    living_area_m2: str | None = Field(description="m2 with two decimals.")


class Property(BaseModel):
    """One section of the register at a ledger index; the look at it is logged."""

    model_config = ConfigDict(from_attributes=True)

    register_number: str
    object_kind: str
    district_code: str
    opened_on: date
    version: int = Field(description="How often what is registered has changed; the ETag names it.")
    ledger_index: int = Field(description="Newest ledger entry that this answer knows of.")
    cadastral_numbers: list[str]
    units: list[Unit] = Field(description="Parts of buildings that the property consists of.")
    rights: list[Holder]
    restrictions: list[Restriction]


__all__ = ["Holder", "Property", "Restriction", "Unit"]
