"""First registration, claims, their completion and paper extracts, as plans."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from cadastre.domain.commands import (
    Acquisition,
    CompleteUnit,
    ConvertPaper,
    FirstRegistration,
    NewUnit,
)
from cadastre.domain.operations import plan_of
from cadastre.domain.operations.first import find_reached_stage
from cadastre.domain.plan import (
    EndRight,
    MoveObject,
    OpenProperty,
    OpenRight,
    OpenUnit,
    ReachStage,
    TakeInPaper,
)
from cadastre.domain.share import WHOLE, Share
from cadastre.kernel.errors import InvalidInput, RuleBroken
from cadastre.rules.outcome import project
from tests.cadastre.domain.operations.section import TODAY, A, B, apply, mortgage, right, section

HOUSE = FirstRegistration(
    object_kind="individual_house",
    district_code="BAK-XEZ",
    parcel_ids=(1,),
    building_ids=(2, 3),
    unit_id=None,
    holders=(Acquisition(A, WHOLE),),
    title_kind="state_act",
    title_dated=date(1998, 6, 1),
)
CLAIM = replace(
    HOUSE,
    object_kind="flat",
    parcel_ids=(),
    building_ids=(),
    future=True,
    new_unit=NewUnit(7, "12", "flat"),
    begins_building_id=7,
    stage="under_construction",
)


def test_plot_and_houses_come_into_one_section_whose_holder_owns_it() -> None:
    plan = plan_of(HOUSE, {}, TODAY)
    kinds = Counter(type(act) for act in plan.acts)
    assert kinds == {OpenProperty: 1, MoveObject: 3, OpenRight: 1}
    moves = [act for act in plan.acts if isinstance(act, MoveObject)]
    assert all(move.is_first and move.property_object_id is None for move in moves)
    (opened,) = project({}, plan).open_sections
    assert (opened.object_kind, [(o.kind, o.party_id, o.share) for o in opened.owners]) == (
        "individual_house",
        [("ownership", A, WHOLE)],
    )
    assert opened.has_land


def test_a_claim_enters_unit_and_stage_and_is_no_ownership() -> None:
    plan = plan_of(CLAIM, {}, TODAY)
    assert [type(act) for act in plan.acts] == [OpenProperty, ReachStage, OpenUnit, MoveObject, OpenRight]
    (opened,) = project({}, plan).open_sections
    assert [owner.kind for owner in opened.owners] == ["future_ownership"]
    assert find_reached_stage([CLAIM]) == "under_construction"
    assert find_reached_stage([HOUSE]) is None


def test_a_house_joins_the_section_of_its_plot_without_a_right() -> None:
    joining = replace(HOUSE, parcel_ids=(), joins_property_id=1)
    state = section([right(A, "1/1")])
    plan = plan_of(joining, {1: state}, TODAY)
    assert [(type(act), act.building_id) for act in plan.acts if isinstance(act, MoveObject)] == [
        (MoveObject, 2),
        (MoveObject, 3),
    ]
    assert not any(isinstance(act, OpenRight | EndRight) for act in plan.acts)


@pytest.mark.parametrize(
    ("holders", "code"),
    [
        ((), "party-repeated"),
        ((Acquisition(A, WHOLE), Acquisition(A, WHOLE)), "party-repeated"),
        ((Acquisition(A, None),), "acquisition-share-or-joint"),
        ((Acquisition(A, WHOLE, joint=True),), "acquisition-share-or-joint"),
        ((Acquisition(A, None, joint=True),), "joint-ownership-mixed"),
        ((Acquisition(A, None, joint=True), Acquisition(B, Share(1, 2))), "joint-ownership-mixed"),
    ],
)
def test_holders_that_make_no_sense(holders: tuple[Acquisition, ...], code: str) -> None:
    with pytest.raises(InvalidInput, check=lambda error: error.code == code):
        plan_of(replace(HOUSE, holders=holders), {}, TODAY)


def test_claims_become_ownership_and_what_burdens_them_stays() -> None:
    claims = [right(A, "1/3", "future_ownership"), right(B, "2/3", "future_ownership")]
    state = section(claims, [mortgage(1)])
    plan = plan_of(CompleteUnit(1, (7,), "completed"), {1: state}, TODAY)
    assert ReachStage(7, "completed") in plan.acts
    assert [act.right for act in plan.acts if isinstance(act, EndRight)] == claims
    entries = tuple(act for act in plan.acts if not isinstance(act, ReachStage))
    after = apply(replace(plan, acts=entries), state)
    assert {(r.kind, r.party_id, str(r.share)) for r in after.rights} == {
        ("ownership", A, "1/3"),
        ("ownership", B, "2/3"),
    }
    assert after.restrictions == state.restrictions
    (judged,) = project({1: state}, plan).open_sections
    assert all(owner.is_restatement for owner in judged.owners), "nothing is given by it"


def test_a_sale_is_no_completion() -> None:
    """A claim that passes to somebody else, or grows, is a disposal."""
    claim = right(A, "1/2", "future_ownership")
    plan = plan_of(CompleteUnit(1), {1: section([claim])}, TODAY)
    opened = next(act for act in plan.acts if isinstance(act, OpenRight))
    for changed in (replace(opened, party_id=B), replace(opened, share=WHOLE), replace(opened, kind="lease")):
        outcome = project({1: section([claim])}, replace(plan, acts=(EndRight(claim), changed)))
        assert not outcome.open_sections[0].rights[0].is_restatement


def test_what_is_owned_is_not_completed() -> None:
    with pytest.raises(RuleBroken, check=lambda error: error.code == "claim-not-found"):
        plan_of(CompleteUnit(1), {1: section([right(A, "1/1")])}, TODAY)


def test_a_paper_is_taken_in_and_is_not_of_tomorrow() -> None:
    states = {1: section([right(A, "1/1")])}
    plan = plan_of(ConvertPaper(1, "RX", "0123456", date(2009, 3, 3)), states, TODAY)
    assert plan.acts == (TakeInPaper(1, "RX", "0123456", date(2009, 3, 3)),)
    with pytest.raises(InvalidInput, check=lambda error: error.code == "document-future-dated"):
        plan_of(ConvertPaper(1, "RX", "0123456", date(2999, 1, 1)), states, TODAY)
