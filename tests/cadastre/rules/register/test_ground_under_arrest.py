"""Land of an arrested property does not pass to another holder, though no right of his changes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cadastre.domain.commands import ShiftBoundary
from cadastre.domain.operations.boundary import plan_boundary
from cadastre.domain.plan import OpenRestriction, OpenRight, Plan
from cadastre.domain.property_state import Encumbrance
from cadastre.domain.share import WHOLE
from cadastre.rules.engine import judge
from cadastre.rules.proposal import Proposal, Stage
from tests.cadastre.domain.operations.land_world import TODAY, LandWorld, block
from tests.cadastre.domain.operations.section import A, B
from tests.cadastre.rules.register.proposals import service


def broken_by(kind: str, *, giver_is_blocked: bool, alike: bool = False) -> set[str]:
    world = LandWorld()
    west, east = world.add_property(block(0, 0)), world.add_property(block(40, 0))
    owners = (OpenRight(west, "ownership", A, WHOLE), OpenRight(east, "ownership", A if alike else B, WHOLE))
    blocked = OpenRestriction(west if giver_is_blocked else east, Encumbrance(kind, burdened=None))
    world.carry_out(Plan("test", (*owners, blocked)))
    ids = [world.states[each].parcels[0].parcel_id for each in (west, east)]
    command = ShiftBoundary(((ids[0], block(0, 0, 35)), (ids[1], block(35, 0, 45))))
    plan = plan_boundary(command, world.states, TODAY)
    now = datetime(2026, 11, 2, 9, tzinfo=UTC)
    proposal = Proposal(
        Stage.DECISION, TODAY, now, world.states, service("boundary_change"), (command,), plan
    )
    return {item.rule.id for item in judge(proposal).judged} & {"arrest-blocks", "prohibition-blocks"}


@pytest.mark.parametrize("kind", ["arrest", "prohibition"])
def test_ground_under_a_block_is_not_given_to_another_holder(kind: str) -> None:
    assert broken_by(kind, giver_is_blocked=True) == {f"{kind}-blocks"}
    assert broken_by(kind, giver_is_blocked=False) == set()
    assert broken_by(kind, giver_is_blocked=True, alike=True) == set()
