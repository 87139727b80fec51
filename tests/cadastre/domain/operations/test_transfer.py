"""Transfers: whole, in part, in shares and jointly; nothing appears and nothing is lost."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cadastre.domain.commands import Acquisition, Taking, Transfer
from cadastre.domain.operations import plan_of
from cadastre.domain.plan import EndRight, OpenRight
from cadastre.domain.property_state import PropertyState
from cadastre.domain.share import Share, is_whole_ownership
from cadastre.kernel.errors import CadastreError
from tests.cadastre.domain.operations.drawn import commands, is_idle
from tests.cadastre.domain.operations.section import (
    TODAY,
    A,
    B,
    C,
    apply,
    closings_come_first,
    holdings,
    mortgage,
    party,
    right,
    section,
)


def transfer(takings: dict[UUID, str | None], acquisitions: dict[UUID, str]) -> Transfer:
    return Transfer(
        1,
        tuple(Taking(who, _share(what)) for who, what in takings.items()),
        tuple(Acquisition(who, _share(what), joint=what == "joint") for who, what in acquisitions.items()),
    )


def _share(text: str | None) -> Share | None:
    return None if text in (None, "joint") else Share(*map(int, text.split("/")))


def after(state: PropertyState, takings: dict[UUID, str | None], got: dict[UUID, str]) -> dict[UUID, str]:
    return holdings(apply(plan_of(transfer(takings, got), {1: state}, TODAY), state))


@pytest.mark.parametrize(
    ("before", "takings", "acquisitions", "expected"),
    [
        pytest.param({A: "1/1"}, {A: None}, {B: "1/1"}, {B: "1/1"}, id="whole"),
        pytest.param({A: "1/1"}, {A: "1/2"}, {B: "1/2"}, {A: "1/2", B: "1/2"}, id="half"),
        pytest.param({A: "1/1"}, {A: None}, {B: "2/4", C: "2/4"}, {B: "2/4", C: "2/4"}, id="printed-form"),
        pytest.param({A: "1/2", B: "1/2"}, {A: "1/4"}, {B: "1/4"}, {A: "1/4", B: "3/4"}, id="to-co-owner"),
        pytest.param({A: "1/2", B: "1/2"}, {A: None}, {B: "1/2"}, {B: "1/1"}, id="consolidated"),
        pytest.param({A: "1/3", B: "2/3"}, {B: None}, {C: "2/3"}, {A: "1/3", C: "2/3"}, id="other-untouched"),
        pytest.param({A: "1/2", B: "1/2"}, {A: None, B: None}, {C: "1/1"}, {C: "1/1"}, id="both-sell"),
        pytest.param({A: "joint", B: "joint"}, {A: None, B: None}, {C: "1/1"}, {C: "1/1"}, id="joint-sale"),
        pytest.param(
            {A: "joint", B: "joint"}, {A: None, B: None}, {A: "1/2", B: "1/2"}, {A: "1/2", B: "1/2"},
            id="joint-to-shares",
        ),
        pytest.param(
            {A: "1/2", B: "1/2"}, {A: None, B: None}, {A: "joint", B: "joint"}, {A: "joint", B: "joint"},
            id="shares-to-joint",
        ),
        pytest.param({A: "1/1"}, {A: None}, {B: "joint", C: "joint"}, {B: "joint", C: "joint"}, id="to-couple"),
        pytest.param({A: "1/1"}, {A: None}, {A: "1/3", B: "2/3"}, {A: "1/3", B: "2/3"}, id="giver-keeps-third"),
    ],
)  # fmt: skip
def test_transfer_leaves_the_right_holders(
    before: dict[UUID, str], takings: dict[UUID, str | None], acquisitions: dict[UUID, str],
    expected: dict[UUID, str],
) -> None:  # fmt: skip
    state = section([right(who, None if what == "joint" else what) for who, what in before.items()])
    assert after(state, takings, acquisitions) == expected


@pytest.mark.parametrize(
    ("before", "takings", "acquisitions", "code"),
    [
        pytest.param({A: "1/2", B: "1/2"}, {A: "2/3"}, {C: "2/3"}, "taking-exceeds-share", id="too-much"),
        pytest.param({A: "1/1"}, {A: None}, {B: "1/2"}, "shares-do-not-balance", id="half-lost"),
        pytest.param({A: "1/1"}, {A: "1/2"}, {B: "1/1"}, "shares-do-not-balance", id="half-made"),
        pytest.param({A: "1/1"}, {B: None}, {C: "1/1"}, "giver-holds-no-right", id="stranger-sells"),
        pytest.param({}, {A: None}, {B: "1/1"}, "giver-holds-no-right", id="nobody's"),
        pytest.param({A: "joint", B: "joint"}, {A: None}, {C: "1/1"}, "joint-owners-act-together", id="one-spouse"),
        pytest.param({A: "joint", B: "joint"}, {A: "1/2", B: None}, {C: "1/1"}, "joint-has-no-share", id="share-of-joint"),
        pytest.param({A: "1/1"}, {A: "1/2"}, {B: "joint", C: "joint"}, "joint-needs-the-whole", id="joint-half"),
        pytest.param({A: "1/1"}, {A: None}, {B: "joint"}, "joint-ownership-mixed", id="joint-alone"),
        pytest.param({A: "1/1"}, {A: None}, {B: "joint", C: "1/2"}, "joint-ownership-mixed", id="joint-mixed"),
        pytest.param({A: "1/1"}, {}, {B: "1/1"}, "transfer-one-sided", id="no-giver"),
        pytest.param({A: "1/1"}, {A: None}, {}, "transfer-one-sided", id="no-taker"),
        pytest.param({A: "1/1"}, {A: "1/2"}, {A: "1/2"}, "transfer-changes-nothing", id="to-himself"),
    ],
)  # fmt: skip
def test_transfer_that_cannot_be_is_refused_by_name(
    before: dict[UUID, str], takings: dict[UUID, str | None], acquisitions: dict[UUID, str], code: str
) -> None:  # fmt: skip
    state = section([right(who, None if what == "joint" else what) for who, what in before.items()])
    with pytest.raises(CadastreError) as refused:
        after(state, takings, acquisitions)
    assert refused.value.code == code


def test_the_rest_keeps_its_registration_and_the_greater_share_gets_a_new_one() -> None:
    a, b = right(A, "1/2"), right(B, "1/2")
    plan = plan_of(transfer({A: "1/4"}, {B: "1/4"}), {1: section([a, b])}, TODAY)
    assert plan.event == "register.transfer"
    assert plan.acts[:2] == (EndRight(a), EndRight(b))
    rest, sum_ = plan.acts[2:]
    assert isinstance(rest, OpenRight)
    assert isinstance(sum_, OpenRight)
    assert (rest.continues, rest.keeps_registration) == (a, True)
    assert (sum_.continues, sum_.keeps_registration) == (b, False)


def test_other_rights_and_restrictions_are_left_alone() -> None:
    lease, debt = right(C, None, "lease"), mortgage(1)
    state = section([right(A, "1/1"), lease], [debt])
    then = apply(plan_of(transfer({A: None}, {B: "1/1"}), {1: state}, TODAY), state)
    assert lease in then.rights
    assert then.restrictions == (debt,)


def test_a_mortgage_of_a_share_goes_with_the_share() -> None:
    debt = replace(mortgage(1), contents=replace(mortgage(1).contents, burdened=A))
    state = section([right(A, "1/2"), right(B, "1/2")], [debt])
    plan = plan_of(transfer({A: None}, {C: "1/2"}), {1: state}, TODAY)
    assert closings_come_first(plan)
    (then,) = apply(plan, state).restrictions
    assert then.contents == replace(debt.contents, burdened=C)
    added = apply(plan_of(transfer({B: "1/4"}, {A: "1/4"}), {1: state}, TODAY), state)
    assert added.restrictions == (debt,)
    for takings, got in (({A: "1/4"}, {C: "1/4"}), ({A: None}, {B: "1/2"}), ({A: None, B: None}, {C: "1/1"})):
        with pytest.raises(CadastreError) as refused:
            plan_of(transfer(takings, got), {1: state}, TODAY)
        assert refused.value.code == "burdened-share-divided"


def test_a_lease_is_not_transferred() -> None:
    command = Transfer(1, (Taking(A),), (Acquisition(B, Share(1, 1)),), kind="lease")
    with pytest.raises(CadastreError) as refused:
        plan_of(command, {1: section([right(A, None, "lease")])}, TODAY)
    assert refused.value.code == "right-not-transferable"


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_any_sequence_of_operations_keeps_ownership_whole(data: st.DataObject) -> None:
    people = [party(n) for n in range(1, 9)]
    state = section([right(A, "1/1")])
    for _ in range(data.draw(st.integers(1, 12))):
        _, command = data.draw(commands(state, people))
        try:
            plan = plan_of(command, {1: state}, TODAY)
        except CadastreError as error:
            if not is_idle(error.code):
                raise
            continue
        assert closings_come_first(plan)
        touched = {act.right for act in plan.acts if isinstance(act, EndRight)}
        others = set(state.rights) - touched
        state = apply(plan, state)
        assert is_whole_ownership([owner.share for owner in state.owners])
        assert len({owner.party_id for owner in state.owners}) == len(state.owners)
        assert others <= set(state.rights)
        ranks = [r.contents.rank for r in state.restrictions]
        assert len(set(ranks)) == len(ranks)
