"""A point on both time axes of the register."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from cadastre.kernel.errors import InvalidInput

EARLIEST_DAY: Final = date(1900, 1, 1)
"""No state before this day can be asked for; no entry of the register is older."""
_INDEX: Final = re.compile(r"[0-9]{1,16}")


@dataclass(frozen=True, slots=True)
class Moment:
    """A point of both axes: ``as_of`` of the law, ``known_at`` (ledger index) of the register."""

    as_of: date
    known_at: int


@dataclass(frozen=True, slots=True)
class AskedMoment:
    """A moment as somebody asks for it.

    Without ``as_of`` it is the day of ``known_at``; without that too, it is now. ``known_at`` is a
    ledger index, or an instant: what was recorded by then.
    """

    as_of: date | None = None
    known_at: int | datetime | None = None

    @property
    def is_now(self) -> bool:
        """Whether no past is asked for."""
        return self.as_of is None and self.known_at is None


NOW: Final = AskedMoment()


def parse_known_at(text: str) -> int | datetime:
    """Read a ledger index, or an instant with its offset from UTC.

    Raises
    ------
    InvalidInput
        Neither of them.

    Examples
    --------
    >>> parse_known_at("4711"), parse_known_at("2026-11-22T10:15:30+04:00").hour
    (4711, 10)
    >>> parse_known_at("2026-11-22T06:15:30Z").isoformat()
    '2026-11-22T06:15:30+00:00'
    """
    if _INDEX.fullmatch(text):
        return int(text)
    try:
        instant = datetime.fromisoformat(text.replace(" ", "+"))  # a "+" that nobody encoded comes as a blank
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise InvalidInput(
            "known_at must be a ledger index, or an instant with offset such as 2026-11-22T10:15:30+04:00.",
            code="bad-moment",
        )
    return instant


__all__ = ["EARLIEST_DAY", "NOW", "AskedMoment", "Moment", "parse_known_at"]
