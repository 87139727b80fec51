"""What stands in the way: arrests, prohibitions, disputes, investigations."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from cadastre.domain.codelist import load_codelist
from cadastre.domain.property_state import PropertyState, RestrictionState
from cadastre.rules.fault import Fault
from cadastre.rules.outcome import Section
from cadastre.rules.proposal import Proposal

_DISPOSALS: Final = frozenset(
    {"transfer", "mortgage_registration", "mortgage_rank", "mortgage_assignment", "grant", "renaming"}
)
"""Operations that an arrest is certain to block; at intake, while there is no plan, nothing else is."""


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
    if burdened is not None and not _takes_from(proposal, state, burdened):
        return False
    sections = [
        section
        for section in proposal.outcome.sections.values()
        if section.ref == state.property_id or state.property_id in section.from_property_ids
    ]
    return any(_disposes(section, proposal) for section in sections)


def _takes_from(proposal: Proposal, state: PropertyState, party: object) -> bool:
    """Tell whether a holder loses a share, or his share is burdened anew."""
    section = proposal.outcome.sections[state.property_id]
    if any(charge.entered and charge.contents.burdened == party for charge in section.restrictions):
        return True
    for right in state.rights:
        if right.party_id == party and right.right_id in proposal.outcome.ended_right_ids:
            kept = [
                h
                for h in section.rights
                if h.continues is not None and h.continues.right_id == right.right_id
            ]
            if not any(
                h.party_id == party
                and (h.share is None) == (right.share is None)
                and (h.share is None or right.share is None or h.share.value >= right.share.value)
                for h in kept
            ):
                return True
    return False


def _disposes(section: Section, proposal: Proposal) -> bool:
    """Tell whether anything new is given: more than a restatement, and not what an authority imposes."""
    if any(not right.is_restatement for right in section.rights):
        return True
    kinds = load_codelist("restriction_kinds")
    for charge in section.restrictions:
        if charge.entered and not charge.restates:
            kind = kinds.find_entry(charge.contents.kind, proposal.today)
            if kind is None or not kind.flag("by_authority"):
                return True
    return False


CHECKS: Final = {
    "arrest-blocks": check_arrest,
    "prohibition-blocks": check_prohibition,
    "court-dispute-noted": check_dispute,
    "under-investigation": check_investigation,
}

__all__ = ["CHECKS"]
