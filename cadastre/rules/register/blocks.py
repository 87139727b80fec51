"""What stands in the way: arrests, prohibitions, disputes, investigations."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Final
from uuid import UUID

from cadastre.domain.codelist import load_codelist
from cadastre.domain.commands import EndEntry, Merge
from cadastre.domain.property_state import PropertyState, RestrictionState, RightState
from cadastre.domain.share import Share
from cadastre.rules.fault import Fault
from cadastre.rules.outcome import Charge, Holding, Section
from cadastre.rules.proposal import Proposal

_DISPOSALS: Final = frozenset(
    {"transfer", "mortgage_registration", "mortgage_rank", "mortgage_assignment", "grant"}
)
"""Operations that an arrest is certain to block; at intake, while there is no plan, nothing else is."""

_OWNING: Final = ("ownership", "future_ownership")
_BLOCKING: Final = ("arrest", "prohibition")


def check_arrest(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """No disposal is entered while an arrest stands."""
    yield from _blocked_by(proposal, "arrest")


def check_prohibition(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """No disposal is entered while a prohibition stands."""
    yield from _blocked_by(proposal, "prohibition")


def check_dispute(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """A court dispute is told to whoever deals with the property."""
    for state in proposal.states.values():
        for entry in state.restrictions:
            if entry.contents.kind == "court_dispute":
                yield Fault(state.register_number, detail={"registration_number": entry.registration_number})


def check_investigation(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """Attributes under investigation are told."""
    for state in proposal.states.values():
        if state.under_investigation:
            yield Fault(
                state.register_number, detail={"attributes": ", ".join(sorted(state.under_investigation))}
            )


def check_release(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """What an authority imposed leaves the register by an act of authority only."""
    if proposal.service is None or proposal.service.overrides_block:
        return
    kinds = load_codelist("restriction_kinds")
    ended = {command.restriction_id for command in proposal.asked(EndEntry)}
    for state in proposal.states.values():
        for entry in state.restrictions:
            kind = kinds.find_entry(entry.contents.kind, proposal.today)
            if entry.restriction_id in ended and kind is not None and kind.flag("by_authority"):
                yield Fault(entry.registration_number, detail={"kind": entry.contents.kind})


def check_merger(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """What is under arrest or prohibition merges only with what is under the same one.

    What was blocked by itself would be blocked as a part of something else, which the act does not name;
    pieces of one arrested property are one under it again.
    """
    if proposal.service is None or proposal.service.overrides_block:
        return
    for command in proposal.asked(Merge):
        states = [proposal.states[key] for key in command.property_ids]
        common = set.intersection(*({e.registration_number for e in s.restrictions} for s in states))
        for state in states:
            for entry in state.restrictions:
                if entry.contents.kind in _BLOCKING and entry.registration_number not in common:
                    detail = {
                        "registration_number": entry.registration_number,
                        "kind": entry.contents.kind,
                        "authority": entry.contents.authority,
                    }
                    yield Fault(state.register_number, detail=detail)


def _blocked_by(proposal: Proposal, kind: str) -> Iterator[Fault]:
    if proposal.service is None or proposal.service.overrides_block:
        return
    for state in proposal.states.values():
        for entry in state.restrictions:
            if entry.contents.kind == kind and _stops(proposal, state, entry):
                yield Fault(
                    state.register_number,
                    detail={
                        "registration_number": entry.registration_number,
                        "authority": entry.contents.authority,
                    },
                )


def _stops(proposal: Proposal, state: PropertyState, block: RestrictionState) -> bool:
    burdened = block.contents.burdened
    if proposal.plan is None:
        if proposal.operation not in _DISPOSALS:
            return False
        return burdened is None or burdened in proposal.givers
    if _gives_ground(proposal, state):
        return True
    sections = [
        section
        for section in proposal.outcome.sections.values()
        if section.ref == state.property_id or state.property_id in section.from_property_ids
    ]
    if burdened is None:
        return any(_gives(proposal, section) for section in sections)
    return _loses(proposal, state, sections, burdened)


def _gives_ground(proposal: Proposal, state: PropertyState) -> bool:
    """Tell whether ground of a section passes to one of other holders; all of them lose it then."""
    given = {parcel.version_id for parcel in state.parcels}
    takers = {
        act.parcel
        for act in proposal.outcome.opened_parcels
        if not isinstance(act.parcel, str) and given & set(act.from_version_ids)
    }
    return any(
        other is not state
        and takers & {parcel.parcel_id for parcel in other.parcels}
        and _holding(other) != _holding(state)
        for other in proposal.states.values()
    )


def _holding(state: PropertyState) -> frozenset[tuple[str, UUID, Fraction | None]]:
    return frozenset(
        (owner.kind, owner.party_id, None if owner.share is None else owner.share.value)
        for owner in state.owners
    )


def _gives(proposal: Proposal, section: Section) -> bool:
    """Tell whether anything new is given: more than a restatement, and not what an authority imposes."""
    return any(not right.is_restatement for right in section.rights) or any(
        _is_new_burden(proposal, charge) for charge in section.restrictions
    )


def _loses(proposal: Proposal, state: PropertyState, sections: list[Section], holder: UUID) -> bool:
    """Tell whether a holder loses some of his right, or it is burdened anew, alone or with the whole."""
    for section in sections:
        if any(not right.is_restatement and right.kind not in _OWNING for right in section.rights):
            return True
        for charge in section.restrictions:
            if charge.contents.burdened in (None, holder) and _is_new_burden(proposal, charge):
                return True
    person = proposal.person(holder)
    held = [right for right in state.rights if proposal.person(right.party_id) == person]
    kept = [r for section in sections for r in section.rights if proposal.person(r.party_id) == person]
    return any(
        right.right_id in proposal.outcome.ended_right_ids
        and not any(_goes_on(right, new) and _is_no_less(new.share, right.share) for new in kept)
        for right in held
    )


def _goes_on(right: RightState, new: Holding) -> bool:
    """Tell whether a right is held as another: of its kind, or the ownership that a claim has become."""
    return new.kind == right.kind or (new.continues is not None and new.continues.right_id == right.right_id)


def _is_new_burden(proposal: Proposal, charge: Charge) -> bool:
    if not charge.entered or charge.restates:
        return False
    kind = load_codelist("restriction_kinds").find_entry(charge.contents.kind, proposal.today)
    return kind is None or not kind.flag("by_authority")


def _is_no_less(new: Share | None, old: Share | None) -> bool:
    if new is None or old is None:
        return new is None and old is None
    return new.value >= old.value


CHECKS: Final = {
    "arrest-blocks": check_arrest,
    "prohibition-blocks": check_prohibition,
    "merger-of-blocked": check_merger,
    "release-by-authority": check_release,
    "court-dispute-noted": check_dispute,
    "under-investigation": check_investigation,
}

__all__ = ["CHECKS"]
