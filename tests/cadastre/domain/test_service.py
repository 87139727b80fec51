"""Services: what each needs, costs and takes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from cadastre.domain.codelist import load_codelist
from cadastre.domain.service import (
    Money,
    Paper,
    add_months,
    due_on,
    find_service,
    find_suspension,
    missing_documents,
    require_refusal_ground,
)
from cadastre.kernel.errors import InvalidInput

DAY = date(2026, 1, 5)
CODES = load_codelist("services").codes_at(DAY)


@pytest.mark.parametrize("code", CODES)
def test_every_service_can_be_asked_for(code: str) -> None:
    service = find_service(code, DAY)
    assert service.roles
    assert service.basis
    assert service.documents
    assert service.tiers[0].code == "standard"
    faster = [tier.days for tier in service.tiers[1:]]
    assert faster == sorted(faster, reverse=True)
    assert all(days < service.tiers[0].days for days in faster)
    assert len({tier.code for tier in service.tiers}) == len(service.tiers)
    papers = [Paper(role, sorted(service.basis)[0]) for role in service.documents]
    assert missing_documents(service, papers) == ()
    assert missing_documents(service, []) == service.documents


def test_only_what_overrides_or_ends_needs_no_second_officer() -> None:
    single = {code for code in CODES if not find_service(code, DAY).four_eyes}
    assert single == {"mortgage_discharge", "arrest", "prohibition", "court_dispute", "arrest_release"}


def test_faster_is_dearer_and_dwellings_pay_less() -> None:
    tiers = find_service("sale", DAY).tiers
    fees = [tier.fee for tier in tiers]
    assert fees == sorted(fees)
    fastest = find_service("sale", DAY).tier("days_2")
    assert fastest.fee_for({"flat"}) == Money(Decimal("108.00"))
    assert fastest.fee_for({"flat", "land_parcel"}) == Money(Decimal("360.00"))
    assert fastest.fee_for(set()) == Money(Decimal("360.00"))


def test_tiers_are_dated() -> None:
    assert [tier.code for tier in find_service("sale", date(2020, 6, 1)).tiers] == ["standard"]
    assert [tier.code for tier in find_service("mortgage", DAY).tiers] == ["standard"]


def test_unknown_codes_are_named_with_what_there_is() -> None:
    with pytest.raises(InvalidInput, match="no service 'barter'"):
        find_service("barter", DAY)
    with pytest.raises(InvalidInput) as caught:
        find_suspension("mood", DAY)
    assert "serious_doubt" in str(caught.value)
    with pytest.raises(InvalidInput, match="no ground to return"):
        require_refusal_ground("forged_documents", "return", DAY)


def test_a_ground_is_dated() -> None:
    require_refusal_ground("land_category_mismatch", "refuse", DAY)
    with pytest.raises(InvalidInput):
        require_refusal_ground("land_category_mismatch", "refuse", date(2024, 12, 31))


def test_terms_over_novruz() -> None:
    standard, fast = find_service("sale", DAY).tier("standard"), find_service("sale", DAY).tier("days_2")
    assert due_on(fast, date(2026, 3, 18)).due_on == date(2026, 3, 31)
    assert due_on(standard, date(2026, 3, 19)).due_on == date(2026, 4, 27)
    assert due_on(find_service("arrest", DAY).tiers[0], date(2026, 3, 21)).due_on == date(2026, 3, 21)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 11, 30), 15, date(2028, 2, 29)),
    ],
)
def test_months_are_calendar_months(day: date, months: int, later: date) -> None:
    assert add_months(day, months) == later
    assert find_suspension("serious_doubt", day).latest_end(day) == add_months(day, 1)
