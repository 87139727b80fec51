"""The court channel: an arrest, prohibition, dispute notice or release binds once the call returns."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from uuid import UUID

from cadastre.db.unit_of_work import UnitOfWork
from cadastre.domain.caller import Caller
from cadastre.domain.case import CaseState
from cadastre.domain.commands import Command
from cadastre.domain.filed_command import read_commands
from cadastre.domain.filing import ApplicationOrder, read_filed
from cadastre.domain.operations.authority import URGENT
from cadastre.domain.property_state import PropertyState
from cadastre.domain.service import find_service
from cadastre.domain.signed_contract import UNBOUND, SignaturePolicy
from cadastre.kernel.clock import OFFICIAL_ZONE
from cadastre.kernel.errors import Denied, InvalidInput
from cadastre.services.case_filing import FiledCase, file_case
from cadastre.services.registration import Judge, Registered, register_case
from cadastre.store.cases import get_payload
from cadastre.store.decisions import PendingCase

_OPERATIONS: Final = frozenset({"impose", "end"})
_BAILIFF: Final = "bailiff"


@dataclass(frozen=True, slots=True)
class EnteredAct:
    """An act of authority: its journal entry, and what was registered; None when papers are missing."""

    filed: FiledCase
    registered: Registered | None


def enter_act(
    uow: UnitOfWork,
    order: ApplicationOrder,
    caller: Caller,
    *,
    case_id: UUID,
    now: datetime,
    judge: Judge,
    signatures: SignaturePolicy = UNBOUND,
) -> EnteredAct:
    """Take an act of authority into the journal and register it, in one transaction; at READ COMMITTED.

    It waits for no notice, no earlier case and no second officer: when the call returns, it blocks.
    A bailiff acts without a ruling, so what he imposes is urgent: the court is told within 24 hours
    and confirms it (``terms.confirms``) or has it released.

    Raises
    ------
    InvalidInput
        The service is no act of authority, or its terms make no sense.
    Denied
        Not this caller's act: a bailiff does not confirm what awaits the court.
    """
    order = _as_brought(order, now.astimezone(OFFICIAL_ZONE).date())
    filed = file_case(uow, order, caller, case_id=case_id, now=now, signatures=signatures)
    if filed.state is not CaseState.ACCEPTED:
        return EnteredAct(filed, None)

    def ask(case: PendingCase, states: Mapping[int, PropertyState]) -> tuple[Command, ...]:
        kept = json.loads(get_payload(uow.connection, case.case_id))
        return read_commands(read_filed(kept), case.operation, states)

    return EnteredAct(filed, register_case(uow, case_id, ask, caller, judge=judge))


def _as_brought(order: ApplicationOrder, today: date) -> ApplicationOrder:
    """Give the act with its urgency, which follows from who brings it and is never the bringer's choice."""
    service = find_service(order.service, today)
    if not service.by_authority or service.four_eyes or service.operation not in _OPERATIONS:
        raise InvalidInput(
            f"The service {service.code} is no act that binds the register at once; apply for it.",
            code="not-an-act-of-authority",
            service=service.code,
        )
    imposes_urgently = order.capacity == _BAILIFF and service.code in URGENT
    if imposes_urgently and order.terms.get("confirms") is not None:
        raise Denied("A bailiff's act is confirmed by the court.", code="confirmation-is-the-courts")
    terms = {key: value for key, value in order.terms.items() if key != "urgent"}
    if imposes_urgently:
        terms["urgent"] = True
    return replace(order, terms=terms)


__all__ = ["EnteredAct", "enter_act"]
