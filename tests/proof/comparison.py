"""What a command may change, said without its plan: the judge of every step of a history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from fractions import Fraction
from uuid import UUID

from cadastre.domain.commands import (
    AssignMortgage,
    CancelEntries,
    ChangeRanks,
    CompleteUnit,
    ConvertPaper,
    Correct,
    DissolveClaim,
    Divide,
    EndEntry,
    FirstRegistration,
    GrantRight,
    Impose,
    Merge,
    RegisterMortgage,
    Rename,
    ShiftBoundary,
    Succeed,
    Transfer,
)
from cadastre.domain.property_state import PropertyState
from cadastre.kernel.overlay import difference_of, symmetric_difference_of, union_of
from cadastre.kernel.width import is_wide
from tests.cadastre.domain.operations.land_machine import lifted_by
from tests.cadastre.domain.operations.land_world import WIDTH_M
from tests.proof.register_draws import Asked
from tests.proof.register_model import RegisterModel, describe

Held = dict[tuple[int, str, UUID], Fraction | None]


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
        if isinstance(self._command, CancelEntries):
            self._require_restored(self._command)
            return
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
            case Correct(right_id=None):
                return min(lost.total(), 1), min(lost.total(), 1)
            case ChangeRanks() | Transfer() | Rename() | Succeed() | Correct():
                return lost.total(), lost.total()  # each goes on: at another rank, of or for another
            case FirstRegistration() | CompleteUnit() | DissolveClaim() | ConvertPaper():
                return 0, 0
            case _:
                raise AssertionError(self._command)

    def _expected_holdings(self) -> Mapping[tuple[int, str, UUID], Fraction | None]:
        """What everybody holds afterwards, computed from the command alone."""
        held = dict(self._holdings)
        for leg in self._asked.commands:
            match leg:
                case Transfer():
                    expected_transfer(held, leg)
                case Rename():
                    expect_heir(held, leg.property_id, leg.from_party_id, leg.to_party_id)
                case Succeed():
                    expect_heir(held, leg.property_id, leg.from_party_id, leg.to_party_id)
                case Correct(right_id=int(), party_id=UUID()):
                    self._expect_corrected(held, leg)
                case CompleteUnit():
                    for each in [each for each in held if each[:2] == (leg.property_id, "future_ownership")]:
                        held[leg.property_id, "ownership", each[2]] = held.pop(each)
                case DissolveClaim():
                    held = {each: share for each, share in held.items() if each[0] != leg.property_id}
                case FirstRegistration():
                    (opened,) = set(self._world.states) - set(self._states)
                    kind = "future_ownership" if leg.future else "ownership"
                    for holder in leg.holders:
                        assert holder.share is not None
                        held[opened, kind, holder.party_id] = holder.share.value
        return held

    def _expect_corrected(self, held: Held, leg: Correct) -> None:
        rights = self._states[leg.property_id].owners
        wrong = next((right for right in rights if right.right_id == leg.right_id), None)
        if wrong is not None and leg.party_id is not None:
            share = held.pop((leg.property_id, wrong.kind, wrong.party_id))
            held[leg.property_id, wrong.kind, leg.party_id] = share

    def _require_restored(self, command: CancelEntries) -> None:
        """What stood before the cancelled cases stands again; what they opened is closed."""
        undone = [done for done in self._world.history if done.case_id in command.case_ids]
        known = _numbers_of(state for done in undone for state in done.before.values())
        for key in undone[-1].after:
            now = self._world.states[key]
            before = undone[0].before.get(key)
            if before is None:
                assert now.closed_on is not None
                assert not (now.rights + now.restrictions + now.parcels)
            else:
                assert describe(now, known) == describe(before, known)

    def _require_ground(self) -> None:
        after = self._world.burdened_ground()
        for key, ground in self._ground.items():
            if key in self._served:
                continue
            assert not is_wide(difference_of(ground, after[key]), 2 * WIDTH_M), key
            if isinstance(self._command, Divide | Merge):
                assert not is_wide(difference_of(after[key], ground), 2 * WIDTH_M), key
        assert set(after) <= set(self._ground), "a burden out of nothing"
        owned = self._world.owned_ground()
        if isinstance(self._command, Divide | Merge):
            for holder, land in owned.items():
                assert not is_wide(symmetric_difference_of(land, self._owned[holder]), 2 * WIDTH_M)
        assert not is_wide(
            symmetric_difference_of(union_of(owned.values()), union_of(self._owned.values())),
            WIDTH_M,
        )


def expected_transfer(held: Held, leg: Transfer) -> None:
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


def expect_heir(held: Held, property_id: int, former: UUID, present: UUID) -> None:
    """Everything that one owns of a property is another's, beside what he owns already."""
    for each in [each for each in held if each[0] == property_id and each[2] == former]:
        share, own = held.pop(each), (property_id, each[1], present)
        before = held.get(own, Fraction(0))
        held[own] = None if share is None or before is None else share + before
        if share is None and not any(other[:2] == own[:2] and other != own for other in held):
            held[own] = Fraction(1)


def _numbers_of(states: Iterable[PropertyState]) -> frozenset[str]:
    return frozenset(
        entry.registration_number for state in states for entry in (*state.rights, *state.restrictions)
    )
