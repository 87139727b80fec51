"""Random histories of the register: every operation, and what must hold after each and in the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import ClassVar, Final
from uuid import UUID

from hypothesis import event, note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from cadastre.domain.codelist import load_codelist
from cadastre.domain.commands import (
    Command,
    CompleteUnit,
    ConvertPaper,
    Correct,
    DissolveClaim,
    Divide,
    FirstRegistration,
    Merge,
    Rename,
    ShiftBoundary,
    Succeed,
    Transfer,
)
from cadastre.domain.operations.transfer import name_holders
from cadastre.domain.party import PartyKind
from cadastre.domain.plan import OpenRight, Plan
from cadastre.domain.property_state import PartyState
from cadastre.domain.share import Share
from cadastre.kernel.errors import CadastreError
from cadastre.rules.engine import judge
from cadastre.rules.proposal import Proposal, ServiceFacts, Stage
from cadastre.rules.rulebook import Rulebook, load_rulebook
from tests.cadastre.domain.operations.land_world import block
from tests.cadastre.domain.operations.section import party
from tests.proof import register_draws as draws
from tests.proof import restating_draws as restating
from tests.proof.comparison import Comparison
from tests.proof.register_draws import Asked, Digits, Line
from tests.proof.register_model import Done, RegisterModel

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
        "merger-of-blocked",
    }
)
"""Rules that say whether a history is lawful as such, whoever asks and whatever papers he has."""
BLOCKS: Final = frozenset({"arrest-blocks", "prohibition-blocks", "merger-of-blocked"})
REFUSALS: Final[Mapping[type[Command], frozenset[str]]] = MappingProxyType(
    {
        Transfer: frozenset({"burdened-share-divided", "transfer-changes-nothing", "party-repeated"}),
        Divide: frozenset({"mortgage-ranks-collide", "rights-collide", "burden-in-several-parts"}),
        Merge: frozenset({"mortgage-ranks-collide", "rights-collide", "burden-in-several-parts"}),
        ShiftBoundary: frozenset({"mortgage-ranks-collide", "rights-collide", "burden-in-several-parts"}),
        Succeed: frozenset({"rights-collide"}),
        Correct: frozenset({"correction-changes-nothing"}),
    }
)
"""Why a planner may refuse what these draws ask; every other refusal is a fault."""


class RegisterMachine(RuleBasedStateMachine):
    """Four neighbouring properties of six people, to which everything may happen that the register does."""

    outcomes: ClassVar[Counter[str]] = Counter()
    """What came of all steps of this process, for those who count them."""
    registered: ClassVar[Counter[type[Command]]] = Counter()
    """How often each kind of command was registered."""

    @initialize()
    def settle(self) -> None:
        self.world = RegisterModel(names=[party(number) for number in range(20, 30)])
        self.people: Sequence[UUID] = PEOPLE
        self.rulebook = Rulebook(tuple(each for each in load_rulebook() if each.id in STRUCTURE))
        self.found()

    def found(self) -> None:
        """Make the properties that the history begins with."""
        for at, holders in enumerate(first_owners(self.people)):
            each = self.world.add_property(block(40 * (at % 2), 40 * (at // 2)))
            acts = (OpenRight(each, "ownership", who, share) for who, share in holders)
            self.world.carry_out(Plan("test", tuple(acts)))
        for at in range(2):
            each = self.world.add_property(block(200 + 50 * at, 0))
            (parcel,) = self.world.states.pop(each).parcels
            self.world.free_parcels[parcel.parcel_id] = parcel
        self.world.sites = {next(self.world.ids): f"TB-{at}" for at in range(4)}

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

    @rule(number=_NUMBERS)
    def correct(self, number: int) -> None:
        self.ask(restating.draw_correction(self.world, self.people, Digits(number)))

    @rule(number=_NUMBERS)
    def cancel(self, number: int) -> None:
        self.ask(restating.draw_cancellation(self.world, self.people, Digits(number)))

    @rule(number=_NUMBERS)
    def rename(self, number: int) -> None:
        self.ask(restating.draw_renaming(self.world, self.people, Digits(number)))

    @rule(number=_NUMBERS)
    def succeed(self, number: int) -> None:
        self.ask(restating.draw_succession(self.world, self.people, Digits(number)))

    @rule(number=_NUMBERS)
    def register_first(self, number: int) -> None:
        self.ask(restating.draw_first(self.world, self.people, Digits(number)))

    @rule(number=_NUMBERS)
    def claim(self, number: int) -> None:
        self.ask(restating.draw_claim(self.world, self.people, Digits(number)))

    @rule(number=_NUMBERS)
    def complete(self, number: int) -> None:
        self.ask(restating.draw_completion(self.world, self.people, Digits(number)))

    @rule(number=_NUMBERS)
    def give_back(self, number: int) -> None:
        self.ask(restating.draw_dissolution(self.world, self.people, Digits(number)))

    @rule(number=_NUMBERS)
    def convert_paper(self, number: int) -> None:
        self.ask(restating.draw_conversion(self.world, self.people, Digits(number)))

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
        asked = self.name_holders(asked)
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
        if "holder-repeated" in stopping and any(who != of for who, of in self.world.persons.items()):
            self.tell(f"{asked.service}: one person under two names")  # whom only the rules know as one
            return
        assert stopping <= BLOCKS, stopping
        self.tell(f"{asked.service}: {'blocked' if stopping else 'registered'}")
        if stopping:
            self.refuse(asked, "property-blocked")
            return
        check = Comparison(self.world, asked)
        before = {key: self.world.states[key] for key in asked.properties}
        known = set(self.world.states)
        case_id = self.register(asked, plan)
        check.require_kept()
        named = (*asked.properties, *sorted(set(self.world.states) - known))
        after = {key: self.world.states[key] for key in named}
        self.registered[command] += 1
        self.note_done(asked, Done(case_id, asked.service, before, after))

    def name_holders(self, asked: Asked) -> Asked:
        """Let whoever stands in a section under a former name act in it under his present one."""
        return replace(
            asked,
            commands=tuple(
                name_holders(command, self.world.states[command.property_id], self.world.persons)
                if isinstance(command, Transfer)
                else command
                for command in asked.commands
            ),
        )

    def note_done(self, asked: Asked, done: Done) -> None:
        """Remember what the draws ask from."""
        world = self.world
        if restating.is_cancellable(done):
            world.history.append(done)
        for command in asked.commands:
            match command:
                case FirstRegistration(new_unit=unit) if unit is not None:
                    world.claims |= dict.fromkeys(done.after, unit.building_id)
                case DissolveClaim():
                    world.claims.pop(command.property_id)
                case CompleteUnit():
                    world.claims.pop(command.property_id)
                    for building in command.building_ids:
                        world.sites.pop(building, None)
                case ConvertPaper():
                    world.papers += 1
                case Rename():
                    self.people = [
                        command.to_party_id if who == command.from_party_id else who for who in self.people
                    ]
        if asked.service == "renaming":
            world.names.pop(0)
        world.persons = self.persons_after(asked)

    def tell(self, outcome: str) -> None:
        """Count an outcome."""
        event(outcome)
        self.outcomes[outcome] += 1

    def pass_nights(self, days: int) -> None:
        """Let the day of the register advance."""
        self.world.today += timedelta(days=days)

    def register(self, asked: Asked, plan: Plan) -> UUID:
        """Let the register do it; gives the id of the case."""
        self.world.carry_out(plan)
        return UUID(int=next(self.world.ids))

    def refuse(self, asked: Asked, code: str) -> None:
        """Let the register refuse it, by this code."""

    def persons_after(self, asked: Asked) -> dict[UUID, UUID]:
        """Whom every record stands for; a new name is linked before the case is judged."""
        persons = dict(zip(PEOPLE, PEOPLE, strict=True)) | self.world.persons
        renamed = [command for command in asked.commands if isinstance(command, Rename)]
        return persons | {each.to_party_id: persons[each.from_party_id] for each in renamed}

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
            parties={
                who: PartyState(who, PartyKind.NATURAL, person, has_number=False)
                for who, person in self.persons_after(asked).items()
            },
        )
        return frozenset(item.rule.id for item in judge(proposal, self.rulebook).stopping)


def first_owners(people: Sequence[UUID]) -> tuple[tuple[tuple[UUID, Share | None], ...], ...]:
    """Owners of four properties: two alike but for the printed form, one joint, one sole."""
    a, b, c = people[:3]
    return (
        ((a, Share(1, 3)), (b, Share(4, 6))),
        ((a, Share(2, 6)), (b, Share(2, 3))),
        ((b, None), (c, None)),
        ((a, Share(1, 1)),),
    )
