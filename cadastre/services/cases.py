"""The case desk: takes applications into the journal, shows cases, lists them. Steps: ``case_steps``."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final
from uuid import UUID

import rfc8785
from sqlalchemy import Connection, Row

from cadastre.db.unit_of_work import Database, Isolation, Role, UnitOfWork
from cadastre.domain.caller import Caller, CallerRole
from cadastre.domain.case import CaseState
from cadastre.domain.filing import ApplicationOrder, NamedParty, write_filed
from cadastre.domain.service import BASIS, Money, due_on, find_service, missing_documents
from cadastre.domain.working_days import Deadline, work_calendar
from cadastre.kernel.clock import OFFICIAL_ZONE, Clock
from cadastre.kernel.errors import InvalidInput, NotFound
from cadastre.kernel.id_source import IdSource
from cadastre.services.case_intake import (
    Intake,
    list_papers,
    require_competence,
    require_documents,
    require_sections,
    take_in,
)
from cadastre.store import cases as store
from cadastre.store.heads import enter_properties
from cadastre.store.journal import CaseEntry, EnteredCase, Source, enter_case
from cadastre.store.ledger import append_leaf

INCOMPLETE: Final = "documents_missing"
STATE_OFFICE: Final = "01"
MAX_LISTED: Final = 200
_SEES_ALL: Final = frozenset({CallerRole.REGISTRAR, CallerRole.AUDITOR})


@dataclass(frozen=True, slots=True)
class FiledProperty:
    """A property of a filed case: the version that its head is at, and the case's place before it."""

    register_number: str
    version: int
    place: int


@dataclass(frozen=True, slots=True)
class FiledCase:
    """The journal entry, given at once: number, moment, state, term and fee."""

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


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case with its steps and papers, as whoever is entitled to it sees it."""

    case: Row[Any]
    steps: Sequence[Row[Any]]
    properties: Sequence[Row[Any]]
    documents: Sequence[Row[Any]]
    parties: Sequence[Row[Any]]
    registration_numbers: tuple[str, ...]
    deadline: Deadline

    @property
    def state(self) -> CaseState:
        """Where it stands."""
        return CaseState(self.steps[-1].state)

    @property
    def fee(self) -> Money:
        """What its steps have cost so far."""
        return Money(sum((step.fee for step in self.steps), Decimal("0.00")))


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases are listed; ``after`` is the last journal number that was seen."""

    state: CaseState | None = None
    office: str | None = None
    assignee: str | None = None
    after: int = 0
    limit: int = 50


