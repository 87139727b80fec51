"""Nothing is lost on the way: a right or restriction that ends was asked for, or goes on elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Set
from fractions import Fraction
from typing import Final

from cadastre.domain.commands import (
    CancelEntries,
    Correct,
    DissolveClaim,
    EndEntry,
    Impose,
    Merge,
    Succeed,
    Transfer,
)
from cadastre.domain.plan import PropertyRef
from cadastre.domain.property_state import PropertyState, RestrictionState, RightState
from cadastre.domain.share import Share
from cadastre.rules.fault import Fault
from cadastre.rules.outcome import Charge, Holding, Section
from cadastre.rules.proposal import Proposal
from cadastre.rules.sides import find_sides


def check_rights_accounted_for(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """A right ends because the command takes it, or goes on in every section that succeeds its own."""
    if proposal.plan is None or proposal.asked(CancelEntries):
        return
    places = proposal.outcome.open_sections
    for state in proposal.states.values():
        heirs = _successors(proposal, state)
        for held in state.rights:
            if not _is_taken(proposal, state, held):
                stays = held.right_id not in proposal.outcome.ended_right_ids
                found = {s.ref for s in places if any(_goes_on(proposal, held, right) for right in s.rights)}
                missing = _missing(found, state, heirs, stays=stays, partial=held.terms.part is not None)
                if missing:
                    yield Fault(held.registration_number, detail={"kind": held.kind, "missing_in": missing})


def check_restrictions_accounted_for(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """A restriction ends because the command ends it, or goes on in every section that succeeds its own."""
    if proposal.plan is None or proposal.asked(CancelEntries):
        return
    places = proposal.outcome.open_sections
    for state in proposal.states.values():
        heirs = _successors(proposal, state)
        for entry in state.restrictions:
            if not _is_ended_by_command(proposal, state, entry):
                stays = entry.restriction_id not in proposal.outcome.ended_restriction_ids
                found = {
                    s.ref for s in places if any(_is_carried(entry, charge) for charge in s.restrictions)
                }
                partial = entry.contents.part is not None
                missing = _missing(found, state, heirs, stays=stays, partial=partial)
                if missing:
                    detail = {"kind": entry.contents.kind, "missing_in": missing}
                    yield Fault(entry.registration_number, detail=detail)


def check_entry_missing(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """What is to be ended, corrected, assigned, ranked or confirmed stands in the section."""
    for command in proposal.commands:
        state = proposal.states.get(getattr(command, "property_id", -1))
        if state is None:
            continue
        rights = {right.right_id for right in state.rights}
        restrictions = {entry.restriction_id for entry in state.restrictions}
        right_id = getattr(command, "right_id", None)
        named = [getattr(command, "restriction_id", None), getattr(command, "confirms_restriction_id", None)]
        named += [restriction for restriction, _rank in getattr(command, "ranks", ())]
        if right_id is not None and right_id not in rights:
            yield Fault(state.register_number, detail={"right_id": right_id})
        for restriction_id in named:
            if restriction_id is not None and restriction_id not in restrictions:
                yield Fault(state.register_number, detail={"restriction_id": restriction_id})
        if isinstance(command, EndEntry | Correct) and _names_nothing(command):
            yield Fault(state.register_number, detail={"right_id": None, "restriction_id": None})


def _names_nothing(command: EndEntry | Correct) -> bool:
    of_parcel = isinstance(command, Correct) and command.version_id is not None
    return command.right_id is None and command.restriction_id is None and not of_parcel


def _successors(proposal: Proposal, state: PropertyState) -> tuple[Section, ...]:
    """Sections in which the contents of one go on: itself while it is open, and those opened from it."""
    return tuple(
        section
        for section in proposal.outcome.open_sections
        if section.ref == state.property_id or state.property_id in section.from_property_ids
    )


def _missing(
    found: Set[PropertyRef], state: PropertyState, heirs: tuple[Section, ...], *, stays: bool, partial: bool
) -> str:
    """Name the successors without it; what burdens a part goes where its ground goes, even to a neighbour."""
    places = found | {state.property_id} if stays else found
    lacking = [str(section.ref) for section in heirs if section.ref not in places]
    if not places:
        return ", ".join(lacking) or "any section"
    return "" if partial else ", ".join(lacking)


def _goes_on(proposal: Proposal, old: RightState, new: Holding) -> bool:
    """Tell whether an older right goes on in one that would stand: same kind, holder and share.

    Whoever held a claim goes on as owner, a renamed holder under his new name, and the owners of
    merged properties hold once what they held in each of them.
    """
    kinds = (old.kind, "ownership") if old.kind == "future_ownership" else (old.kind,)
    same_holder = proposal.person(new.party_id) == proposal.person(old.party_id)
    same_entry = new.entered or new.registration_number == old.registration_number
    return new.kind in kinds and same_holder and same_entry and _value(new.share) == _value(old.share)


def _value(share: Share | None) -> Fraction | None:
    return None if share is None else share.value


def _is_carried(old: RestrictionState, new: Charge) -> bool:
    """Tell whether a restriction is an older one carried over; one number is carried to a place once."""
    return new.registration_number == old.registration_number


def _is_taken(proposal: Proposal, state: PropertyState, right: RightState) -> bool:
    holder = proposal.person(right.party_id)
    for command in proposal.asked(Transfer):
        if command.property_id == state.property_id and command.kind == right.kind:
            # an acquirer who holds a share already has it added to, in a new entry of his own
            sides = find_sides(command, proposal.states)
            if holder in {proposal.person(party) for party in sides.givers + sides.takers}:
                return True
    if right.kind == "future_ownership" and any(
        command.property_id == state.property_id for command in proposal.asked(DissolveClaim)
    ):
        return True
    for succession in proposal.asked(Succeed):
        parties = {succession.from_party_id, succession.to_party_id}
        if succession.property_id == state.property_id and right.party_id in parties:
            return True
    ended = {command.right_id for command in proposal.asked(EndEntry)}
    return right.right_id in ended | {command.right_id for command in proposal.asked(Correct)}


def _is_ended_by_command(proposal: Proposal, state: PropertyState, entry: RestrictionState) -> bool:
    ended = {command.restriction_id for command in proposal.asked(EndEntry)}
    ended |= {command.restriction_id for command in proposal.asked(Correct)}
    # the ruling that confirms an urgent act takes its place
    ended |= {command.confirms_restriction_id for command in proposal.asked(Impose)}
    # nobody has a servitude on his own land: one that served a neighbour merged with it ends
    merged = any(
        {state.property_id, entry.contents.benefits_property_id} <= set(command.property_ids)
        for command in proposal.asked(Merge)
    )
    return merged or entry.restriction_id in ended


CHECKS: Final = {
    "rights-accounted-for": check_rights_accounted_for,
    "restrictions-accounted-for": check_restrictions_accounted_for,
    "cancel-needs-entry": check_entry_missing,
}

__all__ = ["CHECKS"]
