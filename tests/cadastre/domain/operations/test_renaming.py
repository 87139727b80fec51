"""Plans that follow a name or a successor through every entry of a section."""

from __future__ import annotations

import pytest

from cadastre.domain.commands import Rename, Succeed
from cadastre.domain.operations import plan_of
from cadastre.domain.plan import EndRestriction, EndRight, OpenRestriction, OpenRight
from cadastre.domain.property_state import Encumbrance, PropertyState, RestrictionState
from cadastre.kernel.errors import CadastreError
from tests.cadastre.domain.operations.section import (
    SINCE,
    TODAY,
    A,
    B,
    C,
    D,
    apply,
    closings_come_first,
    holdings,
    mortgage,
    right,
    section,
)

Follow = Rename | Succeed


def code_of(command: Follow, state: PropertyState) -> str:
    with pytest.raises(CadastreError) as caught:
        plan_of(command, {1: state}, TODAY)
    return caught.value.code


def arrest(of: object) -> RestrictionState:
    contents = Encumbrance("arrest", burdened=of)  # type: ignore[arg-type]
    return RestrictionState(9, contents, "2320000009", SINCE, SINCE, None)


def test_a_new_name_restates_rights_mortgages_and_arrests() -> None:
    owner, tenant, debt = right(A, "1/2"), right(A, None, "lease"), mortgage(1, A)
    state = section([owner, right(B, "1/2"), tenant], [debt, arrest(A), mortgage(2)])
    plan = plan_of(Rename(1, A, C), {1: state}, TODAY)
    assert closings_come_first(plan)
    ends = [act for act in plan.acts if isinstance(act, EndRight | EndRestriction)]
    assert len(ends) == 4
    for act in plan.acts:
        if isinstance(act, OpenRight):
            assert (act.party_id, act.keeps_registration) == (C, True)
        if isinstance(act, OpenRestriction):
            assert act.keeps_basis
            assert A not in (act.contents.beneficiary, act.contents.burdened)
    assert holdings(apply(plan, state)) == {C: "1/2", B: "1/2"}


def test_a_successor_adds_up_shares_and_becomes_sole_of_two_joint_owners() -> None:
    shared = section([right(A, "1/3"), right(B, "1/3"), right(C, "1/3")])
    assert holdings(apply(plan_of(Succeed(1, A, B), {1: shared}, TODAY), shared)) == {B: "2/3", C: "1/3"}
    couple = section([right(A, None), right(B, None)])
    assert holdings(apply(plan_of(Succeed(1, A, B), {1: couple}, TODAY), couple)) == {B: "1/1"}
    three = section([right(A, None), right(B, None), right(C, None)])
    assert holdings(apply(plan_of(Succeed(1, A, B), {1: three}, TODAY), three)) == {B: "joint", C: "joint"}
    stranger = section([right(A, "1/1")])
    assert holdings(apply(plan_of(Succeed(1, A, D), {1: stranger}, TODAY), stranger)) == {D: "1/1"}


def test_a_succession_is_registered_anew_but_the_burden_on_it_goes_on() -> None:
    state = section([right(A, "1/1")], [mortgage(1, A), arrest(A)])
    acts = plan_of(Succeed(1, A, B), {1: state}, TODAY).acts
    (owning,) = [act for act in acts if isinstance(act, OpenRight)]
    assert not owning.keeps_registration
    kept = {act.contents.kind: act.keeps_basis for act in acts if isinstance(act, OpenRestriction)}
    assert kept == {"mortgage": False, "arrest": True}


@pytest.mark.parametrize("kind", [Rename, Succeed])
def test_what_makes_no_sense_is_refused(kind: type[Rename] | type[Succeed]) -> None:
    state = section([right(A, "1/1"), right(B, None, "lease"), right(C, None, "lease")])
    assert code_of(kind(1, A, A), state) == "renaming-changes-nothing"
    assert code_of(kind(1, D, A), state) == "party-not-in-section"
    assert code_of(kind(1, B, C), state) == "rights-collide"


def test_a_new_name_is_not_of_somebody_who_owns_here_already() -> None:
    state = section([right(A, "1/2"), right(B, "1/2")])
    assert code_of(Rename(1, A, B), state) == "rights-collide"
