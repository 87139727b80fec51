"""Records of parties that may be one, and proposals that they are."""

from __future__ import annotations

from typing import Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.codes import codes_of
from cadastre.domain.party import PartyKind
from cadastre.domain.party_link import LinkEvidence, LinkManner, LinkProposal
from cadastre.domain.party_match import Mention
from cadastre.kernel.errors import InvalidInput
from cadastre.kernel.text import clean_text
from cadastre.services.parties import Candidate, Decided, Proposed, Scope


class MatchQuestion(BaseModel):
    """Which party, and where to look for its records without a number."""

    model_config = ConfigDict(extra="forbid")

    fin: str | None = Field(default=None, max_length=20)
    voen: str | None = Field(default=None, max_length=20)
    name: str | None = Field(default=None, max_length=300)
    kind: PartyKind = PartyKind.NATURAL
    register_number: str | None = Field(default=None, max_length=40)
    district: str | None = Field(default=None, max_length=10)
    purpose: str = Field(
        max_length=40, description="Codelist purposes; logged.", json_schema_extra=codes_of("purposes")
    )

    def scope(self) -> Scope:
        """Read where to look."""
        if (self.register_number is None) == (self.district is None):
            raise InvalidInput("Give either register_number or district.", code="bad-question")
        return Scope(self.register_number, self.district)

    def mention(self) -> Mention | None:
        """Read the name asked for, or None when a number is."""
        asked = [value for value in (self.fin, self.voen, self.name) if value is not None]
        if len(asked) != 1:
            raise InvalidInput("Give exactly one of fin, voen and name.", code="bad-question")
        if self.name is None:
            return None
        return Mention(self.kind, clean_text(self.name, field="name", max_length=300))


class PartyCandidate(BaseModel):
    """A record that may be the party; an officer judges, this only orders."""

    party_id: UUID
    kind: str
    name: str = Field(description="As printed; it stays so.")
    register_numbers: list[str]
    score: float
    reasons: list[str]

    @classmethod
    def of(cls, found: Candidate) -> Self:
        """Describe a candidate."""
        return cls(
            party_id=found.party_id,
            kind=found.kind,
            name=found.name,
            register_numbers=list(found.register_numbers),
            score=found.match.score,
            reasons=list(found.match.reasons),
        )


class LinkOrder(BaseModel):
    """A proposal that one record stands for another."""

    model_config = ConfigDict(extra="forbid")

    from_party_id: UUID = Field(description="The record without a number, or of the former name.")
    to_party_id: UUID = Field(description="The record that stays.")
    manner: LinkManner
    evidence: LinkEvidence
    document_id: UUID = Field(description="The scan that shows it.")

    def to_proposal(self) -> LinkProposal:
        """Give the proposal."""
        return LinkProposal(**self.model_dump())


class WaitingLink(BaseModel):
    """A proposal that waits for another officer."""

    proposal_id: int
    proposed_by: str
    from_party_id: UUID
    from_name: str
    to_party_id: UUID
    to_name: str
    manner: LinkManner
    evidence: LinkEvidence
    document_id: UUID

    @classmethod
    def of(cls, waiting: Proposed) -> Self:
        """Describe a proposal."""
        link = waiting.link
        return cls(
            proposal_id=waiting.proposal_id,
            proposed_by=waiting.proposed_by,
            from_party_id=link.from_party_id,
            from_name=waiting.names[0],
            to_party_id=link.to_party_id,
            to_name=waiting.names[1],
            manner=link.manner,
            evidence=link.evidence,
            document_id=link.document_id,
        )


class ProposalMade(BaseModel):
    """A proposal that was entered."""

    proposal_id: int


class LinkDecision(BaseModel):
    """What the second officer decides."""

    model_config = ConfigDict(extra="forbid")

    decision: Literal["link", "reject"]


class LinkDecided(BaseModel):
    """What became of a proposal."""

    proposal_id: int
    link_id: int | None = Field(description="Null when the proposal was rejected.")

    @classmethod
    def of(cls, decided: Decided) -> Self:
        """Describe a decision."""
        return cls(proposal_id=decided.proposal_id, link_id=decided.link_id)


__all__ = [
    "LinkDecided",
    "LinkDecision",
    "LinkOrder",
    "MatchQuestion",
    "PartyCandidate",
    "ProposalMade",
    "WaitingLink",
]
