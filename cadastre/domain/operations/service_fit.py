"""Whether a case does what its service is: nobody transfers under a discharge that one officer decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

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
from cadastre.domain.plan import EndRestriction, EndRight, OpenRestriction, OpenRight, Plan
from cadastre.kernel.errors import InvalidInput

_OPERATION: Final[Mapping[type[Command], str]] = MappingProxyType(
    {
        Transfer: "transfer",
        RegisterMortgage: "mortgage_registration",
        ChangeRanks: "mortgage_rank",
        AssignMortgage: "mortgage_assignment",
        EndEntry: "end",
        GrantRight: "grant",
        Impose: "impose",
        Divide: "division",
        Merge: "merger",
        ShiftBoundary: "boundary_change",
        FirstRegistration: "first_registration",
        CompleteUnit: "completion",
        DissolveClaim: "dissolution",
        ConvertPaper: "paper_conversion",
        Correct: "correction",
        CancelEntries: "cancellation",
        Rename: "renaming",
        Succeed: "succession",
    }
)
_AUTHORITY: Final = frozenset({"arrest", "prohibition", "court_dispute"})
_LIENS: Final = frozenset({"mortgage", "pledge"})
_KINDS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "mortgage_discharge": _LIENS,
        "lease_end": frozenset({"lease"}),
        "arrest_release": _AUTHORITY,
        "lease": frozenset({"lease"}),
        "use": frozenset({"permanent_use", "temporary_use"}),
        "usufruct": frozenset({"usufruct"}),
        "trust": frozenset({"trust_management"}),
        "superficies": frozenset({"superficies"}),
        "servitude": frozenset({"servitude"}),
        "arrest": frozenset({"arrest"}),
        "first_registration": frozenset({"ownership", "permanent_use", "temporary_use", "lease"}),
        "future_unit": frozenset({"future_ownership"}),
        "claim_dissolution": frozenset({"future_ownership"}),
        "prohibition": frozenset({"prohibition"}),
        "court_dispute": frozenset({"court_dispute"}),
    }
)
"""Kinds of entries that a service may touch, where its operation is not enough to say."""


def require_service_fits(service: str, operation: str, commands: Sequence[Command], plan: Plan) -> None:
    """Require that every command is of the operation of the service, on entries of its kinds.

    Raises
    ------
    InvalidInput
        The case asks for something else than the service that it was filed, checked and paid as.
    """
    for command in commands:
        if _OPERATION[type(command)] != operation:
            raise _misfit(service, _OPERATION[type(command)])
    kinds = {kind for act in plan.acts if (kind := _kind(act)) is not None}
    allowed = _KINDS.get(service)
    if allowed is not None and not kinds <= allowed:
        raise _misfit(service, ", ".join(sorted(kinds - allowed)))
    if service == "right_end" and kinds & (_LIENS | _AUTHORITY):
        raise _misfit(service, ", ".join(sorted(kinds & (_LIENS | _AUTHORITY))))


def _kind(act: object) -> str | None:
    match act:
        case EndRight():
            return act.right.kind
        case OpenRight():
            return act.kind
        case EndRestriction():
            return act.restriction.contents.kind
        case OpenRestriction():
            return act.contents.kind
        case _:
            return None


def _misfit(service: str, what: str) -> InvalidInput:
    return InvalidInput(
        f"A case of the service {service} does not do this ({what}); file it as what it is.",
        code="service-misfit",
        service=service,
        what=what,
    )


__all__ = ["require_service_fits"]
