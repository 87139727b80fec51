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


def settle_moment(
    connection: Connection, asked: AskedMoment, today: date, *, head: int | None = None
) -> SettledMoment:
    """Find a moment on both axes.

    An instant is the newest ledger index before anything that was recorded after it: once something
    was, the answer never changes. Without ``as_of`` the day is that of ``known_at``, so that a state
    of the past is the same whenever it is asked for. ``head`` is the newest index, where it is known.

    Raises
    ------
    InvalidInput
        The day or the index lies in the future, or before the register's time.
    """
    require_day(asked.as_of, today)
    head = get_head_index(connection) if head is None else head
    if asked.known_at is None:
        moment = Moment(as_of=asked.as_of or today, known_at=head)
    else:
        known_at = settle_known_at(connection, asked.known_at)
        moment = Moment(
            as_of=asked.as_of or min(_day_of(connection, asked, known_at), today), known_at=known_at
        )
    return SettledMoment(moment, moment.known_at < head or moment.as_of < today)


def find_moment(connection: Connection, asked: AskedMoment, today: date) -> Moment | None:
    """Give the moment that is asked for, None for the present."""
    return None if asked.is_now else settle_moment(connection, asked, today).moment


def settle_known_at(connection: Connection, known_at: int | datetime) -> int:
    """Find the ledger index of a recorded time, given as that index or as an instant.

    Raises
    ------
    InvalidInput
        It lies in the future, or before the register's time.
    """
    if isinstance(known_at, datetime):
        found = find_index_at(connection, known_at)
        if found < 0:
            raise InvalidInput(
                "known_at lies before the first entry of this register.", code="moment-too-early"
            )
        return found
    head = get_head_index(connection)
    if not 0 <= known_at <= head:
        raise InvalidInput(
            f"known_at must lie in 0..{head}, the newest ledger index.", code="moment-in-future", head=head
        )
    return known_at


def _day_of(connection: Connection, asked: AskedMoment, index: int) -> date:
    instant = asked.known_at
    if not isinstance(instant, datetime):
        instant = get_recorded_time(connection, index)
    return instant.astimezone(OFFICIAL_ZONE).date()


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


__all__ = ["SettledMoment", "find_moment", "require_day", "settle_known_at", "settle_moment"]
