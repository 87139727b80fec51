"""Takes an application into the journal: checked, judged, its parties found or entered, and numbered last."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlalchemy import Connection

from cadastre.db.unit_of_work import UnitOfWork
from cadastre.domain.caller import Caller
from cadastre.domain.case import CaseState
from cadastre.domain.commands import Command
from cadastre.domain.distribution import Draw, draw_officer
from cadastre.domain.entity_tag import EntityTag, require_current
from cadastre.domain.filed_command import is_read_from_terms
from cadastre.domain.filing import (
    ApplicationOrder,
    Channel,
    FiledApplication,
    NamedParty,
    read_filed,
    write_filed,
)
from cadastre.domain.first_objects import FirstObjects, ObjectNames
from cadastre.domain.priority import Notice
from cadastre.domain.property_state import PropertyState
from cadastre.domain.service import BASIS, Money, due_on, missing_documents
from cadastre.domain.signed_contract import UNBOUND, SignaturePolicy
from cadastre.domain.working_days import Deadline
from cadastre.kernel.canonical import canonical_json
from cadastre.kernel.clock import OFFICIAL_ZONE
from cadastre.rules.engine import Report, require_passed
from cadastre.rules.proposal import Stage
from cadastre.services.case_intake import (
    Intake,
    fit_sections,
    list_papers,
    look_up_named,
    require_documents,
    require_own_mortgages,
    require_within,
    take_in,
)
from cadastre.services.filed_case import FiledCase, FiledObject, FiledProperty
from cadastre.services.first import enter_named, names_objects, read_case, require_own_holder
from cadastre.services.judgement import Matter, judge_matter
from cadastre.services.priority import require_priority
from cadastre.services.registration import Competent
from cadastre.services.signing import keep_signature, require_signature
from cadastre.services.undoing import CANCELLATION, with_effects
from cadastre.store.case_parties import Received, find_or_enter_party, receive
from cadastre.store.first_objects import get_office, join_case
from cadastre.store.intake import Looked, Section
from cadastre.store.journal import CaseEntry, Source, enter_case
from cadastre.store.ledger import leaf_values
from cadastre.store.states import enter_states

INCOMPLETE: Final = "documents_missing"
STATE_OFFICE: Final = "01"
FREE: Final = Money(Decimal("0.00"))


@dataclass(frozen=True, slots=True)
class _Desk:
    """An application on its way into the journal, the heads of its properties held."""

    connection: Connection
    case_id: UUID
    intake: Intake
    caller: Caller
    now: datetime
    sections: Sequence[Section]
    states: Mapping[int, PropertyState]
    kinds: Mapping[UUID, str]
    missing: tuple[str, ...]
    notices: Sequence[Notice]
    competent: Competent
    officer: str | None = None
    named: tuple[ObjectNames, FirstObjects] | None = None

    @property
    def object_kinds(self) -> set[str]:
        """Kinds of its properties, or that of the one it opens."""
        if self.named is not None and not self.sections:
            return {str(self.intake.order.terms.get("object_kind"))}
        return {row.object_kind for row in self.sections}

    @property
    def property_ids(self) -> list[int]:
        """Ids of its properties in the order of the application."""
        return [row.property_id for row in self.sections]


def file_case(
    uow: UnitOfWork,
    order: ApplicationOrder,
    caller: Caller,
    *,
    case_id: UUID,
    now: datetime,
    signatures: SignaturePolicy = UNBOUND,
    draw: Draw = secrets.choice,
) -> FiledCase:
    """Take an application into the journal; an incomplete one is entered and returned at once.

    At READ COMMITTED. The heads of the properties are taken first and the journal's turnstile last.

    Parameters
    ----------
    draw
        Draws the officer who prepares the case, where cases are given out by lot.

    Raises
    ------
    Denied, InvalidInput, RuleBroken
        It may not be taken in; nothing is entered.
    NotFound
        A property is not in the register.
    StaleVersion
        A property has changed since the applicant read it.
    Conflict
        The signed payload was filed before.
    """
    desk = _open(uow.connection, order, caller, case_id, now, signatures, draw)
    event = leaf_values(kind="case.received", actor=caller.subject, payload=_payload(desk))
    received = receive(
        desk.connection, event, desk.intake.order.parties, None if desk.missing else desk.states
    )
    leaf = received.leaf
    party_ids, doubts = _enter_parties(
        desk.connection, desk.intake.order.parties, desk.property_ids, received
    )
    kept = write_filed(desk.intake.order, desk.property_ids, party_ids)
    report = None if desk.missing else _judge(desk, read_filed(kept), received)
    fee = FREE if desk.missing else desk.intake.tier.fee_for(desk.object_kinds)
    deadline = due_on(desk.intake.tier, now.astimezone(OFFICIAL_ZONE).date())
    keep_signature(desk.connection, order.signed, case_id, leaf)
    entered = enter_case(desk.connection, _entry(desk, party_ids, canonical_json(kept), fee, deadline, leaf))
    objects = tuple(_join(desk, leaf))
    return FiledCase(
        case_id=case_id,
        journal_number=entered.journal_number,
        received_at=entered.received_at,
        state=CaseState(entered.state),
        step_number=entered.step_number,
        deadline=deadline,
        fee=fee,
        properties=tuple(
            FiledProperty(
                row.register_number, desk.states[row.property_id].version, entered.places[row.property_id]
            )
            for row in desk.sections
        ),
        missing_documents=desk.missing,
        warnings=tuple(dict.fromkeys((*desk.intake.warnings, *doubts))),
        report=report,
        objects=objects,
        assignee=desk.officer,
    )


def _join(desk: _Desk, leaf: int) -> Iterator[FiledObject]:
    """Let the case take its place before the objects that it names by numbers of their own."""
    if desk.named is None or desk.missing:
        return
    names, found = desk.named
    for row in join_case(desk.connection, desk.case_id, names.keys, district=found.district_code, leaf=leaf):
        yield FiledObject(row.object_kind, row.object_number, row.place, row.earlier)


def _open(
    connection: Connection,
    order: ApplicationOrder,
    caller: Caller,
    case_id: UUID,
    now: datetime,
    signatures: SignaturePolicy,
    draw: Draw,
) -> _Desk:
    """Check the application, by itself and beside the register, and take the heads of its properties."""
    today = now.astimezone(OFFICIAL_ZONE).date()
    intake = take_in(order, caller, today)
    looked = look_up_named(connection, intake, caller, today)
    require_signature(connection, order.signed, caller, signatures, now, looked.keys)
    undoes = intake.service.operation == CANCELLATION
    sections = fit_sections(connection, looked.sections, intake.order.properties, caller, closed_too=undoes)
    _require_territory(intake, looked, [row.district_code for row in sections])
    kinds = require_documents(intake.order, looked.documents)
    states, notices = _enter(connection, intake, sections, caller)
    objects = None
    if names_objects(intake.service.operation, states):
        require_own_holder(caller, intake.order.parties)
        objects = enter_named(connection, intake.order.terms)
    if objects is not None:
        _require_territory(intake, looked, [objects[1].district_code])
    missing = missing_documents(intake.service, list_papers(intake.order, kinds))
    return _Desk(
        connection=connection,
        case_id=case_id,
        intake=intake,
        caller=caller,
        now=now,
        sections=sections,
        states=states,
        kinds=kinds,
        missing=missing,
        officer=None if missing else draw_officer(looked.officers, caller.subject, draw, today),
        named=objects,
        notices=notices,
        competent=Competent(today, looked.districts),
    )


def _enter(
    connection: Connection, intake: Intake, sections: Sequence[Section], caller: Caller
) -> tuple[Mapping[int, PropertyState], Sequence[Notice]]:
    """Take the heads; each property is at the version seen, and nobody else holds the priority."""
    ids = [row.property_id for row in sections]
    if not ids:
        return {}, ()
    states, notices = enter_states(connection, ids)
    for row, part in zip(sections, intake.order.properties, strict=True):
        if part.version is not None:
            require_current(part.version, EntityTag(row.register_number, states[row.property_id].version))
    named = dict(zip(ids, intake.order.properties, strict=True))
    require_priority(notices, named, intake.service, caller.subject)
    return states, notices


def _require_territory(intake: Intake, looked: Looked, districts: Sequence[str]) -> None:
    """Require that whoever takes it in may act there; a service point takes in for every office."""
    if intake.channel is not Channel.SERVICE_POINT:
        require_within(looked.districts, districts)


def _payload(desk: _Desk) -> dict[str, object]:
    numbers = sorted(row.register_number for row in desk.sections)
    payload: dict[str, object] = {
        "case": str(desk.case_id),
        "service": desk.intake.service.code,
        "register_numbers": numbers,
    }
    return payload if desk.officer is None else {**payload, "drawn": desk.officer}


def _judge(desk: _Desk, application: FiledApplication, received: Received) -> Report:
    """Ask the rules of intake; what stops it is raised, the rest is told with the journal entry."""
    today = desk.now.astimezone(OFFICIAL_ZONE).date()
    states = desk.states
    commands, _ = with_effects(desk.connection, _commands(desk, application, states), states)
    require_own_mortgages(desk.connection, desk.caller, commands, states)
    matter = Matter(
        desk.case_id,
        application,
        desk.kinds,
        desk.caller,
        states,
        commands,
        notice_ids=frozenset(part.notice_id for part in desk.intake.order.properties if part.notice_id),
        order=desk.intake.order,
        competent=desk.competent,
        living=desk.notices,
        gathered=received.gathered,
    )
    report = judge_matter(desk.connection, Stage.INTAKE, matter, today, desk.now)
    require_passed(report)
    return report


def _commands(
    desk: _Desk, application: FiledApplication, states: Mapping[int, PropertyState]
) -> tuple[Command, ...]:
    operation = desk.intake.service.operation
    if not is_read_from_terms(operation):
        return ()
    return read_case(desk.connection, application, operation, states, desk.kinds)


def _entry(
    desk: _Desk, party_ids: Sequence[UUID], content: bytes, fee: Money, deadline: Deadline, leaf: int
) -> CaseEntry:
    """Give what the journal then takes in one step, the payload with it.

    What is returned uses up no priority notice: the applicant comes again with it.
    """
    intake, order = desk.intake, desk.intake.order
    return CaseEntry(
        case_id=desk.case_id,
        channel=intake.channel.value,
        office_code=_office(desk),
        service=intake.service.code,
        service_from=intake.service.valid_from,
        tier=intake.tier.code,
        applicant_subject=desk.caller.subject,
        applicant_role=desk.caller.role.value,
        capacity=order.capacity,
        payload=content,
        payload_sha256=hashlib.sha256(content).digest(),
        due_on=deadline.due_on,
        property_ids=desk.property_ids,
        notice_ids=[None if desk.missing else part.notice_id for part in order.properties],
        versions_seen=[part.version for part in order.properties],
        party_ids=party_ids,
        party_roles=[party.role.value for party in order.parties],
        document_ids=[part.document_id for part in order.documents],
        document_roles=[part.role for part in order.documents],
        sources=_sources(desk),
        fee=fee.amount,
        return_ground=f"{INCOMPLETE}: {', '.join(desk.missing)}" if desk.missing else None,
        leaf=leaf,
        assignee=desk.officer,
    )


def _office(desk: _Desk) -> str:
    if desk.sections:
        return str(desk.sections[0].office_code)
    return STATE_OFFICE if desk.named is None else get_office(desk.connection, desk.named[1].district_code)


def _sources(desk: _Desk) -> list[Source]:
    """Give the basis documents, which the entries of the case will rest on."""
    return [
        Source(part.document_id, desk.kinds[part.document_id], part.number, part.dated, part.issuer)
        for part in desk.intake.order.documents
        if part.role == BASIS
    ]


def _enter_parties(
    connection: Connection, parties: Sequence[NamedParty], property_ids: Sequence[int], received: Received
) -> tuple[list[UUID], list[str]]:
    """Give the records of parties in their order, with doubts; they are entered in that of their numbers.

    Two applications that name the same new people wait for each other, they do not embrace.
    """
    places = sorted(range(len(parties)), key=lambda n: (parties[n].fin or "", parties[n].voen or ""))
    entered = {
        place: find_or_enter_party(
            connection, parties[place], property_ids, received.leaf, received.known[place]
        )
        for place in places
    }
    doubts = [doubt for place in places for doubt in entered[place][1]]
    return [entered[place][0] for place in range(len(parties))], doubts


__all__ = ["FiledCase", "FiledObject", "FiledProperty", "file_case"]
