"""Registers who acts for whom and who consents; rules ask for both at intake and at the decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row

from cadastre.db.unit_of_work import UnitOfWork
from cadastre.domain.caller import Caller, CallerRole
from cadastre.domain.look import of_number, of_parties
from cadastre.domain.party import list_number_misfits
from cadastre.domain.representation import (
    ActingParty,
    ConsentKind,
    EndReason,
    NewRepresentation,
    Paper,
    require_paper,
    require_representation,
)
from cadastre.kernel.errors import Conflict, InvalidInput, NotFound, RuleBroken
from cadastre.kernel.ids import parse_register_number
from cadastre.kernel.person_numbers import parse_fin, parse_voen
from cadastre.kernel.text import clean_text
from cadastre.services.case_intake import require_competence
from cadastre.store.cases import list_case_properties
from cadastre.store.documents import find_document
from cadastre.store.ledger import append_leaf
from cadastre.store.looks import add_subjects, append_look
from cadastre.store.party_links import enter_source, find_or_enter_numbered, find_party
from cadastre.store.properties import find_property_id
from cadastre.store.representation import (
    end_representation,
    enter_consent,
    enter_representation,
    find_case_of,
    list_representations,
)
from cadastre.store.search import list_parties

_OVER = ("registered", "refused", "withdrawn", "returned")


@dataclass(frozen=True, slots=True)
class NewConsent:
    """A consent as it is handed in."""

    case_id: UUID
    kind: ConsentKind
    paper: Paper
    given_on: date
    party: ActingParty | None = None
    until: date | None = None


def register_representation(uow: UnitOfWork, new: NewRepresentation, caller: Caller, *, today: date) -> int:
    """Register that somebody acts for another; gives the number of the representation.

    Raises
    ------
    InvalidInput
        See :func:`cadastre.domain.representation.require_representation`.
    NotFound
        A record, the property or a document is not there.
    """
    require_representation(new, today)
    connection = uow.connection
    payload = {"kind": new.kind.value, "document_id": str(new.paper.document_id)}
    append_leaf(connection, kind="access.representation", actor=caller.subject, payload=payload)
    leaf = append_leaf(connection, kind="party.representation", actor=caller.subject, payload=payload)
    principal, agent = (_party(connection, each, leaf) for each in (new.principal, new.agent))
    if principal == agent:
        raise InvalidInput("Nobody represents himself.", code="represents-himself")
    row = {
        "kind": new.kind.value,
        "principal": principal,
        "agent": agent,
        "operations": list(new.operations),
        "property": _property(connection, new.register_number),
        "permission": None if new.permission is None else _source(connection, new.permission, caller, leaf),
        "source": _source(connection, new.paper, caller, leaf),
        "valid_from": new.valid_from,
        "valid_to": new.valid_to,
        "leaf": leaf,
    }
    return enter_representation(connection, row)


def revoke_representation(
    uow: UnitOfWork, representation_id: int, caller: Caller, *, reason: EndReason
) -> int:
    """End a representation today; gives the number of its last version, which says why.

    Raises
    ------
    Conflict
        None of this number stands (any more).
    """
    payload = {"representation": str(representation_id), "reason": reason.value}
    leaf = append_leaf(
        uow.connection, kind="party.representation-ended", actor=caller.subject, payload=payload
    )
    ended = end_representation(uow.connection, representation_id, reason=reason.value, leaf=leaf)
    if ended is None:
        raise Conflict("No representation of this number stands.", code="representation-ended")
    return ended


def show_representations(
    uow: UnitOfWork, caller: Caller, *, fin: str | None, voen: str | None, purpose: str
) -> Sequence[Row[Any]]:
    """Give the representations of and by the party of a number; the look is written down."""
    connection = uow.connection
    leaf = append_look(
        connection,
        kind="access.representation",
        caller=caller,
        payload={"purpose": purpose},
        subjects=of_number(fin=fin, voen=voen),
        purpose=purpose,
    )
    rows = list_representations(connection, list_parties(connection, fin=fin, voen=voen))
    named = of_parties(key for row in rows for key in (row.principal_party_id, row.agent_party_id))
    add_subjects(connection, leaf, caller, named, purpose=purpose)
    return rows


def give_consent(uow: UnitOfWork, new: NewConsent, caller: Caller, *, today: date) -> int:
    """Enter a consent to what an open case asks for; a notary does so in his own cases only.

    Raises
    ------
    NotFound
        There is no such case, or none of the caller's.
    RuleBroken
        The case is decided.
    """
    require_paper(new.paper, today)
    if new.given_on > today or (new.until is not None and new.until < new.given_on):
        raise InvalidInput("A consent is given by today and does not end before.", code="validity-backwards")
    connection = uow.connection
    payload = {"case_id": str(new.case_id), "kind": new.kind.value}
    leaf = append_leaf(connection, kind="case.consent", actor=caller.subject, payload=payload)
    case = find_case_of(connection, new.case_id)
    own = case is not None and case.applicant_subject == caller.subject
    if case is None or not (own or caller.role is CallerRole.REGISTRAR):
        raise NotFound("There is no such case of yours.", code="case-not-found")
    if case.state in _OVER:
        raise RuleBroken("The case is over; nothing is added to it.", code="case-over")
    if not own:
        districts = [row.district_code for row in list_case_properties(connection, new.case_id)]
        require_competence(connection, caller, districts, today)
    return enter_consent(
        connection,
        case_id=new.case_id,
        kind=new.kind.value,
        party_id=None if new.party is None else _party(connection, new.party, leaf),
        source=_source(connection, new.paper, caller, leaf),
        given_on=new.given_on,
        until=new.until,
        leaf=leaf,
    )


def _party(connection: Connection, named: ActingParty, leaf: int) -> UUID:
    """Give the record of a party; one that a number names is entered when it is new."""
    if named.party_id is not None:
        if find_party(connection, named.party_id) is None:
            raise NotFound(f"There is no record {named.party_id} of a party.", code="party-not-found")
        return named.party_id
    fin = None if named.fin is None else parse_fin(named.fin)
    voen = None if named.voen is None else parse_voen(named.voen)
    if fin is None and voen is None:
        raise InvalidInput(
            "Name a party by FIN or VOEN, or by the record that it has.", code="party-number-missing"
        )
    if misfits := list_number_misfits(named.kind, fin, voen):
        raise InvalidInput(
            f"A {named.kind.value} party has no {misfits[0].upper()}.", code="party-number-misfit"
        )
    name = clean_text(named.name, field="name", max_length=300)
    if not name:
        raise InvalidInput("Say the party's name as it is printed.", code="party-name-missing")
    found = find_or_enter_numbered(
        connection, kind=named.kind.value, name=name, fin=fin, voen=voen, leaf=leaf
    )
    if found is None:
        raise RuleBroken("The FIN and the VOEN belong to two parties.", code="party-numbers-conflict")
    return found


def _property(connection: Connection, register_number: str | None) -> int | None:
    if register_number is None:
        return None
    property_id = find_property_id(connection, parse_register_number(register_number))
    if property_id is None:
        raise NotFound("There is no property under this register number.", code="property-not-found")
    return property_id


def _source(connection: Connection, paper: Paper, caller: Caller, leaf: int) -> int:
    """Enter a paper as a source; a notary rests on scans that he brought himself."""
    row = find_document(connection, paper.document_id)
    if row is None or (caller.role is not CallerRole.REGISTRAR and row.uploaded_by != caller.subject):
        raise NotFound("There is no such document of yours; upload it first.", code="unknown-document")
    printed = {"number": _line(paper.number, "number"), "issuer": _line(paper.issuer, "issuer")}
    return enter_source(
        connection, kind=row.kind, document_id=paper.document_id, leaf=leaf, dated=paper.dated, **printed
    )


def _line(text: str | None, field: str) -> str | None:
    return (clean_text(text, field=f"document {field}", max_length=200) or None) if text else None


__all__ = [
    "NewConsent",
    "give_consent",
    "register_representation",
    "revoke_representation",
    "show_representations",
]
