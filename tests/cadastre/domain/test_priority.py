"""Places before a property: their order and their end, by whatever clock is asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from cadastre.domain.priority import (
    Notice,
    NoticeState,
    find_notice_terms,
    queue_at,
    require_place,
    require_renewable,
)
from cadastre.kernel.errors import CadastreError

NOON = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
TERMS = find_notice_terms(date(2026, 5, 4))


def notice(place: int, *, hours: float = 24, holder: str | None = None) -> Notice:
    ends = NOON + timedelta(hours=hours)
    holder = holder or f"notary-{place}"
    return Notice(UUID(int=place), 1, 100 + place, place, holder, "sale", NoticeState.HELD, 0, NOON, ends)


def test_the_lowest_living_place_holds_the_priority_at_every_moment() -> None:
    first, second, third = notice(1, hours=24), notice(2, hours=48), notice(3, hours=36)
    places = [
        [n.queue_number for n in queue_at([third, first, second], NOON + timedelta(hours=h))]
        for h in (0, 23.9, 24, 36, 48)
    ]
    assert places == [[1, 2, 3], [1, 2, 3], [2, 3], [2], []]


@pytest.mark.parametrize("state", [NoticeState.USED, NoticeState.RELEASED])
def test_what_was_used_or_released_keeps_no_place(state: NoticeState) -> None:
    ended = replace(notice(1), state=state)
    assert [n.queue_number for n in queue_at([ended, notice(2)], NOON)] == [2]


def test_a_term_ends_with_the_last_working_day_at_the_office_midnight() -> None:
    # Monday 4 May 2026: five working days later is Tuesday 12 May, for the 9th is a holiday on a Saturday
    # that is rested on Monday the 11th; it ends at midnight in Baku (UTC+4)
    assert NOON + TERMS.length_from(NOON) == datetime(2026, 5, 12, 20, 0, tzinfo=UTC)
    none = replace(TERMS, working_days=0)
    assert none.length_from(datetime(2026, 5, 4, 19, 59, 59, tzinfo=UTC)) == timedelta(seconds=1)


def test_nobody_stands_twice_and_only_so_many_wait() -> None:
    require_place((notice(1),), "notary-9", TERMS)
    with pytest.raises(CadastreError) as twice:
        require_place((notice(1),), "notary-1", TERMS)
    assert (twice.value.code, twice.value.facts["notice_id"]) == ("notice-held-already", str(UUID(int=1)))
    with pytest.raises(CadastreError) as full:
        require_place(tuple(notice(n) for n in range(TERMS.places)), "notary-99", TERMS)
    assert full.value.code == "queue-full"


def test_a_notice_is_renewed_while_it_lives_and_as_often_as_may_be() -> None:
    require_renewable(notice(1), TERMS, NOON)
    with pytest.raises(CadastreError) as spent:
        require_renewable(replace(notice(1), renewals=TERMS.renewals), TERMS, NOON)
    with pytest.raises(CadastreError) as late:
        require_renewable(notice(1, hours=1), TERMS, NOON + timedelta(hours=1))
    with pytest.raises(CadastreError) as used:
        require_renewable(replace(notice(1), state=NoticeState.USED), TERMS, NOON)
    codes = [spent.value.code, late.value.code, used.value.code]
    assert codes == ["renewals-spent", "notice-not-in-force", "notice-not-in-force"]


def test_what_no_place_is_kept_for_is_refused() -> None:
    TERMS.require_operation("transfer")
    with pytest.raises(CadastreError) as refused:
        TERMS.require_operation("impose")
    assert refused.value.code == "notice-not-offered"
