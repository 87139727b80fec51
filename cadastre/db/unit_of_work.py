"""One request, one transaction, committed before the reply, repeated whole when the database asks for it."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

import psycopg2
from psycopg2 import errorcodes
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from cadastre.db.constraint_errors import meaning_of
from cadastre.db.prepared import (
    Preamble,
    PreparedQuery,
    announce,
    committing_alone,
    fetch,
    install,
    transacting,
    withdraw,
)
from cadastre.kernel.errors import Conflict, Fact, Unavailable

T = TypeVar("T")

_PLAN_GONE = frozenset({errorcodes.FEATURE_NOT_SUPPORTED, errorcodes.INVALID_SQL_STATEMENT_NAME})
_RETRYABLE = frozenset({errorcodes.SERIALIZATION_FAILURE, errorcodes.DEADLOCK_DETECTED})
_SERVER_GONE = ("08", "57P", "53")  # connection, shutdown, insufficient resources
_NO_SCHEMA = frozenset({errorcodes.UNDEFINED_TABLE, errorcodes.INVALID_SCHEMA_NAME})
_NO_ROLE = frozenset({errorcodes.INVALID_PARAMETER_VALUE, errorcodes.INSUFFICIENT_PRIVILEGE})
_TIMEOUT_MS = {"cadastre_write": 20_000, "cadastre_read": 5_000, "cadastre_tiles": 8_000}
MAX_ATTEMPTS = 6


class Role(StrEnum):
    """Database role a transaction runs as; each sees only what its callers may see."""

    WRITE = "cadastre_write"
    READ = "cadastre_read"
    TILES = "cadastre_tiles"


class Isolation(StrEnum):
    """Isolation levels in use: register writes are SERIALIZABLE."""

    SERIALIZABLE = "SERIALIZABLE"
    REPEATABLE_READ = "REPEATABLE READ"
    READ_COMMITTED = "READ COMMITTED"


@dataclass(frozen=True, slots=True)
class UnitOfWork:
    """The open transaction that a service works in; it never commits itself."""

    connection: Connection


class _ConnectionGone(Exception):
    """A kept connection was dead before its transaction began, or its plans are: another one is opened."""

    def __init__(self, error: DBAPIError) -> None:
        super().__init__()
        self.error = error


class Database:
    """Connection pool of one process and the only place where transactions begin and end.

    Parameters
    ----------
    url
        SQLAlchemy URL of the application's login role (a member of ``cadastre_write``).
    pool_size
        Connections for everyday load; as many again may be opened under more, and are kept as well: one
        that is opened for a moment plans all its statements anew. The one used last is used first.
    """

    def __init__(self, url: str | URL, *, pool_size: int = 8) -> None:
        self.engine: Engine = create_engine(
            url,
            pool_size=2 * pool_size,
            max_overflow=0,
            pool_use_lifo=True,
            pool_timeout=10,
            connect_args={"connect_timeout": 5},
        )
        install(self.engine)

    def run(
        self,
        work: Callable[[UnitOfWork], T],
        *,
        role: Role = Role.WRITE,
        isolation: Isolation = Isolation.SERIALIZABLE,
        read_only: bool = False,
    ) -> T:
        """Run ``work`` in one transaction, commit, and return what it returned.

        The whole function is repeated, at most ``MAX_ATTEMPTS`` times, when the
        database reports a serialization failure or a deadlock; ``work`` must
        therefore have no effect outside the transaction.

        Raises
        ------
        Conflict
            Contention did not end within the attempts.
        Unavailable
            The database cannot be reached.
        CadastreError
            Whatever ``work`` raised, or the meaning of the constraint it broke.
        """
        return self._repeated(lambda: self._attempt(work, role, isolation, read_only))

    def ask(
        self,
        statement: PreparedQuery,
        values: Mapping[str, Any],
        *,
        role: Role = Role.WRITE,
        isolation: Isolation = Isolation.REPEATABLE_READ,
    ) -> list[Any]:
        """Run one statement, or several of which the last answers, as a transaction in one round trip.

        The server has committed it when it answers. An answer that is lost on the way is asked for again, so
        it must do no harm to carry the statement out twice. Raises what ``run`` does.
        """
        return self._repeated(lambda: self._asked(statement, values, role, isolation))

    def _repeated(self, attempt_once: Callable[[], T]) -> T:
        pause, reconnected = threading.Event(), False
        for attempt in range(1, MAX_ATTEMPTS + 1):
            try:
                return attempt_once()
            except _ConnectionGone as gone:
                if reconnected:
                    raise translate(gone.error) from gone.error
                reconnected = True
                self.engine.dispose()  # the others that were kept died with it
            except DBAPIError as error:
                if _sqlstate(error) not in _RETRYABLE:
                    raise translate(error) from error
                if attempt == MAX_ATTEMPTS:
                    raise Conflict(
                        "Too many others are changing the same entries; please send the request again.",
                        code="contention",
                        attempts=attempt,
                    ) from error
                pause.wait(random.uniform(0.0, 0.01 * 2**attempt))  # noqa: S311 - jitter, not a secret
            except PoolTimeout as error:
                raise Unavailable("All database connections are busy; try again shortly.") from error
        raise Unavailable("The database cannot be reached; try again shortly.", code="database-unavailable")

    def _attempt(
        self, work: Callable[[UnitOfWork], T], role: Role, isolation: Isolation, read_only: bool
    ) -> T:
        with self.engine.connect() as connection, connection.begin():
            preamble = announce(connection, _beginning("BEGIN", role, isolation, read_only))
            with _judged(connection, preamble), transacting(connection):
                return work(UnitOfWork(connection))

    def _asked(
        self, statement: PreparedQuery, values: Mapping[str, Any], role: Role, isolation: Isolation
    ) -> list[Any]:
        with self.engine.connect() as connection:
            preamble = announce(connection, _beginning("SET TRANSACTION", role, isolation, False))
            with _judged(connection, preamble), committing_alone(connection):
                return fetch(connection, statement, values)

    def read(self, work: Callable[[UnitOfWork], T], *, role: Role = Role.READ) -> T:
        """Run a read that changes nothing, on one consistent snapshot."""
        return self.run(work, role=role, isolation=Isolation.REPEATABLE_READ, read_only=True)

    def close(self) -> None:
        """Close all pooled connections."""
        self.engine.dispose()


def _beginning(command: str, role: Role, isolation: Isolation, read_only: bool) -> str:
    mode = f"ISOLATION LEVEL {isolation.value}, READ {'ONLY' if read_only else 'WRITE'}"
    limit = f"SET LOCAL statement_timeout = {_TIMEOUT_MS[role.value]}"
    return f"{command} {mode}; SET LOCAL ROLE {role.value}; {limit}"


@contextmanager
def _judged(connection: Connection, preamble: Preamble) -> Iterator[None]:
    """Tell a connection that was dead before its transaction began, or whose plans are gone."""
    try:
        yield
    except DBAPIError as error:
        if error.connection_invalidated and not preamble.is_done:
            raise _ConnectionGone(error) from error
        if _sqlstate(error) not in _PLAN_GONE:
            raise
        connection.invalidate(error)
        raise _ConnectionGone(error) from error
    finally:
        withdraw(connection, preamble)


def _sqlstate(error: DBAPIError) -> str | None:
    original = error.orig
    return original.pgcode if isinstance(original, psycopg2.Error) else None


def translate(error: DBAPIError) -> Exception:
    """Give the error of our own tree that a database error means, or the error itself when unknown."""
    state = _sqlstate(error)
    gone = state is not None and state.startswith(_SERVER_GONE)
    lost = isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated
    if gone or (state is None and lost):
        return Unavailable("The database cannot be reached; try again shortly.", code="database-unavailable")
    if state == errorcodes.QUERY_CANCELED:
        return Unavailable("The question took too long; ask for less, or try again later.", code="too-slow")
    diagnostics: Any = getattr(error.orig, "diag", None)
    if state in _NO_SCHEMA:
        return Unavailable(
            "The database has no register, or an older one; run 'cadastre db migrate'.",
            code="schema-not-current",
        )
    if state in _NO_ROLE and 'role "cadastre_' in str(getattr(diagnostics, "message_primary", "")):
        return Unavailable(
            "The database lacks the roles of the register, or this login may not use them; let its "
            "administrator run cadastre/db/bootstrap.sql, then 'cadastre db migrate'.",
            code="roles-missing",
        )
    constraint = getattr(diagnostics, "constraint_name", None)
    meaning = meaning_of(constraint)
    if meaning is None:
        return error
    told = (
        getattr(diagnostics, "message_primary", None) if constraint == "ex_parcel_version_overlap" else None
    )
    facts: dict[str, Fact] = {"rule": constraint}
    if meaning.detail is not None:
        facts[meaning.detail] = int(diagnostics.message_detail)
    return meaning.error(told or meaning.sentence, code=meaning.code, **facts)


__all__ = ["Database", "Isolation", "Role", "UnitOfWork", "translate"]
