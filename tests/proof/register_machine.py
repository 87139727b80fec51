"""Random histories of the register: every operation, and what must hold after each and in the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from types import MappingProxyType
from typing import ClassVar, Final
from uuid import UUID

import shapely
from hypothesis import event, note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from shapely.geometry.base import BaseGeometry

from cadastre.domain.codelist import load_codelist
from cadastre.domain.commands import (
    AssignMortgage,
    ChangeRanks,
    Command,
    Divide,
    EndEntry,
    GrantRight,
    Impose,
    Merge,
    RegisterMortgage,
    ShiftBoundary,
    Transfer,
)
from cadastre.domain.plan import OpenRight, Plan
from cadastre.domain.share import Share
from cadastre.kernel.errors import CadastreError
from cadastre.kernel.width import is_wide
from cadastre.rules.engine import judge
from cadastre.rules.proposal import Proposal, ServiceFacts, Stage
from cadastre.rules.rulebook import Rulebook, load_rulebook
from tests.cadastre.domain.operations.land_machine import lifted_by
from tests.cadastre.domain.operations.land_world import WIDTH_M, block
from tests.cadastre.domain.operations.section import party
from tests.proof import register_draws as draws
from tests.proof.register_draws import Asked, Digits, Line
from tests.proof.register_model import RegisterModel

_NUMBERS: Final = st.integers(0, 1 << 32)
_PLACES: Final = st.integers(150, 750)
_SLANTS: Final = st.integers(-3, 3)
PEOPLE: Final = tuple(party(number) for number in range(1, 7))
STRUCTURE: Final = frozenset(
    {
        "shares-sum",
        "joint-one-holder",
        "joint-mixed",
        "taking-exceeds-share",
        "holder-repeated",
        "section-without-right",
        "section-closed",
        "rights-accounted-for",
        "restrictions-accounted-for",
        "cancel-needs-entry",
        "mortgage-rank-taken",
        "release-by-authority",
        "arrest-blocks",
        "prohibition-blocks",
    }
)
"""Rules that say whether a history is lawful as such, whoever asks and whatever papers he has."""
BLOCKS: Final = frozenset({"arrest-blocks", "prohibition-blocks"})
REFUSALS: Final[Mapping[type[Command], frozenset[str]]] = MappingProxyType(
    {
        Transfer: frozenset({"burdened-share-divided"}),
        Divide: frozenset({"mortgage-ranks-collide", "rights-collide", "burden-in-several-parts"}),
        Merge: frozenset({"mortgage-ranks-collide", "rights-collide", "burden-in-several-parts"}),
        ShiftBoundary: frozenset({"mortgage-ranks-collide", "rights-collide", "burden-in-several-parts"}),
    }
)
"""Why a planner may refuse what these draws ask; every other refusal is a fault."""


class RegisterMachine(RuleBasedStateMachine):
    """Four neighbouring properties of six people, to which everything may happen that the register does."""

    outcomes: ClassVar[Counter[str]] = Counter()
    """What came of all steps of this process, for those who count them."""

    @initialize()
    def settle(self) -> None:
        self.world = RegisterModel()
        self.people: Sequence[UUID] = PEOPLE
        self.rules = Rulebook(tuple(each for each in load_rulebook() if each.id in STRUCTURE))
        self.found()

    def found(self) -> None:
        """Make the properties that the history begins with."""
        for at, holders in enumerate(first_owners(self.people)):
            each = self.world.add_property(block(40 * (at % 2), 40 * (at // 2)))
            acts = (OpenRight(each, "ownership", who, share) for who, share in holders)
            self.world.carry_out(Plan("test", tuple(acts)))
        self.start = [block(40 * (at % 2), 40 * (at // 2)) for at in range(4)]

    @rule(number=_NUMBERS)
    def sell(self, number: int) -> None:
        self.ask(draws.draw_sale(self.world, self.people, Digits(number)))

    @rule(number=_NUMBERS)
    def sell_jointly(self, number: int) -> None:
        self.ask(draws.draw_joint_sale(self.world, self.people, Digits(number)))

    @rule(number=_NUMBERS)
    def exchange(self, number: int) -> None:
        self.ask(draws.draw_exchange(self.world, self.people, Digits(number)))

    @rule(number=_NUMBERS)
    def mortgage(self, number: int) -> None:
        self.ask(draws.draw_mortgage(self.world, self.people, Digits(number)))

    @rule(number=_NUMBERS)
    def change_ranks(self, number: int) -> None:
        self.ask(draws.draw_ranks(self.world, self.people, Digits(number)))

    @rule(number=_NUMBERS)
    def assign(self, number: int) -> None:
        self.ask(draws.draw_assignment(self.world, self.people, Digits(number)))

    @rule(number=_NUMBERS)
    def end(self, number: int) -> None:
        self.ask(draws.draw_end(self.world, self.people, Digits(number)))

    @rule(number=_NUMBERS, easting=_PLACES, northing=_PLACES, slant=_SLANTS)
    def grant(self, number: int, easting: int, northing: int, slant: int) -> None:
        line = Line(easting, northing, slant)
        self.ask(draws.draw_grant(self.world, self.people, Digits(number), line))

    @rule(number=_NUMBERS, easting=_PLACES, northing=_PLACES, slant=_SLANTS)
    def grant_servitude(self, number: int, easting: int, northing: int, slant: int) -> None:
        line = Line(easting, northing, slant)
        self.ask(draws.draw_servitude(self.world, self.people, Digits(number), line))

    @rule(number=_NUMBERS)
    def impose(self, number: int) -> None:
        self.ask(draws.draw_act(self.world, self.people, Digits(number)))

    @rule(number=_NUMBERS, easting=_PLACES, northing=_PLACES, slant=_SLANTS)
    def divide(self, number: int, easting: int, northing: int, slant: int) -> None:
        line = Line(easting, northing, slant)
        self.ask(draws.draw_division(self.world, self.people, Digits(number), line))

    @rule(number=_NUMBERS)
    def merge(self, number: int) -> None:
        self.ask(draws.draw_merger(self.world, self.people, Digits(number)))

    @rule(number=_NUMBERS, easting=_PLACES, northing=_PLACES, slant=_SLANTS)
    def shift_boundary(self, number: int, easting: int, northing: int, slant: int) -> None:
        line = Line(easting, northing, slant)
        self.ask(draws.draw_shift(self.world, self.people, Digits(number), line))

    @rule(days=st.integers(1, 40))
    def sleep(self, days: int) -> None:
        """Nights pass."""
        self.tell("nights")
        self.pass_nights(days)

    @invariant()
    def is_in_order(self) -> None:
        self.world.require_order()

    def teardown(self) -> None:
        self.world.require_lineage()

    def ask(self, asked: Asked | None) -> None:
        """Carry a case out, or see it refused for the reason that stands against it."""
        if asked is None:
            self.tell("nothing to ask")
            return
        note(str(asked))
        command = type(asked.commands[0])
        try:
            plan = self.world.plan(asked.commands)
        except CadastreError as refused:
            if refused.code not in REFUSALS.get(command, frozenset()):
                raise
            self.tell(f"{asked.service}: {refused.code}")
            self.refuse(asked, refused.code)
            return
        stopping = self.stopped_by(asked, plan)
        assert stopping <= BLOCKS, stopping
        self.tell(f"{asked.service}: {'blocked' if stopping else 'registered'}")
        if stopping:
            self.refuse(asked, "property-blocked")
            return
        check = Comparison(self.world, asked)
        self.register(asked, plan)
        check.require_kept()

    def tell(self, outcome: str) -> None:
        """Count an outcome."""
        event(outcome)
        self.outcomes[outcome] += 1

    def pass_nights(self, days: int) -> None:
        """Let the day of the register advance."""
        self.world.today += timedelta(days=days)

    def register(self, asked: Asked, plan: Plan) -> None:
        """Let the register do it."""
        self.world.carry_out(plan)

    def refuse(self, asked: Asked, code: str) -> None:
        """Let the register refuse it, by this code."""

    def stopped_by(self, asked: Asked, plan: Plan) -> frozenset[str]:
        """The rules that stand against it."""
        proposal = Proposal(
            Stage.DECISION,
            self.world.today,
            datetime.combine(self.world.today, datetime.min.time(), UTC),
            {key: self.world.states[key] for key in asked.properties},
            ServiceFacts.of(load_codelist("services").latest(asked.service)),
            asked.commands,
            plan,
        )
        return frozenset(item.rule.id for item in judge(proposal, self.rules).stopping)


class Comparison:
    """What stood before a command, and whether what stands after it is what the command may leave."""

    def __init__(self, world: RegisterModel, asked: Asked) -> None:
        self._world, self._asked = world, asked
        self._command = asked.commands[0]
        self._states = dict(world.states)
        self._holdings = world.holdings()
        self._burdens = world.burdens()
        self._moves_land = isinstance(self._command, Divide | Merge | ShiftBoundary)
        if self._moves_land:
            self._ground, self._owned = world.burdened_ground(), world.owned_ground()
            self._served = lifted_by(self._command, world.open_states())

    def require_kept(self) -> None:
        """Nobody's right, no restriction and no ground is lost, doubled or touched without reason."""
        for key, state in self._states.items():
            if key not in self._asked.properties:
                assert self._world.states[key] is state, "a property that the case does not name changed"
        if self._moves_land:
            self._require_ground()
            return
        after = self._world.burdens()
        lost, won = self._burdens - after, after - self._burdens
        assert (lost.total(), won.total()) == self._expected_change(lost), (lost, won)
        expected = self._expected_holdings()
        assert self._world.holdings() == expected

    def _expected_change(self, lost: Counter[tuple[object, ...]]) -> tuple[int, int]:
        """How many burdens a command may end and enter."""
        match self._command:
            case GrantRight() | RegisterMortgage():
                return 0, 1
            case Impose():
                return (0, 1) if self._command.confirms_restriction_id is None else (1, 1)
            case EndEntry():
                return 1, 0
            case AssignMortgage():
                return 1, 1
            case (
                ChangeRanks() | Transfer()
            ):  # each goes on at another rank, or on its share with the new holder
                return lost.total(), lost.total()
            case _:
                raise AssertionError(self._command)

    def _expected_holdings(self) -> Mapping[tuple[int, str, UUID], Fraction | None]:
        """What everybody holds afterwards, computed from the command alone."""
        held = dict(self._holdings)
        for leg in self._asked.commands:
            if isinstance(leg, Transfer):
                expected_transfer(held, leg)
        return held

    def _require_ground(self) -> None:
        after = self._world.burdened_ground()
        for key, ground in self._ground.items():
            if key in self._served:
                continue
            assert not is_wide(shapely.difference(ground, after[key]), 2 * WIDTH_M), key
            if isinstance(self._command, Divide | Merge):
                assert not is_wide(shapely.difference(after[key], ground), 2 * WIDTH_M), key
        assert set(after) <= set(self._ground), "a burden out of nothing"
        owned = self._world.owned_ground()
        if isinstance(self._command, Divide | Merge):
            for holder, land in owned.items():
                assert not is_wide(shapely.symmetric_difference(land, self._owned[holder]), 2 * WIDTH_M)
        assert not is_wide(
            shapely.symmetric_difference(_all(owned.values()), _all(self._owned.values())), WIDTH_M
        )


