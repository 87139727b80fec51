"""Statements that a connection plans once: parsing and planning cost more than most of them take to run."""

from __future__ import annotations

import re
from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, cast

import psycopg2
from psycopg2.extensions import (
    TRANSACTION_STATUS_ACTIVE,
    TRANSACTION_STATUS_INERROR,
    TRANSACTION_STATUS_INTRANS,
    adapt,
)
from sqlalchemy import Connection, Engine, Select, TextClause, event, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor, ExecutionContext
from sqlalchemy.exc import DBAPIError

OPTION: Final = "prepared"
_KEY: Final = "cadastre.prepared"
_PREAMBLE: Final = "cadastre.preamble"
_MOST: Final = 400
"""Statements that a connection keeps; an ``IN`` of another length is another one."""
_NAMED: Final = re.compile(r"(?<![:\w\\]):(\w+)(?!:)")
_PLACEHOLDER: Final = re.compile(
    r"%%|CAST\(%\(\w+\)s AS ([A-Za-z ]+(?:\[\])?)\)|%\(\w+\)s(?:::([A-Z]+(?:\[\])?))?"
)
_OPEN: Final = frozenset({TRANSACTION_STATUS_INTRANS, TRANSACTION_STATUS_INERROR})
_END: Final = re.compile(r";\s*\n")


def prepared(sql: str) -> TextClause:
    """Give a statement, or several that end in ``;`` and a new line, to be planned once by each connection.

    For point queries: the one plan serves all values. Each bound value gets the type of the place where it
    stands, as PostgreSQL finds it; where it finds none, the text casts it.
    """
    return text(sql).execution_options(prepared=True)


@dataclass(frozen=True, slots=True)
class PreparedQuery:
    """A statement as the driver reads it."""

    sql: str

    @classmethod
    def of(cls, text: str) -> PreparedQuery:
        """Take a text with named values, as ``prepared`` does."""
        return cls(_with_placeholders(text))


@cache
def written(query: Select[Any]) -> PreparedQuery:
    """Write a composed query out, once: composing one anew costs more than asking it.

    Its bind parameters without a value are given when it is asked; the others stay as they are. Rows hold
    geometry as EWKB.
    """
    compiled = query.compile(dialect=postgresql.dialect(paramstyle="pyformat"))  # type: ignore[no-untyped-call]
    sql = str(compiled)
    for name, value in compiled.params.items():
        if value is not None:
            literal = adapt(value).getquoted().decode().replace("%", "%%")
            sql = sql.replace(f"%({name})s", literal)
    return PreparedQuery(sql)


def fetch(
    connection: Connection, statement: TextClause | PreparedQuery, values: Mapping[str, Any]
) -> list[Any]:
    """Run a prepared statement and give its rows as named tuples, at less than half of what a result costs.

    Raises
    ------
    DBAPIError
        As ``connection.execute`` would.
    """
    sql = _text_of(statement)
    with _sent(connection, sql, values) as cursor:
        rows: list[Any] = cursor.fetchall()
        if not rows:
            return rows
        return list(map(_kept_of(connection).record_of(sql, cursor), rows))


def carry_out(connection: Connection, statement: TextClause, values: Mapping[str, Any]) -> int:
    """Run a prepared statement that gives no rows; tell how many it changed."""
    with _sent(connection, _text_of(statement), values) as cursor:
        return int(cursor.rowcount)


def _text_of(statement: TextClause | PreparedQuery) -> str:
    return statement.sql if isinstance(statement, PreparedQuery) else _with_placeholders(statement.text)


def _sent(connection: Connection, sql: str, values: Mapping[str, Any]) -> Any:
    kept = _kept_of(connection)
    cursor = _executed(connection, kept.sent_as(sql), values)
    kept.keep()
    return cursor


@dataclass(slots=True)
class Preamble:
    """Commands that go out with the first statement of a transaction, in its round trip."""

    sql: str
    is_done: bool = False


def announce(connection: Connection, sql: str) -> Preamble:
    """Let commands without rows or values, such as SET, go out before whatever is sent next.

    ``is_done`` of what is given then says whether the server has carried them out.
    """
    preamble = connection.info[_PREAMBLE] = Preamble(sql)
    return preamble


def withdraw(connection: Connection, preamble: Preamble) -> None:
    """Take back what was announced and never went out, so that it meets no other transaction."""
    if not preamble.is_done and not connection.invalidated:
        connection.info.pop(_PREAMBLE, None)


@contextmanager
def transacting(connection: Connection) -> Iterator[None]:
    """Commit what was begun by the preamble, or roll it back.

    The driver, which would send a BEGIN of its own and wait for the answer, is told to send none; only for a
    cursor that the server keeps it does so, and ends it itself.

    Raises
    ------
    DBAPIError
        What is judged at the commit stands against it, or nobody answers.
    """
    raw: Any = connection.connection.driver_connection
    raw.autocommit = True
    try:
        yield
        _end(connection, raw, "COMMIT")
    finally:
        if not raw.closed and raw.autocommit:
            if raw.info.transaction_status == TRANSACTION_STATUS_ACTIVE:
                connection.invalidate()  # interrupted in the middle of a statement
            else:
                _end(connection, raw, "ROLLBACK")
                raw.autocommit = False


def _end(connection: Connection, raw: Any, command: str) -> None:
    if not raw.autocommit or raw.info.transaction_status not in _OPEN:
        return
    try:
        with raw.cursor() as cursor:
            cursor.execute(command)
    except psycopg2.Error as error:
        raise _told(connection, command, None, error) from error


