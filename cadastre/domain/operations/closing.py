"""The end of one entry: discharge of a mortgage, release of an arrest, end of a lease or servitude."""

from __future__ import annotations

from datetime import date
from typing import Final

from cadastre.domain.commands import EndEntry
from cadastre.domain.operations.entries import find_restriction, find_right
from cadastre.domain.operations.transfer import TRANSFERABLE
from cadastre.domain.plan import EndRestriction, EndRight, Plan
from cadastre.domain.property_state import PropertyState
from cadastre.kernel.errors import InvalidInput, RuleBroken

EVENT: Final = "register.end"


def plan_end(command: EndEntry, state: PropertyState, today: date) -> Plan:
    """End one right or restriction; ownership only passes to another.

    Raises
    ------
    InvalidInput
        The command names no entry, or two.
    RuleBroken
        The entry is not current, or is ownership.
    """
    del today
    if command.restriction_id is not None and command.right_id is None:
        return Plan(EVENT, (EndRestriction(find_restriction(state, command.restriction_id)),))
    if command.right_id is None or command.restriction_id is not None:
        raise InvalidInput("Name the one right or restriction that ends.", code="entry-not-named")
    right = find_right(state, command.right_id)
    if right.kind in TRANSFERABLE:
        raise RuleBroken(
            "Ownership does not end by itself; it passes to another holder, or the section is closed.",
            code="ownership-does-not-end",
            rule="rights-accounted-for",
            register_number=state.register_number,
        )
    return Plan(EVENT, (EndRight(right),))


__all__ = ["EVENT", "plan_end"]