def expected_transfer(held: dict[tuple[int, str, UUID], Fraction | None], leg: Transfer) -> None:
    """Move shares as a transfer says."""
    key = leg.property_id, leg.kind
    was_joint = any(share is None for (at, kind, _), share in held.items() if (at, kind) == key)
    if was_joint or leg.acquisitions[0].joint:
        for each in [each for each in held if each[:2] == key]:
            del held[each]
    else:
        for taking in leg.takings:
            share = held[*key, taking.party_id]
            assert share is not None
            rest = share - (share if taking.share is None else taking.share.value)
            held[*key, taking.party_id] = rest
    for taken in leg.acquisitions:
        before = held.get((*key, taken.party_id)) or Fraction(0)
        held[*key, taken.party_id] = None if taken.share is None else before + taken.share.value
    for each in [each for each, share in held.items() if share == 0]:
        del held[each]


def first_owners(people: Sequence[UUID]) -> tuple[tuple[tuple[UUID, Share | None], ...], ...]:
    """Owners of four properties: two alike but for the printed form, one joint, one sole."""
    a, b, c = people[:3]
    return (
        ((a, Share(1, 3)), (b, Share(4, 6))),
        ((a, Share(2, 6)), (b, Share(2, 3))),
        ((b, None), (c, None)),
        ((a, Share(1, 1)),),
    )


def _all(grounds: object) -> BaseGeometry:
    return shapely.union_all(list(grounds))  # type: ignore[call-overload]
