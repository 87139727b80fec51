"""A party goes on under a new name, or a legal person in another: its entries follow it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Final
from uuid import UUID

from cadastre.domain.commands import Rename, Succeed
from cadastre.domain.operations.transfer import TRANSFERABLE
from cadastre.domain.plan import Act, EndRestriction, EndRight, OpenRestriction, OpenRight, Plan
from cadastre.domain.property_state import PropertyState, RestrictionState, RightState
from cadastre.domain.share import Share
from cadastre.domain.shares import add
from cadastre.kernel.errors import InvalidInput, RuleBroken

RENAMED: Final = "register.renaming"
SUCCEEDED: Final = "register.succession"


def plan_renaming(command: Rename, state: PropertyState, today: date) -> Plan:
    """Restate under the new name every entry that names the party, as holder, beneficiary or debtor.

    Nothing is given: numbers, days and basis documents stay. The former name stays readable until today.

    Raises
    ------
    InvalidInput
        Both names are one record, or the new one holds such a right already.
    RuleBroken
        The party stands in no entry of the section.
    """
    del today
    former, present = command.from_party_id, command.to_party_id
    _require_two(former, present)
    rights = [right for right in state.rights if right.party_id == former]
    _require_no_other(state, rights, present)
    opens = [
        OpenRight(
            state.property_id,
            right.kind,
            present,
            right.share,
            right.terms,
            continues=right,
            keeps_registration=True,
        )
        for right in rights
    ]
    charges = list(_charges_of(state, former))
    restated = [_restate(state, entry, former, present, keeps_basis=True) for entry in charges]
    return _plan(RENAMED, state, rights, charges, (*opens, *restated))


def plan_succession(command: Succeed, state: PropertyState, today: date) -> Plan:
    """Let the successor of a legal person step into every entry that names it.

    Rights are registered anew in its name; shares of ownership that it holds already are added to. What
    burdens the predecessor's share goes on as it is. It is no disposal: an arrest passes over with it.

    Raises
    ------
    InvalidInput
        Both are one record, or the successor holds such a right, other than ownership, already.
    RuleBroken
        The predecessor stands in no entry of the section.
    """
    del today
    former, present = command.from_party_id, command.to_party_id
    _require_two(former, present)
    rights = [right for right in state.rights if right.party_id == former]
    _require_no_other(state, [right for right in rights if right.kind not in TRANSFERABLE], present)
    ended, opens = list(rights), list[OpenRight]()
    for right in rights:
        own = next((r for r in state.rights if (r.kind, r.party_id) == (right.kind, present)), None)
        if own is not None and right.share is None and _others(state, right, present):
            continue  # a joint owner among others already: his entry stays
        if own is not None:
            ended.append(own)
        share = right.share if own is None else _sum(right, own)
        opens.append(OpenRight(state.property_id, right.kind, present, share, right.terms, continues=right))
    charges = list(_charges_of(state, former))
    restated = [
        _restate(state, entry, former, present, keeps_basis=entry.contents.beneficiary != former)
        for entry in charges
    ]
    return _plan(SUCCEEDED, state, ended, charges, (*opens, *restated))


def _require_two(former: UUID, present: UUID) -> None:
    if former == present:
        raise InvalidInput(
            "Both names are one record of the register; give the new name without a number.",
            code="renaming-changes-nothing",
        )


def _require_no_other(state: PropertyState, rights: list[RightState], present: UUID) -> None:
    held = {right.kind for right in state.rights if right.party_id == present}
    if twice := sorted(held & {right.kind for right in rights}):
        raise InvalidInput(
            f"The new holder has a right of {twice[0]} here already; end one of them first.",
            code="rights-collide",
        )


def _charges_of(state: PropertyState, party: UUID) -> Iterator[RestrictionState]:
    for entry in state.restrictions:
        if party in (entry.contents.beneficiary, entry.contents.burdened):
            yield entry


def _restate(
    state: PropertyState, entry: RestrictionState, former: UUID, present: UUID, *, keeps_basis: bool
) -> OpenRestriction:
    contents = entry.contents
    named = replace(
        contents,
        beneficiary=present if contents.beneficiary == former else contents.beneficiary,
        burdened=present if contents.burdened == former else contents.burdened,
    )
    return OpenRestriction(state.property_id, named, continues=entry, keeps_basis=keeps_basis)


def _others(state: PropertyState, right: RightState, present: UUID) -> bool:
    """Whether somebody else holds the right jointly with both of them."""
    return any(r.kind == right.kind and r.party_id not in (right.party_id, present) for r in state.rights)


def _sum(right: RightState, own: RightState) -> Share:
    """Add the shares up; two joint owners who become one own the whole."""
    if right.share is None or own.share is None:
        return Share(1, 1)
    return add(own.share, right.share)


def _plan(
    event: str,
    state: PropertyState,
    rights: list[RightState],
    charges: list[RestrictionState],
    opens: tuple[Act, ...],
) -> Plan:
    if not rights and not charges:
        raise RuleBroken(
            f"The party stands in no current entry of property {state.register_number}.",
            code="party-not-in-section",
            rule="cancel-needs-entry",
            register_number=state.register_number,
        )
    ends: tuple[Act, ...] = (
        *(EndRight(right) for right in rights),
        *(EndRestriction(charge) for charge in charges),
    )
    return Plan(event, (*ends, *opens))


__all__ = ["RENAMED", "SUCCEEDED", "plan_renaming", "plan_succession"]
