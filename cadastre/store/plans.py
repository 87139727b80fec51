"""Carries a plan out: every act of it, in its order, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count, groupby

from sqlalchemy import Connection

from cadastre.db.prepared import fetch, prepared
from cadastre.domain.plan import (
    Act,
    CloseProperty,
    CorrectParcel,
    EndParcel,
    EndRestriction,
    EndRight,
    MoveObject,
    NewRef,
    OpenParcel,
    OpenProperty,
    OpenRestriction,
    OpenRight,
    OpenUnit,
    ParcelRef,
    Plan,
    PropertyRef,
    ReachStage,
    ReopenProperty,
    RestoreFact,
    RestoreMembership,
    RestoreParcel,
    RestoreRestriction,
    RestoreRight,
    TakeInPaper,
    VoidFact,
    VoidObjects,
    VoidRestriction,
    VoidRight,
)
from cadastre.store.building_sites import settle_buildings
from cadastre.store.entry_rows import (
    MINT,
    Decision,
    end_restrictions,
    end_rights,
    open_restrictions,
    open_rights,
    pass_rights,
    void_restrictions,
    void_rights,
)
from cadastre.store.first_rows import open_unit, reach_stage, take_in_paper
from cadastre.store.land_rows import close_property, end_parcel, move_object, open_parcel, open_property
from cadastre.store.restored_rows import (
    correct_parcel,
    reopen_property,
    restore_membership,
    restore_parcel,
    restore_restriction,
    restore_right,
    void_objects,
)
from cadastre.store.undone_facts import restore_fact, void_fact

_UNDOING = (
    VoidObjects,
    CorrectParcel,
    RestoreRight,
    RestoreRestriction,
    RestoreMembership,
    RestoreParcel,
    ReopenProperty,
    VoidFact,
    RestoreFact,
)

_LAND = (OpenParcel, RestoreParcel)

_MINT = prepared(MINT)


@dataclass(frozen=True, slots=True)
class CarriedOut:
    """What a plan made: ids of the sections and parcels it named, and the registration numbers given."""

    new_ids: Mapping[NewRef, int]
    registration_numbers: tuple[str, ...]


def carry_out(connection: Connection, plan: Plan, decision: Decision, *, office_code: str) -> CarriedOut:
    """Write everything that a plan says, under one leaf and one case.

    The caller holds the heads of every property whose state the plan was made from. Each newly entered
    right or restriction gets a registration number of its own; one that goes on keeps its number, date
    and basis.

    Parameters
    ----------
    office_code
        Two digits of the office that registers; the registration numbers begin with it.

    Raises
    ------
    Conflict
        A row that is to be closed is closed already.
    """
    if {type(act) for act in plan.acts} == {EndRight, OpenRight}:
        return CarriedOut({}, _pass(connection, plan, decision, office_code))
    numbers = _mint(connection, plan, decision, office_code)
    work = _Work(connection, decision, iter(numbers))
    for kind, acts in groupby(plan.acts, type):
        work.do(kind, list(acts))
    if any(isinstance(act, _LAND) for act in plan.acts):
        settle_buildings(connection, decision)
    return CarriedOut(work.new_ids, numbers)


def _needs_number(act: Act) -> bool:
    match act:
        case OpenRight():
            return act.printed is None and (act.continues is None or not act.keeps_registration)
        case OpenRestriction():
            return act.continues is None
        case _:
            return False


def _pass(connection: Connection, plan: Plan, decision: Decision, office: str) -> tuple[str, ...]:
    """Carry out what is but rights that end and others in their place, as in most transfers."""
    ended = [act.right.right_id for act in plan.acts if isinstance(act, EndRight)]
    opened = [act for act in plan.acts if isinstance(act, OpenRight)]
    places = count(1)
    rows = [(act, int(act.property), next(places) if _needs_number(act) else None) for act in opened]
    return pass_rights(connection, decision, ended, rows, office)


def _mint(connection: Connection, plan: Plan, decision: Decision, office_code: str) -> tuple[str, ...]:
    wanted = sum(_needs_number(act) for act in plan.acts)
    if not wanted:
        return ()
    given = fetch(connection, _MINT, decision.bound(office=office_code, count=wanted))
    return tuple(row.registration_number for row in given)


@dataclass(slots=True)
class _Work:
    connection: Connection
    decision: Decision
    numbers: Iterator[str]
    new_ids: dict[NewRef, int] = field(default_factory=dict)

    def do(self, kind: type[Act], acts: list[Act]) -> None:
        """Carry out acts of one kind that stand next to each other."""
        if kind in (EndRight, VoidRight, EndRestriction, VoidRestriction):
            self._close(acts)
        elif kind in (OpenRight, OpenRestriction):
            self._open(acts)
        elif kind in _UNDOING:
            for act in acts:
                self._undo(act)
        else:
            for act in acts:
                self._do_land(act)

    def _close(self, acts: list[Act]) -> None:
        ended = [act.right.right_id for act in acts if isinstance(act, EndRight)]
        voided = [act.right.right_id for act in acts if isinstance(act, VoidRight)]
        lifted = [act.restriction.restriction_id for act in acts if isinstance(act, EndRestriction)]
        erased = [act.restriction.restriction_id for act in acts if isinstance(act, VoidRestriction)]
        steps: Iterable[tuple[Callable[..., None], list[int]]] = (
            (end_rights, ended),
            (void_rights, voided),
            (end_restrictions, lifted),
            (void_restrictions, erased),
        )
        for close, ids in steps:
            if ids:
                close(self.connection, self.decision, ids)

    def _open(self, acts: list[Act]) -> None:
        rights = [
            (act, self._property(act.property), self._number(act))
            for act in acts
            if isinstance(act, OpenRight)
        ]
        restrictions = [
            (act, self._property(act.property), self._number(act))
            for act in acts
            if isinstance(act, OpenRestriction)
        ]
        if rights:
            open_rights(self.connection, self.decision, rights)
        if restrictions:
            open_restrictions(self.connection, self.decision, restrictions)

    def _undo(self, act: Act) -> None:
        match act:
            case VoidObjects():
                void_objects(self.connection, self.decision, act)
            case CorrectParcel():
                correct_parcel(self.connection, self.decision, act)
            case RestoreRight():
                restore_right(self.connection, self.decision, act.right.right_id)
            case RestoreRestriction():
                restore_restriction(self.connection, self.decision, act.restriction.restriction_id)
            case RestoreMembership():
                restore_membership(self.connection, self.decision, act.property_object_id)
            case RestoreParcel():
                restore_parcel(self.connection, self.decision, act)
            case ReopenProperty():
                reopen_property(self.connection, self.decision, act.property_id)
            case VoidFact():
                void_fact(self.connection, self.decision, act)
            case RestoreFact():
                restore_fact(self.connection, self.decision, act)
            case _:
                raise AssertionError(f"no such act: {act}")

    def _do_land(self, act: Act) -> None:
        match act:
            case EndParcel():
                end_parcel(self.connection, self.decision, act.version_id)
            case OpenParcel():
                known = self._known(act.parcel)
                made = open_parcel(self.connection, self.decision, act, known)
                if isinstance(act.parcel, str):
                    self.new_ids[act.parcel] = made
            case OpenProperty():
                self.new_ids[act.ref] = open_property(self.connection, self.decision, act)
            case MoveObject():
                parcel = None if act.parcel is None else self._property(act.parcel)
                to = None if act.to is None else self._property(act.to)
                unit = None if act.unit_id is None else self._property(act.unit_id)
                move_object(self.connection, self.decision, act, (parcel, unit), to)
            case CloseProperty():
                close_property(self.connection, self.decision, act)
            case OpenUnit():
                self.new_ids[act.ref] = open_unit(self.connection, self.decision, act.unit)
            case ReachStage():
                reach_stage(self.connection, self.decision, act)
            case TakeInPaper():
                take_in_paper(self.connection, self.decision, act, self._property(act.property))
            case _:
                raise AssertionError(f"no such act: {act}")

    def _number(self, act: Act) -> str | None:
        return next(self.numbers) if _needs_number(act) else None

    def _property(self, ref: PropertyRef | ParcelRef) -> int:
        return self.new_ids[ref] if isinstance(ref, str) else ref

    def _known(self, ref: ParcelRef) -> int | None:
        return self.new_ids.get(ref) if isinstance(ref, str) else ref


__all__ = ["CarriedOut", "carry_out"]
