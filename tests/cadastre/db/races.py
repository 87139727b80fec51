"""Two transactions that meet: one has written, the other writes too, then the first commits, then the other."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import psycopg2
from psycopg2 import errorcodes
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from cadastre.db.unit_of_work import Isolation
from tests.register import Register

Work = Callable[[Register], object]
_RETRYABLE = (errorcodes.SERIALIZATION_FAILURE, errorcodes.DEADLOCK_DETECTED)
_WAITS = text("SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = :pid")
PATIENCE_S = 10.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """``ok``, or the name of the constraint that refused; ``lost`` counts serialization failures before it."""

    result: str
    lost: int = 0


def refusal(error: DBAPIError) -> str:
    """Name of the constraint that refused, else the SQLSTATE."""
    if not isinstance(error.orig, psycopg2.Error):
        return str(error.orig)
    return error.orig.diag.constraint_name or error.orig.pgcode or str(error.orig)


def attempt(engine: Engine, level: Isolation, work: Work, *, lost: int = 0) -> Outcome:
    """Do the work in one transaction, again while it loses to others."""
    for losses in range(lost, lost + 5):
        try:
            with engine.connect() as connection, connection.begin():
                work(_opened(connection, level))
        except DBAPIError as error:
            if getattr(error.orig, "pgcode", None) not in _RETRYABLE:
                return Outcome(refusal(error), losses)
        else:
            return Outcome("ok", losses)
    return Outcome("contention", lost + 5)


def race(
    engine: Engine, levels: tuple[Isolation, Isolation], first: Work, second: Work
) -> tuple[Outcome, Outcome]:
    """Let two transactions meet whose snapshots are both older than either's commit.

    The first works. The second works until it is done or waits for the first. The first commits; then
    the second, which is tried again, alone, if it loses.
    """
    with engine.connect() as connection:
        ours = connection.begin()
        register = _opened(connection, levels[0])
        rival = _Rival(engine, levels[1], second, until=_Snapshot.take(connection))
        first(register)
        rival.start()
        rival.wait_until_it_waits(connection.engine)
        try:
            ours.commit()
            won = Outcome("ok")
        except DBAPIError as error:
            ours.rollback()
            won = Outcome(refusal(error))
    outcome = rival.finish()
    if outcome.result in _RETRYABLE:
        outcome = attempt(engine, levels[1], second, lost=1)
    if won.result in _RETRYABLE:
        won = attempt(engine, levels[0], first, lost=1)
    return won, outcome


def _opened(connection: Connection, level: Isolation) -> Register:
    connection.exec_driver_sql(
        f"SET TRANSACTION ISOLATION LEVEL {level.value}; SET LOCAL ROLE cadastre_write; "
        f"SET LOCAL statement_timeout = '{PATIENCE_S}s'"
    )
    return Register(connection)


class _Snapshot:
    @staticmethod
    def take(connection: Connection) -> int:
        return int(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())


class _Rival:
    """The second transaction: its snapshot is taken here, its work done in a thread.

    It commits after the first (the server process ``until``), or when the first's commit waits for it.
    """

    def __init__(self, engine: Engine, level: Isolation, work: Work, *, until: int) -> None:
        self._engine, self._first_pid = engine, until
        self._connection = engine.connect()
        self._transaction = self._connection.begin()
        self._register = _opened(self._connection, level)
        self._pid = _Snapshot.take(self._connection)
        self._work = work
        self._worked = threading.Event()
        self._may_commit = threading.Event()
        self._result = "ok"
        self._thread = threading.Thread(target=self._run)

    def start(self) -> None:
        self._thread.start()

    def wait_until_it_waits(self, engine: Engine) -> None:
        with engine.connect() as watch:
            watch = watch.execution_options(isolation_level="AUTOCOMMIT")
            while not self._worked.wait(0.002):
                if watch.execute(_WAITS, {"pid": self._pid}).scalar_one():
                    return

    def finish(self) -> Outcome:
        self._may_commit.set()
        self._thread.join()
        self._connection.close()
        return Outcome(self._result)

    def _wait_for_the_first(self) -> None:
        with self._engine.connect() as watch:
            watch = watch.execution_options(isolation_level="AUTOCOMMIT")
            while not self._may_commit.wait(0.002):
                if watch.execute(_WAITS, {"pid": self._first_pid}).scalar_one():
                    return

    def _run(self) -> None:
        try:
            self._work(self._register)
            self._worked.set()
            self._wait_for_the_first()
            self._transaction.commit()
        except DBAPIError as error:
            self._result = refusal(error)
            self._transaction.rollback()
        finally:
            self._worked.set()


__all__ = ["Outcome", "Work", "attempt", "race", "refusal"]
