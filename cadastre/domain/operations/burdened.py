"""What burdens one holder's share goes with the share, not with the holder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from cadastre.domain.plan import EndRestriction, EndRight, OpenRestriction, OpenRight
from cadastre.domain.property_state import PropertyState, RestrictionState, RightState
from cadastre.kernel.errors import RuleBroken


def follow_shares(
    state: PropertyState, ends: Sequence[EndRight], opens: Sequence[OpenRight]
) -> tuple[list[EndRestriction], list[OpenRestriction]]:
    """Move the restrictions of ceded shares to whoever acquires those shares.

    Raises
    ------
    RuleBroken
        The share is cut, or melts into another, so that nothing is left that the restriction is of.
    """
    ceded = {end.right.party_id: end.right for end in ends if not _is_kept(end.right, opens)}
    moved = [
        (restriction, _heir_of(restriction, ceded[restriction.contents.burdened], state, opens))
        for restriction in state.restrictions
        if restriction.contents.burdened in ceded
    ]
    return [EndRestriction(restriction) for restriction, _ in moved], [
        OpenRestriction(
            state.property_id, replace(restriction.contents, burdened=heir), continues=restriction
        )
        for restriction, heir in moved
    ]


def _is_kept(right: RightState, opens: Sequence[OpenRight]) -> bool:
    """Whether the holder has as much afterwards: a share that was only added to."""
    return any(
        act.party_id == right.party_id
        and right.share is not None
        and act.share is not None
        and act.share.value >= right.share.value
        for act in opens
    )


def _heir_of(
    restriction: RestrictionState, right: RightState, state: PropertyState, opens: Sequence[OpenRight]
) -> UUID:
    """Give the one newcomer who holds exactly the share that is burdened."""
    former = {owner.party_id for owner in state.owners}
    heirs = [
        act.party_id
        for act in opens
        if act.party_id not in former
        and right.share is not None
        and act.share is not None
        and act.share.value == right.share.value
    ]
    if len(heirs) != 1:
        raise RuleBroken(
            f"The {restriction.contents.kind} under {restriction.registration_number} burdens the share of "
            "one holder; that share passes whole to one new holder, or it is released first.",
            code="burdened-share-divided",
            rule="restrictions-accounted-for",
            registration_number=restriction.registration_number,
        )
    return heirs[0]


__all__ = ["follow_shares"]
