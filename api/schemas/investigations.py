"""Flags of investigation: what of a section, entry, parcel or party is in doubt."""

from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.codes import codes_of
from cadastre.services.investigations import FlagOrder


class InvestigationAsked(BaseModel):
    """What is to be flagged; exactly one of register number, cadastral number and party."""

    model_config = ConfigDict(extra="forbid")

    attribute: str = Field(max_length=40, json_schema_extra=codes_of("investigated_attributes"))
    reason: str = Field(max_length=2000, description="Kept with the flag; shown to officials only.")
    register_number: str | None = Field(default=None, max_length=40, examples=["203015000123"])
    registration_number: str | None = Field(
        default=None, max_length=20, description="One entry of the section; none: the section itself."
    )
    cadastral_number: str | None = Field(default=None, max_length=60)
    party_id: UUID | None = None
    case_id: UUID | None = None

    def to_order(self) -> FlagOrder:
        """Write it for the service."""
        return FlagOrder(**self.model_dump())


class InvestigationNumber(BaseModel):
    """The number under which a flag was begun; it is ended by the same."""

    investigation_id: int


class InvestigationQuestion(BaseModel):
    """Whose flags, and what for."""

    model_config = ConfigDict(extra="forbid")

    register_number: str = Field(max_length=40)
    purpose: str = Field(
        max_length=40, description="Codelist purposes; logged.", json_schema_extra=codes_of("purposes")
    )


class Investigation(BaseModel):
    """A flag that stands: on a section, on one entry of it, on a parcel of it, on a party in it."""

    model_config = ConfigDict(from_attributes=True)

    investigation_id: int
    subject: Literal["property", "entry", "parcel", "party"]
    attribute: str
    reason: str
    registration_number: str | None
    cadastral_number: str | None
    party_id: UUID | None
    valid_from: date


__all__ = ["Investigation", "InvestigationAsked", "InvestigationNumber", "InvestigationQuestion"]
