"""The machine's clock, held against the database's: where the two are apart, nothing is issued or entered.

What is issued bears the moment of one clock, and the ledger that of the other.
A clock that was turned, forwards or back, is therefore seen before anything
that bears its time is written down. Reading goes on.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import text

from cadastre.db.unit_of_work import Database
from cadastre.kernel.clock import Clock
from cadastre.kernel.errors import Unavailable

APART = timedelta(minutes=1)
LOOK_EVERY_S = 5.0
_JUMP = timedelta(seconds=1)
_NOW = text("SELECT clock_timestamp()")


class ClockDistrusted(Unavailable):
    """The clocks of this machine and of the database are apart; nothing that bears a time is written."""

    default_code = "clock-distrusted"

    def __init__(self, apart: timedelta) -> None:
        super().__init__(
            f"The clocks of this machine and of the database are {abs(apart.total_seconds()):.0f} s apart; "
            "nothing is issued or entered until they agree.",
            retry_after_s=60,
        )


class WatchedClock:
    """A clock that refuses to tell the time while another tells another; safe to share between threads.

    Parameters
    ----------
    clock
        The clock that is believed while the other agrees.
    ask
        Gives the time of the other.
    """

    def __init__(self, clock: Clock, ask: Callable[[], datetime]) -> None:
        self._clock = clock
        self._ask = ask
        self._lock = threading.Lock()
        self._looked_at: tuple[float, datetime] | None = None
        self._apart = timedelta()

    def now(self) -> datetime:
        """Give the present moment, aware, in UTC.

        Raises
        ------
        ClockDistrusted
            The clocks are more than a minute apart.
        """
        if self._is_stale() and self._lock.acquire(blocking=self._looked_at is None or self._has_jumped()):
            try:
                if self._is_stale():
                    self._look()
            finally:
                self._lock.release()
        if abs(self._apart) > APART:
            raise ClockDistrusted(self._apart)
        return self._clock.now()

    def _look(self) -> None:
        before = self._clock.now()
        other, after = self._ask(), self._clock.now()
        self._apart = timedelta() if before <= other <= after else min(before - other, after - other, key=abs)
        self._looked_at = time.monotonic(), after

    def _is_stale(self) -> bool:
        looked_at = self._looked_at
        stale = looked_at is None or time.monotonic() - looked_at[0] > LOOK_EVERY_S
        return stale or abs(self._apart) > APART or self._has_jumped()

    def _has_jumped(self) -> bool:
        """Whether the clock moved otherwise than time did since the last look."""
        if self._looked_at is None:
            return False
        ticked, moment = self._looked_at
        passed = timedelta(seconds=time.monotonic() - ticked)
        return abs(self._clock.now() - moment - passed) > _JUMP


def watch_clock(clock: Clock, database: Database) -> WatchedClock:
    """Hold a clock against that of the database."""

    def ask() -> datetime:
        moment: datetime = database.read(lambda uow: uow.connection.execute(_NOW).scalar_one())
        return moment

    return WatchedClock(clock, ask)


__all__ = ["APART", "ClockDistrusted", "WatchedClock", "watch_clock"]
