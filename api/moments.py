"""How a moment of the past is asked for, on every read of the register."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import Query

from cadastre.domain.moment import AskedMoment, parse_known_at

AsOf = Annotated[
    date | None,
    Query(description="Day of the law's time. Else the day of known_at, or today."),
]
KnownAt = Annotated[
    str | None,
    Query(
        max_length=40,
        description="What the register had recorded by then: a ledger index, or an instant with offset "
        "(`+` as `%2B`). Else all that it has recorded.",
        examples=["4711", "2026-11-22T10:15:30+04:00"],
    ),
]


def moment_of(as_of: date | None, known_at: str | None) -> AskedMoment:
    """Read the moment that a request asks for.

    Raises
    ------
    InvalidInput
        ``known_at`` is neither an index nor an instant.
    """
    return AskedMoment(as_of, None if known_at is None else parse_known_at(known_at))


__all__ = ["AsOf", "KnownAt", "moment_of"]
