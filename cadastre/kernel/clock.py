"""The time as a thing handed in: nothing below the edge asks the machine what time it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from cadastre.kernel.errors import InvalidInput

OFFICIAL_ZONE = ZoneInfo("Asia/Baku")
"""The zone in which dates are printed on a document (UTC+4, no summer time since 2016)."""


class Clock(Protocol):
    """Whatever can say what time it is."""

    def now(self) -> datetime:
        """Give the present moment, aware, in UTC."""
        ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """Give the present moment, aware, in UTC.

        Examples
        --------
        >>> SystemClock().now().utcoffset()
        datetime.timedelta(0)
        """
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands still until it is told to move; for tests and for replaying the past.

    Examples
    --------
    >>> clock = FixedClock(datetime(2026, 1, 1, 4, tzinfo=OFFICIAL_ZONE))
    >>> clock.now().isoformat()
    '2026-01-01T00:00:00+00:00'
    >>> clock.advance(seconds=90)
    >>> clock.now().isoformat()
    '2026-01-01T00:01:30+00:00'
    """

    def __init__(self, moment: datetime) -> None:
        self._moment = require_aware(moment)

    def now(self) -> datetime:
        """Give the moment at which the clock stands, in UTC."""
        return self._moment

    def advance(self, *, seconds: float) -> None:
        """Move the clock forward (or back, when negative)."""
        self._moment += timedelta(seconds=seconds)


def require_aware(moment: datetime) -> datetime:
    """Give the moment in UTC; a moment without an offset is refused, never guessed.

    Examples
    --------
    >>> require_aware(datetime(2026, 1, 1))
    Traceback (most recent call last):
        ...
    cadastre.kernel.errors.InvalidInput: The moment 2026-01-01T00:00:00 has no UTC offset; write it \
with one, such as 2026-01-01T00:00:00+04:00.
    """
    if moment.tzinfo is None or moment.utcoffset() is None:
        shown = moment.isoformat()
        raise InvalidInput(
            f"The moment {shown} has no UTC offset; write it with one, such as {shown}+04:00.",
            code="moment-without-offset",
        )
    return moment.astimezone(UTC)


def parse_moment(text: str) -> datetime:
    """Read an ISO 8601 moment with an offset.

    Examples
    --------
    >>> parse_moment("2026-03-03T10:00:00+04:00").isoformat()
    '2026-03-03T06:00:00+00:00'
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InvalidInput(
            f"{text!r} is not a moment; write ISO 8601 with an offset, such as 2026-03-03T10:00:00+04:00.",
            code="moment-malformed",
        ) from None
    return require_aware(moment)


__all__ = [
    "OFFICIAL_ZONE",
    "Clock",
    "FixedClock",
    "SystemClock",
    "parse_moment",
    "require_aware",
]
