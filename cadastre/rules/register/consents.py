"""Whose consent a disposal needs: spouse, co-owners, guardianship authority."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from typing import Final
from uuid import UUID

from cadastre.domain.commands import ShiftBoundary, Transfer
from cadastre.rules.fault import Fault
from cadastre.rules.proposal import Proposal

_NOTICE: Final = "preemption_notice"
"""Role of the document by which a seller told a co-owner of the terms of the sale."""
_AGREEMENT: Final = "boundary_agreement"
"""Role of the document by which a holder agrees to a boundary."""


def check_spouse(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """A giver whose property is declared joint of spouses has the spouse's consent."""
    if proposal.by_authority:
        return
    for giver in proposal.givers:
        if giver not in proposal.spouses:
            continue
        spouse = proposal.spouses[giver]
        if spouse in proposal.givers:
            continue
        if not proposal.has_consent("spouse", spouse):
            yield Fault(str(giver))


def check_preemption(proposal: Proposal, limit: Fraction | None) -> Iterator[Fault]:
    """A share sold to a stranger was offered to every co-owner: he declined, or had his days of notice."""
    if proposal.service is None or proposal.service.code != "sale" or limit is None:
        return
    latest = proposal.today - timedelta(days=int(limit))
    for command in proposal.asked(Transfer):
        state = proposal.states.get(command.property_id)
        if state is None or command.kind != "ownership":
            continue
        owners = {proposal.person(right.party_id) for right in state.owners if right.share is not None}
        sellers = {proposal.person(taking.party_id) for taking in command.takings}
        strangers = {proposal.person(gain.party_id) for gain in command.acquisitions} - owners
        for owner in sorted(owners - sellers, key=str) if strangers else ():
            if not proposal.has_consent("co_owner", owner) and not _was_told(proposal, owner, latest):
                yield Fault(str(owner), limit=limit)


def check_guardian(proposal: Proposal, limit: Fraction | None) -> Iterator[Fault]:
    """What a minor owns is disposed of with the permission of the guardianship authority."""
    if limit is None or proposal.by_authority:
        return
    for giver in proposal.givers:
        party = proposal.parties.get(giver)
        if party is None or party.born_on is None:
            continue
        age = _age(party.born_on, proposal.today)
        if age < limit and not _is_permitted(proposal, giver):
            yield Fault(str(giver), Fraction(age), limit)


def check_boundary(proposal: Proposal, _: Fraction | None) -> Iterator[Fault]:
    """Neighbours who redraw their boundary have all signed; land of one holder needs nobody else."""
    if proposal.service is None or proposal.service.code != "boundary_change":
        return
    moved = {parcel for command in proposal.asked(ShiftBoundary) for parcel, _outline in command.outlines}
    touched = [
        state
        for state in proposal.states.values()
        if any(parcel.parcel_id in moved for parcel in state.parcels)
    ]
    holders = [{proposal.person(owner.party_id) for owner in state.owners} for state in touched]
    if len({frozenset(each) for each in holders}) < 2:
        return
    signed = {
        proposal.person(document.concerns)
        for document in proposal.documents
        if document.role == _AGREEMENT and document.concerns is not None
    }
    for holder in sorted(set().union(*holders) - signed, key=str):
        yield Fault(str(holder))


def _was_told(proposal: Proposal, owner: UUID, latest: date) -> bool:
    return any(
        document.role == _NOTICE
        and document.concerns is not None
        and proposal.person(document.concerns) == owner
        and document.dated is not None
        and document.dated <= latest
        for document in proposal.documents
    )


def _is_permitted(proposal: Proposal, minor: UUID) -> bool:
    return proposal.has_consent("guardianship_authority", None) or any(
        mandate.kind == "guardian" and mandate.principal == minor and mandate.has_permission
        for mandate in proposal.mandates
    )


def _age(born_on: date, today: date) -> int:
    """Give the age in full years.

    Examples
    --------
    >>> _age(date(2008, 2, 29), date(2026, 2, 28)), _age(date(2008, 2, 29), date(2026, 3, 1))
    (17, 18)
    """
    return today.year - born_on.year - ((today.month, today.day) < (born_on.month, born_on.day))


CHECKS: Final = {
    "spouse-consent": check_spouse,
    "co-owner-preemption": check_preemption,
    "guardian-permission": check_guardian,
    "boundary-agreement": check_boundary,
}

__all__ = ["CHECKS"]
