"""Takes an application into the journal: checked, judged, its parties found or entered, and numbered last."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import rfc8785
from sqlalchemy import Connection, Row

from cadastre.db.unit_of_work import UnitOfWork
from cadastre.domain.caller import Caller
from cadastre.domain.case import CaseState
from cadastre.domain.commands import Command
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
from cadastre.domain.property_state import PropertyState
from cadastre.domain.service import BASIS, Money, due_on, missing_documents
from cadastre.domain.signed_contract import UNBOUND, SignaturePolicy
from cadastre.domain.working_days import Deadline
from cadastre.kernel.clock import OFFICIAL_ZONE
from cadastre.rules.engine import Report, require_passed
from cadastre.rules.proposal import Stage
from cadastre.services.case_intake import (
    Intake,
    list_papers,
    require_competence,
    require_documents,
    require_own_mortgages,
    require_sections,
    take_in,
)
from cadastre.services.first import enter_named, names_objects, read_case, require_own_holder
from cadastre.services.judgement import Matter, judge_matter
from cadastre.services.priority import require_priority
from cadastre.services.signing import keep_signature, require_signature
from cadastre.services.undoing import with_effects
from cadastre.store import cases as store
from cadastre.store.case_parties import find_or_enter_party
from cadastre.store.first_objects import get_office, join_case
from cadastre.store.heads import enter_properties
from cadastre.store.journal import CaseEntry, Source, enter_case
from cadastre.store.ledger import append_leaf
from cadastre.store.states import read_states

INCOMPLETE: Final = "documents_missing"
STATE_OFFICE: Final = "01"
FREE: Final = Money(Decimal("0.00"))


@dataclass(frozen=True, slots=True)
class FiledProperty:
    """A property of a filed case: the version that its head is at, and the case's place before it."""

    register_number: str
    version: int
    place: int


@dataclass(frozen=True, slots=True)
class FiledObject:
    """An object without a section that a filed case is about, and the case's place before it."""

    kind: str
    number: str
    place: int
    earlier: int = 0


@dataclass(frozen=True, slots=True)
class FiledCase:
    """The journal entry, given at once: number, moment, state, term, fee, and what the rules say."""

    case_id: UUID
    journal_number: int
    received_at: datetime
    state: CaseState
    step_number: int
    deadline: Deadline
    fee: Money
    properties: tuple[FiledProperty, ...]
    missing_documents: tuple[str, ...]
    warnings: tuple[str, ...]
    report: Report | None
    objects: tuple[FiledObject, ...] = ()


