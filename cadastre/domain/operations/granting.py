"""Rights beside ownership: lease, use, usufruct, trust management, building right, servitude."""

from __future__ import annotations

from datetime import date
from typing import Final

from shapely import Polygon

from cadastre.domain.commands import GrantRight
from cadastre.domain.operations.entries import require_whole_money
from cadastre.domain.plan import OpenRestriction, OpenRight, Plan
from cadastre.domain.property_state import Encumbrance, PropertyState, Terms
from cadastre.kernel.errors import InvalidInput
from cadastre.kernel.overlay import union_of

EVENT: Final = "register.grant"
SERVITUDE: Final = "servitude"
GRANTED: Final = frozenset(
    {"permanent_use", "temporary_use", "lease", "usufruct", "trust_management", "superficies"}
)
WITH_RENT: Final = frozenset({"lease", "temporary_use", "superficies"})
RENT_PERIODS: Final = frozenset({"day", "month", "year", "term"})
PART_SLACK_M: Final = 0.01
"""How far a part may stand out of its parcel: the accuracy to which plans state a boundary."""


def plan_grant(command: GrantRight, state: PropertyState, today: date) -> Plan:
    """Enter a right of somebody beside the owners; a servitude is entered as a restriction.

    Raises
    ------
    InvalidInput
        The kind is not granted so, its terms do not fit it or each other, or the part is not of this land.
    """
    if command.kind != SERVITUDE and command.kind not in GRANTED:
        raise InvalidInput(
            f"A right of {command.kind} is not granted beside ownership.", code="not-grantable"
        )
    _require_terms(command, today)
    _require_dominant(command)
    if command.terms.part is not None:
        _require_part(command.terms.part, state)
    if command.kind == SERVITUDE:
        contents = Encumbrance(
            SERVITUDE,
            beneficiary=command.party_id,
            benefits_property_id=command.benefits_property_id,
            until=command.terms.until,
            part=command.terms.part,
        )
        return Plan(EVENT, (OpenRestriction(state.property_id, contents),))
    opened = OpenRight(state.property_id, command.kind, command.party_id, None, terms=command.terms)
    return Plan(EVENT, (opened,))


def _require_terms(command: GrantRight, today: date) -> None:
    terms = command.terms
    if terms.until is not None and terms.until < today:
        raise InvalidInput(f"The term ended on {terms.until}.", code="term-has-passed")
    if terms.dispose_by is not None:
        raise InvalidInput("Only an heir's ownership has a day to dispose by.", code="terms-do-not-fit")
    require_whole_money(terms.rent, terms.rent_currency)
    require_rent(command.kind, terms)


def _require_dominant(command: GrantRight) -> None:
    if command.benefits_property_id is None:
        return
    if command.kind != SERVITUDE or command.benefits_property_id == command.property_id:
        raise InvalidInput(
            "Only a servitude is for another property, and that one is not burdened by it.",
            code="terms-do-not-fit",
        )


def require_rent(kind: str, terms: Terms) -> None:
    """Require a rent with its period, of a right that has one."""
    if terms.rent is None and terms.rent_period is None:
        return
    if kind not in WITH_RENT:
        raise InvalidInput(f"A right of {kind} has no rent.", code="terms-do-not-fit")
    if terms.rent is None or terms.rent_period not in RENT_PERIODS:
        raise InvalidInput(
            f"A rent is of an amount for one of: {', '.join(sorted(RENT_PERIODS))}.", code="rent-incomplete"
        )


def _require_part(part: Polygon, state: PropertyState) -> None:
    """Require a part within the parcels of the property, both in the UTM zone of the district, in metres."""
    outlines = [parcel.outline for parcel in state.parcels if parcel.outline is not None]
    if not outlines or not union_of(outlines).buffer(PART_SLACK_M).covers(part):
        raise InvalidInput(
            f"The part does not lie within the land of property {state.register_number}.",
            code="part-outside-parcel",
            register_number=state.register_number,
        )


__all__ = ["EVENT", "GRANTED", "SERVITUDE", "plan_grant"]
