"""Takes a case further: distribution, preparation by one officer, suspension, decision by another."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from types import MappingProxyType
from typing import Any, Final, Protocol
from uuid import UUID

from sqlalchemy import Connection, Row

from cadastre.db.unit_of_work import Database, Isolation, UnitOfWork
from cadastre.domain.caller import Caller, CallerRole
from cadastre.domain.case import CaseState, Step, StepKind, next_state, require_other_eyes
from cadastre.domain.commands import Command
from cadastre.domain.property_state import PropertyState
from cadastre.domain.service import Service, find_service, find_suspension, require_refusal_ground
from cadastre.kernel.canonical import canonical_json
from cadastre.kernel.clock import OFFICIAL_ZONE, Clock
from cadastre.kernel.errors import Denied, InvalidInput, NotFound, RuleBroken, StaleVersion
from cadastre.kernel.text import clean_text
from cadastre.rules.engine import Report
from cadastre.services.case_intake import TERRITORIAL, require_officer_for, require_within
from cadastre.services.first import read_case
from cadastre.services.registration import Competent, Draft, read_application, register_case
from cadastre.store import cases as store
from cadastre.store.cases import NewStep
from cadastre.store.competence import list_officers_for
from cadastre.store.decisions import Entered, PendingCase, enter_standing
from cadastre.store.first_objects import list_objects
from cadastre.store.ledger import leaf_values

MAX_REASON: Final = 2000


@dataclass(frozen=True, slots=True)
class StepOrder:
    """A step that somebody asks for; ``seen`` is the number of the newest step that he knows of."""

    kind: StepKind
    seen: int
    ground: str | None = None
    reason: str | None = None
    assignee: str | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class StepTaken:
    """A step as it was recorded, with what a registration gave."""

    case_id: UUID
    step_number: int
    kind: StepKind
    state: CaseState
    at: datetime
    duration_s: Decimal
    assignee: str | None = None
    ground: str | None = None
    due_on: date | None = None
    notify_by: datetime | None = None
    registration_numbers: tuple[str, ...] = ()
    versions: Mapping[int, int] = field(default_factory=dict)
    report: Report | None = None


class Reporter(Protocol):
    """Judges a draft of a decision and tells all that it found."""

    def report(self, uow: UnitOfWork, draft: Draft) -> Report:
        """Give the report, or raise RuleBroken when something in it stops the decision."""


@dataclass(frozen=True, slots=True)
class _Standing:
    """A case as a step finds it."""

    connection: Connection
    case: Row[Any]
    steps: Sequence[store.StandingStep]
    districts: Sequence[str]
    properties: Sequence[store.StandingProperty]
    service: Service
    caller: Caller
    now: datetime
    documents: Sequence[str]
    districts_of_caller: frozenset[str] | None
    entered: Entered | None

    @property
    def today(self) -> date:
        """The day that it officially is."""
        return self.now.astimezone(OFFICIAL_ZONE).date()

    @property
    def assignee(self) -> str | None:
        """The officer whom the case was given last."""
        given = [step.assignee for step in self.steps if step.kind == StepKind.ASSIGN]
        return given[-1] if given else None

    def step(self, order: StepOrder, **values: Any) -> NewStep:
        """Make the step that follows."""
        number, actor = self.steps[-1].step_number + 1, self.caller
        return NewStep(number, order.kind.value, actor.subject, actor.role.value, **values)


class StepDesk:
    """Takes the steps of cases after their intake."""

    def __init__(self, database: Database, clock: Clock, judge: Reporter) -> None:
        self.database = database
        self.clock = clock
        self.judge = judge

    def take(self, case_id: UUID, order: StepOrder, caller: Caller) -> StepTaken:
        """Take a step in a transaction of its own."""
        return self.database.run(
            lambda uow: self.take_within(uow, case_id, order, caller), isolation=Isolation.READ_COMMITTED
        )

    def take_within(self, uow: UnitOfWork, case_id: UUID, order: StepOrder, caller: Caller) -> StepTaken:
        """Take a step; at READ COMMITTED.

        Raises
        ------
        NotFound
            There is no such case that the caller may take further.
        StaleVersion
            The case has moved on since the caller read it.
        Denied
            Not the caller's step: another officer's case, the same eyes, another territory.
        RuleBroken
            The case cannot take this step in its state, or a rule stands against the registration.
        InvalidInput
            A ground, reason, day or officer is missing or unknown.
        """
        standing = self._find(uow.connection, case_id, order, caller)
        if order.kind is StepKind.REGISTER:
            return self._register(uow, standing, order)
        handler = _HANDLERS.get(order.kind)
        if handler is None:
            raise InvalidInput(
                f"{order.kind.value} is taken by the system at intake.", code="step-not-offered"
            )
        state = next_state(CaseState(standing.steps[-1].state), order.kind)
        step = handler(standing, order)
        payload = {"case": str(case_id), "step": step.number, "kind": step.kind}
        leaf = leaf_values(kind=f"case.{state.value}", actor=caller.subject, payload=payload)
        return _taken(store.add_step(uow.connection, case_id, step, leaf))

    def _find(self, connection: Connection, case_id: UUID, order: StepOrder, caller: Caller) -> _Standing:
        now = self.clock.now()
        today = now.astimezone(OFFICIAL_ZONE).date()
        kind = TERRITORIAL.get(caller.role)
        entered: Entered | None = None
        if order.kind is StepKind.REGISTER:  # who decides reads what he decides about with its heads held
            both = enter_standing(connection, case_id, kind=kind, subject=caller.subject, on=today)
            found, entered = both or (None, None)
        else:
            found = store.find_standing(connection, case_id, kind=kind, subject=caller.subject, on=today)
        if found is None or not _may_act(found.case, order.kind, caller):
            raise NotFound("There is no such case that you may take further.", code="case-not-found")
        case, steps, properties, documents, own = found
        received = case.received_at.astimezone(OFFICIAL_ZONE).date()
        objects = () if properties else list_objects(connection, case_id)
        standing = _Standing(
            connection=connection,
            case=case,
            steps=steps,
            districts=[row.district_code for row in properties or objects],
            properties=properties,
            service=find_service(case.service, received),
            caller=caller,
            now=now,
            documents=documents,
            districts_of_caller=own,
            entered=entered,
        )
        newest = standing.steps[-1].step_number
        if newest != order.seen:
            raise StaleVersion(
                f"The case is at step {newest}, not {order.seen}; read it again.", current_version=newest
            )
        if not _is_own_withdrawal(case, order.kind, caller):
            require_within(own, standing.districts)
        return standing

    def _register(self, uow: UnitOfWork, standing: _Standing, order: StepOrder) -> StepTaken:
        case_id = standing.case.case_id
        next_state(CaseState(standing.steps[-1].state), StepKind.REGISTER)
        if standing.service.four_eyes:
            require_other_eyes(_steps(standing), standing.caller.subject)
            if standing.steps[-1].state != CaseState.PREPARED:
                raise RuleBroken(
                    "Nobody has prepared this case; it is prepared before it is decided.",
                    code="case-step-impossible",
                    rule="ck_case_step_prepared",
                )
        reports: list[Report] = []

        competent = Competent(standing.today, standing.districts_of_caller)

        def judge(within: UnitOfWork, draft: Draft) -> bytes:
            reports.append(self.judge.report(within, replace(draft, competent=competent)))
            return reports[-1].sha256

        done = register_case(
            uow,
            case_id,
            partial(_commands, standing),
            standing.caller,
            judge=judge,
            expected_step=order.seen,
            entered=standing.entered,
        )
        return _taken(
            done.step,
            registration_numbers=done.registration_numbers,
            versions=done.versions,
            report=reports[-1],
        )


def _may_act(case: Row[Any], kind: StepKind, caller: Caller) -> bool:
    """Tell whether a step is the caller's to take: the office's, but a withdrawal the applicant's own."""
    return _is_own_withdrawal(case, kind, caller) or caller.role is CallerRole.REGISTRAR


