"""SQL files in sections: ``-- @name argument`` opens one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

_SECTION: Final = re.compile(r"^-- @(\w+)(?: ([\w-]+))?[^\n]*\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Section:
    """One section: what it is, its argument, and its statements."""

    name: str
    argument: str | None
    sql: str


@cache
def read_sql(name: str) -> str:
    """Read a whole SQL file of this package."""
    return (resources.files("ingest") / "store" / f"{name}.sql").read_text(encoding="utf-8")


@cache
def list_sections(name: str) -> tuple[Section, ...]:
    """List the sections of an SQL file in order."""
    parts = _SECTION.split(read_sql(name))[1:]
    return tuple(Section(*parts[at : at + 3]) for at in range(0, len(parts), 3))


__all__ = ["Section", "list_sections", "read_sql"]
