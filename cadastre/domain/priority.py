"""Places before a property, kept for a while: who holds the priority at a moment, and for how long."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from cadastre.domain.codelist import load_codelist
from cadastre.domain.working_days import WorkCalendar, work_calendar
from cadastre.kernel.clock import OFFICIAL_ZONE
from cadastre.kernel.errors import InvalidInput, RuleBroken

_CODE: Final = "notice"


class NoticeState(StrEnum):
    """What became of a notice; one that nobody used or released simply ends with its term."""

    HELD = "held"
    USED = "used"
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class Notice:
    """The newest version of a priority notice."""

    notice_id: UUID
    property_id: int
    journal_number: int
    queue_number: int
    holder: str
    service: str
    state: NoticeState
    renewals: int
    taken_at: datetime
    expires_at: datetime

    def is_alive(self, now: datetime) -> bool:
        """Tell whether it keeps its place at a moment; its end was set when it was taken."""
        return self.state is NoticeState.HELD and now < self.expires_at


@dataclass(frozen=True, slots=True)
class NoticeTerms:
    """How long a place is kept, how often it is prolonged, how many may wait."""

    working_days: int
    renewals: int
    places: int
    operations: frozenset[str]

    def require_operation(self, operation: str) -> None:
        """Refuse a service for which no place is kept (an authority never needs one)."""
        if operation not in self.operations:
            raise InvalidInput(
                f"No priority is taken for {operation}; apply without one.", code="notice-not-offered"
            )

    def length_from(self, now: datetime, calendar: WorkCalendar | None = None) -> timedelta:
        """Give the time from now to the office's midnight that ends the last working day of the term."""
        today = now.astimezone(OFFICIAL_ZONE).date()
        last = (calendar or work_calendar()).add_working_days(today, self.working_days).due_on
        return datetime.combine(last + timedelta(days=1), time(), OFFICIAL_ZONE) - now


def find_notice_terms(on: date) -> NoticeTerms:
    """Give the terms in force on a day.

    Examples
    --------
    >>> terms = find_notice_terms(date(2026, 5, 4))
    >>> terms.working_days, terms.renewals
    (5, 1)
    """
    entry = load_codelist("priority").entry_at(_CODE, on)
    return NoticeTerms(
        entry.integer("working_days"),
        entry.integer("renewals"),
        entry.integer("places"),
        frozenset(entry.texts("operations")),
    )


def queue_at(notices: Iterable[Notice], now: datetime) -> tuple[Notice, ...]:
    """Give the living notices of one property in the order of their places; the first holds the priority."""
    return tuple(sorted((n for n in notices if n.is_alive(now)), key=lambda notice: notice.queue_number))


def require_place(queue: tuple[Notice, ...], holder: str, terms: NoticeTerms) -> None:
    """Refuse a second place of the same holder, and one more than may wait.

    Raises
    ------
    RuleBroken
        ``notice-held-already`` names the notice that he has; ``queue-full``.
    """
    own = next((notice for notice in queue if notice.holder == holder), None)
    if own is not None:
        raise RuleBroken(
            "You keep a place before this property already; renew it or release it.",
            code="notice-held-already",
            rule="priority-one-place",
            notice_id=str(own.notice_id),
        )
    if len(queue) >= terms.places:
        raise RuleBroken(
            f"{len(queue)} notices stand before this property, as many as may; try again when one ends.",
            code="queue-full",
            rule="priority-places",
            places=terms.places,
        )


def require_renewable(notice: Notice, terms: NoticeTerms, now: datetime) -> None:
    """Refuse to prolong what has ended, or has been prolonged as often as may be."""
    require_alive(notice, now)
    if notice.renewals >= terms.renewals:
        raise RuleBroken(
            f"A notice is renewed {terms.renewals} time(s); take a new one when it has ended.",
            code="renewals-spent",
            rule="priority-renewals",
            renewals=notice.renewals,
        )


def require_alive(notice: Notice, now: datetime) -> None:
    """Refuse what was used or released, or has run out."""
    if not notice.is_alive(now):
        ended = "has run out" if notice.state is NoticeState.HELD else f"is {notice.state.value}"
        raise RuleBroken(
            f"The priority notice {ended}; take a new one.",
            code="notice-not-in-force",
            rule="ck_priority_notice_in_force",
            state=notice.state.value,
        )


__all__ = [
    "Notice",
    "NoticeState",
    "NoticeTerms",
    "find_notice_terms",
    "queue_at",
    "require_alive",
    "require_place",
    "require_renewable",
]