def _is_own_withdrawal(case: Row[Any], kind: StepKind, caller: Caller) -> bool:
    """Tell whether an applicant takes back what he filed, wherever he may act by now."""
    return kind is StepKind.WITHDRAW and bool(case.applicant_subject == caller.subject)


def _commands(
    standing: _Standing, case: PendingCase, states: Mapping[int, PropertyState]
) -> tuple[Command, ...]:
    """Read what the case asks for, beside what now stands in its sections; the decision's leaf is written."""
    application = read_application(case)
    return read_case(standing.connection, application, case.operation, states, case.require_file().kinds)


def _assign(standing: _Standing, order: StepOrder) -> NewStep:
    """Give the case to an officer; unnamed, to the one of the territory who has the fewest open cases."""
    assignee = order.assignee
    if assignee is None:
        districts = standing.districts
        officers = list_officers_for(standing.connection, districts[0], standing.today) if districts else ()
        if not officers:
            raise InvalidInput(
                "No registrar is recorded for this territory; name the officer.", code="assignee-missing"
            )
        assignee = officers[0]
    assignee = clean_text(assignee, field="assignee", max_length=100)
    require_officer_for(standing.connection, assignee, standing.districts, standing.today)
    return standing.step(order, assignee=assignee)


def _prepare(standing: _Standing, order: StepOrder) -> NewStep:
    if standing.assignee != standing.caller.subject:
        raise Denied("The case was given to another officer.", code="not-your-case")
    return standing.step(order, report_sha256=_preparation_digest(standing))


