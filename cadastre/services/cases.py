"""The case desk: takes applications into the journal, shows cases, lists them. Steps: ``case_steps``."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row

from cadastre.db.unit_of_work import Database, Isolation, Role, UnitOfWork
from cadastre.domain.caller import Caller, CallerRole
from cadastre.domain.case import CaseState
from cadastre.domain.distribution import Draw
from cadastre.domain.filing import ApplicationOrder
from cadastre.domain.look import of_parties
from cadastre.domain.service import Money, due_on, find_service
from cadastre.domain.signed_contract import UNBOUND, SignaturePolicy
from cadastre.domain.working_days import Deadline, work_calendar
from cadastre.kernel.clock import OFFICIAL_ZONE, Clock
from cadastre.kernel.errors import InvalidInput, NotFound
from cadastre.kernel.id_source import IdSource
from cadastre.services.case_filing import FiledCase, file_case
from cadastre.store import cases as store
from cadastre.store.first_objects import list_objects
from cadastre.store.looks import add_subjects, append_look
from cadastre.store.signing_keys import find_signer

MAX_LISTED: Final = 200
_SEES_ALL: Final = frozenset({CallerRole.REGISTRAR, CallerRole.AUDITOR})


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
    objects: Sequence[Row[Any]] = ()
    signer: Row[Any] | None = None

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

    def __init__(
        self,
        database: Database,
        clock: Clock,
        ids: IdSource,
        signatures: SignaturePolicy = UNBOUND,
        draw: Draw = secrets.choice,
    ) -> None:
        self.database = database
        self.draw = draw
        self.signatures = signatures
        self.clock = clock
        self.ids = ids

    def file(self, order: ApplicationOrder, caller: Caller) -> FiledCase:
        """Take an application into the journal, in a transaction of its own."""
        return self.database.run(
            lambda uow: self.file_within(uow, order, caller), isolation=Isolation.READ_COMMITTED
        )

    def file_within(self, uow: UnitOfWork, order: ApplicationOrder, caller: Caller) -> FiledCase:
        """Take an application into the journal; see ``case_filing.file_case``."""
        case_id, now = self.ids.new_id(), self.clock.now()
        return file_case(
            uow, order, caller, case_id=case_id, now=now, signatures=self.signatures, draw=self.draw
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
    leaf = append_look(
        connection, kind="access.case", caller=caller, payload={"case": str(case_id)}, case_id=case_id
    )
    case = store.find_case(connection, case_id)
    if case is None:
        return None
    parties = store.list_case_parties(connection, case_id)
    if not (
        caller.role in _SEES_ALL or case.applicant_subject == caller.subject or _is_party(parties, caller)
    ):
        return None
    named = of_parties(party.party_id for party in parties)
    add_subjects(connection, leaf, caller, named, case_id=case_id)
    steps = store.list_steps(connection, case_id)
    return CaseView(
        case=case,
        steps=steps,
        properties=store.list_case_properties(connection, case_id),
        documents=store.list_case_documents(connection, case_id),
        parties=parties,
        registration_numbers=tuple(store.list_registrations(connection, case_id)),
        deadline=extended_deadline(case, steps),
        objects=list_objects(connection, case_id),
        signer=find_signer(connection, case_id),
    )


def extended_deadline(case: Row[Any], steps: Sequence[Row[Any]]) -> Deadline:
    """Give the last day to decide: the working days of a suspension do not count."""
    received = case.received_at.astimezone(OFFICIAL_ZONE).date()
    tier = find_service(case.service, received).tier(case.tier)
    rests = list(_list_rests(steps))
    first = due_on(tier, received)
    if not rests:
        return Deadline(case.due_on, first.is_certain)
    calendar = work_calendar()
    rested = sum(calendar.count_working_days(*days) for days in rests)
    extended = calendar.add_working_days(case.due_on, rested)
    is_counted = all(calendar.is_settled(*days) for days in rests)
    return Deadline(extended.due_on, extended.is_certain and first.is_certain and is_counted)


def _list_rests(steps: Sequence[Row[Any]]) -> Iterator[tuple[date, date]]:
    for step, following in pairwise(steps):
        if step.kind == "suspend":
            start, end = (at.astimezone(OFFICIAL_ZONE).date() for at in (step.at, following.at))
            yield start, end


def _is_party(parties: Sequence[Row[Any]], caller: Caller) -> bool:
    return any(
        (caller.fin and party.fin == caller.fin) or (caller.voen and party.voen == caller.voen)
        for party in parties
    )


__all__ = [
    "CaseDesk",
    "CaseFilter",
    "CaseView",
    "extended_deadline",
    "view_case",
]
