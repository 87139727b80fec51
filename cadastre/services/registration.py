"""Decides a prepared case: the one transaction that changes what is registered."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row

from cadastre.db.unit_of_work import UnitOfWork
from cadastre.domain.caller import Caller
from cadastre.domain.commands import (
    CancelEntries,
    Command,
    CompleteUnit,
    ConvertPaper,
    Correct,
    FirstRegistration,
    Merge,
    RegisterMortgage,
    Rename,
    ShiftBoundary,
    Succeed,
    Transfer,
)
from cadastre.domain.filing import FiledApplication, read_filed
from cadastre.domain.operations import plan_of
from cadastre.domain.operations.mortgage import name_mortgagors
from cadastre.domain.operations.service_fit import require_service_fits
from cadastre.domain.operations.transfer import name_holders
from cadastre.domain.plan import (
    Act,
    CloseProperty,
    EndParcel,
    EndRestriction,
    EndRight,
    NewRef,
    OpenProperty,
    Plan,
    ReopenProperty,
    VoidFact,
    VoidObjects,
    VoidRestriction,
    VoidRight,
)
from cadastre.domain.property_state import PropertyState
from cadastre.kernel.errors import Conflict, InvalidInput, NotFound, RuleBroken
from cadastre.services.renaming import RegisteredBy, link_names, undo_names
from cadastre.services.undoing import with_effects
from cadastre.store.decisions import (
    Entered,
    PendingCase,
    RegisterStep,
    enter_pending,
    open_file,
    resolve_persons,
    take_register_step,
)
from cadastre.store.entry_rows import Decision
from cadastre.store.judged_facts import Gathered
from cadastre.store.ledger import leaf_values
from cadastre.store.plans import carry_out

_CLOSINGS = (
    EndRight,
    VoidRight,
    EndRestriction,
    VoidRestriction,
    EndParcel,
    VoidObjects,
    VoidFact,
    CloseProperty,
    ReopenProperty,
)
_TOGETHER = frozenset({Transfer, CompleteUnit, Correct, Rename, Succeed})
"""Commands of which one case may have several."""


@dataclass(frozen=True, slots=True)
class Competent:
    """In which districts whoever acts may act on a day; None when none ever was recorded."""

    on: date
    districts: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Draft:
    """What is about to be registered, as whoever judges it sees it; the heads are held."""

    case: PendingCase
    caller: Caller
    commands: tuple[Command, ...]
    states: Mapping[int, PropertyState]
    plan: Plan
    today: date
    competent: Competent | None = None
    gathered: Gathered | None = None


@dataclass(frozen=True, slots=True)
class Registered:
    """What a decision made: leaf and step, the numbers given, versions reached, ids of what is new."""

    leaf: int
    registration_numbers: tuple[str, ...]
    versions: Mapping[int, int]
    new_ids: Mapping[NewRef, int]
    step: Row[Any]


Ask = Callable[[PendingCase, Mapping[int, PropertyState]], Sequence[Command]]
"""Says what a case asks for, as the sections of its properties now stand."""
Judge = Callable[[UnitOfWork, Draft], bytes]
"""Judges a draft by the rules of the register: gives the digest of the report, or raises RuleBroken."""


def register_case(
    uow: UnitOfWork,
    case_id: UUID,
    ask: Ask,
    caller: Caller,
    *,
    judge: Judge,
    expected_step: int | None = None,
    entered: Entered | None = None,
) -> Registered:
    """Register a case: enter its properties, plan, judge, write the entries, take the last step.

    Runs at READ COMMITTED (``Database.run(..., isolation=Isolation.READ_COMMITTED)``): the heads are taken
    by the first statement, so whatever is read afterwards is fresh and stays true until the commit.
    What the database judges (shares, blocks, order, other eyes) it judges at the commit.

    Parameters
    ----------
    ask
        Gives what the case asks for; an exchange has one transfer for each of its properties. The leaf
        is written by then, so that it may read the payload and parties of the case.
    expected_step
        Number of the step that the officer saw as the newest; None asks no such question.
    entered
        The case, when this transaction has entered its properties already.

    Raises
    ------
    NotFound
        There is no such case about any property.
    InvalidInput
        The commands are not of the case's service or properties, or make no sense.
    RuleBroken
        A rule stands against it; nothing is registered.
    Conflict
        The case or an entry moved meanwhile.
    """
    connection = uow.connection
    entered = entered or enter_pending(connection, case_id)
    if entered is None:
        raise NotFound("There is no such case about any property or object.", code="case-not-found")
    case, states = entered.case, entered.states
    _require_open(case, expected_step)
    _require_settled(states, entered.today)
    event = f"register.{case.operation.replace('_', '-')}"
    looked_at = leaf_values(kind=event, actor=caller.subject, payload=_payload(case, states))
    leaf, case, gathered = open_file(connection, case, looked_at, states)
    commands = _name_holders(connection, tuple(ask(case, states)), states)
    commands, states = with_effects(connection, commands, states)
    commands = link_names(connection, case, commands, RegisteredBy(caller.subject, leaf))
    plan = _plan(case, commands, states, entered.today)
    if states.keys() != entered.states.keys() or any(isinstance(command, Rename) for command in commands):
        gathered = {}  # closed sections came to it, or who stands for whom has changed since
    draft = Draft(case, caller, commands, states, plan, entered.today, gathered=gathered)
    report_sha256 = judge(uow, draft)
    decision = Decision(case_id, leaf, entered.today, case.source_id)
    made = carry_out(connection, plan, decision, office_code=case.office_code)
    undo_names(connection, commands, leaf)
    step = RegisterStep(case.last_step + 1, caller.subject, caller.role.value, report_sha256)
    taken, versions = take_register_step(
        connection, case_id, step, leaf, (*states, *_new_properties(plan, made.new_ids))
    )
    return Registered(leaf, made.registration_numbers, versions, made.new_ids, taken)


def read_application(case: PendingCase) -> FiledApplication:
    """Read what a case, whose file is open, was filed with."""
    return read_filed(json.loads(case.require_file().payload))


def _name_holders(
    connection: Connection, commands: tuple[Command, ...], states: Mapping[int, PropertyState]
) -> tuple[Command, ...]:
    """Let merged records of one person act as one; asked only where not just all the owners give."""
    parties: set[UUID] = set()
    for command in commands:
        if isinstance(command, RegisterMortgage) and command.property_id in states:
            held = {right.party_id for right in states[command.property_id].owners}
            if not held >= set(command.mortgagors):
                parties |= held | set(command.mortgagors)
        if isinstance(command, Transfer) and command.property_id in states:
            held = {right.party_id for right in states[command.property_id].owners}
            if held != {taking.party_id for taking in command.takings}:
                parties |= held | {taking.party_id for taking in command.takings}
                parties |= {acquisition.party_id for acquisition in command.acquisitions}
    if not parties:
        return commands
    persons = resolve_persons(connection, parties)
    return tuple(_named_anew(command, states, persons) for command in commands)


def _named_anew(
    command: Command, states: Mapping[int, PropertyState], persons: Mapping[UUID, UUID]
) -> Command:
    match command:
        case Transfer() if command.property_id in states:
            return name_holders(command, states[command.property_id], persons)
        case RegisterMortgage() if command.property_id in states:
            return name_mortgagors(command, states[command.property_id], persons)
        case _:
            return command


def _require_open(case: PendingCase, expected_step: int | None) -> None:
    if case.is_closed:
        raise RuleBroken(
            "The case is decided already.", code="case-step-impossible", rule="case-step-impossible"
        )
    if expected_step is not None and case.last_step != expected_step:
        raise Conflict(
            f"The case is at step {case.last_step}, not {expected_step}; read it again.",
            code="case-moved-meanwhile",
            step=case.last_step,
        )


def _require_settled(states: Mapping[int, PropertyState], today: date) -> None:
    """Refuse when an entry begins after the day of this transaction: midnight passed while it waited."""
    for state in states.values():
        begun = {right.valid_from for right in state.rights}
        begun |= {restriction.valid_from for restriction in state.restrictions}
        if begun and max(begun) > today:
            raise Conflict(
                "An entry of a later day stands already; please send the request again.",
                code="day-has-changed",
            )


def _plan(
    case: PendingCase, commands: Sequence[Command], states: Mapping[int, PropertyState], today: date
) -> Plan:
    """Give the one plan of all commands: what any of them closes is closed before anything is opened."""
    if not commands:
        raise InvalidInput("The case asks for nothing.", code="case-without-command")
    kinds = {type(command) for command in commands}
    if len(commands) > 1 and not (len(kinds) == 1 and kinds <= _TOGETHER):
        raise InvalidInput(
            "Only transfers (the legs of an exchange), corrections, renamings, successions and units of one "
            "building are decided together.",
            code="commands-not-together",
        )
    if not {property_id for command in commands for property_id in _named(command)} <= states.keys():
        raise InvalidInput(
            "The case does not name every property that it is to change; such a case is filed anew.",
            code="property-not-in-case",
        )
    plans = [plan_of(command, states, today) for command in commands]
    acts = [act for plan in plans for act in plan.acts]
    _require_each_once(acts)
    plan = Plan(plans[0].event, tuple(sorted(acts, key=lambda act: not isinstance(act, _CLOSINGS))))
    require_service_fits(case.service, case.operation, commands, plan)
    return plan


def _named(command: Command) -> tuple[int, ...]:
    match command:
        case FirstRegistration():
            return () if command.joins_property_id is None else (command.joins_property_id,)
        case ConvertPaper():
            return () if command.property_id is None else (command.property_id,)
        case ShiftBoundary():
            return ()
        case Merge() | CancelEntries():
            return command.property_ids
        case _:
            return (command.property_id,)


def _require_each_once(acts: Sequence[Act]) -> None:
    """Refuse two commands that end the same entry: each was planned as if the other were not."""
    ended = [act.right.right_id for act in acts if isinstance(act, EndRight | VoidRight)]
    lifted = [
        act.restriction.restriction_id for act in acts if isinstance(act, EndRestriction | VoidRestriction)
    ]
    if len(set(ended)) < len(ended) or len(set(lifted)) < len(lifted):
        raise InvalidInput("Two commands of the case end the same entry.", code="entry-repeated")


def _payload(case: PendingCase, states: Mapping[int, PropertyState]) -> dict[str, object]:
    numbers = sorted(state.register_number for state in states.values())
    return {"case": str(case.case_id), "service": case.service, "register_numbers": numbers}


def _new_properties(plan: Plan, new_ids: Mapping[NewRef, int]) -> list[int]:
    return [new_ids[act.ref] for act in plan.acts if isinstance(act, OpenProperty)]


__all__ = ["Ask", "Competent", "Draft", "Judge", "Registered", "read_application", "register_case"]
