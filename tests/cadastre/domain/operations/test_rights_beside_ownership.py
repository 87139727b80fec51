"""Leases, servitudes and the like: granting them and ending them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from shapely import box

from cadastre.domain.commands import Command, EndEntry, GrantRight
from cadastre.domain.operations import plan_of
from cadastre.domain.property_state import ParcelState, Terms
from cadastre.kernel.errors import CadastreError
from tests.cadastre.domain.operations.section import TODAY, A, B, apply, mortgage, right, section

RENT = Terms(until=date(2030, 1, 1), rent=Decimal(300), rent_currency="AZN", rent_period="month")
OWNER, LEASE, DEBT = right(A, "1/1"), right(B, None, "lease"), mortgage(1)
LAND = ParcelState(1, 1, 1, "10001", box(0, 0, 20, 20), 32639, Decimal(400), Decimal(400), {})
SECTION = replace(section([OWNER, LEASE], [DEBT]), parcels=(LAND,))


def test_a_lease_stands_beside_ownership_with_its_terms() -> None:
    state = section([OWNER])
    then = apply(plan_of(GrantRight(1, "lease", B, RENT), {1: state}, TODAY), state)
    granted = then.rights[-1]
    assert (granted.kind, granted.party_id, granted.share, granted.terms) == ("lease", B, None, RENT)
    assert then.owners == (OWNER,)


def test_a_servitude_burdens_a_part_of_the_land() -> None:
    strip = box(0, 0, 20, 3)
    plan = plan_of(GrantRight(1, "servitude", B, Terms(part=strip)), {1: SECTION}, TODAY)
    contents = apply(plan, SECTION).restrictions[-1].contents
    assert (contents.kind, contents.beneficiary, contents.part) == ("servitude", B, strip)


def test_an_entry_ends_and_nothing_else_does() -> None:
    plan = plan_of(EndEntry(1, right_id=LEASE.right_id), {1: SECTION}, TODAY)
    assert apply(plan, SECTION).rights == (OWNER,)
    plan = plan_of(EndEntry(1, restriction_id=DEBT.restriction_id), {1: SECTION}, TODAY)
    assert apply(plan, SECTION).restrictions == ()


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (GrantRight(1, "ownership", B), "not-grantable"),
        (GrantRight(1, "lease", B, replace(RENT, until=date(2020, 1, 1))), "term-has-passed"),
        (GrantRight(1, "usufruct", B, RENT), "terms-do-not-fit"),
        (GrantRight(1, "lease", B, replace(RENT, rent_period=None)), "rent-incomplete"),
        (GrantRight(1, "lease", B, replace(RENT, rent_period="week")), "rent-incomplete"),
        (GrantRight(1, "lease", B, replace(RENT, rent=None)), "money-incomplete"),
        (GrantRight(1, "lease", B, replace(RENT, rent_currency=None)), "money-incomplete"),
        (GrantRight(1, "lease", B, Terms(dispose_by=date(2027, 1, 1))), "terms-do-not-fit"),
        (GrantRight(1, "servitude", B, Terms(part=box(0, 0, 30, 3))), "part-outside-parcel"),
        (EndEntry(1), "entry-not-named"),
        (EndEntry(1, restriction_id=DEBT.restriction_id, right_id=LEASE.right_id), "entry-not-named"),
        (EndEntry(1, right_id=OWNER.right_id), "ownership-does-not-end"),
        (EndEntry(1, right_id=1), "entry-not-current"),
        (EndEntry(1, restriction_id=1), "entry-not-current"),
    ],
)
def test_what_cannot_be_is_refused_by_name(command: Command, code: str) -> None:
    with pytest.raises(CadastreError) as refused:
        plan_of(command, {1: SECTION}, TODAY)
    assert refused.value.code == code


def test_a_part_needs_land() -> None:
    with pytest.raises(CadastreError) as refused:
        plan_of(GrantRight(1, "lease", B, Terms(part=box(0, 0, 1, 1))), {1: section([OWNER])}, TODAY)
    assert refused.value.code == "part-outside-parcel"
