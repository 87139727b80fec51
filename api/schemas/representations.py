"""Who acts for whom, and who consents."""

from __future__ import annotations

from datetime import date
from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.codes import codes_of
from cadastre.domain.party import PartyKind
from cadastre.domain.representation import (
    ActingParty,
    ConsentKind,
    EndReason,
    NewRepresentation,
    Paper,
    RepresentationKind,
)
from cadastre.services.acting import NewConsent


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PersonAsked(_Asked):
    """A party by FIN or VÖEN with its printed name, or by its record."""

    kind: PartyKind
    name: str = Field(default="", max_length=300)
    fin: str | None = Field(default=None, max_length=20)
    voen: str | None = Field(default=None, max_length=20)
    party_id: UUID | None = None

    def to_party(self) -> ActingParty:
        """Write the party for the desk."""
        return ActingParty(self.kind, self.name, self.fin, self.voen, self.party_id)


class PaperAsked(_Asked):
    """A scan and what is printed on the paper."""

    document_id: UUID
    number: str | None = Field(default=None, max_length=60)
    dated: date | None = None
    issuer: str | None = Field(default=None, max_length=200)

    def to_paper(self) -> Paper:
        """Write the paper for the desk."""
        return Paper(self.document_id, self.number, self.dated, self.issuer)


class RepresentationOrder(_Asked):
    """A representation as it is handed in."""

    kind: RepresentationKind
    principal: PersonAsked
    agent: PersonAsked
    paper: PaperAsked
    permission: PaperAsked | None = Field(default=None, description="Of the guardianship authority.")
    operations: list[str] = Field(
        default=[], max_length=50, description="Services or operations in scope; none: all."
    )
    register_number: str | None = Field(default=None, max_length=40, description="None: every property.")
    valid_from: date
    valid_to: date | None = None

    def to_new(self) -> NewRepresentation:
        """Write the representation for the desk."""
        return NewRepresentation(
            kind=self.kind,
            principal=self.principal.to_party(),
            agent=self.agent.to_party(),
            paper=self.paper.to_paper(),
            valid_from=self.valid_from,
            valid_to=self.valid_to,
            operations=tuple(dict.fromkeys(self.operations)),
            register_number=self.register_number,
            permission=None if self.permission is None else self.permission.to_paper(),
        )


class RepresentationEnd(_Asked):
    """Why a representation ends today."""

    reason: EndReason


class RepresentationNumber(BaseModel):
    """The number of a representation, or of its last version."""

    representation_id: int


class RepresentationQuestion(_Asked):
    """Whose representations, and what for."""

    fin: str | None = Field(default=None, max_length=20)
    voen: str | None = Field(default=None, max_length=20)
    purpose: str = Field(
        max_length=40, description="Codelist purposes; logged.", json_schema_extra=codes_of("purposes")
    )


class Representation(BaseModel):
    """A representation that stands or stood; names are as printed."""

    model_config = ConfigDict(from_attributes=True)

    representation_id: int
    kind: str
    principal_party_id: UUID
    principal_name: str
    agent_party_id: UUID
    agent_name: str
    operations: list[str]
    register_number: str | None
    has_permission: bool
    document_id: UUID | None
    valid_from: date
    valid_to: date | None
    end_reason: str | None


class ConsentOrder(_Asked):
    """A consent to what a case asks for."""

    case_id: UUID
    kind: ConsentKind
    paper: PaperAsked
    given_on: date
    party: PersonAsked | None = None
    until: date | None = None

    def to_new(self) -> NewConsent:
        """Write the consent for the desk."""
        return NewConsent(
            case_id=self.case_id,
            kind=self.kind,
            paper=self.paper.to_paper(),
            given_on=self.given_on,
            party=None if self.party is None else self.party.to_party(),
            until=self.until,
        )


class ConsentNumber(BaseModel):
    """The number of a consent."""

    consent_id: int

    @classmethod
    def of(cls, consent_id: int) -> Self:
        """Describe a consent that was entered."""
        return cls(consent_id=consent_id)


__all__ = [
    "ConsentNumber",
    "ConsentOrder",
    "Representation",
    "RepresentationEnd",
    "RepresentationNumber",
    "RepresentationOrder",
    "RepresentationQuestion",
]
