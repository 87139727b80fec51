"""A case: its states, its steps, and who may take which; twin of registry.case_transition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from cadastre.kernel.errors import Denied, RuleBroken


class CaseState(StrEnum):
    """Where a case stands."""

    NONE = "none"
    RECEIVED = "received"
    ACCEPTED = "accepted"
    ASSIGNED = "assigned"
    PREPARED = "prepared"
    SUSPENDED = "suspended"
    REGISTERED = "registered"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    RETURNED = "returned"


class StepKind(StrEnum):
    """What is done with a case."""

    RECEIVE = "receive"
    RETURN = "return"
    ACCEPT = "accept"
    ASSIGN = "assign"
    PREPARE = "prepare"
    SEND_BACK = "send_back"
    SUSPEND = "suspend"
    RESUME = "resume"
    REGISTER = "register"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


_FROM: Final[Mapping[StepKind, tuple[tuple[CaseState, ...], CaseState]]] = MappingProxyType(
    {
        StepKind.RECEIVE: ((CaseState.NONE,), CaseState.RECEIVED),
        StepKind.RETURN: ((CaseState.RECEIVED,), CaseState.RETURNED),
        StepKind.ACCEPT: ((CaseState.RECEIVED,), CaseState.ACCEPTED),
        StepKind.ASSIGN: ((CaseState.ACCEPTED, CaseState.ASSIGNED), CaseState.ASSIGNED),
        StepKind.PREPARE: ((CaseState.ASSIGNED, CaseState.PREPARED), CaseState.PREPARED),
        StepKind.SEND_BACK: ((CaseState.PREPARED,), CaseState.ASSIGNED),
        StepKind.SUSPEND: (
            (CaseState.ACCEPTED, CaseState.ASSIGNED, CaseState.PREPARED),
            CaseState.SUSPENDED,
        ),
        StepKind.RESUME: ((CaseState.SUSPENDED,), CaseState.ACCEPTED),
        StepKind.REGISTER: ((CaseState.ACCEPTED, CaseState.PREPARED), CaseState.REGISTERED),
        StepKind.REFUSE: ((CaseState.ACCEPTED, CaseState.PREPARED, CaseState.SUSPENDED), CaseState.REFUSED),
        StepKind.WITHDRAW: (
            (
                CaseState.RECEIVED,
                CaseState.ACCEPTED,
                CaseState.ASSIGNED,
                CaseState.PREPARED,
                CaseState.SUSPENDED,
            ),
            CaseState.WITHDRAWN,
        ),
    }
)
TRANSITIONS: Final[Mapping[tuple[StepKind, CaseState], CaseState]] = MappingProxyType(
    {(kind, start): end for kind, (starts, end) in _FROM.items() for start in starts}
)
FINAL: Final = frozenset({CaseState.REGISTERED, CaseState.REFUSED, CaseState.WITHDRAWN, CaseState.RETURNED})


@dataclass(frozen=True, slots=True)
class Step:
    """One step taken."""

    number: int
    kind: StepKind
    state: CaseState
    actor: str
    at: datetime


def next_state(state: CaseState, step: StepKind) -> CaseState:
    """Give the state after a step.

    Examples
    --------
    >>> next_state(CaseState.PREPARED, StepKind.REGISTER).value
    'registered'
    >>> next_state(CaseState.REFUSED, StepKind.REGISTER)
    Traceback (most recent call last):
        ...
    cadastre.kernel.errors.RuleBroken: A case that is refused cannot take the step register.
    """
    try:
        return TRANSITIONS[step, state]
    except KeyError:
        raise RuleBroken(
            f"A case that is {state.value} cannot take the step {step.value}.",
            code="case-step-impossible",
            state=state.value,
            step=step.value,
        ) from None


def require_other_eyes(steps: Iterable[Step], actor: str) -> None:
    """Refuse a decision by whoever prepared the case."""
    if any(step.kind is StepKind.PREPARE and step.actor == actor for step in steps):
        raise Denied("Whoever prepared a case does not decide it.", code="four-eyes")


__all__ = [
    "FINAL",
    "TRANSITIONS",
    "CaseState",
    "Step",
    "StepKind",
    "next_state",
    "require_other_eyes",
]
