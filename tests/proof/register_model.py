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
from cadastre.domain.lineage import descendants
from cadastre.domain.operations import plan_of
from cadastre.domain.operations.land import pass_on
from cadastre.domain.plan import (
    Act,
    CloseProperty,
    CorrectParcel,
    EndParcel,
    EndRestriction,
    EndRight,
    MoveObject,
    NewRef,
    OpenRestriction,
    OpenRight,
    OpenUnit,
    Plan,
    ReachStage,
    ReopenProperty,
    RestoreMembership,
    RestoreParcel,
    RestoreRestriction,
    RestoreRight,
    TakeInPaper,
    VoidObjects,
    VoidRestriction,
    VoidRight,
)
from cadastre.domain.property_state import ParcelState, PropertyState, RestrictionState, RightState
from cadastre.domain.succession import list_burdens
from cadastre.kernel.overlay import intersection_of
from cadastre.kernel.width import is_wide
from tests.cadastre.domain.operations.land_world import TODAY, WIDTH_M, LandWorld

Holding = Mapping[tuple[int, str, UUID], Fraction | None]
"""What each party owns of each property; None is jointly with the others."""
_CLOSINGS = (EndRight, VoidRight, EndRestriction, EndParcel, CloseProperty)
NEW_NUMBER = "new"
"""Registration number of what the model entered itself; the register gives its own."""


@dataclass(frozen=True, slots=True)
class Done:
    """A case that was registered: what stood in its sections before and after it."""

    case_id: UUID
    service: str
    before: dict[int, PropertyState]
    after: dict[int, PropertyState]

    def is_followed_by(self, later: Done) -> bool:
        """Whether the other case found in all of its sections what this one left in all of its own."""
        return set(later.before) == set(self.after) and all(
            later.before[key] is state for key, state in self.after.items()
        )


