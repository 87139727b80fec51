"""Terms and stages: nothing is entered that has ended already, no flat completed before its building."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import Final

from cadastre.domain.commands import (
    CompleteUnit,
    DissolveClaim,
    FirstRegistration,
    GrantRight,
    Impose,
    RegisterMortgage,
)
from cadastre.rules.fault import Fault
from cadastre.rules.proposal import Proposal

_CLAIM: Final = "future_ownership"


def check_term(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """A right or restriction that is to be entered has not run out."""
    asked: list[tuple[int, date | None]] = [
        (c.property_id, c.terms.until) for c in proposal.asked(GrantRight)
    ]
    asked += [(c.property_id, c.contents.until) for c in proposal.asked(RegisterMortgage)]
    asked += [(c.property_id, c.contents.until) for c in proposal.asked(Impose)]
    for property_id, until in asked:
        if until is not None and until < proposal.today:
            past = Fraction((proposal.today - until).days)
            yield Fault(proposal.name_of(property_id), past, Fraction(0), {"until": until.isoformat()})


def check_term_over(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """What was entered for a term ends in the register when the term does."""
    for state in proposal.states.values():
        entries = [(r.registration_number, r.kind, r.terms.until) for r in state.rights]
        entries += [(e.registration_number, e.contents.kind, e.contents.until) for e in state.restrictions]
        for number, kind, until in entries:
            if until is not None and until < proposal.today:
                past = Fraction((proposal.today - until).days)
                yield Fault(number, past, Fraction(0), {"kind": kind, "until": until.isoformat()})


def check_building_stage(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """A claim is for a unit of an unfinished building; it becomes ownership when the building is accepted.

    Until then, and not afterwards, it can be given back.
    """
    completes = bool(proposal.asked(CompleteUnit))
    claims = any(command.future for command in proposal.asked(FirstRegistration))
    claims = claims or bool(proposal.asked(DissolveClaim))
    stage = proposal.building_stage
    if not (completes or claims):
        return
    if stage is None:
        yield Fault("building", detail={"stage": None}, unknown=True)
    elif completes and stage != "completed":
        yield Fault("building", detail={"stage": stage, "needed": "completed"})
    elif claims and stage in ("completed", "demolished"):
        yield Fault("building", detail={"stage": stage, "needed": "under_construction"})


def check_claim_burdened(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """A claim is given back free: nobody loses what was granted or imposed on it."""
    for command in proposal.asked(DissolveClaim):
        state = proposal.states[command.property_id]
        entries = [(e.registration_number, e.contents.kind) for e in state.restrictions]
        entries += [(r.registration_number, r.kind) for r in state.rights if r.kind != _CLAIM]
        for number, kind in entries:
            yield Fault(number, detail={"kind": kind, "register_number": state.register_number})


def check_claim_given_back(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """All holders give a claim back, unless a court has ended their contract."""
    for command in proposal.asked(DissolveClaim):
        if command.by_court:
            continue
        state = proposal.states[command.property_id]
        giving = {proposal.person(party) for party in command.party_ids}
        holders = {proposal.person(right.party_id) for right in state.rights if right.kind == _CLAIM}
        if giving != holders:
            missing, strangers = len(holders - giving), len(giving - holders)
            detail = {"holders_missing": missing, "others_named": strangers}
            yield Fault(state.register_number, Fraction(missing + strangers), Fraction(0), detail)


CHECKS: Final = {
    "claim-burdened": check_claim_burdened,
    "claim-given-back-by-holders": check_claim_given_back,
    "term-past": check_term,
    "entry-term-over": check_term_over,
    "building-stage": check_building_stage,
}

__all__ = ["CHECKS"]
