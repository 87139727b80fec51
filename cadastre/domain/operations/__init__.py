"""What each operation of the register does, as pure functions from a command and a state to a plan."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from cadastre.domain.commands import (
    AssignMortgage,
    CancelEntries,
    ChangeRanks,
    Command,
    CompleteUnit,
    ConvertPaper,
    Correct,
    DissolveClaim,
    Divide,
    EndEntry,
    FirstRegistration,
    GrantRight,
    Impose,
    Merge,
    RegisterMortgage,
    Rename,
    ShiftBoundary,
    Succeed,
    Transfer,
)
from cadastre.domain.operations.authority import plan_impose
from cadastre.domain.operations.boundary import plan_boundary
from cadastre.domain.operations.cancellation import plan_cancellation
from cadastre.domain.operations.closing import plan_end
from cadastre.domain.operations.correction import plan_correction
from cadastre.domain.operations.division import plan_division
from cadastre.domain.operations.first import plan_entering
from cadastre.domain.operations.granting import plan_grant
from cadastre.domain.operations.merger import plan_merger
from cadastre.domain.operations.mortgage import plan_assignment, plan_mortgage, plan_ranks
from cadastre.domain.operations.renaming import plan_renaming, plan_succession
from cadastre.domain.operations.transfer import plan_transfer
from cadastre.domain.plan import Plan
from cadastre.domain.property_state import PropertyState


def plan_of(command: Command, states: Mapping[int, PropertyState], today: date) -> Plan:
    """Give what a command does to the register; whether it is lawful is for the rules to say.

    Parameters
    ----------
    states
        State of every property that the command is about, read after its head was taken.
    today
        The civil day of the register, on which what is closed ends and what is opened begins.

    Raises
    ------
    InvalidInput
        The command makes no sense.
    RuleBroken
        What it rests on does not stand (any more).
    """
    match command:
        case Transfer():
            return plan_transfer(command, states[command.property_id], today)
        case RegisterMortgage():
            return plan_mortgage(command, states[command.property_id], today)
        case ChangeRanks():
            return plan_ranks(command, states[command.property_id], today)
        case AssignMortgage():
            return plan_assignment(command, states[command.property_id], today)
        case EndEntry():
            return plan_end(command, states[command.property_id], today)
        case GrantRight():
            return plan_grant(command, states[command.property_id], today)
        case Impose():
            return plan_impose(command, states[command.property_id], today)
        case Divide() | Merge() | ShiftBoundary():
            return _plan_land(command, states, today)
        case Correct() | CancelEntries() | Rename() | Succeed():
            return _plan_restating(command, states, today)
        case FirstRegistration() | CompleteUnit() | DissolveClaim() | ConvertPaper():
            return plan_entering(command, states, today)


def _plan_land(
    command: Divide | Merge | ShiftBoundary, states: Mapping[int, PropertyState], today: date
) -> Plan:
    """Give what a command does that cuts, joins or redraws parcels."""
    match command:
        case Divide():
            return plan_division(command, states[command.property_id], today)
        case Merge():
            return plan_merger(command, states, today)
        case ShiftBoundary():
            return plan_boundary(command, states, today)


def _plan_restating(
    command: Correct | CancelEntries | Rename | Succeed, states: Mapping[int, PropertyState], today: date
) -> Plan:
    """Give what a command does that makes entries right, undoes them, or lets them name another."""
    match command:
        case Correct():
            return plan_correction(command, states[command.property_id], today)
        case CancelEntries():
            return plan_cancellation(command, states)
        case Rename():
            return plan_renaming(command, states[command.property_id], today)
        case Succeed():
            return plan_succession(command, states[command.property_id], today)


__all__ = ["plan_of"]
