"""What a filed correction or cancellation says, read beside the sections as they stand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from cadastre.domain.commands import CancelEntries, Correct
from cadastre.domain.filed_command import is_read_from_terms, read_commands
from cadastre.domain.filing import CasePartyRole, FiledApplication, FiledParty
from cadastre.domain.property_state import (
    Encumbrance,
    ParcelState,
    PropertyState,
    RestrictionState,
    RightState,
)
from cadastre.domain.share import Share
from cadastre.kernel.errors import InvalidInput

ANN, BOB, BANK = (UUID(int=n) for n in (1, 2, 3))
DAY = date(2020, 1, 15)
OWNED = RightState(5, "ownership", ANN, Share(1, 2), "2320000001", DAY, DAY, None)
LET = RightState(6, "lease", BOB, None, "2320000002", DAY, DAY, None)
LOAN = Encumbrance("mortgage", BANK, amount=Decimal(100), currency="AZN", rank=1)
DEBT = RestrictionState(7, LOAN, "2320000003", DAY, DAY, None)
LAND = ParcelState(8, 80, 800, "585-03-36-001", None, 32639, None, None, {})
SECTION = PropertyState(11, "203015000123", "land_parcel", "BAK-XEZ", 3, None, (OWNED, LET), (DEBT,), (LAND,))
RENT = {"rent": "10.50", "rent_currency": "AZN", "rent_period": "month"}
PARTIES = (FiledParty(ANN, CasePartyRole.HOLDER), FiledParty(BOB, CasePartyRole.HOLDER))


def correct(*items: Any) -> tuple[object, ...]:
    filed = FiledApplication("correction", (11,), PARTIES, {"corrections": list(items)})
    return read_commands(filed, "correction", {11: SECTION})


def test_a_right_keeps_what_is_not_named() -> None:
    (command,) = correct({"registration_number": "2320000001", "party": 2})
    assert command == Correct(11, right_id=5, party_id=BOB, share=Share(1, 2), terms=OWNED.terms)
    (command,) = correct({"registration_number": "2320000001", "share": "joint"})
    assert isinstance(command, Correct)
    assert (command.party_id, command.share) == (ANN, None)
    (command,) = correct({"registration_number": "2320000002", "until": "2030-05-01", **RENT})
    assert isinstance(command, Correct)
    assert command.terms is not None
    assert (command.terms.until, command.terms.rent) == (date(2030, 5, 1), Decimal("10.50"))


def test_a_restriction_and_a_parcel_are_read_together() -> None:
    debt, land = correct(
        {"registration_number": "2320000003", "amount": "90.00", "burdened": 1, "until": None},
        {"cadastral_number": "585-03-36-001", "purpose": "bağ", "documentary_area_m2": "400"},
    )
    assert debt == Correct(
        11,
        restriction_id=7,
        contents=Encumbrance("mortgage", BANK, ANN, amount=Decimal("90.00"), currency="AZN", rank=1),
    )
    assert land == Correct(11, version_id=80, attributes={"purpose": "bağ", "documentary_area_m2": "400.00"})


@pytest.mark.parametrize(
    ("item", "code"),
    [
        ({}, "entry-not-named"),
        ({"registration_number": "2320000001", "cadastral_number": "585-03-36-001"}, "entry-not-named"),
        ({"registration_number": "2320000099"}, "entry-not-found"),
        ({"registration_number": "2320000001", "kind": "lease"}, "term-unknown"),
        ({"registration_number": "2320000001", "party": 3}, "term-malformed"),
        ({"registration_number": "2320000001", "party": True}, "term-malformed"),
        ({"registration_number": "2320000002", "rent": "much"}, "term-malformed"),
        ({"registration_number": "2320000003", "rank": "first"}, "term-malformed"),
        ({"registration_number": "2320000003", "currency": 5}, "term-malformed"),
        ({"cadastral_number": "585-03-36-002", "purpose": "x"}, "parcel-not-in-case"),
        ({"cadastral_number": "585-03-36-001", "outline": "x"}, "term-unknown"),
    ],
)
def test_what_cannot_be_read_is_named(item: Any, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        correct(item)
    assert caught.value.code == code


def cancel(**terms: Any) -> tuple[object, ...]:
    filed = FiledApplication("cancellation", (11, 12), (), terms)
    return read_commands(filed, "cancellation", {11: SECTION})


def test_cases_are_named_once_each() -> None:
    assert cancel(case_id=str(ANN)) == (CancelEntries((11, 12), (ANN,)),)
    assert cancel(case_ids=[str(ANN), str(BOB), str(ANN)]) == (CancelEntries((11, 12), (ANN, BOB)),)
    assert all(map(is_read_from_terms, ("correction", "cancellation", "renaming", "succession")))
    for terms, code in (
        ({}, "term-missing"),
        ({"case_ids": []}, "term-missing"),
        ({"case_ids": 5}, "term-malformed"),
    ):
        with pytest.raises(InvalidInput) as caught:
            cancel(**terms)
        assert caught.value.code == code
