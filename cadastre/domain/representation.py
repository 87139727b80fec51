"""Who may act for whom, since when and how far, as an officer or a notary registers it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from cadastre.domain.codelist import load_codelist
from cadastre.domain.party import PERSONS, PartyKind
from cadastre.kernel.errors import InvalidInput


class RepresentationKind(StrEnum):
    """On what somebody acts for another."""

    POWER_OF_ATTORNEY = "power_of_attorney"
    GUARDIAN = "guardian"
    COMPANY_SIGNATORY = "company_signatory"
    ESTATE_ADMINISTRATOR = "estate_administrator"
    UNIVERSAL_SUCCESSOR = "universal_successor"


class EndReason(StrEnum):
    """Why somebody acts for another no more."""

    REVOKED = "revoked"
    DIED = "died"
    REPLACED = "replaced"


class ConsentKind(StrEnum):
    """Whose consent a case has."""

    SPOUSE = "spouse"
    CO_OWNER = "co_owner"
    MORTGAGEE = "mortgagee"
    GUARDIANSHIP_AUTHORITY = "guardianship_authority"


@dataclass(frozen=True, slots=True)
class ActingParty:
    """A party of a representation: a record of the register, or a number with kind and name as printed."""

    kind: PartyKind
    name: str = ""
    fin: str | None = None
    voen: str | None = None
    party_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Paper:
    """The document that something rests on: its scan, and what is printed on it."""

    document_id: UUID
    number: str | None = None
    dated: date | None = None
    issuer: str | None = None


@dataclass(frozen=True, slots=True)
class NewRepresentation:
    """A representation as it is handed in; no ``operations`` means all, no number means every property."""

    kind: RepresentationKind
    principal: ActingParty
    agent: ActingParty
    paper: Paper
    valid_from: date
    valid_to: date | None = None
    operations: tuple[str, ...] = ()
    register_number: str | None = None
    permission: Paper | None = None


def require_representation(new: NewRepresentation, today: date) -> None:
    """Refuse a representation that makes no sense.

    Raises
    ------
    InvalidInput
        Principal or agent cannot be of their kinds, the days run backwards, the paper is of the
        future, an operation is in no list.
    """
    if new.valid_to is not None and new.valid_to < new.valid_from:
        raise InvalidInput("A representation does not end before it begins.", code="validity-backwards")
    for paper in (new.paper, new.permission):
        require_paper(paper, today)
    of_company = new.kind is RepresentationKind.COMPANY_SIGNATORY
    if of_company == (new.principal.kind in PERSONS) and new.kind in (
        RepresentationKind.COMPANY_SIGNATORY,
        RepresentationKind.GUARDIAN,
    ):
        raise InvalidInput(
            "A guardian acts for a person, a signatory for an organisation.", code="principal-of-other-kind"
        )
    if new.kind is RepresentationKind.ESTATE_ADMINISTRATOR and new.principal.kind is not PartyKind.ESTATE:
        raise InvalidInput("An administrator acts for an estate.", code="principal-of-other-kind")
    services = load_codelist("services").entries_at(today)
    known = {entry.code for entry in services} | {entry.text("operation") for entry in services}
    if unknown := sorted(set(new.operations) - known):
        raise InvalidInput(
            "An operation of the representation is no service and no operation of the register.",
            code="unknown-operation",
            unknown=unknown,
        )


def require_paper(paper: Paper | None, today: date) -> None:
    """Refuse a paper that is dated in the future.

    Examples
    --------
    >>> require_paper(None, date(2026, 1, 5))
    """
    if paper is not None and paper.dated is not None and paper.dated > today:
        raise InvalidInput(
            f"A document is dated {paper.dated.isoformat()}, which is still to come.",
            code="document-future-dated",
        )


__all__ = [
    "ActingParty",
    "ConsentKind",
    "EndReason",
    "NewRepresentation",
    "Paper",
    "RepresentationKind",
    "require_paper",
    "require_representation",
]
