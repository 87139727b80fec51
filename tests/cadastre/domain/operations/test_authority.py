"""Arrest, prohibition, court dispute: on the whole or on one holder, urgent or by a ruling, confirmed, released."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from cadastre.domain.commands import Command, EndEntry, Impose
from cadastre.domain.operations import plan_of
from cadastre.domain.plan import OpenRestriction
from cadastre.domain.property_state import Encumbrance, PropertyState
from cadastre.kernel.errors import CadastreError
from tests.cadastre.domain.operations.section import (
    TODAY,
    A,
    B,
    C,
    apply,
    closings_come_first,
    mortgage,
    right,
    section,
)

ARREST = Encumbrance("arrest", authority="Bakı şəhəri, sınaq məhkəməsi")


def carry_out(command: Command, state: PropertyState) -> PropertyState:
    plan = plan_of(command, {1: state}, TODAY)
    assert closings_come_first(plan)
    return apply(plan, state)


def opened(command: Impose, state: PropertyState) -> OpenRestriction:
    act = plan_of(command, {1: state}, TODAY).acts[-1]
    assert isinstance(act, OpenRestriction)
    return act


def kinds(state: PropertyState) -> list[str]:
    return sorted(r.contents.kind for r in state.restrictions)


@pytest.mark.parametrize("kind", ["arrest", "prohibition", "court_dispute"])
def test_what_is_imposed_stands_beside_all_that_stood(kind: str) -> None:
    before = section([right(A, "1/1")], [mortgage(1)])
    after = carry_out(Impose(1, Encumbrance(kind)), before)
    assert after.rights == before.rights
    assert kinds(after) == sorted([kind, "mortgage"])


def test_an_arrest_may_burden_one_holder_only() -> None:
    state = section([right(A, "1/2"), right(B, "1/2")])
    assert opened(Impose(1, Encumbrance("arrest", burdened=B)), state).contents.burdened == B
    with pytest.raises(CadastreError) as refused:
        opened(Impose(1, Encumbrance("arrest", burdened=C)), state)
    assert refused.value.code == "debtor-holds-nothing"


def test_a_ruling_takes_the_place_of_the_urgent_act_that_it_confirms() -> None:
    state = section([right(A, "1/1")])
    assert opened(Impose(1, ARREST, urgent=True), state).urgent
    urgent = carry_out(Impose(1, ARREST, urgent=True), state)
    entry = urgent.restrictions[0]
    act = opened(Impose(1, ARREST, confirms_restriction_id=entry.restriction_id), urgent)
    assert (act.confirms, act.urgent, act.continues) == (entry, False, None)
    confirmed = carry_out(Impose(1, ARREST, confirms_restriction_id=entry.restriction_id), urgent)
    assert kinds(confirmed) == ["arrest"]


def test_a_release_ends_the_arrest_alone() -> None:
    state = carry_out(Impose(1, ARREST), section([right(A, "1/1")], [mortgage(1)]))
    arrest = next(r for r in state.restrictions if r.contents.kind == "arrest")
    assert kinds(carry_out(EndEntry(1, restriction_id=arrest.restriction_id), state)) == ["mortgage"]


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (Impose(1, Encumbrance("mortgage")), "not-imposable"),
        (Impose(1, Encumbrance("court_dispute"), urgent=True), "not-urgent"),
        (Impose(1, ARREST, urgent=True, confirms_restriction_id=7), "not-urgent"),
        (Impose(1, Encumbrance("arrest", until=date(2020, 1, 1))), "term-has-passed"),
        (Impose(1, Encumbrance("arrest", amount=Decimal(5))), "money-incomplete"),
        (Impose(1, ARREST, confirms_restriction_id=999_999), "entry-not-current"),
    ],
)
def test_acts_that_make_no_sense_are_refused(command: Impose, code: str) -> None:
    with pytest.raises(CadastreError) as refused:
        opened(command, section([right(A, "1/1")]))
    assert refused.value.code == code


def test_a_ruling_confirms_an_entry_of_its_own_kind_only() -> None:
    state = section([right(A, "1/1")], [mortgage(1)])
    with pytest.raises(CadastreError) as refused:
        opened(Impose(1, ARREST, confirms_restriction_id=state.restrictions[0].restriction_id), state)
    assert refused.value.code == "confirms-other-kind"
