"""A clock that was turned is seen before anything bears its time, and believed again when it is right."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cadastre.kernel.clock import SystemClock
from cadastre.services.clock_watch import ClockDistrusted, WatchedClock


class Turned(SystemClock):
    ahead = timedelta()

    def now(self) -> datetime:
        return super().now() + self.ahead


@pytest.mark.parametrize("ahead", [timedelta(hours=-1), timedelta(days=1), timedelta(minutes=2)])
def test_a_clock_that_jumps_is_refused_at_once_and_believed_when_it_is_back(ahead: timedelta) -> None:
    clock, asked = Turned(), list[datetime]()

    def ask() -> datetime:
        asked.append(datetime.now(UTC))
        return asked[-1]

    watched = WatchedClock(clock, ask)
    assert abs(watched.now() - datetime.now(UTC)) < timedelta(seconds=5)
    for _ in range(100):
        watched.now()
    assert len(asked) == 1, "the other is asked now and then, not each time"
    clock.ahead = ahead
    for _ in range(2):
        with pytest.raises(ClockDistrusted) as refused:
            watched.now()
        assert refused.value.facts["retry_after_s"] == 60
    clock.ahead = timedelta()
    assert abs(watched.now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_a_clock_that_is_wrong_from_the_start_is_refused() -> None:
    watched = WatchedClock(Turned(), lambda: datetime.now(UTC) - timedelta(days=1))
    with pytest.raises(ClockDistrusted):
        watched.now()
    with pytest.raises(ClockDistrusted):
        watched.now()
