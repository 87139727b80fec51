"""Mortgages: registration, change of rank, assignment to another creditor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from cadastre.domain.commands import AssignMortgage, ChangeRanks, RegisterMortgage
from cadastre.domain.operations.entries import find_restriction, require_whole_money
from cadastre.domain.plan import EndRestriction, OpenRestriction, Plan
from cadastre.domain.property_state import PropertyState, RestrictionState
from cadastre.kernel.errors import InvalidInput

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
    if contents.burdened is not None and contents.burdened not in {o.party_id for o in state.owners}:
        raise InvalidInput(
            "Only the share of an owner is mortgaged by itself.", code="burdened-holds-nothing"
        )
    rank = contents.rank if contents.rank is not None else _next_rank(state)
    _require_rank(rank)
    return Plan(REGISTERED, (OpenRestriction(state.property_id, replace(contents, rank=rank)),))


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


__all__ = ["ASSIGNED", "RANKED", "REGISTERED", "plan_assignment", "plan_mortgage", "plan_ranks"]