@dataclass
class RegisterModel(LandWorld):
    """Sections by id, and what every operation may do to them.

    ``free_parcels`` have no section yet, ``sites`` are buildings that are not finished, with their numbers,
    ``claims`` the sections of claims with the building, ``names`` names that nobody bears yet,
    ``persons`` who is meant by a later name; so many ``papers`` were taken in.
    """

    today: date = TODAY
    judged: dict[int, PropertyState] = field(default_factory=dict)
    ids: Iterator[int] = field(default_factory=lambda: count(1_000_000))
    history: list[Done] = field(default_factory=list)
    free_parcels: dict[int, ParcelState] = field(default_factory=dict)
    sites: dict[int, str] = field(default_factory=dict)
    claims: dict[int, int] = field(default_factory=dict)
    names: list[UUID] = field(default_factory=list)
    former_parcels: dict[int, tuple[int, ParcelState]] = field(default_factory=dict)
    persons: dict[UUID, UUID] = field(default_factory=dict)
    papers: int = 0

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
            case VoidRight(entry) | VoidRestriction(entry):
                self._drop(entry)
            case RestoreRight() | RestoreRestriction():
                self._restore(act)
            case MoveObject(unit_id=int(left), to=None):
                state = next(each for each in self.open_states() if left in each.unit_ids)
                self.states[state.property_id] = replace(state, unit_ids=())
            case EndParcel() | MoveObject(to=None):
                self._remember(act)
                super()._carry_out_act(act, names, parcels)
            case CorrectParcel() | RestoreParcel() | VoidObjects():
                self._redraw(act)
            case ReopenProperty(property_id):
                self.states[property_id] = replace(self.states[property_id], closed_on=None)
            case OpenUnit():
                names[act.ref] = next(self.ids)
            case RestoreMembership() | ReachStage() | TakeInPaper():
                pass  # a parcel comes back into its section with its version; the others say nothing of sections
            case MoveObject(parcel=int(parcel), is_first=True):
                self._add(names[NewRef(str(act.to))], self.free_parcels.pop(parcel))
            case MoveObject(unit_id=str(unit), is_first=True):
                to = names[NewRef(str(act.to))]
                self.states[to] = replace(self.states[to], unit_ids=(names[NewRef(unit)],))
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
        number, day, since = f"{NEW_NUMBER}-{row}", self.today, act.since or self.today
        if old is not None and keeps:
            number, day = old.registration_number, old.registration_date
        if isinstance(act, OpenRight):
            right = RightState(row, act.kind, act.party_id, act.share, number, day, since, None, act.terms)
            self.states[to] = replace(state, rights=(*state.rights, right))
        else:
            entry = RestrictionState(row, act.contents, number, day, since, None)
            self.states[to] = replace(state, restrictions=(*state.restrictions, entry))

    def _restore(self, act: RestoreRight | RestoreRestriction) -> None:
        state = self.states[act.property]
        assert not act.ended
        if isinstance(act, RestoreRight):
            right = replace(act.right, right_id=next(self.ids))
            self.states[act.property] = replace(state, rights=(*state.rights, right))
        else:
            entry = replace(act.restriction, restriction_id=next(self.ids))
            self.states[act.property] = replace(state, restrictions=(*state.restrictions, entry))

    def _remember(self, act: EndParcel | MoveObject) -> None:
        """Keep a parcel that ends or leaves, and where it was, for who undoes it."""
        for key, state in self.states.items():
            for parcel in state.parcels:
                leaves = isinstance(act, MoveObject) and act.parcel == parcel.parcel_id
                if leaves or (isinstance(act, EndParcel) and act.version_id == parcel.version_id):
                    self.former_parcels[parcel.version_id] = key, parcel

    def _find_version(self, version_id: int) -> tuple[int, ParcelState]:
        return next(
            (key, parcel)
            for key, state in self.states.items()
            for parcel in state.parcels
            if parcel.version_id == version_id
        )

    def _redraw(self, act: CorrectParcel | RestoreParcel | VoidObjects) -> None:
        """Take versions of parcels out of their sections, or put the next version in."""
        if isinstance(act, VoidObjects):
            for version_id in act.version_ids:
                self._take_out(version_id)
            return
        if isinstance(act, RestoreParcel):
            key, parcel = self.former_parcels[act.version_id]
            parents, attributes = act.from_version_ids, parcel.attributes
        else:
            key, parcel = self._find_version(act.version_id)
            self._take_out(act.version_id)
            parents, attributes = (act.version_id,), {**parcel.attributes, **act.attributes}
        fresh = replace(parcel, version_id=next(self.ids), attributes=attributes)
        assert fresh.outline is not None
        self.outlines[fresh.version_id] = fresh.outline
        self.version_parents[fresh.version_id] = parents
        self._add(key, fresh)

    def _take_out(self, version_id: int) -> None:
        key, parcel = self._find_version(version_id)
        self.ended.add(version_id)
        kept = tuple(each for each in self.states[key].parcels if each is not parcel)
        self.states[key] = replace(self.states[key], parcels=kept)

    def _add(self, key: int, parcel: ParcelState) -> None:
        self.states[key] = replace(self.states[key], parcels=(*self.states[key].parcels, parcel))

    def require_lineage(self) -> None:
        """As of land in sections, and of that which has none yet."""
        free = tuple(self.free_parcels.values())
        nobodys = PropertyState(0, "", "land_parcel", "BAK-XEZ", 0, None, (), (), free)
        every, self.states = self.states, {**self.states, 0: nobodys}
        try:
            super().require_lineage()
        finally:
            self.states = every

    def is_newest(self, done: Done) -> bool:
        """Whether nothing has happened in the sections of a case since."""
        return all(self.states[key] is state for key, state in done.after.items())

    def descend(self, version_id: int) -> frozenset[int]:
        """All versions that came of one."""
        return descendants(self.version_parents, version_id)

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
            assert not any(is_wide(intersection_of(one, other), WIDTH_M) for other in shapes[at + 1 :]), (
                "a burden lies twice on the same ground"
            )


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
        "units": (len(state.unit_ids), state.building_ids),
    }
