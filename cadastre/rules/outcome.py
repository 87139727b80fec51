"""What would stand in the register once a plan is carried out: its acts applied to the states."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from shapely import Polygon

from cadastre.domain.plan import (
    Act,
    CloseProperty,
    EndParcel,
    EndRestriction,
    EndRight,
    MoveObject,
    OpenParcel,
    OpenProperty,
    OpenRestriction,
    OpenRight,
    ParcelRef,
    Plan,
    PropertyRef,
    ReopenProperty,
    RestoreRestriction,
    RestoreRight,
    VoidRestriction,
    VoidRight,
)
from cadastre.domain.property_state import (
    Encumbrance,
    ParcelState,
    PropertyState,
    RightState,
    Terms,
)
from cadastre.domain.share import Share

_COMPLETED = ("future_ownership", "ownership")

Person = Callable[[UUID], UUID]
"""Gives the record of a party that another record stands for."""


def _itself(party: UUID) -> UUID:
    return party


@dataclass(frozen=True, slots=True)
class Holding:
    """A right as it would stand; ``entered`` when the plan opens it, ``continues`` the right it restates.

    ``registration_number`` is that under which it stands already, here or where it comes from.
    ``same_holder``: whose it is held that right, if under another name.
    """

    kind: str
    party_id: UUID
    share: Share | None
    terms: Terms
    entered: bool = False
    continues: RightState | None = None
    registration_number: str | None = None
    same_holder: bool = False

    @property
    def is_restatement(self) -> bool:
        """Tell whether nothing is given by it: same kind, holder and terms, no greater share.

        Nothing is given either when a claim becomes the ownership of its holder.
        """
        if not self.entered:
            return True
        old = self.continues
        if old is None or not self.same_holder:
            return False
        if old.kind != self.kind and (old.kind, self.kind) != _COMPLETED:
            return False
        if (old.share is None) != (self.share is None):
            return False
        grows = old.share is not None and self.share is not None and self.share.value > old.share.value
        agreed = (old.terms.until, old.terms.rent, old.terms.rent_currency, old.terms.rent_period)
        now = (self.terms.until, self.terms.rent, self.terms.rent_currency, self.terms.rent_period)
        return not grows and agreed == now


@dataclass(frozen=True, slots=True)
class Charge:
    """A restriction as it would stand; its number is that under which it stands already, or comes here."""

    contents: Encumbrance
    entered: bool = False
    registration_number: str | None = None
    restates: bool = True


@dataclass(frozen=True, slots=True)
class Section:
    """One property as it would stand; ``outlines`` are of its parcels, None for one without geometry."""

    ref: PropertyRef
    object_kind: str
    rights: tuple[Holding, ...]
    restrictions: tuple[Charge, ...]
    is_open: bool
    outlines: tuple[Polygon | None, ...] = ()
    from_property_ids: tuple[int, ...] = ()

    @property
    def has_land(self) -> bool:
        """Tell whether a parcel belongs to it."""
        return bool(self.outlines)

    @property
    def owners(self) -> tuple[Holding, ...]:
        """Rights of ownership, or claims to it."""
        return tuple(right for right in self.rights if right.kind in ("ownership", "future_ownership"))


@dataclass(frozen=True, slots=True)
class Outcome:
    """All sections as they would stand, and the parcels that the plan ends and opens."""

    sections: Mapping[PropertyRef, Section]
    ended_right_ids: frozenset[int] = frozenset()
    ended_restriction_ids: frozenset[int] = frozenset()
    ended_parcels: tuple[ParcelState, ...] = ()
    opened_parcels: tuple[OpenParcel, ...] = ()

    @property
    def open_sections(self) -> tuple[Section, ...]:
        """Sections that are not closed."""
        return tuple(section for section in self.sections.values() if section.is_open)

    @property
    def outlines_before(self) -> tuple[Polygon | None, ...]:
        """Outlines of the parcels that end."""
        return tuple(parcel.outline for parcel in self.ended_parcels)

    @property
    def outlines_after(self) -> tuple[Polygon | None, ...]:
        """Outlines of the parcels that begin."""
        return tuple(parcel.outline for parcel in self.opened_parcels)


def project(states: Mapping[int, PropertyState], plan: Plan | None, person: Person = _itself) -> Outcome:
    """Apply a plan to the states; ``person`` gives the party that a record stands for.

    Examples
    --------
    >>> project({}, None).open_sections
    ()
    """
    acts = () if plan is None else plan.acts
    no_rights = frozenset(act.right.right_id for act in acts if isinstance(act, EndRight | VoidRight))
    no_charges = frozenset(
        act.restriction.restriction_id for act in acts if isinstance(act, EndRestriction | VoidRestriction)
    )
    sections: dict[PropertyRef, Section] = {}
    for ref, state in states.items():
        rights, charges = _kept_rights(state, no_rights), _kept_charges(state, no_charges)
        closes = any(isinstance(act, CloseProperty) and act.property_id == ref for act in acts)
        reopens = any(isinstance(act, ReopenProperty) and act.property_id == ref for act in acts)
        sections[ref] = Section(
            ref,
            state.object_kind,
            rights + _new_rights(ref, acts, person) + _restored_rights(ref, acts),
            charges + _new_charges(ref, acts, person) + _restored_charges(ref, acts),
            (state.closed_on is None or reopens) and not closes,
            _land_of(ref, states, acts),
        )
    for act in acts:
        if isinstance(act, OpenProperty):
            sections[act.ref] = _open_section(act, states, acts, person)
    versions = {act.version_id for act in acts if isinstance(act, EndParcel)}
    return Outcome(
        sections,
        no_rights,
        no_charges,
        tuple(p for state in states.values() for p in state.parcels if p.version_id in versions),
        tuple(act for act in acts if isinstance(act, OpenParcel)),
    )


def _open_section(
    opening: OpenProperty, states: Mapping[int, PropertyState], acts: tuple[Act, ...], person: Person
) -> Section:
    ref = opening.ref
    return Section(
        ref,
        opening.object_kind,
        _new_rights(ref, acts, person),
        _new_charges(ref, acts, person),
        True,
        _land_of(ref, states, acts),
        opening.from_property_ids,
    )


def _land_of(
    ref: PropertyRef, states: Mapping[int, PropertyState], acts: tuple[Act, ...]
) -> tuple[Polygon | None, ...]:
    """Outlines of the parcels that would lie in a section: kept, redrawn and joined, not those that left."""
    opened: dict[ParcelRef | None, Polygon | None]
    opened = {act.parcel: act.outline for act in acts if isinstance(act, OpenParcel)}
    ended = {act.version_id for act in acts if isinstance(act, EndParcel)}
    moves = [act for act in acts if isinstance(act, MoveObject) and act.parcel is not None]
    lands: dict[ParcelRef | None, Polygon | None] = {}
    elsewhere: dict[ParcelRef | None, Polygon | None] = {}
    for property_id, state in states.items():
        for parcel in state.parcels:
            if parcel.version_id not in ended or parcel.parcel_id in opened:
                outline = opened.get(parcel.parcel_id, parcel.outline)
                (lands if property_id == ref else elsewhere)[parcel.parcel_id] = outline
    for move in moves:
        if move.to == ref:
            lands[move.parcel] = opened.get(move.parcel, elsewhere.get(move.parcel))
        else:
            lands.pop(move.parcel, None)
    return tuple(lands.values())


def _kept_rights(state: PropertyState, ended: frozenset[int]) -> tuple[Holding, ...]:
    return tuple(
        Holding(
            right.kind,
            right.party_id,
            right.share,
            right.terms,
            registration_number=right.registration_number,
        )
        for right in state.rights
        if right.right_id not in ended
    )


def _kept_charges(state: PropertyState, ended: frozenset[int]) -> tuple[Charge, ...]:
    return tuple(
        Charge(entry.contents, registration_number=entry.registration_number)
        for entry in state.restrictions
        if entry.restriction_id not in ended
    )


def _new_rights(ref: PropertyRef, acts: Iterable[Act], person: Person) -> tuple[Holding, ...]:
    return tuple(
        Holding(
            act.kind,
            act.party_id,
            act.share,
            act.terms,
            True,
            act.continues,
            None if act.continues is None else act.continues.registration_number,
            act.continues is not None and person(act.continues.party_id) == person(act.party_id),
        )
        for act in acts
        if isinstance(act, OpenRight) and act.property == ref and not act.ended
    )


def _new_charges(ref: PropertyRef, acts: Iterable[Act], person: Person) -> tuple[Charge, ...]:
    return tuple(
        Charge(
            act.contents,
            True,
            None if act.continues is None else act.continues.registration_number,
            act.continues is not None
            and _agreed(act.continues.contents, person) == _agreed(act.contents, person),
        )
        for act in acts
        if isinstance(act, OpenRestriction) and act.property == ref
    )


def _restored_rights(ref: PropertyRef, acts: Iterable[Act]) -> tuple[Holding, ...]:
    """Rights that stand again as they stood; nothing is given by them."""
    return tuple(
        Holding(
            act.right.kind,
            act.right.party_id,
            act.right.share,
            act.right.terms,
            registration_number=act.right.registration_number,
        )
        for act in acts
        if isinstance(act, RestoreRight) and act.property == ref and not act.ended
    )


def _restored_charges(ref: PropertyRef, acts: Iterable[Act]) -> tuple[Charge, ...]:
    return tuple(
        Charge(act.restriction.contents, registration_number=act.restriction.registration_number)
        for act in acts
        if isinstance(act, RestoreRestriction) and act.property == ref and not act.ended
    )


def _agreed(contents: Encumbrance, person: Person) -> tuple[object, ...]:
    """What was agreed or imposed; the part of the land may change when a restriction is carried over."""
    return (
        contents.kind,
        None if contents.beneficiary is None else person(contents.beneficiary),
        None if contents.burdened is None else person(contents.burdened),
        contents.amount,
        contents.currency,
        contents.rank,
        contents.interest_rate,
        contents.until,
    )


__all__ = ["Charge", "Holding", "Outcome", "Section", "project"]
