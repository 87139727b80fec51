"""Matches records of parties without a number to known ones, and links them: two officers, with evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row

from cadastre.db.unit_of_work import UnitOfWork
from cadastre.domain.caller import Caller
from cadastre.domain.look import of_number, of_parties
from cadastre.domain.party import PartyKind
from cadastre.domain.party_link import Linked, LinkEvidence, LinkManner, LinkProposal, require_linkable
from cadastre.domain.party_match import LEAST_SCORE, MatchScore, Mention, score
from cadastre.kernel.errors import Conflict, Denied, InvalidInput, NotFound
from cadastre.store.documents import find_document
from cadastre.store.ledger import append_leaf
from cadastre.store.looks import add_subjects, append_look
from cadastre.store.party_links import (
    enter_link,
    enter_source,
    find_party,
    find_party_by_number,
    hold_proposal,
    is_decided,
    list_open_proposals,
    list_unnumbered,
)

MOST_COMPARED = 20_000
MOST_CANDIDATES = 50


@dataclass(frozen=True, slots=True)
class Scope:
    """Where to look: the holders of one section, or of all sections of a district."""

    register_number: str | None = None
    district_code: str | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record without a number that may be the party asked for; its spelling is as printed."""

    party_id: UUID
    kind: str
    name: str
    register_numbers: tuple[str, ...]
    match: MatchScore


