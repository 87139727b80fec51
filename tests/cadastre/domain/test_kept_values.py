"""Whatever the terms of an application say: it is read into what the register keeps, or refused by name."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cadastre.domain.filed_command import read_commands
from cadastre.domain.filing import CasePartyRole, FiledApplication
from cadastre.kernel.errors import CadastreError, InvalidInput
from tests.cadastre.domain.test_filed_command import ANN, BOB, CEM, GROUND, SECTION, SQUARE, filed

ROLES = CasePartyRole
MORTGAGE = filed("mortgage", (ROLES.MORTGAGOR, ANN), (ROLES.MORTGAGEE, CEM))
LEASE = filed("lease", (ROLES.HOLDER, BOB))
OPERATIONS = {
    "mortgage_registration": (
        "mortgage",
        ("amount", "currency", "interest_rate", "rank", "note_number", "until"),
    ),
    "mortgage_rank": ("mortgage_rank", ("ranks",)),
    "grant": ("lease", ("until", "rent", "rent_currency", "rent_period", "part", "kind")),
    "impose": ("arrest", ("authority", "amount", "currency", "until", "urgent", "confirms")),
    "division": ("division", ("cadastral_number", "pieces")),
    "merger": ("merger", ("outline",)),
    "boundary_change": ("boundary_change", ("outlines",)),
    "correction": ("correction", ("corrections",)),
    "cancellation": ("cancellation", ("case_id", "case_ids")),
    "end": ("lease_end", ("registration_number", "confirmed_by_party")),
}
PARTIES = (
    (ROLES.MORTGAGOR, ANN),
    (ROLES.MORTGAGEE, CEM),
    (ROLES.HOLDER, BOB),
    (ROLES.DEBTOR, ANN),
)
ENTRIES = ("2324000001", "2324000002", "2324000003", GROUND.cadastral_number)
WORDS = st.sampled_from(
    [
        *ENTRIES,
        SQUARE,
        "AZN",
        "month",
        "NaN",
        "-1",
        "1e400",
        "2026-13-01",
        "POINT (0 0)",
        "x" * 400,
        "\x00",
        " ",
    ]
)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), WORDS)
KEYS = st.sampled_from(
    [
        "registration_number",
        "cadastral_number",
        "rank",
        "outline",
        "purpose",
        "documentary_area_m2",
        "share",
        "party",
        "amount",
        "currency",
        "until",
        "buildings",
        "ownership_form",
        "land_category",
        "note_number",
    ]
)
JUNK = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=8,
)


def changed(application: FiledApplication, **terms: Any) -> FiledApplication:
    return FiledApplication(application.service, application.property_ids, application.parties, terms)


@pytest.mark.parametrize("operation", OPERATIONS)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_no_term_is_worse_than_refused(operation: str, data: st.DataObject) -> None:
    service, keys = OPERATIONS[operation]
    terms = {key: data.draw(JUNK, label=key) for key in keys if data.draw(st.booleans(), label=f"has {key}")}
    with suppress(CadastreError):
        assert read_commands(filed(service, *PARTIES, **terms), operation, {11: SECTION})


@pytest.mark.parametrize(
    ("terms", "term"),
    [
        ({"amount": "5"}, "currency"),
        ({"currency": "AZN"}, "amount"),
        ({"amount": "-5", "currency": "AZN"}, "amount"),
        ({"amount": "0.001", "currency": "AZN"}, "amount"),
        ({"amount": "1e15", "currency": "AZN"}, "amount"),
        ({"amount": "5", "currency": "azn"}, "currency"),
        ({"amount": "5", "currency": 5}, "currency"),
        ({"interest_rate": "1000"}, "interest_rate"),
        ({"interest_rate": "0.12345"}, "interest_rate"),
        ({"rank": 0}, "rank"),
        ({"rank": "1"}, "rank"),
        ({"rank": True}, "rank"),
        ({"rank": 10**30}, "rank"),
        ({"note_number": "IK-7"}, "note_dated"),
        ({"note_number": "IK\n7", "note_dated": "2026-01-01"}, "note_number"),
        ({"note_number": "7" * 61, "note_dated": "2026-01-01"}, "note_number"),
    ],
)
def test_a_term_of_a_mortgage_that_cannot_be_kept_is_named(terms: dict[str, Any], term: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_commands(changed(MORTGAGE, **terms), "mortgage_registration", {11: SECTION})
    assert refused.value.facts["term"] == term


@pytest.mark.parametrize(
    ("terms", "term"),
    [
        ({"rent": "5"}, "rent"),
        ({"rent_period": "month"}, "rent"),
        ({"rent": "5", "rent_currency": "AZN", "rent_period": "week"}, "rent_period"),
        ({"rent": "5", "rent_currency": "manat", "rent_period": "month"}, "rent_currency"),
        ({"rent": "-1", "rent_currency": "AZN", "rent_period": "month"}, "rent"),
    ],
)
def test_a_term_of_a_lease_that_cannot_be_kept_is_named(terms: dict[str, Any], term: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_commands(changed(LEASE, **terms), "grant", {11: SECTION})
    assert refused.value.facts["term"] == term


def test_an_outline_that_crosses_itself_is_refused_with_the_place() -> None:
    crossed = changed(LEASE, part="POLYGON ((0 0, 10 10, 10 0, 0 10, 0 0))")
    with pytest.raises(InvalidInput, match="Self-intersection") as refused:
        read_commands(crossed, "grant", {11: SECTION})
    assert refused.value.code == "outline-invalid"


def test_what_can_be_kept_is_read() -> None:
    whole = changed(
        MORTGAGE,
        amount="50000.00",
        currency="AZN",
        interest_rate="8.5",
        rank=2,
        note_number="IK-7",
        note_dated="2026-01-01",
    )
    assert read_commands(whole, "mortgage_registration", {11: SECTION})
