"""Extracts of a whole portfolio: one order, one result for each number, resumed wherever it stopped."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row

from cadastre.db.unit_of_work import Database, Isolation, Role, UnitOfWork
from cadastre.domain.caller import Caller, CallerRole
from cadastre.domain.extract import ExtractRequest
from cadastre.kernel.errors import CadastreError, InvalidInput, NotFound, Unavailable
from cadastre.services.application import require_application, take_in
from cadastre.services.extract_decision import BAKU, Decision, Draft
from cadastre.services.extracts import ExtractDesk, refusal_of
from cadastre.services.ledger_clock import run_when_numbered
from cadastre.store import batches as store
from cadastre.store.ledger import append_leaf

MOST_NUMBERS: Final = 10_000
MOST_LENGTH: Final = 40
MAX_LISTED: Final = 500


@dataclass(frozen=True, slots=True)
class BatchOrder:
    """What is asked for of each number; ``template`` has none of its own."""

    numbers: tuple[str, ...]
    template: ExtractRequest


@dataclass(frozen=True, slots=True)
class BatchState:
    """How far an order has come."""

    batch_id: UUID
    kind: str
    items: int
    done: int
    failed: int
    submitted_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class BatchPage:
    """Items with what became of them; ``after`` is what the next page is asked with, None after the last."""

    items: Sequence[Row[Any]]
    after: int | None


def submit_batch(
    uow: UnitOfWork, order: BatchOrder, caller: Caller, *, batch_id: UUID, today: date
) -> BatchState:
    """Take an order in; each number is judged by itself, later, as if it had been asked for alone.

    Raises
    ------
    Denied, InvalidInput
        The order as a whole is not the caller's to give, or has no numbers, or too many.
    """
    proper = require_application(order.template, caller, today)
    if not 1 <= len(order.numbers) <= MOST_NUMBERS:
        raise InvalidInput(f"Give 1 to {MOST_NUMBERS} numbers.", code="batch-size")
    if any(not number or len(number) > MOST_LENGTH or not number.isprintable() for number in order.numbers):
        raise InvalidInput(
            f"A number is one line of at most {MOST_LENGTH} characters.", code="register-number-malformed"
        )
    listed = hashlib.sha256("\n".join(order.numbers).encode()).hexdigest()
    payload = {"batch": str(batch_id), "kind": proper.kind, "items": len(order.numbers), "sha256": listed}
    leaf = append_leaf(uow.connection, kind="extract.batch", actor=caller.subject, payload=payload)
    row = {
        "batch_id": batch_id,
        "requester": caller.subject,
        "requester_role": caller.role.value,
        "requester_name": caller.name,
        "requester_fin": caller.fin,
        "requester_voen": caller.voen,
        "kind": proper.kind,
        "capacity": proper.capacity,
        "basis": proper.basis,
        "purpose": proper.purpose,
        "acting_for": proper.acting_for,
        "as_of": proper.as_of,
        "item_count": len(order.numbers),
        "leaf_id": leaf,
    }
    submitted_at = store.enter_batch(uow.connection, row, order.numbers)
    return BatchState(batch_id, proper.kind, len(order.numbers), 0, 0, submitted_at, None)


def work_batches(desk: ExtractDesk, limit: int) -> int:
    """Decide and sign items that wait, each in a transaction of its own; give how many were taken up.

    An item's result is written by the transaction that decides it: none is decided twice, and what a
    crash leaves is taken up by the next round, of this worker or another. The prints follow.
    """
    rows = desk.database.read(lambda uow: store.list_waiting(uow.connection, limit), role=Role.WRITE)
    for row in rows:
        _work(desk, row)
    # also when nothing waited: who was killed after the last result left an order that would bar all others
    desk.database.run(lambda uow: store.end_batches(uow.connection), isolation=Isolation.READ_COMMITTED)
    return len(rows)


def _work(desk: ExtractDesk, row: Row[Any]) -> None:
    caller = Caller(
        row.requester,
        CallerRole(row.requester_role),
        row.requester_name,
        fin=row.requester_fin,
        voen=row.requester_voen,
    )
    today = desk.parts.clock.now().astimezone(BAKU).date()
    request = ExtractRequest(
        row.register_number, row.kind, row.capacity, row.basis, row.purpose, row.as_of, None, row.acting_for
    )
    try:
        proper = take_in(request, caller, today)
        run_when_numbered(desk.database, lambda uow: _decide(desk, uow, proper, caller, row))
    except Unavailable:
        raise
    except CadastreError as error:
        problem = error.code
        desk.database.run(lambda uow: _refuse(uow, row, problem), isolation=Isolation.READ_COMMITTED)


def _decide(
    desk: ExtractDesk, uow: UnitOfWork, request: ExtractRequest, caller: Caller, row: Row[Any]
) -> None:
    """Decide one item with its result, unless it is somebody else's."""
    if not store.take_item(uow.connection, row.batch_id, row.place):
        return
    made = Decision(desk.parts, uow.connection, request, caller).make()
    if isinstance(made, Draft):
        store.enter_result(uow.connection, row.batch_id, row.place, extract_id=made.extract_id, problem=None)
        return
    problem = refusal_of(made).code
    store.enter_result(uow.connection, row.batch_id, row.place, extract_id=None, problem=problem)


def _refuse(uow: UnitOfWork, row: Row[Any], problem: str) -> None:
    if store.take_item(uow.connection, row.batch_id, row.place):
        store.enter_result(uow.connection, row.batch_id, row.place, extract_id=None, problem=problem)


def find_batch(database: Database, batch_id: UUID, caller: Caller) -> BatchState:
    """Tell how far an order of the caller's has come.

    Raises
    ------
    NotFound
        He gave no such order.
    """
    row = database.read(
        lambda uow: store.find_batch(uow.connection, batch_id, caller.subject), role=Role.WRITE
    )
    if row is None:
        raise NotFound("There is no such order of yours.", code="batch-not-found")
    return BatchState(
        row.batch_id, row.kind, row.item_count, row.done, row.failed, row.submitted_at, row.ended_at
    )


def list_batch_results(
    database: Database, batch_id: UUID, caller: Caller, *, after: int, limit: int
) -> BatchPage:
    """Give a page of the items of an order with what became of each.

    Raises
    ------
    NotFound
        He gave no such order.
    """
    find_batch(database, batch_id, caller)
    rows = database.read(
        lambda uow: store.list_results(uow.connection, batch_id, after=after, limit=limit + 1),
        role=Role.WRITE,
    )
    return BatchPage(rows[:limit], rows[limit - 1].place if len(rows) > limit else None)


__all__ = [
    "MAX_LISTED",
    "MOST_NUMBERS",
    "BatchOrder",
    "BatchPage",
    "BatchState",
    "find_batch",
    "list_batch_results",
    "submit_batch",
    "work_batches",
]
