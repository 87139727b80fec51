"""The register's clock: gives every finished event its place, and lets readers wait for theirs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy import Connection

from cadastre.db.unit_of_work import Database, Isolation, UnitOfWork
from cadastre.kernel.errors import Unavailable
from cadastre.store.ledger import count_unnumbered
from cadastre.store.ledger_tree import number_leaves

T = TypeVar("T")

PATIENCE_S = 10.0
_PAUSE_S = 0.05


class LedgerBusy(Unavailable):
    """An entry has no ledger index yet, so the register cannot name the state it is in."""

    default_code = "ledger-busy"


def sequence(database: Database) -> int:
    """Number all leaves whose place is final; give the size of the tree."""
    while True:
        size, more = database.run(
            lambda uow: number_leaves(uow.connection), isolation=Isolation.READ_COMMITTED
        )
        if not more:
            return size


def require_numbered(connection: Connection, leaves: Sequence[int]) -> None:
    """Refuse while one of these leaves has no place in the ledger yet.

    Raises
    ------
    LedgerBusy
        Trying again shortly helps; ``run_when_numbered`` does it.
    """
    refuse_unnumbered(count_unnumbered(connection, leaves))


def refuse_unnumbered(count: int) -> None:
    """Refuse while so many leaves, if any, have no place in the ledger yet.

    Raises
    ------
    LedgerBusy
        Trying again shortly helps.
    """
    if count:
        raise LedgerBusy(
            "The newest entries about this property are not numbered yet; try again in a minute."
        )


def run_when_numbered(
    database: Database, work: Callable[[UnitOfWork], T], *, patience_s: float = PATIENCE_S
) -> T:
    """Run ``work`` in one snapshot, again and again while it finds entries that are not numbered yet.

    They are numbered when some are found: what nobody has changed lately is read at once.

    Raises
    ------
    LedgerBusy
        They still were not after ``patience_s`` seconds; nothing of ``work`` is kept.
    """
    pause = threading.Event()
    for attempt in range(max(1, int(patience_s / _PAUSE_S))):
        try:
            return database.run(work, isolation=Isolation.REPEATABLE_READ)
        except LedgerBusy:
            if attempt:
                pause.wait(_PAUSE_S)
            sequence(database)
    return database.run(work, isolation=Isolation.REPEATABLE_READ)


def repeat_when_numbered(
    database: Database, attempt: Callable[[], T], *, patience_s: float = PATIENCE_S
) -> T:
    """Try what opens transactions of its own, again and again while it finds entries that are not numbered.

    Raises
    ------
    LedgerBusy
        They still were not after ``patience_s`` seconds.
    """
    pause = threading.Event()
    for _ in range(max(1, int(patience_s / _PAUSE_S)) - 1):
        try:
            return attempt()
        except LedgerBusy:
            sequence(database)
            pause.wait(_PAUSE_S)
    return attempt()


__all__ = [
    "PATIENCE_S",
    "LedgerBusy",
    "refuse_unnumbered",
    "repeat_when_numbered",
    "require_numbered",
    "run_when_numbered",
    "sequence",
]