class CaseDesk:
    """Files applications and shows them again."""

    def __init__(self, database: Database, clock: Clock, ids: IdSource) -> None:
        self.database = database
        self.clock = clock
        self.ids = ids

    def today(self) -> date:
        """Give the day that it officially is."""
        return self.clock.now().astimezone(OFFICIAL_ZONE).date()

    def file(self, order: ApplicationOrder, caller: Caller) -> FiledCase:
        """Take an application into the journal, in a transaction of its own."""
        return self.database.run(
            lambda uow: self.file_within(uow, order, caller), isolation=Isolation.READ_COMMITTED
        )

    def file_within(self, uow: UnitOfWork, order: ApplicationOrder, caller: Caller) -> FiledCase:
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
        """
        today = self.today()
        intake = take_in(order, caller, today)
        connection = uow.connection
        sections = require_sections(connection, intake.order.properties)
        require_competence(connection, caller, [row.district_code for row in sections], today)
        kinds = require_documents(connection, intake.order, caller)
        missing = missing_documents(intake.service, list_papers(intake.order, kinds))
        ids = [row.property_id for row in sections]
        versions = enter_properties(connection, ids).versions if ids else {}
        fee = intake.tier.fee_for({row.object_kind for row in sections})
        deadline = due_on(intake.tier, today)
        case_id = self.ids.new_id()
        entry = _entry(connection, case_id, intake, caller, sections, kinds, deadline.due_on, fee, missing)
        entered = enter_case(connection, entry)
        return FiledCase(
            case_id=case_id,
            journal_number=entered.journal_number,
            received_at=entered.received_at,
            state=CaseState(entered.state),
            step_number=entered.step_number,
            deadline=deadline,
            fee=fee if not missing else Money(Decimal("0.00")),
            properties=tuple(_filed(row, versions, entered) for row in sections),
            missing_documents=missing,
            warnings=intake.warnings,
        )

    def show(self, case_id: UUID, caller: Caller) -> CaseView:
        """Give a case to a party of it, to its applicant, to the office or an auditor; the look is logged.

        Raises
        ------
        NotFound
            There is no such case that the caller may see.
        """
        found = self.database.run(
            lambda uow: view_case(uow, case_id, caller), isolation=Isolation.REPEATABLE_READ
        )
        if found is None:
            raise NotFound("There is no such case that you may see.", code="case-not-found")
        return found

    def list(self, wanted: CaseFilter, caller: Caller) -> Sequence[Row[Any]]:
        """Give cases in the order of the journal: the office sees all, anybody else what he filed."""
        if not 1 <= wanted.limit <= MAX_LISTED:
            raise InvalidInput(f"limit is between 1 and {MAX_LISTED}.", code="limit-out-of-range")
        applicant = None if caller.role in _SEES_ALL else caller.subject
        return self.database.read(
            lambda uow: store.list_cases(
                uow.connection,
                state=None if wanted.state is None else wanted.state.value,
                office=wanted.office,
                assignee=wanted.assignee,
                applicant=applicant,
                after=wanted.after,
                limit=wanted.limit,
            ),
            role=Role.WRITE,
        )


def view_case(uow: UnitOfWork, case_id: UUID, caller: Caller) -> CaseView | None:
    """Log the look and give the case; None when there is none that the caller may see."""
    connection = uow.connection
    append_leaf(connection, kind="access.case", actor=caller.subject, payload={"case": str(case_id)})
    case = store.find_case(connection, case_id)
    if case is None:
        return None
    parties = store.list_case_parties(connection, case_id)
    if not (
        caller.role in _SEES_ALL or case.applicant_subject == caller.subject or _is_party(parties, caller)
    ):
        return None
    steps = store.list_steps(connection, case_id)
    return CaseView(
        case=case,
        steps=steps,
        properties=store.list_case_properties(connection, case_id),
        documents=store.list_case_documents(connection, case_id),
        parties=parties,
        registration_numbers=tuple(store.list_registrations(connection, case_id)),
        deadline=extended_deadline(case, steps),
    )


def extended_deadline(case: Row[Any], steps: Sequence[Row[Any]]) -> Deadline:
    """Give the last day to decide: the working days of a suspension do not count."""
    received = case.received_at.astimezone(OFFICIAL_ZONE).date()
    tier = find_service(case.service, received).tier(case.tier)
    rested = sum(_working_days_rested(steps))
    first = due_on(tier, received)
    if not rested:
        return Deadline(case.due_on, first.is_certain)
    extended = work_calendar().add_working_days(case.due_on, rested)
    return Deadline(extended.due_on, extended.is_certain and first.is_certain)


def _working_days_rested(steps: Sequence[Row[Any]]) -> Iterator[int]:
    for step, following in pairwise(steps):
        if step.kind == "suspend":
            days = (at.astimezone(OFFICIAL_ZONE).date() for at in (step.at, following.at))
            yield work_calendar().count_working_days(*days)


def _is_party(parties: Sequence[Row[Any]], caller: Caller) -> bool:
    return any(
        (caller.fin and party.fin == caller.fin) or (caller.voen and party.voen == caller.voen)
        for party in parties
    )


def _filed(row: Row[Any], versions: Any, entered: EnteredCase) -> FiledProperty:
    return FiledProperty(row.register_number, versions[row.property_id], entered.places[row.property_id])


def _entry(
    connection: Connection,
    case_id: UUID,
    intake: Intake,
    caller: Caller,
    sections: Sequence[Row[Any]],
    kinds: Any,
    last_day: date,
    fee: Money,
    missing: Sequence[str],
) -> CaseEntry:
    """Enter the parties and the payload, and give what the journal then takes in one step."""
    order, ids = intake.order, [row.property_id for row in sections]
    numbers = [row.register_number for row in sections]
    payload = {"case": str(case_id), "service": order.service, "register_numbers": sorted(numbers)}
    leaf = append_leaf(connection, kind="case.received", actor=caller.subject, payload=payload)
    party_ids = _enter_parties(connection, order.parties, ids, leaf)
    content = rfc8785.dumps(write_filed(order, ids, party_ids))
    digest = hashlib.sha256(content).digest()
    store.keep_payload(connection, digest, content)
    return CaseEntry(
        case_id=case_id,
        channel=intake.channel.value,
        office_code=sections[0].office_code if sections else STATE_OFFICE,
        service=intake.service.code,
        service_from=intake.service.valid_from,
        tier=intake.tier.code,
        applicant_subject=caller.subject,
        applicant_role=caller.role.value,
        capacity=order.capacity,
        payload_sha256=digest,
        due_on=last_day,
        property_ids=ids,
        notice_ids=[part.notice_id for part in order.properties],
        versions_seen=[part.version for part in order.properties],
        party_ids=party_ids,
        party_roles=[party.role.value for party in order.parties],
        document_ids=[part.document_id for part in order.documents],
        document_roles=[part.role for part in order.documents],
        sources=[
            Source(part.document_id, kinds[part.document_id], part.number, part.dated, part.issuer)
            for part in order.documents
            if part.role == BASIS
        ],
        fee=Decimal(0) if missing else fee.amount,
        return_ground=f"{INCOMPLETE}: {', '.join(missing)}" if missing else None,
        leaf=leaf,
    )


def _enter_parties(
    connection: Connection, parties: Sequence[NamedParty], property_ids: Sequence[int], leaf: int
) -> list[UUID]:
    """Give the records of parties, in their order; they are entered in that of their numbers.

    Two applications that name the same new people wait for each other, they do not embrace.
    """
    places = sorted(range(len(parties)), key=lambda n: (parties[n].fin or "", parties[n].voen or ""))
    entered = {
        place: store.find_or_enter_party(connection, parties[place], property_ids, leaf) for place in places
    }
    return [entered[place] for place in range(len(parties))]


__all__ = [
    "CaseDesk",
    "CaseFilter",
    "CaseView",
    "FiledCase",
    "FiledProperty",
    "extended_deadline",
    "view_case",
]