@dataclass(frozen=True, slots=True)
class Proposed:
    """A proposal that waits for a second officer; ``names`` are as printed, from and to."""

    proposal_id: int
    proposed_by: str
    link: LinkProposal
    names: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of a proposal; ``link_id`` when the records are linked now."""

    proposal_id: int
    link_id: int | None


def match_parties(
    uow: UnitOfWork, mention: Mention, scope: Scope, caller: Caller, *, purpose: str
) -> list[Candidate]:
    """Give the records without a number that resemble a party, likeliest first; the look is written down."""
    connection = uow.connection
    where = {"register_number": scope.register_number, "district": scope.district_code}
    leaf = append_look(
        connection, kind="access.party-match", caller=caller, payload={"purpose": purpose, **where}
    )
    rows = list_unnumbered(connection, **where, limit=MOST_COMPARED)
    found = [
        Candidate(
            party_id=row.party_id,
            kind=row.kind,
            name=row.name,
            register_numbers=tuple(row.register_numbers),
            match=score(mention, Mention(PartyKind(row.kind), row.name, row.born_on)),
        )
        for row in rows
    ]
    likely = [each for each in found if each.match.score >= LEAST_SCORE]
    shown = sorted(likely, key=lambda each: (-each.match.score, each.name))[:MOST_CANDIDATES]
    add_subjects(connection, leaf, caller, of_parties(each.party_id for each in shown), purpose=purpose)
    return shown


def get_mention(
    uow: UnitOfWork, caller: Caller, *, fin: str | None, voen: str | None, purpose: str
) -> Mention | None:
    """Give how the register prints the party of a number; the look is written down, one in vain too."""
    payload = {"by": "party", "purpose": purpose}
    append_look(
        uow.connection,
        kind="access.party-match",
        caller=caller,
        payload=payload,
        subjects=of_number(fin=fin, voen=voen),
        purpose=purpose,
    )
    row = find_party_by_number(uow.connection, fin=fin, voen=voen)
    return None if row is None else Mention(PartyKind(row.kind), row.name, row.born_on)


def propose_link(uow: UnitOfWork, link: LinkProposal, caller: Caller) -> int:
    """Propose that one record stands for another; gives the number of the proposal.

    Raises
    ------
    NotFound
        A record or the document is not there.
    RuleBroken
        See :func:`cadastre.domain.party_link.require_linkable`.
    """
    payload = {
        "from": str(link.from_party_id),
        "to": str(link.to_party_id),
        "manner": link.manner.value,
        "evidence": link.evidence.value,
        "document_id": str(link.document_id),
    }
    connection = uow.connection
    _log_link(connection, caller, payload, [link])
    _require_possible(connection, link)
    return append_leaf(connection, kind="party.link-proposed", actor=caller.subject, payload=payload)


def decide_link(uow: UnitOfWork, proposal_id: int, caller: Caller, *, accept: bool) -> Decided:
    """Accept or reject a proposal; only another officer than who proposed.

    Raises
    ------
    NotFound
        There is no such proposal.
    Conflict
        It is decided already.
    Denied
        The caller proposed it.
    """
    connection = uow.connection
    row = hold_proposal(connection, proposal_id)
    if row is None:
        raise NotFound("There is no such proposal.", code="proposal-not-found")
    if is_decided(connection, proposal_id):
        raise Conflict("The proposal is decided already.", code="proposal-decided")
    if row.actor == caller.subject:
        raise Denied("Whoever proposes that two records are one party does not decide it.", code="four-eyes")
    payload, link = {"proposal": str(proposal_id)}, _read_link(row.payload)
    _log_link(connection, caller, payload, [link])
    if not accept:
        append_leaf(connection, kind="party.link-rejected", actor=caller.subject, payload=payload)
        return Decided(proposal_id, None)
    _require_possible(connection, link)
    leaf = append_leaf(connection, kind="party.linked", actor=caller.subject, payload=payload)
    source = enter_source(connection, kind=link.evidence.value, document_id=link.document_id, leaf=leaf)
    values: dict[str, object] = {
        "from_party_id": link.from_party_id,
        "to_party_id": link.to_party_id,
        "manner": link.manner.value,
        "evidence": link.evidence.value,
        "proposed_by": row.actor,
        "decided_by": caller.subject,
    }
    return Decided(proposal_id, enter_link(connection, values, source=source, leaf=leaf))


def list_proposals(uow: UnitOfWork, caller: Caller, *, limit: int = 100) -> list[Proposed]:
    """Give the proposals that wait, with the names as printed; the look is written down."""
    connection = uow.connection
    rows = list_open_proposals(connection, limit)
    _log_link(connection, caller, {"list": "open"}, [_read_link(row.payload) for row in rows])
    waiting = []
    for row in rows:
        link = _read_link(row.payload)
        names = [find_party(connection, key) for key in (link.from_party_id, link.to_party_id)]
        printed = tuple("" if party is None else str(party.name) for party in names)
        waiting.append(Proposed(row.leaf_id, row.actor, link, (printed[0], printed[1])))
    return waiting


def _log_link(
    connection: Connection, caller: Caller, payload: Mapping[str, Any], links: Sequence[LinkProposal]
) -> None:
    """Write down a look at the records that proposals are about."""
    records = (key for link in links for key in (link.from_party_id, link.to_party_id))
    append_look(
        connection, kind="access.party-link", caller=caller, payload=payload, subjects=of_parties(records)
    )


def _require_possible(connection: Connection, link: LinkProposal) -> None:
    if link.from_party_id == link.to_party_id:
        raise InvalidInput("A record is not linked to itself.", code="party-linked-to-itself")
    one, other = (_get_linked(connection, key) for key in (link.from_party_id, link.to_party_id))
    if find_document(connection, link.document_id) is None:
        raise NotFound("There is no such document; upload the evidence first.", code="unknown-document")
    require_linkable(link.manner, one, other)


def _get_linked(connection: Connection, party_id: UUID) -> Linked:
    row: Row[Any] | None = find_party(connection, party_id)
    if row is None:
        raise NotFound(f"There is no record {party_id} of a party.", code="party-not-found")
    return Linked(row.party_id, row.kind, row.fin, row.voen, row.stands_for)


def _read_link(payload: Mapping[str, str]) -> LinkProposal:
    return LinkProposal(
        from_party_id=UUID(payload["from"]),
        to_party_id=UUID(payload["to"]),
        manner=LinkManner(payload["manner"]),
        evidence=LinkEvidence(payload["evidence"]),
        document_id=UUID(payload["document_id"]),
    )


__all__ = [
    "Candidate",
    "Decided",
    "Proposed",
    "Scope",
    "decide_link",
    "get_mention",
    "list_proposals",
    "match_parties",
    "propose_link",
]
