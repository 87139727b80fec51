"""That one record of a party stands for another: in what manner, on what evidence, when it cannot be."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from cadastre.kernel.errors import RuleBroken


class LinkManner(StrEnum):
    """How two records belong together."""

    SAME = "same"
    RENAMED = "renamed"
    SUCCEEDED = "succeeded"


class LinkEvidence(StrEnum):
    """What shows it."""

    FIN_DOCUMENT = "fin_document"
    VOEN_DOCUMENT = "voen_document"
    COURT_DECISION = "court_decision"
    IDENTITY_DOCUMENT = "identity_document"
    REGISTER_BOOK = "register_book"
    SUCCESSION_DOCUMENT = "succession_document"


@dataclass(frozen=True, slots=True)
class LinkProposal:
    """What an officer proposes: that ``from_party_id`` stands for ``to_party_id``; the document shows it."""

    from_party_id: UUID
    to_party_id: UUID
    manner: LinkManner
    evidence: LinkEvidence
    document_id: UUID


@dataclass(frozen=True, slots=True)
class Linked:
    """A record as a link is judged by."""

    party_id: UUID
    kind: str
    fin: str | None
    voen: str | None
    stands_for: UUID


def require_linkable(manner: LinkManner, one: Linked, other: Linked) -> None:
    """Refuse a link that cannot be true, whatever the evidence.

    Raises
    ------
    RuleBroken
        A record beside itself, kinds or numbers that differ, the numbered record given up for one without.
    """
    if one.stands_for == other.stands_for:
        raise RuleBroken("Both records are one party already.", code="party-linked-already")
    if one.stands_for != one.party_id:
        raise RuleBroken("The record stands for another one already.", code="party-linked-already")
    if manner is LinkManner.SUCCEEDED:
        return
    if one.kind != other.kind:
        raise RuleBroken(
            "A person and an organisation, or parties of different kinds, are never one party.",
            code="party-kinds-differ",
        )
    for number, another in ((one.fin, other.fin), (one.voen, other.voen)):
        if number is not None and another is not None:
            raise RuleBroken(
                "Both records have a number of their own, so they are two parties.",
                code="party-numbers-differ",
            )
    if (one.fin or one.voen) and not (other.fin or other.voen):
        raise RuleBroken(
            "The record with the number stays; propose that the other one stands for it.",
            code="party-link-backwards",
        )


__all__ = ["LinkEvidence", "LinkManner", "LinkProposal", "Linked", "require_linkable"]
