"""Working days of the state: what is not worked, and the day on which so many working days are over.

References
----------
Labour Code of 01.02.1999, art. 105: holidays; 105.5 a day of rest that meets a holiday is moved to
the next working day after it; 105.6 a day of Ramazan or Qurban that meets another holiday likewise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Final

from cadastre.domain.codelist import Codelist, Entry, load_codelist
from cadastre.kernel.errors import InvalidInput

_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5
_FIRST_YEAR, _LAST_YEAR = 2007, 2060
_MOST_DAYS: Final = 1000


@dataclass(frozen=True, slots=True)
class Deadline:
    """Last day of a term; ``is_certain`` is False when it touches a year whose decisions are not all known.

    An uncertain day is what follows from the decisions that are known: it is no guess about the others.
    """

    due_on: date
    is_certain: bool


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Which days are worked: five days a week, but for holidays and what was exchanged."""

    off: frozenset[date]
    worked: frozenset[date]
    settled_years: frozenset[int]

    def is_working_day(self, day: date) -> bool:
        """Tell whether the office works on a day, as far as the decisions are known.

        Examples
        --------
        >>> calendar = work_calendar()
        >>> calendar.is_working_day(date(2026, 3, 30)), calendar.is_working_day(date(2026, 3, 31))
        (False, True)
        >>> calendar.is_working_day(date(2024, 12, 28))  # a Saturday worked for the 30th
        True
        """
        if day in self.worked:
            return True
        return day.weekday() < _SATURDAY and day not in self.off

    def add_working_days(self, start: date, count: int) -> Deadline:
        """Give the last of so many working days after a day; of none, the day itself.

        The day of arrival does not count (Civil Code: a term begins on the next day).

        Examples
        --------
        >>> work_calendar().add_working_days(date(2025, 3, 19), 5)
        Deadline(due_on=datetime.date(2025, 4, 7), is_certain=True)
        >>> work_calendar().add_working_days(date(2027, 3, 19), 0)
        Deadline(due_on=datetime.date(2027, 3, 19), is_certain=True)
        """
        if not 0 <= count <= _MOST_DAYS:
            raise InvalidInput(f"A term has 0 to {_MOST_DAYS} working days.", code="term-out-of-range")
        day, left = start, count
        while left:
            day += _DAY
            left -= self.is_working_day(day)
        return Deadline(day, count == 0 or self.is_settled(start, day))

    def is_settled(self, start: date, end: date) -> bool:
        """Tell whether every decision about the years of these days is known; nothing is guessed.

        Examples
        --------
        >>> work_calendar().is_settled(date(2025, 1, 3), date(2025, 12, 30))
        True
        >>> work_calendar().is_settled(date(2025, 12, 30), date(2099, 1, 5))
        False
        """
        return all(year in self.settled_years for year in range(start.year, end.year + 1))

    def next_working_day(self, day: date) -> date:
        """Give the day itself when it is worked, else the first one after it that is."""
        while not self.is_working_day(day):
            day += _DAY
        return day

    def count_working_days(self, start: date, end: date) -> int:
        """Count the working days after ``start`` up to and with ``end``; negative when it lies before.

        Examples
        --------
        >>> work_calendar().count_working_days(date(2025, 3, 19), date(2025, 4, 7))
        5
        >>> work_calendar().count_working_days(date(2025, 4, 7), date(2025, 3, 19))
        -5
        """
        if end < start:
            return -self.count_working_days(end, start)
        days = (start + _DAY * n for n in range(1, (end - start).days + 1))
        return sum(self.is_working_day(day) for day in days)


@cache
def work_calendar() -> WorkCalendar:
    """Give the calendar of the packaged list."""
    return build_calendar(load_codelist("holidays"))


def build_calendar(holidays: Codelist) -> WorkCalendar:
    """Work out which days are off: holidays, what makes up for them, and what was exchanged."""
    kept = [pair for entry in holidays for pair in _days_of(entry)]
    off = {day for day, _ in kept} | _compensations(kept)
    exchanges = _of_kind(holidays, "exchange")
    worked = {_day(entry, "worked") for entry in exchanges}
    off |= {_day(entry, "off") for entry in exchanges}
    settled = (entry.integer("year") for entry in _of_kind(holidays, "year") if entry.flag("settled"))
    return WorkCalendar(frozenset(off - worked), frozenset(worked), frozenset(settled))


def _of_kind(holidays: Codelist, kind: str) -> list[Entry]:
    return [entry for entry in holidays if entry.text("kind") == kind]


def _day(entry: Entry, key: str) -> date:
    value = entry.attributes.get(key)
    if not isinstance(value, date):
        raise InvalidInput(f"Holiday {entry.code!r} has no day {key!r}.", code="codelist-attribute")
    return value


def _days_of(entry: Entry) -> Iterable[tuple[date, Entry]]:
    kind = entry.text("kind")
    if kind in ("holiday_moving", "day_off"):
        yield _day(entry, "on"), entry
    elif kind == "holiday_fixed":
        for year in range(_FIRST_YEAR, _LAST_YEAR + 1):
            day = date(year, entry.integer("month"), entry.integer("day"))
            if entry.in_force(day):
                yield day, entry


def _compensations(kept: list[tuple[date, Entry]]) -> set[date]:
    """Give the days that make up for holidays on a day of rest, or on another holiday."""
    together = Counter(day for day, _ in kept)
    compensated = {day for day, entry in kept if entry.flag("compensated")}
    moving = {day for day, entry in kept if entry.text("kind") == "holiday_moving"}
    days: set[date] = set()
    for day in sorted(compensated):
        due = (day.weekday() >= _SATURDAY) + (day in moving and together[day] > 1)
        for _ in range(due):
            made_up = day + _DAY
            while made_up.weekday() >= _SATURDAY or made_up in together or made_up in days:
                made_up += _DAY
            days.add(made_up)
    return days


__all__ = ["Deadline", "WorkCalendar", "build_calendar", "work_calendar"]
