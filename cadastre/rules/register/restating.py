"""Entries that are made right, undone, or follow a name or a successor: whom that must not surprise."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Final
from uuid import UUID

from cadastre.domain.codelist import load_codelist
from cadastre.domain.commands import CancelEntries, Correct, Rename, Succeed
from cadastre.domain.property_state import PropertyState, RestrictionState, RightState
from cadastre.rules.fault import Fault
from cadastre.rules.proposal import Proposal

_BY_COURT: Final = frozenset({"court_decision", "court_ruling"})
_OWNING: Final = ("ownership", "future_ownership")
_NOTICE: Final = "correction_notice"
_ORGANISATIONS: Final = frozenset({"legal", "foreign_legal", "state", "municipality", "foreign_state"})


def check_relied_on(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """Whoever entered the section after the error, and so relied on it, has been told; or a court decides."""
    if _is_decided_by_court(proposal):
        return
    told = {
        proposal.person(document.concerns)
        for document in proposal.documents
        if document.role == _NOTICE and document.concerns is not None
    }
    for state in proposal.states.values():
        commands = [
            command for command in proposal.asked(Correct) if command.property_id == state.property_id
        ]
        for number, party in _relying(state, commands):
            if proposal.person(party) not in told:
                yield Fault(number, detail={"party": str(party), "register_number": state.register_number})


def check_act_of_authority(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """What a court or bailiff imposed is corrected, or its debtor replaced, by decision of the court only."""
    if _is_decided_by_court(proposal):
        return
    kinds = load_codelist("restriction_kinds")
    named = {command.restriction_id for command in proposal.asked(Correct)}
    for state in proposal.states.values():
        ousted = _ousted(proposal, state)
        for entry in state.restrictions:
            kind = kinds.find_entry(entry.contents.kind, proposal.today)
            is_touched = entry.restriction_id in named or entry.contents.burdened in ousted
            if is_touched and kind is not None and kind.flag("by_authority"):
                yield Fault(entry.registration_number, detail={"kind": entry.contents.kind})


def _ousted(proposal: Proposal, state: PropertyState) -> frozenset[UUID]:
    """Holders whom a correction replaces by others."""
    right_now = {command.right_id: command.party_id for command in proposal.asked(Correct)}
    return frozenset(
        right.party_id
        for right in state.rights
        if right_now.get(right.right_id) not in (None, right.party_id)
    )


def check_chain(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """Nothing is cancelled from under later entries: the decision covers all the cases in the way."""
    for command in proposal.asked(CancelEntries):
        for case in () if command.effects is None else command.effects.dependants:
            numbers = ", ".join(case.registration_numbers)
            detail = {"service": case.service, "registration_numbers": numbers}
            yield Fault(str(case.journal_number), detail=detail)


def check_same_party(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """The new name is of a party of the same kind, and not of another one with a number of its own."""
    for pair in {(c.from_party_id, c.to_party_id) for c in proposal.asked(Rename)}:
        former, present = (proposal.parties.get(party) for party in pair)
        if former is None or present is None or former.stands_for == present.stands_for:
            continue
        if former.kind is not present.kind or (former.has_number and present.has_number):
            kinds = {"from_kind": former.kind.value, "to_kind": present.kind.value}
            yield Fault(str(present.party_id), detail=kinds)


def check_legal_persons(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """Universal succession is between legal persons; of a person who died there is inheritance."""
    pairs = dict.fromkeys((c.from_party_id, c.to_party_id) for c in proposal.asked(Succeed))
    for party in dict.fromkeys(party for pair in pairs for party in pair):
        kind = proposal.kind_of(party)
        if kind not in _ORGANISATIONS:
            yield Fault(str(party), detail={"kind": kind}, unknown=kind is None)


def _is_decided_by_court(proposal: Proposal) -> bool:
    return any(document.role == "basis" and document.kind in _BY_COURT for document in proposal.documents)


def _relying(state: PropertyState, commands: list[Correct]) -> Iterator[tuple[str, UUID]]:
    """Entries of the section that came after what is corrected, each with whom it is of.

    Land was described before its burdens came, so every burden relies on the description.
    """
    if not commands:
        return
    entries: list[tuple[RightState | RestrictionState, frozenset[UUID]]]
    entries = [(right, frozenset({right.party_id})) for right in state.rights]
    entries += [(entry, _named_in(entry)) for entry in state.restrictions]
    wrong = [entry for entry, _ in entries if _is_corrected(entry, commands)]
    involved = {command.party_id for command in commands}
    involved |= {party for entry, parties in entries if entry in wrong for party in parties}
    of_land = any(command.version_id is not None for command in commands)
    for entry, parties in entries:
        relies = of_land and not (isinstance(entry, RightState) and entry.kind in _OWNING)
        relies |= any(entry.registration_date >= error.registration_date for error in wrong)
        if relies and entry not in wrong:
            yield from ((entry.registration_number, party) for party in sorted(parties - involved, key=str))


def _is_corrected(entry: RightState | RestrictionState, commands: list[Correct]) -> bool:
    if isinstance(entry, RightState):
        return entry.right_id in {command.right_id for command in commands}
    return entry.restriction_id in {command.restriction_id for command in commands}


def _named_in(entry: RestrictionState) -> frozenset[UUID]:
    named = (entry.contents.beneficiary, entry.contents.burdened)
    return frozenset(party for party in named if party is not None)


CHECKS: Final = {
    "correction-relied-on": check_relied_on,
    "correction-of-authority-act": check_act_of_authority,
    "cancellation-chain": check_chain,
    "renamed-is-same-party": check_same_party,
    "succession-of-legal-persons": check_legal_persons,
}

__all__ = ["CHECKS"]
