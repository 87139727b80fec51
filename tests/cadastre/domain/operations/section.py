"""A section of the register in memory: states for planners, and what a plan makes of a state."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from cadastre.domain.plan import EndRestriction, EndRight, OpenRestriction, OpenRight, Plan
from cadastre.domain.property_state import Encumbrance, PropertyState, RestrictionState, RightState
from cadastre.domain.share import Share

TODAY = date(2026, 3, 2)
SINCE = date(2020, 1, 15)
_IDS = itertools.count(1000)


def party(number: int) -> UUID:
    """One of the people of a test."""
    return UUID(int=number)


A, B, C, D = (party(n) for n in range(1, 5))


def right(holder: UUID, share: str | None, kind: str = "ownership") -> RightState:
    """A current right; ``share`` as printed, None for joint (or none)."""
    printed = None if share is None else Share(*map(int, share.split("/")))
    return RightState(next(_IDS), kind, holder, printed, "2320000001", SINCE, SINCE, None)


def mortgage(rank: int, creditor: UUID = D) -> RestrictionState:
    """A current mortgage."""
    contents = Encumbrance("mortgage", beneficiary=creditor, rank=rank)
    return RestrictionState(next(_IDS), contents, "2320000002", SINCE, SINCE, None)


def section(
    rights: Sequence[RightState] = (), restrictions: Iterable[RestrictionState] = (), property_id: int = 1
) -> PropertyState:
    """A section with these entries."""
    return PropertyState(
        property_id, "203015000123", "flat", "BAK-XEZ", 1, None, tuple(rights), tuple(restrictions), ()
    )


def apply(plan: Plan, state: PropertyState) -> PropertyState:
    """What stands after the plan; every act must find what it ends."""
    rights, restrictions = list(state.rights), list(state.restrictions)
    for act in plan.acts:
        match act:
            case EndRight():
                rights.remove(act.right)
            case EndRestriction():
                restrictions.remove(act.restriction)
            case OpenRight():
                rights.append(replace(right(act.party_id, None, act.kind), share=act.share, terms=act.terms))
            case OpenRestriction():
                restrictions.append(
                    RestrictionState(next(_IDS), act.contents, "2326000001", TODAY, TODAY, None)
                )
            case _:
                raise AssertionError(act)
    return replace(state, rights=tuple(rights), restrictions=tuple(restrictions))


def holdings(state: PropertyState) -> dict[UUID, str]:
    """Who owns what, as printed."""
    return {owner.party_id: str(owner.share or "joint") for owner in state.owners}


def closings_come_first(plan: Plan) -> bool:
    """Whether no act opens an entry before the last one is closed."""
    opens = [isinstance(act, OpenRight | OpenRestriction) for act in plan.acts]
    return opens == sorted(opens)