def _preparation_digest(standing: _Standing) -> bytes:
    """Give the digest of what the preparer had before him: papers, properties and their versions."""
    case_id = standing.case.case_id
    report: dict[str, Any] = {
        "case": str(case_id),
        "documents": sorted(standing.documents),
        "payload": bytes(standing.case.payload_sha256 or b"").hex(),
        "register_numbers": [row.register_number for row in standing.properties],
        "step": standing.steps[-1].step_number,
    }
    return hashlib.sha256(canonical_json(report)).digest()


def _suspend(standing: _Standing, order: StepOrder) -> NewStep:
    """Let the case rest on a ground, once on each, for at most its term; the applicant is told in time."""
    terms = find_suspension(_ground(order), standing.today)
    suspended = [step for step in standing.steps if step.kind == StepKind.SUSPEND]
    before = [(step.ground or "").partition(":")[0] for step in suspended]
    if terms.code in before:
        raise RuleBroken(
            "The case has rested on this ground already; decide it, or name another ground.",
            code="suspension-repeated",
            rule="suspension-repeated",
        )
    latest = terms.latest_end(standing.today)
    until = order.until or latest
    if not standing.today < until <= latest:
        raise InvalidInput(
            f"A suspension ends after today and not after {latest.isoformat()}.",
            code="suspension-too-long",
            latest=latest.isoformat(),
        )
    return standing.step(
        order,
        ground=_reasoned(order),
        due_on=until,
        notify_by=standing.now + timedelta(hours=terms.notice_hours),
    )


def _refuse(standing: _Standing, order: StepOrder) -> NewStep:
    require_refusal_ground(_ground(order), "refuse", standing.today)
    if standing.service.four_eyes:
        require_other_eyes(_steps(standing), standing.caller.subject)
    return standing.step(order, ground=_reasoned(order))


def _plain(standing: _Standing, order: StepOrder) -> NewStep:
    reason = clean_text(order.reason or "", field="reason", multiline=True, max_length=MAX_REASON)
    return standing.step(order, ground=reason or None)


_HANDLERS: Final[Mapping[StepKind, Callable[[_Standing, StepOrder], NewStep]]] = MappingProxyType(
    {
        StepKind.ASSIGN: _assign,
        StepKind.PREPARE: _prepare,
        StepKind.SEND_BACK: _plain,
        StepKind.SUSPEND: _suspend,
        StepKind.RESUME: _plain,
        StepKind.REFUSE: _refuse,
        StepKind.WITHDRAW: _plain,
    }
)


def _ground(order: StepOrder) -> str:
    if order.ground is None:
        raise InvalidInput(f"Name the legal ground to {order.kind.value} the case.", code="ground-missing")
    return order.ground


def _reasoned(order: StepOrder) -> str:
    """Give ground and reasons as they are kept: the code, a colon, the reasons in the officer's words."""
    reason = clean_text(order.reason or "", field="reason", multiline=True, max_length=MAX_REASON)
    if not reason:
        raise InvalidInput(
            f"Give the reasons to {order.kind.value} the case; the applicant is told them.",
            code="reason-missing",
        )
    return f"{order.ground}: {reason}"


def _steps(standing: _Standing) -> list[Step]:
    return [
        Step(row.step_number, StepKind(row.kind), CaseState(row.state), row.actor, row.at)
        for row in standing.steps
    ]


def _taken(row: Row[Any], **given: Any) -> StepTaken:
    return StepTaken(
        case_id=row.case_id,
        step_number=row.step_number,
        kind=StepKind(row.kind),
        state=CaseState(row.state),
        at=row.at,
        duration_s=row.duration_s,
        assignee=row.assignee,
        ground=row.ground,
        due_on=row.due_on,
        notify_by=row.notify_by,
        **given,
    )


__all__ = ["Reporter", "StepDesk", "StepOrder", "StepTaken"]
