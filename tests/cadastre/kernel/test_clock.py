"""Clocks: aware, in UTC, and standing still when told to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cadastre.kernel.clock import OFFICIAL_ZONE, FixedClock, SystemClock, parse_moment, require_aware
from cadastre.kernel.errors import InvalidInput


def test_system_clock_is_aware_and_does_not_run_backwards() -> None:
    clock = SystemClock()
    first, second = clock.now(), clock.now()
    assert first.tzinfo is UTC
    assert first <= second


def test_fixed_clock_stands_still_and_moves_when_told() -> None:
    clock = FixedClock(datetime(2026, 1, 1, tzinfo=UTC))
    assert clock.now() == clock.now()
    clock.advance(seconds=1.5)
    assert clock.now() == datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=1.5)


def test_baku_has_no_summer_time() -> None:
    offsets = {datetime(2026, month, 1, tzinfo=OFFICIAL_ZONE).utcoffset() for month in range(1, 13)}
    assert offsets == {timedelta(hours=4)}


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(InvalidInput) as caught:
        require_aware(datetime(2026, 1, 1))  # noqa: DTZ001
    assert caught.value.code == "moment-without-offset"


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00"])
def test_unusable_moments(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_moment(text)


def test_zulu_is_understood() -> None:
    assert parse_moment("2026-01-01T00:00:00Z") == datetime(2026, 1, 1, tzinfo=UTC)
