"""The calendar of the state: counted against what the Ministry of Labour published, and around Novruz."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cadastre.domain.codelist import parse_codelist
from cadastre.domain.working_days import Deadline, build_calendar, work_calendar
from cadastre.kernel.errors import InvalidInput

CALENDAR = work_calendar()


def days(year: int, *month_days: tuple[int, int]) -> set[date]:
    return {date(year, month, day) for month, day in month_days}


def days_of_year(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]


class TestAgainstTheMinistry:
    """Work calendars of the Ministry of Labour, as the press printed them."""

    def test_2026_has_241_working_days(self) -> None:
        assert sum(CALENDAR.is_working_day(day) for day in days_of_year(2026)) == 241

    @pytest.mark.parametrize(
        "made_up",
        [
            days(2026, (3, 9), (3, 25), (3, 26), (3, 27), (3, 30), (5, 11), (5, 29), (11, 10)),
            days(2025, (1, 3), (3, 25), (3, 26), (6, 9), (6, 16), (11, 10), (11, 11)),
            days(2024, (1, 3), (3, 25), (3, 26), (6, 18), (6, 19), (11, 11), (11, 12), (11, 13)),
        ],
    )
    def test_days_that_make_up_for_holidays_are_off(self, made_up: set[date]) -> None:
        assert not any(CALENDAR.is_working_day(day) for day in made_up)

    def test_2025_made_up_days_were_exchanged_again(self) -> None:
        worked, off = days(2025, (3, 10), (4, 1), (6, 21)), days(2025, (3, 27), (3, 28), (6, 27))
        assert all(CALENDAR.is_working_day(day) for day in worked)
        assert not any(CALENDAR.is_working_day(day) for day in off)

    def test_a_saturday_of_mourning_is_not_made_up_for(self) -> None:
        assert date(2024, 1, 20).weekday() == 5
        assert CALENDAR.is_working_day(date(2024, 1, 22))


class TestDeadlines:
    @pytest.mark.parametrize(
        ("start", "count", "due_on"),
        [
            pytest.param(date(2026, 3, 19), 1, date(2026, 3, 31), id="Novruz and Ramazan at once: 11 days"),
            pytest.param(date(2026, 3, 18), 5, date(2026, 4, 3), id="mortgage filed before Novruz"),
            pytest.param(date(2025, 3, 19), 1, date(2025, 4, 1), id="Novruz of 2025 with the exchanged days"),
            pytest.param(date(2024, 3, 19), 20, date(2024, 4, 25), id="20 days over Novruz and Ramazan"),
            pytest.param(date(2024, 12, 27), 1, date(2024, 12, 28), id="a Saturday that is worked"),
            pytest.param(date(2024, 12, 29), 1, date(2025, 1, 6), id="over two years"),
            pytest.param(date(2025, 8, 1), 0, date(2025, 8, 1), id="no term"),
            pytest.param(date(2025, 8, 2), 0, date(2025, 8, 2), id="no term, arrived on a Saturday"),
        ],
    )
    def test_due_on(self, start: date, count: int, due_on: date) -> None:
        assert CALENDAR.add_working_days(start, count).due_on == due_on

    def test_a_year_whose_decisions_are_not_all_known_makes_no_certain_deadline(self) -> None:
        assert CALENDAR.add_working_days(date(2025, 12, 1), 5).is_certain
        assert not CALENDAR.add_working_days(date(2025, 12, 30), 5).is_certain
        assert CALENDAR.add_working_days(date(2027, 3, 1), 5) == Deadline(date(2027, 3, 9), is_certain=False)
        assert not CALENDAR.add_working_days(date(2070, 3, 1), 5).is_certain

    def test_no_year_without_its_decisions_is_settled(self) -> None:
        assert CALENDAR.settled_years == frozenset(range(2021, 2026))
        assert not CALENDAR.is_settled(date(2025, 12, 31), date(2026, 1, 1))

    @pytest.mark.parametrize("count", [-1, 1001])
    def test_a_term_out_of_range_is_refused(self, count: int) -> None:
        with pytest.raises(InvalidInput, match="0 to 1000"):
            CALENDAR.add_working_days(date(2025, 1, 1), count)

    @given(st.dates(date(2015, 1, 1), date(2040, 1, 1)), st.integers(1, 60), st.integers(1, 60))
    @example(date(2020, 12, 1), 22, 1)
    def test_terms_add_up_and_end_on_working_days(self, start: date, one: int, two: int) -> None:
        first = CALENDAR.add_working_days(start, one)
        second = CALENDAR.add_working_days(first.due_on, two)
        whole = CALENDAR.add_working_days(start, one + two)
        assert CALENDAR.is_working_day(first.due_on)
        assert second.due_on == whole.due_on
        assert whole.is_certain == (first.is_certain and second.is_certain)
        assert CALENDAR.count_working_days(start, first.due_on) == one

    def test_next_working_day(self) -> None:
        assert CALENDAR.next_working_day(date(2026, 3, 20)) == date(2026, 3, 31)
        assert CALENDAR.next_working_day(date(2026, 3, 31)) == date(2026, 3, 31)


def test_a_holiday_without_its_day_is_a_faulty_list() -> None:
    text = """
        codelist = "holidays"
        source = "a law"
        valid_from = 2007-01-01
        entries = [{ code = "a", az = "a", en = "a", ru = "а", kind = "day_off" }]
    """
    with pytest.raises(InvalidInput, match="no day 'on'"):
        build_calendar(parse_codelist("holidays", text))
