"""Turns the moment that somebody asks for into a point of both time axes of the register."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from cadastre.domain.moment import EARLIEST_DAY, AskedMoment, Moment
from cadastre.kernel.clock import OFFICIAL_ZONE
from cadastre.kernel.errors import InvalidInput
from cadastre.store.ledger import find_index_at, get_head_index, get_recorded_time


@dataclass(frozen=True, slots=True)
class SettledMoment:
    """A moment that was asked for, found on both axes; ``is_past`` when it is not the present."""

    moment: Moment
    is_past: bool


def settle_moment(connection: Connection, asked: AskedMoment, today: date) -> SettledMoment:
    """Find a moment on both axes.

    An instant is the newest ledger index before anything that was recorded after it: once something
    was, the answer never changes. Without ``as_of`` the day is that of ``known_at``, so that a state
    of the past is the same whenever it is asked for.

    Raises
    ------
    InvalidInput
        The day or the index lies in the future, or before the register's time.
    """
    require_day(asked.as_of, today)
    head = get_head_index(connection)
    known_at, day = head, today
    if isinstance(asked.known_at, datetime):
        known_at, day = _index_at(connection, asked.known_at), asked.known_at.astimezone(OFFICIAL_ZONE).date()
    elif asked.known_at is not None:
        if not 0 <= asked.known_at <= head:
            raise InvalidInput(
                f"known_at must lie in 0..{head}, the newest ledger index.",
                code="moment-in-future",
                head=head,
            )
        known_at = asked.known_at
        day = get_recorded_time(connection, known_at).astimezone(OFFICIAL_ZONE).date()
    moment = Moment(as_of=asked.as_of or min(day, today), known_at=known_at)
    return SettledMoment(moment, known_at < head or moment.as_of < today)


def _index_at(connection: Connection, instant: datetime) -> int:
    found = find_index_at(connection, instant)
    if found < 0:
        raise InvalidInput("known_at lies before the first entry of this register.", code="moment-too-early")
    return found


def require_day(as_of: date | None, today: date) -> None:
    """Refuse a day of the law's time that lies in the future or before the register's time.

    Raises
    ------
    InvalidInput
        It does.
    """
    if as_of is None:
        return
    if as_of > today:
        raise InvalidInput("as_of lies in the future.", code="moment-in-future")
    if as_of < EARLIEST_DAY:
        raise InvalidInput(
            f"as_of lies before {EARLIEST_DAY.isoformat()}, the earliest day that can be asked for.",
            code="moment-too-early",
            earliest=EARLIEST_DAY.isoformat(),
        )


__all__ = ["SettledMoment", "require_day", "settle_moment"]
