"""What planners of rights and restrictions ask alike of an entry or of its terms."""

from __future__ import annotations

from decimal import Decimal

from cadastre.domain.property_state import PropertyState, RestrictionState, RightState
from cadastre.kernel.errors import InvalidInput, RuleBroken


def find_right(state: PropertyState, right_id: int) -> RightState:
    """Give a current right of the property; RuleBroken when it is not, or no longer, one."""
    for right in state.rights:
        if right.right_id == right_id:
            return right
    raise _no_such_entry("right", state)


def find_restriction(state: PropertyState, restriction_id: int) -> RestrictionState:
    """Give a current restriction of the property; RuleBroken when it is not, or no longer, one."""
    for restriction in state.restrictions:
        if restriction.restriction_id == restriction_id:
            return restriction
    raise _no_such_entry("restriction", state)


def require_whole_money(amount: Decimal | None, currency: str | None) -> None:
    """Require an amount that is not negative, with a currency, or neither of both."""
    if (amount is None) != (currency is None):
        raise InvalidInput("An amount has a currency, and a currency an amount.", code="money-incomplete")
    if amount is not None and not (amount.is_finite() and amount >= 0):
        raise InvalidInput(f"The amount {amount} is not a sum of money.", code="money-malformed")


def _no_such_entry(what: str, state: PropertyState) -> RuleBroken:
    return RuleBroken(
        f"Property {state.register_number} has no such current {what}; it may have ended meanwhile.",
        code="entry-not-current",
        rule="cancel-needs-entry",
        register_number=state.register_number,
    )


__all__ = ["find_restriction", "find_right", "require_whole_money"]
