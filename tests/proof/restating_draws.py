"""Draws what makes entries right, undoes them or names another, and what has no section yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from cadastre.domain.carrying import Entry
from cadastre.domain.case_effects import CaseEffects, FormerVersion, PlacedRestriction, PlacedRight
from cadastre.domain.commands import (
    Acquisition,
    CancelEntries,
    CompleteUnit,
    ConvertPaper,
    Correct,
    DissolveClaim,
    FirstRegistration,
    NewUnit,
    Rename,
    Succeed,
)
from cadastre.domain.property_state import ParcelState, PropertyState, RestrictionState, RightState
from cadastre.domain.share import WHOLE, Share
from tests.cadastre.domain.operations.land_machine import choose
from tests.proof.register_draws import MOST_SECTIONS, Asked, Digits
from tests.proof.register_model import Done, RegisterModel

_DATED = date(1998, 6, 1)
_PURPOSES = ("bağ evi", "kənd təsərrüfatı", "ticarət obyekti")


def draw_correction(world: RegisterModel, people: Sequence[UUID], digits: Digits) -> Asked | None:
    """A holder, a term, an amount or a purpose was entered wrongly."""
    state = choose(world.open_states(), digits.below(16))
    entries: list[Entry | ParcelState] = [*state.rights, *state.restrictions, *state.parcels]
    entry = choose(entries, digits.below(16))
    here = state.property_id
    if isinstance(entry, RightState):
        command = _correct_right(state, entry, people, digits)
    elif isinstance(entry, RestrictionState):
        until = world.today + timedelta(days=1000 + digits.below(9))
        command = Correct(
            here,
            restriction_id=entry.restriction_id,
            contents=replace(entry.contents, until=until),
        )
    else:
        version = entry.version_id
        command = Correct(
            here, version_id=version, attributes={"purpose": choose(_PURPOSES, digits.below(3))}
        )
    return None if command is None else Asked("correction", (command,), (here,))


def _correct_right(
    state: PropertyState, entry: RightState, people: Sequence[UUID], digits: Digits
) -> Correct | None:
    holders = {right.party_id for right in state.rights if right.kind == entry.kind}
    others = [person for person in people if person not in holders]
    if not others:
        return None
    party = choose(others, digits.below(8))
    return Correct(state.property_id, right_id=entry.right_id, party_id=party, share=entry.share)


def draw_cancellation(world: RegisterModel, people: Sequence[UUID], digits: Digits) -> Asked | None:
    """A court undoes what was registered last of a property, or the last two cases together."""
    newest = [done for done in world.history if world.is_newest(done)]
    if not newest:
        return None
    last = choose(newest, digits.below(8))
    cases = [last]
    earlier = [done for done in world.history if done.is_followed_by(last)]
    if earlier and digits.flag():
        cases.append(earlier[0])
    effects = read_effects(cases[-1].before, last.after, world)
    if effects == CaseEffects():
        return None  # the one undid the other
    named = tuple(sorted(last.after))
    command = CancelEntries(named, tuple(done.case_id for done in cases), effects)
    return Asked("cancellation", (command,), named)


def read_effects(
    before: dict[int, PropertyState], after: dict[int, PropertyState], world: RegisterModel
) -> CaseEffects:
    """What cases did, from what stood before the first and after the last of them."""
    entered = list(_list_new(after, before))
    closed = list(_list_new(before, after))
    versions = {parcel.version_id for state in after.values() for parcel in state.parcels}
    former = {parcel.version_id for state in before.values() for parcel in state.parcels}
    memberships = {parcel.property_object_id for state in after.values() for parcel in state.parcels}
    earlier = {parcel.property_object_id for state in before.values() for parcel in state.parcels}
    fresh = versions - former
    return CaseEffects(
        rights=tuple(each for each in entered if isinstance(each, PlacedRight)),
        former_rights=tuple(each for each in closed if isinstance(each, PlacedRight)),
        restrictions=tuple(each for each in entered if isinstance(each, PlacedRestriction)),
        former_restrictions=tuple(each for each in closed if isinstance(each, PlacedRestriction)),
        memberships=tuple(sorted(memberships - earlier)),
        former_memberships=tuple(sorted(earlier - memberships)),
        versions=tuple(sorted(fresh)),
        former_versions=tuple(
            FormerVersion(each, tuple(sorted(fresh & world.descend(each))))
            for each in sorted(former - versions)
        ),
        opened=tuple(sorted(set(after) - set(before))),
        closed=tuple(sorted(key for key in before if after[key].closed_on and not before[key].closed_on)),
    )


def _list_new(
    those: dict[int, PropertyState], others: dict[int, PropertyState]
) -> Iterator[PlacedRight | PlacedRestriction]:
    """Entries of some sections that do not stand in others."""
    rights = {right.right_id for state in others.values() for right in state.rights}
    charges = {entry.restriction_id for state in others.values() for entry in state.restrictions}
    for key, state in those.items():
        yield from (PlacedRight(key, right) for right in state.rights if right.right_id not in rights)
        for entry in state.restrictions:
            if entry.restriction_id not in charges:
                yield PlacedRestriction(key, entry)


def draw_renaming(world: RegisterModel, people: Sequence[UUID], digits: Digits) -> Asked | None:
    """Somebody has another name, in every section where he stands."""
    former = choose(people, digits.below(8))
    named = [state.property_id for state in world.open_states() if former in _people_of(state)]
    if not named or not world.names:
        return None
    commands = tuple(Rename(each, former, world.names[0]) for each in named)
    return Asked("renaming", commands, tuple(named))


def draw_succession(world: RegisterModel, people: Sequence[UUID], digits: Digits) -> Asked | None:
    """Everything that a legal person has in a section passes to another."""
    state = choose(world.open_states(), digits.below(16))
    named = [person for person in people if person in _people_of(state)]
    if not named:
        return None
    former = choose(named, digits.below(8))
    present = choose([person for person in people if person != former], digits.below(8))
    return Asked("succession", (Succeed(state.property_id, former, present),), (state.property_id,))


def _people_of(state: PropertyState) -> set[UUID | None]:
    charges = [entry.contents for entry in state.restrictions]
    named = {right.party_id for right in state.rights}
    return named | {each.beneficiary for each in charges} | {each.burdened for each in charges}


def draw_first(world: RegisterModel, people: Sequence[UUID], digits: Digits) -> Asked | None:
    """A plot that nobody has a title to gets its section."""
    if not world.free_parcels or len(world.open_states()) >= MOST_SECTIONS:
        return None
    parcel = choose(list(world.free_parcels.values()), digits.below(4))
    command = FirstRegistration(
        "land_parcel",
        "BAK-XEZ",
        (parcel.parcel_id,),
        (),
        None,
        _holders(people, digits),
        "state_act",
        _DATED,
    )
    return Asked("first_registration", (command,), (), (("parcel", parcel.cadastral_number),))


def draw_claim(world: RegisterModel, people: Sequence[UUID], digits: Digits) -> Asked | None:
    """A flat of a building that is not finished gets a section for who has a claim to it."""
    if not world.sites or len(world.open_states()) >= MOST_SECTIONS:
        return None
    building, number = choose(list(world.sites.items()), digits.below(4))
    flat = f"F-{len(world.states)}"
    unit = NewUnit(building, flat, "flat", 1, 2, 3, "70.00")
    command = FirstRegistration(
        "flat",
        "BAK-XEZ",
        (),
        (),
        None,
        _holders(people, digits),
        "sale_contract",
        _DATED,
        future=True,
        new_unit=unit,
        begins_building_id=building,
    )
    return Asked("future_unit", (command,), (), (("unit", f"{number} / {flat}"),))


def draw_completion(world: RegisterModel, people: Sequence[UUID], digits: Digits) -> Asked | None:
    """A building is accepted: all claims to its flats become ownership."""
    claimed = [building for building in world.claims.values() if building in world.sites]
    if not claimed:
        return None
    building = choose(claimed, digits.below(4))
    named = tuple(key for key, of in world.claims.items() if of == building)
    commands = tuple(CompleteUnit(key, (building,), "completed") for key in named)
    return Asked("completion", commands, named)


def draw_dissolution(world: RegisterModel, people: Sequence[UUID], digits: Digits) -> Asked | None:
    """A claim on which nothing lies is given back, by its holders or because a court has ended the contract."""
    free = [
        state
        for state in world.open_states()
        if world.claims.get(state.property_id) in world.sites
        and not state.restrictions
        and all(right.kind == "future_ownership" for right in state.rights)
    ]
    if not free:
        return None
    state = choose(free, digits.below(8))
    holders = tuple(right.party_id for right in state.owners)
    command = DissolveClaim(state.property_id, holders, digits.flag(), "under_construction")
    return Asked("claim_dissolution", (command,), (state.property_id,))


def draw_conversion(world: RegisterModel, people: Sequence[UUID], digits: Digits) -> Asked | None:
    """A paper extract is taken in."""
    state = choose(world.open_states(), digits.below(16))
    number = f"{world.papers:07d}"
    return Asked("paper_conversion", (ConvertPaper(state.property_id, "RX", number),), (state.property_id,))


def _holders(people: Sequence[UUID], digits: Digits) -> tuple[Acquisition, ...]:
    if digits.flag():
        return tuple(
            Acquisition(who, share)
            for who, share in zip(digits.people(people, 2), (Share(1, 3), Share(4, 6)), strict=True)
        )
    return (Acquisition(choose(people, digits.below(8)), WHOLE),)


def is_cancellable(done: Done) -> bool:
    """Whether these histories let a court undo such a case."""
    return done.service not in (
        "correction",
        "renaming",
        "first_registration",
        "future_unit",
        "completion",
        "claim_dissolution",
        "paper_conversion",
        "cancellation",
    )