@contextmanager
def committing_alone(connection: Connection) -> Iterator[None]:
    """Let what is sent be a transaction of its own, preamble included, that ends before it is answered."""
    raw: Any = connection.connection.driver_connection
    raw.autocommit = True
    try:
        yield
    finally:
        if not raw.closed:
            raw.autocommit = False


def _executed(connection: Connection, sql: str, values: Mapping[str, Any] | None) -> Any:
    raw = connection.connection
    cursor: Any = raw.cursor()
    preamble = raw.info.pop(_PREAMBLE, None)
    try:
        cursor.execute(sql if preamble is None else f"{preamble.sql}; {sql}", values)
    except psycopg2.Error as error:
        raise _told(connection, sql, values, error) from error
    if preamble is not None:
        preamble.is_done = True
    return cursor


@cache
def _with_placeholders(sql: str) -> str:
    """Write a text with named values as the driver reads it."""
    return _NAMED.sub(r"%(\1)s", sql.replace("%", "%%")).replace(r"\:", ":")


def _told(connection: Connection, sql: str, values: Any, error: psycopg2.Error) -> BaseException:
    dialect = connection.dialect
    gone = dialect.is_disconnect(error, connection.connection, None)  # type: ignore[arg-type]
    told = DBAPIError.instance(
        sql, values, error, psycopg2.Error, connection_invalidated=gone, dialect=dialect
    )
    if gone:
        connection.invalidate(error)
    return told


@dataclass(slots=True)
class _Kept:
    """What one connection has prepared: the statement that carries each out, by its text."""

    ready: dict[str, str] = field(default_factory=dict)
    records: dict[str, Callable[[Iterable[Any]], Any]] = field(default_factory=dict)
    trying: tuple[str, str] | None = None
    names: int = 0

    def sent_as(self, statement: str) -> str:
        """Give what to send: the call of what is prepared, after its preparation at first."""
        self.trying = None
        known = self.ready.get(statement)
        if known is not None or len(self.ready) >= _MOST:
            return known or statement
        parts = [part for part in _END.split(statement) if part.strip()]
        made = [self._part(part) for part in parts]
        calls = "; ".join(call for _, call in made)
        self.trying = (statement, calls)
        return "; ".join((*(preparation for preparation, _ in made), calls))

    def record_of(self, statement: str, cursor: Any) -> Callable[[Iterable[Any]], Any]:
        """Give what makes a named tuple of a row: the columns of a statement stay those that they were."""
        made = self.records.get(statement)
        if made is None:
            names = [column.name for column in cursor.description]
            made = cast(Any, namedtuple("Record", names, rename=True))._make
            if len(self.records) < _MOST:
                self.records[statement] = made
        return made

    def keep(self) -> None:
        """Remember what was prepared; what failed is prepared again, under another name."""
        if self.trying is not None:
            statement, calls = self.trying
            self.ready[statement] = calls
            self.trying = None

    def _part(self, part: str) -> tuple[str, str]:
        self.names += 1
        name, given, numbers = f"kept_{self.names}", list[str](), dict[str, int]()

        def numbered(found: re.Match[str]) -> str:
            if found[0] == "%%":
                return "%%"
            kind = found[1] or found[2]
            number = None if kind is None else numbers.get(found[0])
            if number is None:
                given.append(found[0])
                number = numbers[found[0]] = len(given)
            return f"${number}" if kind is None else f"CAST(${number} AS {kind})"

        body = _PLACEHOLDER.sub(numbered, part)
        values = f" ({', '.join(given)})" if given else ""
        return f"PREPARE {name} AS {body}", f"EXECUTE {name}{values}"


def _kept_of(connection: Connection) -> _Kept:
    kept: _Kept | None = connection.info.get(_KEY)
    if kept is None:
        kept = connection.info[_KEY] = _Kept()
    return kept


def install(engine: Engine) -> None:
    """Let every connection of an engine prepare what is marked, with plans that serve all values."""
    event.listen(engine, "connect", _plan_for_all_values)
    event.listen(engine, "before_cursor_execute", _send, retval=True)
    event.listen(engine, "after_cursor_execute", _keep)


def _plan_for_all_values(connection: DBAPIConnection, record: object) -> None:
    """PostgreSQL would plan anew for the values of each call wherever it takes a list of one for ten."""
    cursor = connection.cursor()
    cursor.execute("SET plan_cache_mode = force_generic_plan")
    cursor.close()
    connection.commit()


def _send(
    connection: Connection,
    cursor: DBAPICursor,
    statement: str,
    parameters: Any,
    context: ExecutionContext,
    executemany: bool,
) -> tuple[str, Any]:
    preamble = connection.info.pop(_PREAMBLE, None)
    if preamble is not None:  # what goes this way costs much more than a round trip
        with cursor.connection.cursor() as plain:  # the one given may be the server's
            plain.execute(preamble.sql)
        preamble.is_done = True
    driver: Any = connection.connection.driver_connection
    if context.execution_options.get("stream_results") and driver.autocommit:
        driver.autocommit = False
    if executemany or not context.execution_options.get(OPTION):
        return statement, parameters
    return _kept_of(connection).sent_as(statement), parameters


def _keep(
    connection: Connection,
    cursor: object,
    statement: str,
    parameters: Any,
    context: ExecutionContext,
    executemany: bool,
) -> None:
    if context.execution_options.get(OPTION):
        _kept_of(connection).keep()


__all__ = [
    "Preamble",
    "PreparedQuery",
    "announce",
    "carry_out",
    "committing_alone",
    "fetch",
    "install",
    "prepared",
    "transacting",
    "withdraw",
    "written",
]
