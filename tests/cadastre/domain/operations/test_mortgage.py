"""Mortgages: their rank, a change of ranks, another creditor."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from cadastre.domain.commands import AssignMortgage, ChangeRanks, Command, RegisterMortgage
from cadastre.domain.operations import plan_of
from cadastre.domain.plan import OpenRestriction
from cadastre.domain.property_state import Encumbrance, PropertyState
from cadastre.kernel.errors import CadastreError
from tests.cadastre.domain.operations.section import (
    TODAY,
    A,
    B,
    D,
    apply,
    closings_come_first,
    mortgage,
    right,
    section,
)

LOAN = Encumbrance("mortgage", beneficiary=B, amount=Decimal(50_000), currency="AZN", until=date(2040, 1, 1))


def carry_out(command: Command, state: PropertyState) -> PropertyState:
    plan = plan_of(command, {1: state}, TODAY)
    assert closings_come_first(plan)
    return apply(plan, state)


def ranks(state: PropertyState) -> dict[object, int | None]:
    return {r.contents.beneficiary: r.contents.rank for r in state.restrictions}


def test_a_mortgage_stands_behind_all_others_also_where_a_better_rank_has_become_free() -> None:
    state = section([right(A, "1/1")], [mortgage(2)])
    assert ranks(carry_out(RegisterMortgage(1, LOAN), state)) == {D: 2, B: 3}
    assert ranks(carry_out(RegisterMortgage(1, replace(LOAN, rank=1)), state)) == {D: 2, B: 1}
    assert ranks(carry_out(RegisterMortgage(1, LOAN), section())) == {B: 1}


def test_two_mortgages_swap_their_ranks_and_keep_their_registration() -> None:
    first, second = mortgage(1, A), mortgage(2, B)
    state = section([], [first, second])
    command = ChangeRanks(1, ((first.restriction_id, 2), (second.restriction_id, 1)))
    assert ranks(carry_out(command, state)) == {A: 2, B: 1}
    opened = [act for act in plan_of(command, {1: state}, TODAY).acts if isinstance(act, OpenRestriction)]
    assert [act.continues for act in opened] == [first, second]


def test_another_creditor_steps_in_and_the_rest_stays() -> None:
    debt = mortgage(1, D)
    then = carry_out(AssignMortgage(1, debt.restriction_id, B), section([], [debt]))
    assert [r.contents for r in then.restrictions] == [replace(debt.contents, beneficiary=B)]


FIRST, SECOND = mortgage(1), mortgage(2)
ARREST = replace(mortgage(1), restriction_id=7, contents=Encumbrance("arrest"))


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (RegisterMortgage(1, replace(LOAN, kind="arrest")), "not-a-mortgage"),
        (RegisterMortgage(1, replace(LOAN, beneficiary=None)), "mortgage-incomplete"),
        (RegisterMortgage(1, replace(LOAN, amount=None)), "mortgage-incomplete"),
        (RegisterMortgage(1, replace(LOAN, currency=None)), "money-incomplete"),
        (RegisterMortgage(1, replace(LOAN, amount=Decimal("NaN"))), "money-malformed"),
        (RegisterMortgage(1, replace(LOAN, until=date(2020, 1, 1))), "term-has-passed"),
        (RegisterMortgage(1, replace(LOAN, burdened=D)), "burdened-holds-nothing"),
        (RegisterMortgage(1, replace(LOAN, rank=100)), "mortgage-rank-out-of-range"),
        (ChangeRanks(1, ((FIRST.restriction_id, 2),)), "mortgage-rank-repeated"),
        (ChangeRanks(1, ((FIRST.restriction_id, 1),)), "ranks-unchanged"),
        (ChangeRanks(1, ((FIRST.restriction_id, 3), (FIRST.restriction_id, 4))), "mortgage-repeated"),
        (ChangeRanks(1, ((1, 3),)), "entry-not-current"),
        (ChangeRanks(1, ((7, 3),)), "not-a-mortgage"),
        (AssignMortgage(1, FIRST.restriction_id, D), "assignment-changes-nothing"),
        (AssignMortgage(1, 1, B), "entry-not-current"),
    ],
)
def test_what_cannot_be_is_refused_by_name(command: Command, code: str) -> None:
    with pytest.raises(CadastreError) as refused:
        plan_of(command, {1: section([], [FIRST, SECOND, ARREST])}, TODAY)
    assert refused.value.code == code
