"""Acts of authority: arrest, prohibition, notice of a court dispute; what a bailiff does without a ruling."""

from __future__ import annotations

from datetime import date
from typing import Final

from cadastre.domain.codelist import load_codelist
from cadastre.domain.commands import Impose
from cadastre.domain.operations.entries import find_restriction, require_whole_money
from cadastre.domain.plan import EndRestriction, OpenRestriction, Plan
from cadastre.domain.property_state import PropertyState
from cadastre.kernel.errors import InvalidInput, RuleBroken

EVENT: Final = "register.impose"
IMPOSED: Final = frozenset({"arrest", "prohibition", "court_dispute"})
URGENT: Final = frozenset({"arrest", "prohibition"})
"""What a bailiff may impose at once; the court confirms it within the hours of codelist authority_terms."""


def find_confirmation_hours(on: date) -> int:
    """Give within how many hours the court confirms what a bailiff imposed on a day.

    Examples
    --------
    >>> find_confirmation_hours(date(2026, 5, 4))
    24
    """
    return load_codelist("authority_terms").entry_at("bailiff_confirmation", on).integer("hours")


def plan_impose(command: Impose, state: PropertyState, today: date) -> Plan:
    """Enter what a court or bailiff imposes, on the whole property or on one holder's right.

    A ruling that confirms a bailiff's urgent act takes its place in the same moment, so that the
    property is never free between the two: the urgent entry ends, the confirmed one begins.

    Raises
    ------
    InvalidInput
        No kind that an authority imposes, terms that do not fit each other, a day that has passed.
    RuleBroken
        The burdened party holds nothing here, or what is to be confirmed does not stand (any more).
    """
    contents = command.contents
    if contents.kind not in IMPOSED:
        raise InvalidInput(f"{contents.kind} is not imposed by an authority.", code="not-imposable")
    if command.urgent and contents.kind not in URGENT:
        raise InvalidInput("Only an arrest or prohibition is urgent.", code="not-urgent")
    if command.urgent and command.confirms_restriction_id is not None:
        raise InvalidInput("What confirms an urgent act is not urgent itself.", code="not-urgent")
    if contents.until is not None and contents.until < today:
        raise InvalidInput(f"The term ended on {contents.until}.", code="term-has-passed")
    require_whole_money(contents.amount, contents.currency)
    _require_holder(command, state)
    if command.confirms_restriction_id is None:
        return Plan(EVENT, (OpenRestriction(state.property_id, contents, urgent=command.urgent),))
    confirmed = find_restriction(state, command.confirms_restriction_id)
    if confirmed.contents.kind != contents.kind:
        raise InvalidInput(
            f"A ruling on {contents.kind} does not confirm an entry of {confirmed.contents.kind}.",
            code="confirms-other-kind",
        )
    opened = OpenRestriction(state.property_id, contents, confirms=confirmed)
    return Plan(EVENT, (EndRestriction(confirmed), opened))


def _require_holder(command: Impose, state: PropertyState) -> None:
    burdened = command.contents.burdened
    if burdened is not None and all(right.party_id != burdened for right in state.rights):
        raise RuleBroken(
            f"The debtor holds no current right on property {state.register_number}.",
            code="debtor-holds-nothing",
            rule="debtor-holds-right",
            register_number=state.register_number,
        )


__all__ = ["EVENT", "IMPOSED", "URGENT", "find_confirmation_hours", "plan_impose"]
