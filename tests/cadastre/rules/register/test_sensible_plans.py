"""The rules have nothing against what the planners make of any sensible command: no false alarm, no lost entry."""

from __future__ import annotations

from datetime import UTC, datetime

import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import Polygon

from cadastre.domain.commands import Acquisition, Divide, Merge, Piece, ShiftBoundary, Taking, Transfer
from cadastre.domain.operations import plan_of
from cadastre.domain.operations.division import plan_division
from cadastre.domain.plan import OpenRestriction, OpenRight, Plan
from cadastre.domain.property_state import Encumbrance, PropertyState, Terms
from cadastre.domain.share import Share
from cadastre.kernel.errors import InvalidInput
from cadastre.rules.checks import CHECKS
from cadastre.rules.engine import judge
from cadastre.rules.proposal import Proposal, ServiceFacts, Stage
from tests.cadastre.domain.operations.drawn import commands, is_idle
from tests.cadastre.domain.operations.land_machine import LandMachine, outline_of
from tests.cadastre.domain.operations.land_world import LandWorld, block, money
from tests.cadastre.domain.operations.section import TODAY, A, B, C, D, apply, right, section
from tests.cadastre.rules.register.proposals import service

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PAPERS_AND_CONSENTS = {
    "document-missing",
    "co-owner-preemption",
    "mortgage-rank-consent",
    "mortgagee-consent-on-transfer",
}
"""What a case brings along and no planner can know."""


def errors_of(proposal: Proposal) -> set[str]:
    report = judge(proposal)
    return {item.rule.id for item in report.judged} - PAPERS_AND_CONSENTS


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.data())
def test_what_planners_make_of_a_section_breaks_no_rule(data: st.DataObject) -> None:
    state = section([right(A, "1/2"), right(B, "1/2")])
    for _ in range(6):
        code, command = data.draw(commands(state, (A, B, C, D)))
        try:
            plan = plan_of(command, {1: state}, TODAY)
        except InvalidInput as refused:
            if not is_idle(refused.code):
                raise
            continue
        asked = service(code)
        proposal = Proposal(Stage.DECISION, TODAY, NOW, {1: state}, asked, (command,), plan)
        assert errors_of(proposal) <= {"both-sides-one-person"}
        state = apply(plan, state)
        assert errors_of(Proposal(Stage.SWEEP, TODAY, NOW, {1: state})) == set()


class JudgedLand(LandMachine):
    """The land of the random histories, with every plan judged before it is carried out."""

    def _run(self, planner: object, command: object, states: object) -> None:
        def judged(command: object, states: object, today: object) -> Plan:
            plan = planner(command, states, today)  # type: ignore[operator]
            mine = (
                {states.property_id: states}
                if isinstance(states, PropertyState)
                else concerned(command, states)
            )
            asked = ServiceFacts(
                "test", {Divide: "division", Merge: "merger"}.get(type(command), "boundary_change")
            )
            proposal = Proposal(Stage.DECISION, TODAY, NOW, mine, asked, (command,), plan)  # type: ignore[arg-type]
            blocked = {ShiftBoundary: {"arrest-blocks"}, Merge: {"merger-of-blocked"}}
            assert errors_of(proposal) <= blocked.get(type(command), set())  # type: ignore[call-overload]
            return plan

        super()._run(judged, command, states)


def concerned(command: object, states: object) -> dict[int, PropertyState]:
    """The sections that a merger or a shift of boundaries enters."""
    assert isinstance(states, dict)
    if isinstance(command, Merge):
        return {each: states[each] for each in command.property_ids}
    assert isinstance(command, ShiftBoundary)
    moved = {parcel_id for parcel_id, _ in command.outlines}
    return {
        each: state
        for each, state in states.items()
        if any(parcel.parcel_id in moved for parcel in state.parcels)
    }


TestJudgedLand = JudgedLand.TestCase
TestJudgedLand.settings = settings(
    max_examples=15,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def test_the_checker_is_checked() -> None:
    """A planner that loses the rest of a share is found out."""
    state = section([right(A, "1/2"), right(B, "1/2")])
    lossy = Plan("register.transfer", plan_of_sale(state).acts[:-1])
    proposal = Proposal(Stage.DECISION, TODAY, NOW, {1: state}, service("sale"), (), lossy)
    assert errors_of(proposal) == {"shares-sum", "rights-accounted-for"}
    assert set(CHECKS) >= PAPERS_AND_CONSENTS


def plan_of_sale(state: PropertyState) -> Plan:
    sale = Transfer(1, (Taking(A),), (Acquisition(C, state.rights[0].share),))
    return plan_of(sale, {1: state}, TODAY)


def test_the_land_checker_is_checked() -> None:
    """A division that forgets one burden of one piece is found out, whatever the burden and the piece."""
    world = LandWorld()
    here = world.add_property(block(0, 0))
    way = Encumbrance("servitude", C, part=block(0, 10, height_m=2.0))
    lease = Terms(rent=money(1), rent_currency="AZN", rent_period="year")
    burdens = (OpenRestriction(here, way), OpenRestriction(here, Encumbrance("mortgage", D, rank=1)))
    world.carry_out(Plan("test", (OpenRight(here, "ownership", A, Share(1, 1)), *burdens)))
    world.carry_out(Plan("test", (OpenRight(here, "lease", D, None, lease),)))
    state = world.states[here]
    outline = outline_of(state.parcels[0])
    middle = outline.centroid.x
    pieces = tuple(Piece(shapely.clip_by_rect(outline, *box)) for box in halves(outline, middle))
    command = Divide(here, state.parcels[0].parcel_id, pieces)
    plan = plan_division(command, state, TODAY)
    carried = [act for act in plan.acts if isinstance(act, OpenRight | OpenRestriction)]
    assert len(carried) >= 7
    asked = ServiceFacts("division", "division")
    for forgotten in carried:
        lossy = Plan(plan.event, tuple(act for act in plan.acts if act is not forgotten))
        asked = ServiceFacts("division", "division")
        proposal = Proposal(Stage.DECISION, TODAY, NOW, {here: state}, asked, (command,), lossy)
        assert errors_of(proposal), forgotten
    whole = Proposal(Stage.DECISION, TODAY, NOW, {here: state}, asked, (command,), plan)
    assert errors_of(whole) == set()


def halves(outline: Polygon, middle: float) -> tuple[tuple[float, ...], ...]:
    """Boxes of the west and the east half."""
    west, south, east, north = outline.bounds
    return (west, south, middle, north), (middle, south, east, north)