@dataclass(frozen=True, slots=True)
class _Desk:
    """An application on its way into the journal, the heads of its properties held."""

    connection: Connection
    case_id: UUID
    intake: Intake
    caller: Caller
    now: datetime
    sections: Sequence[Row[Any]]
    versions: Mapping[int, int]
    kinds: Mapping[UUID, str]
    missing: tuple[str, ...]
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
) -> FiledCase:
    """Take an application into the journal; an incomplete one is entered and returned at once.

    At READ COMMITTED. The heads of the properties are taken first and the journal's turnstile last.

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
    require_signature(uow.connection, order.signed, caller, signatures, now)
    desk = _open(uow.connection, order, caller, case_id, now)
    leaf = append_leaf(desk.connection, kind="case.received", actor=caller.subject, payload=_payload(desk))
    party_ids, doubts = _enter_parties(desk.connection, desk.intake.order.parties, desk.property_ids, leaf)
    kept = write_filed(desk.intake.order, desk.property_ids, party_ids)
    report = None if desk.missing else _judge(desk, read_filed(kept))
    fee = FREE if desk.missing else desk.intake.tier.fee_for(desk.object_kinds)
    deadline = due_on(desk.intake.tier, now.astimezone(OFFICIAL_ZONE).date())
    keep_signature(desk.connection, order.signed, case_id, leaf)
    entered = enter_case(desk.connection, _entry(desk, party_ids, rfc8785.dumps(kept), fee, deadline, leaf))
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
                row.register_number, desk.versions[row.property_id], entered.places[row.property_id]
            )
            for row in desk.sections
        ),
        missing_documents=desk.missing,
        warnings=tuple(dict.fromkeys((*desk.intake.warnings, *doubts))),
        report=report,
        objects=objects,
    )


def _join(desk: _Desk, leaf: int) -> Iterator[FiledObject]:
    """Let the case take its place before the objects that it names by numbers of their own."""
    if desk.named is None or desk.missing:
        return
    names, found = desk.named
    for row in join_case(desk.connection, desk.case_id, names.keys, district=found.district_code, leaf=leaf):
        yield FiledObject(row.object_kind, row.object_number, row.place, row.earlier)


def _open(
    connection: Connection, order: ApplicationOrder, caller: Caller, case_id: UUID, now: datetime
) -> _Desk:
    """Check the application, by itself and beside the register, and take the heads of its properties."""
    today = now.astimezone(OFFICIAL_ZONE).date()
    intake = take_in(order, caller, today)
    sections = require_sections(connection, intake.order.properties, caller)
    _require_territory(connection, intake, caller, [row.district_code for row in sections], today)
    kinds = require_documents(connection, intake.order, caller)
    ids = [row.property_id for row in sections]
    versions = enter_properties(connection, ids).versions if ids else {}
    for row, part in zip(sections, intake.order.properties, strict=True):
        if part.version is not None:
            require_current(part.version, EntityTag(row.register_number, versions[row.property_id]))
    named = dict(zip(ids, intake.order.properties, strict=True))
    require_priority(connection, named, intake.service, caller.subject)
    objects = None
    if names_objects(intake.service.operation, ids):
        require_own_holder(caller, intake.order.parties)
        objects = enter_named(connection, intake.order.terms)
    if objects is not None:
        _require_territory(connection, intake, caller, [objects[1].district_code], today)
    return _Desk(
        connection=connection,
        case_id=case_id,
        intake=intake,
        caller=caller,
        now=now,
        sections=sections,
        versions=versions,
        kinds=kinds,
        missing=missing_documents(intake.service, list_papers(intake.order, kinds)),
        named=objects,
    )


def _require_territory(
    connection: Connection, intake: Intake, caller: Caller, districts: Sequence[str], today: date
) -> None:
    """Require that whoever takes it in may act there; a service point takes in for every office."""
    if intake.channel is not Channel.SERVICE_POINT:
        require_competence(connection, caller, districts, today)


def _properties(desk: _Desk, places: Mapping[int, int]) -> tuple[FiledProperty, ...]:
    return tuple(
        FiledProperty(row.register_number, desk.versions[row.property_id], places[row.property_id])
        for row in desk.sections
    )


def _payload(desk: _Desk) -> dict[str, object]:
    numbers = sorted(row.register_number for row in desk.sections)
    return {"case": str(desk.case_id), "service": desk.intake.service.code, "register_numbers": numbers}


def _judge(desk: _Desk, application: FiledApplication) -> Report:
    """Ask the rules of intake; what stops it is raised, the rest is told with the journal entry."""
    today = desk.now.astimezone(OFFICIAL_ZONE).date()
    states = read_states(desk.connection, desk.property_ids)
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
    """Keep the payload, and give what the journal then takes in one step.

    What is returned uses up no priority notice: the applicant comes again with it.
    """
    intake, order = desk.intake, desk.intake.order
    digest = hashlib.sha256(content).digest()
    store.keep_payload(desk.connection, digest, content)
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
        payload_sha256=digest,
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
    connection: Connection, parties: Sequence[NamedParty], property_ids: Sequence[int], leaf: int
) -> tuple[list[UUID], list[str]]:
    """Give the records of parties in their order, with doubts; they are entered in that of their numbers.

    Two applications that name the same new people wait for each other, they do not embrace.
    """
    places = sorted(range(len(parties)), key=lambda n: (parties[n].fin or "", parties[n].voen or ""))
    entered = {place: find_or_enter_party(connection, parties[place], property_ids, leaf) for place in places}
    doubts = [doubt for place in places for doubt in entered[place][1]]
    return [entered[place][0] for place in range(len(parties))], doubts


__all__ = ["FiledCase", "FiledObject", "FiledProperty", "file_case"]
