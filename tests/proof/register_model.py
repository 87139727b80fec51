"""The register as a model: what stands in every section, which plans change and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from itertools import count
from uuid import UUID

import shapely

from cadastre.domain.carrying import Entry, burden_of, part_of
from cadastre.domain.commands import Command
from cadastre.domain.operations import plan_of
from cadastre.domain.operations.land import pass_on
from cadastre.domain.plan import (
    Act,
    CloseProperty,
    EndParcel,
    EndRestriction,
    EndRight,
    NewRef,
    OpenRestriction,
    OpenRight,
    Plan,
    VoidRight,
)
from cadastre.domain.property_state import ParcelState, PropertyState, RestrictionState, RightState
from cadastre.domain.succession import list_burdens
from cadastre.kernel.width import is_wide
from tests.cadastre.domain.operations.land_world import TODAY, WIDTH_M, LandWorld

Holding = Mapping[tuple[int, str, UUID], Fraction | None]
"""What each party owns of each property; None is jointly with the others."""
_CLOSINGS = (EndRight, VoidRight, EndRestriction, EndParcel, CloseProperty)
NEW_NUMBER = "new"
"""Registration number of what the model entered itself; the register gives its own."""


@dataclass
class RegisterModel(LandWorld):
    """Sections by id, and what every operation may do to them."""

    today: date = TODAY
    judged: dict[int, PropertyState] = field(default_factory=dict)
    ids: Iterator[int] = field(default_factory=lambda: count(1_000_000))

    def plan(self, commands: Sequence[Command]) -> Plan:
        """Plan what a case asks for; of several commands, all closings come first."""
        plans = [plan_of(command, dict(self.states), self.today) for command in commands]
        if len(plans) == 1:
            return plans[0]
        acts = sorted(
            (act for plan in plans for act in plan.acts), key=lambda act: not isinstance(act, _CLOSINGS)
        )
        return Plan(plans[0].event, tuple(acts))

    def _carry_out_act(self, act: Act, names: dict[NewRef, int], parcels: dict[int, ParcelState]) -> None:
        match act:
            case VoidRight(right):
                self._drop(right)
            case CloseProperty(property_id):
                super()._carry_out_act(act, names, parcels)
                self.states[property_id] = replace(self.states[property_id], closed_on=self.today)
            case _:
                super()._carry_out_act(act, names, parcels)

    def _enter(self, act: OpenRight | OpenRestriction, names: dict[NewRef, int]) -> None:
        to = act.property if isinstance(act.property, int) else names[NewRef(act.property)]
        state = self.states[to]
        assert state.closed_on is None, "an entry in a closed section"
        row, old = next(self.ids), act.continues
        keeps = isinstance(act, OpenRestriction) or act.keeps_registration
        number, day = f"{NEW_NUMBER}-{row}", self.today
        if old is not None and keeps:
            number, day = old.registration_number, old.registration_date
        if isinstance(act, OpenRight):
            right = RightState(
                row, act.kind, act.party_id, act.share, number, day, self.today, None, act.terms
            )
            self.states[to] = replace(state, rights=(*state.rights, right))
        else:
            entry = RestrictionState(row, act.contents, number, day, self.today, None)
            self.states[to] = replace(state, restrictions=(*state.restrictions, entry))

    def holdings(self) -> Holding:
        """Who owns what part of which property."""
        return {
            (state.property_id, owner.kind, owner.party_id): None
            if owner.share is None
            else owner.share.value
            for state in self.open_states()
            for owner in state.owners
        }

    def burdens(self) -> Counter[tuple[object, ...]]:
        """What stands in which section beside ownership, as often as it does."""
        return Counter(
            (state.property_id, *burden_of(entry), describe_part(entry))
            for state in self.open_states()
            for entry in list_burdens(state)
        )

    def require_order(self) -> None:
        """Every section that changed is whole, and no burden lies twice on the same ground."""
        changed = {key: state for key, state in self.states.items() if self.judged.get(key) is not state}
        every, self.states = self.states, changed
        try:
            super().require_order()
        finally:
            self.states = every
        for state in changed.values():
            require_burdens_once(state)
        self.judged = dict(every)


def require_burdens_once(state: PropertyState) -> None:
    """One burden may stand in a section several times only on several parts."""
    entries = list_burdens(state)
    times = Counter(burden_of(entry) for entry in entries)
    for burden in (each for each, often in times.items() if often > 1):
        parts = [part_of(entry) for entry in entries if burden_of(entry) == burden]
        assert None not in parts, "a burden stands twice"
        shapes = [part for part in parts if part is not None]
        for at, one in enumerate(shapes):
            assert not any(
                is_wide(shapely.intersection(one, other), WIDTH_M) for other in shapes[at + 1 :]
            ), "a burden lies twice on the same ground"


def describe_part(entry: Entry) -> bytes | None:
    """The ground that an entry names, the same bytes for the same ground."""
    part = part_of(entry)
    return None if part is None else shapely.to_wkb(shapely.normalize(part))


def describe_outline(parcel: ParcelState) -> bytes:
    """The outline of a parcel, the same bytes for the same outline."""
    assert parcel.outline is not None
    return shapely.to_wkb(shapely.normalize(parcel.outline))


def describe(state: PropertyState, known_numbers: frozenset[str]) -> dict[str, object]:
    """A section without the ids of its rows; numbers that nobody knew before are new ones."""

    def number_of(entry: Entry) -> str:
        return entry.registration_number if entry.registration_number in known_numbers else NEW_NUMBER

    return {
        "kind": state.object_kind,
        "district": state.district_code,
        "closed_on": state.closed_on,
        "rights": Counter(
            (
                *burden_of(replace(right, registration_number=number_of(right))),
                right.valid_from,
                describe_part(right),
            )
            for right in state.rights
        ),
        "restrictions": Counter(
            (
                *burden_of(replace(entry, registration_number=number_of(entry))),
                entry.valid_from,
                describe_part(entry),
            )
            for entry in state.restrictions
        ),
        "parcels": Counter(
            (describe_outline(parcel), *sorted(pass_on(parcel.attributes).items()))
            for parcel in state.parcels
        ),
        "units": (state.unit_ids, state.building_ids),
    }
