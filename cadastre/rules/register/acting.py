"""Who may act: powers of attorney, signatories, estates, and nobody on both sides at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import Final
from uuid import UUID

from cadastre.rules.fault import Fault
from cadastre.rules.proposal import Acting, Mandate, Proposal

_COMPANIES: Final = frozenset({"legal", "foreign_legal", "municipality"})


def check_scope(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """Whoever signs for another has a mandate that covers this act and this property."""
    yield from _acts_with(proposal, "out of scope")


def check_expired(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """The mandate had not run out when it was used."""
    yield from _acts_with(proposal, "expired")


def check_revoked(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """The mandate had not been revoked when it was used."""
    yield from _acts_with(proposal, "revoked")


def check_signatory(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """A company acts through somebody who may sign for it."""
    if proposal.by_authority:
        return
    represented = {proposal.person(acting.principal) for acting in proposal.acting}
    for party in dict.fromkeys(proposal.givers + proposal.takers):
        if proposal.kind_of(party) in _COMPANIES and proposal.person(party) not in represented:
            yield Fault(str(party), detail={"kind": proposal.kind_of(party)})


def check_both_sides(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """Nobody stands on both sides of a bargain, for himself or for others."""
    for sides in proposal.bargains if not proposal.by_authority else ():
        givers = {proposal.person(party) for party in sides.givers}
        takers = {proposal.person(party) for party in sides.takers}
        if givers == takers and len(givers) > 1:
            continue  # co-owners who only turn joint ownership into shares, or back, bargain with nobody
        for person in sorted(_hands(proposal, givers) & _hands(proposal, takers), key=str):
            if not _gives_to_ward(proposal, person, takers):
                yield Fault(str(person))


def check_estate(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """An estate with undetermined heirs disposes of nothing; it passes to the heirs."""
    if proposal.by_authority or (proposal.service is not None and proposal.service.code == "inheritance"):
        return
    for giver in proposal.givers:
        if proposal.kind_of(giver) == "estate":
            yield Fault(str(giver))


def _gives_to_ward(proposal: Proposal, person: UUID, takers: set[UUID]) -> bool:
    """Tell whether a guardian accepts a gift for his ward, his own included."""
    gift = proposal.service is not None and proposal.service.code == "gift"
    return gift and any(
        mandate.kind == "guardian"
        and proposal.person(mandate.agent) == person
        and mandate.principal in takers
        for mandate in proposal.mandates
    )


def _hands(proposal: Proposal, parties: set[UUID]) -> set[UUID]:
    """Everybody who signs on a side: each party itself, and whoever signs for it."""
    agents = {
        proposal.person(acting.agent)
        for acting in proposal.acting
        if proposal.person(acting.principal) in parties
    }
    return parties | agents


def _acts_with(proposal: Proposal, flaw: str) -> Iterator[Fault]:
    for acting in proposal.acting:
        if acting.agent == acting.principal:
            continue
        found = _flaw_of(proposal, acting)
        if found is not None and found[0] == flaw:
            yield Fault(str(acting.principal), detail={"agent": str(acting.agent), "mandate": found[1]})


def _flaw_of(proposal: Proposal, acting: Acting) -> tuple[str, str] | None:
    """Give what is wrong with the best mandate that somebody has, None when one is in order."""
    day = acting.signed_on or proposal.today
    mandates = [
        mandate
        for mandate in proposal.mandates
        if proposal.person(mandate.agent) == proposal.person(acting.agent)
        and proposal.person(mandate.principal) == proposal.person(acting.principal)
    ]
    if not mandates:
        return "out of scope", "none"
    flaws = {_flaw(proposal, mandate, day) for mandate in mandates}
    if None in flaws:
        return None
    worst = next(flaw for flaw in ("out of scope", "revoked", "expired") if flaw in flaws)
    return worst, ", ".join(sorted({mandate.kind for mandate in mandates}))


def _flaw(proposal: Proposal, mandate: Mandate, day: date) -> str | None:
    if mandate.valid_to is not None and mandate.valid_to < day:
        return "revoked" if mandate.end_reason == "revoked" else "expired"
    if mandate.end_reason == "revoked" and mandate.valid_to is not None and mandate.valid_to <= day:
        return "revoked"
    asked = {proposal.operation, None if proposal.service is None else proposal.service.code}
    covers = not mandate.operations or not asked.isdisjoint(mandate.operations)
    here = mandate.property_id is None or mandate.property_id in proposal.states
    return None if mandate.valid_from <= day and covers and here else "out of scope"


CHECKS: Final = {
    "poa-scope": check_scope,
    "poa-expired": check_expired,
    "poa-revoked": check_revoked,
    "signatory-of-company": check_signatory,
    "both-sides-one-person": check_both_sides,
    "estate-disposes": check_estate,
}

__all__ = ["CHECKS"]
