"""News for notaries, banks, courts and the office: asked for and acknowledged, or delivered to an address."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any, Final, Protocol, TypeVar
from uuid import UUID

import rfc8785
from sqlalchemy import Row

from cadastre.db.unit_of_work import Database, Isolation, Role, UnitOfWork
from cadastre.domain.caller import Caller, CallerRole
from cadastre.kernel.errors import InvalidInput
from cadastre.services.ledger_clock import sequence
from cadastre.store import events as store
from cadastre.store.ledger import append_leaf, get_head_index

T = TypeVar("T")

MAX_EVENTS: Final = 500
LEASE: Final = timedelta(minutes=2)
_FIRST_PAUSE: Final = timedelta(seconds=5)
_LONGEST_PAUSE: Final = timedelta(hours=1)
_UNCONFIRMED: Final = "restriction.unconfirmed"
_TOLD_OF_UNCONFIRMED: Final = tuple(f"role:{role.value}" for role in (CallerRole.COURT, CallerRole.REGISTRAR))


class Audience(StrEnum):
    """Whose news: those of the account itself, or those for everybody of its role."""

    ACCOUNT = "account"
    ROLE = "role"

    def of(self, caller: Caller) -> str:
        """Give the name under which the news are kept."""
        return caller.subject if self is Audience.ACCOUNT else f"role:{caller.role.value}"


@dataclass(frozen=True, slots=True)
class Event:
    """One piece of news; ``ledger_index`` orders it, ``event_id`` tells a repetition from another."""

    event_id: int
    kind: str
    ledger_index: int
    recorded_at: datetime
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """News after an index; ``last_index`` is what the next page is asked with, and what to acknowledge."""

    events: tuple[Event, ...]
    last_index: int


class Sender(Protocol):
    """Brings one piece of news to an address; gives the status of the answer, None when there was none."""

    def send(self, url: str, event: Event) -> int | None:
        """Send it, once."""


def poll(database: Database, caller: Caller, audience: Audience, *, after: int | None, limit: int) -> Page:
    """Give the news after an index, or after what was acknowledged, in the order of the ledger.

    All news of one index come together; what is asked for again is given again.
    """
    if not 1 <= limit <= MAX_EVENTS:
        raise InvalidInput(f"limit is between 1 and {MAX_EVENTS}.", code="limit-out-of-range")
    sequence(database)
    name = audience.of(caller)

    def read(uow: UnitOfWork) -> Page:
        kept = store.find_subscription(uow.connection, caller.subject, name)
        start = after if after is not None else (0 if kept is None else kept.acknowledged_index)
        rows = store.list_events(uow.connection, name, after=start, limit=limit)
        events = tuple(_event(row) for row in rows)
        return Page(events, events[-1].ledger_index if events else start)

    return database.read(read, role=Role.WRITE)


def acknowledge(
    database: Database, caller: Caller, audience: Audience, index: int, *, subscription_id: UUID
) -> int:
    """Record that the news up to an index have arrived; a lower one than before changes nothing."""

    def write(uow: UnitOfWork) -> int:
        if index > get_head_index(uow.connection):
            raise InvalidInput("The ledger has no such index yet.", code="index-not-reached")
        name = audience.of(caller)
        return store.acknowledge(uow.connection, subscription_id, caller.subject, name, index)

    return database.run(write, isolation=Isolation.READ_COMMITTED)


def subscribe(
    database: Database, caller: Caller, audience: Audience, url: str | None, *, subscription_id: UUID
) -> None:
    """Have the news that are not acknowledged yet, and all to come, sent to an address; None ends that."""

    def write(uow: UnitOfWork) -> None:
        store.subscribe(uow.connection, subscription_id, caller.subject, audience.of(caller), url)

    database.run(write, isolation=Isolation.READ_COMMITTED)


def deliver_due(database: Database, sender: Sender, *, most: int = 20, lease: timedelta = LEASE) -> int:
    """Send what is due, each at least once; give how many were taken up.

    A delivery is claimed in one transaction, sent outside any, and marked in another: one whose
    worker dies in between falls due again when its lease ends. After a failure the others of the same
    receiver wait with it. What a receiver took counts as acknowledged.
    """
    _run(database, lambda uow: store.queue_deliveries(uow.connection, most=MAX_EVENTS))
    claimed = _run(database, lambda uow: store.claim_deliveries(uow.connection, most=most, lease=lease))
    unreachable: set[UUID] = set()
    for row in claimed:
        status = None
        if row.subscription_id not in unreachable:
            status = sender.send(row.webhook_url, _event(row))
        if status is not None and 200 <= status < 300:
            _run(database, partial(_mark, row, status))
        else:
            unreachable.add(row.subscription_id)
            _run(database, partial(_put_off, row, status))
    return len(claimed)


def tell_unconfirmed(database: Database, now: datetime, *, most: int = 100) -> int:
    """Tell courts and the office which urgent acts of bailiffs nobody confirmed in time; give how many.

    The act stays in force: it ends by a release, never by itself.
    """

    def tell(uow: UnitOfWork) -> int:
        found = [
            (audience, row)
            for audience in _TOLD_OF_UNCONFIRMED
            for row in store.list_unconfirmed(
                uow.connection, kind=_UNCONFIRMED, audience=audience, now=now, most=most
            )
        ]
        if found:
            numbers = sorted({row.registration_number for _, row in found})
            leaf = append_leaf(
                uow.connection,
                kind="case.unconfirmed",
                actor="worker",
                payload={"registration_numbers": numbers},
            )
            _tell_all(uow, found, leaf)
        return len(found)

    return _run(database, tell)


def tell_lapsed(database: Database) -> int:
    """Tell whose notices ran out, and who holds the priority now, once each; give how many ran out."""

    def tell(uow: UnitOfWork) -> int:
        if not store.has_lapsed(uow.connection):
            return 0
        leaf = append_leaf(uow.connection, kind="priority.lapsed", actor="worker", payload={})
        return store.tell_lapsed(uow.connection, leaf)

    return _run(database, tell)


def _tell_all(uow: UnitOfWork, found: Iterable[tuple[str, Row[Any]]], leaf: int) -> None:
    for audience, row in found:
        payload = {
            "register_number": row.register_number,
            "registration_number": row.registration_number,
            "confirm_by": row.confirm_by.isoformat(),
        }
        store.tell(
            uow.connection,
            kind=_UNCONFIRMED,
            audience=audience,
            property_id=row.property_id,
            payload=rfc8785.dumps(payload).decode(),
            leaf=leaf,
        )


def _mark(row: Row[Any], status: int, uow: UnitOfWork) -> None:
    store.mark_delivered(uow.connection, row.subscription_id, row.event_id, status)
    store.advance(uow.connection, row.subscription_id, row.ledger_index)


def _put_off(row: Row[Any], status: int | None, uow: UnitOfWork) -> None:
    pause = min(_FIRST_PAUSE * 2 ** min(row.attempts - 1, 20), _LONGEST_PAUSE)
    store.mark_failed(uow.connection, row.subscription_id, row.event_id, status, pause)


def _run(database: Database, work: Callable[[UnitOfWork], T]) -> T:
    return database.run(work, isolation=Isolation.READ_COMMITTED)


def _event(row: Row[Any]) -> Event:
    return Event(row.event_id, row.kind, row.ledger_index, row.recorded_time, row.payload)


__all__ = [
    "LEASE",
    "MAX_EVENTS",
    "Audience",
    "Event",
    "Page",
    "Sender",
    "acknowledge",
    "deliver_due",
    "poll",
    "subscribe",
    "tell_lapsed",
    "tell_unconfirmed",
]
