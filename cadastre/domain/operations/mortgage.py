"""Mortgages: registration, change of rank, assignment to another creditor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Final
from uuid import UUID

from cadastre.domain.commands import AssignMortgage, ChangeRanks, RegisterMortgage
from cadastre.domain.operations.entries import find_restriction, require_whole_money
from cadastre.domain.plan import EndRestriction, OpenRestriction, Plan
from cadastre.domain.property_state import PropertyState, RestrictionState
from cadastre.kernel.errors import InvalidInput, RuleBroken

REGISTERED: Final = "register.mortgage-registration"
RANKED: Final = "register.mortgage-rank"
ASSIGNED: Final = "register.mortgage-assignment"
LOWEST_RANK: Final = 99


def plan_mortgage(command: RegisterMortgage, state: PropertyState, today: date) -> Plan:
    """Enter a mortgage behind those that stand, unless the contract names its rank.

    Raises
    ------
    InvalidInput
        It is no mortgage, or lacks creditor, amount or currency, or has a rank or term that cannot be.
    RuleBroken
        Somebody gives it who does not own the property, or has no share of his own to give.
    """
    contents = command.contents
    if contents.kind != "mortgage":
        raise InvalidInput(f"A {contents.kind} is not registered as a mortgage.", code="not-a-mortgage")
    if contents.beneficiary is None or contents.amount is None:
        raise InvalidInput(
            "A mortgage names its creditor and the amount that it secures.", code="mortgage-incomplete"
        )
    require_whole_money(contents.amount, contents.currency)
    if contents.until is not None and contents.until < today:
        raise InvalidInput(f"The term ended on {contents.until}.", code="term-has-passed")
    _require_owners(command, state)
    rank = contents.rank if contents.rank is not None else _next_rank(state)
    _require_rank(rank)
    return Plan(REGISTERED, (OpenRestriction(state.property_id, replace(contents, rank=rank)),))


def name_mortgagors(
    command: RegisterMortgage, state: PropertyState, persons: Mapping[UUID, UUID]
) -> RegisterMortgage:
    """Let a mortgagor act for the record under which he owns, when records of one person were merged."""
    owned = {persons[owner.party_id]: owner.party_id for owner in state.owners}
    burdened = command.contents.burdened
    named = {party: owned.get(persons[party], party) for party in command.mortgagors}
    contents = replace(command.contents, burdened=burdened and named.get(burdened, burdened))
    return replace(command, contents=contents, mortgagors=tuple(named.values()))


def _require_owners(command: RegisterMortgage, state: PropertyState) -> None:
    """Require that owners give the mortgage: all of them the whole, or one of them a share that is his own.

    In joint ownership nobody has a share until it is set apart, so only all of them together mortgage.
    """
    owners = {owner.party_id: owner.share for owner in state.owners}
    given, burdened = set(command.mortgagors), command.contents.burdened
    if not given <= owners.keys():
        raise RuleBroken(
            f"Whoever mortgages property {state.register_number} does not own it.",
            code="mortgagor-not-owner",
            rule="mortgagor-not-owner",
            register_number=state.register_number,
        )
    if burdened is not None and burdened not in owners:
        raise InvalidInput(
            "Only the share of an owner is mortgaged by itself.", code="burdened-holds-nothing"
        )
    if burdened is not None and len(owners) > 1 and owners[burdened] is None:
        raise RuleBroken(
            "In joint ownership no share is set apart; all owners mortgage the whole together.",
            code="joint-share-not-mortgaged",
            rule="joint-share-not-mortgaged",
            register_number=state.register_number,
        )
    if len(given) > 1 and given != owners.keys():
        raise InvalidInput(
            "Some owners mortgage their shares; apply for each share by itself.", code="one-share-at-a-time"
        )


def plan_ranks(command: ChangeRanks, state: PropertyState, today: date) -> Plan:
    """Give mortgages new ranks: all former entries are closed before the first new one is opened.

    Raises
    ------
    InvalidInput
        A mortgage or a rank stands twice, or nothing changes.
    RuleBroken
        One of them is no current mortgage of this property.
    """
    del today
    wanted = dict(command.ranks)
    if len(wanted) < len(command.ranks):
        raise InvalidInput("A mortgage is given two ranks.", code="mortgage-repeated")
    moved = [
        (mortgage, rank)
        for mortgage, rank in ((_find_mortgage(state, of), rank) for of, rank in wanted.items())
        if mortgage.contents.rank != rank
    ]
    if not moved:
        raise InvalidInput("No mortgage gets another rank.", code="ranks-unchanged")
    _require_distinct(state, wanted)
    ends = tuple(EndRestriction(mortgage) for mortgage, _ in moved)
    opens = tuple(
        OpenRestriction(state.property_id, replace(mortgage.contents, rank=rank), continues=mortgage)
        for mortgage, rank in moved
    )
    return Plan(RANKED, (*ends, *opens))


def plan_assignment(command: AssignMortgage, state: PropertyState, today: date) -> Plan:
    """Let another creditor step in; rank, amount and terms stay.

    Raises
    ------
    InvalidInput
        The new creditor is the present one.
    RuleBroken
        There is no such current mortgage on the property.
    """
    del today
    mortgage = _find_mortgage(state, command.restriction_id)
    if mortgage.contents.beneficiary == command.to_party_id:
        raise InvalidInput("The mortgage is this creditor's already.", code="assignment-changes-nothing")
    contents = replace(mortgage.contents, beneficiary=command.to_party_id)
    opened = OpenRestriction(state.property_id, contents, continues=mortgage)
    return Plan(ASSIGNED, (EndRestriction(mortgage), opened))


def _mortgages(state: PropertyState) -> list[RestrictionState]:
    return [restriction for restriction in state.restrictions if restriction.contents.kind == "mortgage"]


def _find_mortgage(state: PropertyState, restriction_id: int) -> RestrictionState:
    found = find_restriction(state, restriction_id)
    if found.contents.kind != "mortgage":
        raise InvalidInput(f"The {found.contents.kind} is no mortgage.", code="not-a-mortgage")
    return found


def _next_rank(state: PropertyState) -> int:
    return max((mortgage.contents.rank or 0 for mortgage in _mortgages(state)), default=0) + 1


def _require_rank(rank: int) -> None:
    if not 1 <= rank <= LOWEST_RANK:
        raise InvalidInput(
            f"The rank {rank} is not between 1 and {LOWEST_RANK}.", code="mortgage-rank-out-of-range"
        )


def _require_distinct(state: PropertyState, wanted: Mapping[int, int]) -> None:
    """Require ranks that no two mortgages of the property share afterwards."""
    for rank in wanted.values():
        _require_rank(rank)
    after = [wanted.get(mortgage.restriction_id, mortgage.contents.rank) for mortgage in _mortgages(state)]
    ranks = [rank for rank in after if rank is not None]
    if len(set(ranks)) < len(ranks):
        raise InvalidInput("Two mortgages would have the same rank.", code="mortgage-rank-repeated")


__all__ = [
    "ASSIGNED",
    "RANKED",
    "REGISTERED",
    "name_mortgagors",
    "plan_assignment",
    "plan_mortgage",
    "plan_ranks",
]
