"""Statements that a connection plans once: parsing and planning cost more than most of them take to run."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, Engine, TextClause, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection, ExecutionContext

OPTION: Final = "prepared"
_KEY: Final = "cadastre.prepared"
_MOST: Final = 400
"""Statements that a connection keeps; an ``IN`` of another length is another one."""
_PLACEHOLDER: Final = re.compile(r"%%|CAST\(%\(\w+\)s AS ([a-z ]+(?:\[\])?)\)|%\(\w+\)s")
_END: Final = re.compile(r";\s*\n")


def prepared(sql: str) -> TextClause:
    """Give a statement, or several that end in ``;`` and a new line, to be planned once by each connection.

    For point queries: the one plan serves all values. Each bound value gets the type of the place where it
    stands, as PostgreSQL finds it; where it finds none, the text casts it.
    """
    return text(sql).execution_options(prepared=True)


@dataclass(slots=True)
class _Kept:
    """What one connection has prepared: the statement that carries each out, by its text."""

    ready: dict[str, str] = field(default_factory=dict)
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

    def _part(self, part: str) -> tuple[str, str]:
        self.names += 1
        name, given = f"kept_{self.names}", list[str]()

        def numbered(found: re.Match[str]) -> str:
            if found[0] == "%%":
                return "%%"
            given.append(found[0])
            return f"${len(given)}" if found[1] is None else f"CAST(${len(given)} AS {found[1]})"

        body = _PLACEHOLDER.sub(numbered, part)
        values = f" ({', '.join(given)})" if given else ""
        return f"PREPARE {name} AS {body}", f"EXECUTE {name}{values}"


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
    cursor: object,
    statement: str,
    parameters: Any,
    context: ExecutionContext,
    executemany: bool,
) -> tuple[str, Any]:
    if executemany or not context.execution_options.get(OPTION):
        return statement, parameters
    kept: _Kept = connection.info.setdefault(_KEY, _Kept())
    return kept.sent_as(statement), parameters


def _keep(
    connection: Connection,
    cursor: object,
    statement: str,
    parameters: Any,
    context: ExecutionContext,
    executemany: bool,
) -> None:
    """Remember what was prepared; after an error it is prepared again, under another name."""
    kept: _Kept | None = connection.info.get(_KEY)
    if kept is not None and kept.trying is not None:
        text_sent, calls = kept.trying
        kept.trying = None
        if context.execution_options.get(OPTION):
            kept.ready[text_sent] = calls


__all__ = ["install", "prepared"]
