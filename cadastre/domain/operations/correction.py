"""Correction of a technical error: the wrong row is voided, the right one stands from the same day on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Final
from uuid import UUID

from cadastre.domain.commands import Correct
from cadastre.domain.operations.authority import IMPOSED
from cadastre.domain.operations.corrected import require_area, require_contents, require_terms
from cadastre.domain.operations.entries import find_restriction, find_right
from cadastre.domain.operations.transfer import TRANSFERABLE
from cadastre.domain.plan import (
    Act,
    CorrectParcel,
    OpenRestriction,
    OpenRight,
    Plan,
    VoidRestriction,
    VoidRight,
)
from cadastre.domain.property_state import ParcelState, PropertyState, RestrictionState, RightState
from cadastre.kernel.errors import InvalidInput, RuleBroken

EVENT: Final = "register.correction"
CORRECTABLE: Final = (
    "purpose",
    "land_category",
    "ownership_form",
    "quality_group",
    "address_text",
    "documentary_area_m2",
)
"""Attributes of a parcel that a document states; its outline is corrected by a survey."""


def plan_correction(command: Correct, state: PropertyState, today: date) -> Plan:
    """Correct one entry of a section: a right, a restriction, or what is recorded of a parcel.

    The entry keeps its registration number, day and basis document: it was the register that erred.
    Nothing of its past is restated under the error, so that a reader of today sees what was right all
    along, and a reader of what was known then sees what was entered.

    Raises
    ------
    InvalidInput
        The command names no entry, or several, or says nothing but what stands already.
    RuleBroken
        The entry does not stand (any more).
    """
    del today
    named = (command.right_id, command.restriction_id, command.version_id)
    if sum(item is not None for item in named) != 1:
        raise InvalidInput("Name the one entry that is corrected.", code="entry-not-named")
    if command.right_id is not None:
        return Plan(EVENT, _correct_right(command, state, find_right(state, command.right_id)))
    if command.restriction_id is not None:
        return Plan(EVENT, _correct_restriction(command, state))
    require_area(command.attributes)
    return Plan(EVENT, (_correct_parcel(command, state),))


def _correct_right(command: Correct, state: PropertyState, wrong: RightState) -> tuple[Act, ...]:
    party = wrong.party_id if command.party_id is None else command.party_id
    terms = wrong.terms if command.terms is None else command.terms
    if (party, command.share, terms) == (wrong.party_id, wrong.share, wrong.terms):
        raise _nothing_to_correct(wrong.registration_number)
    if command.share is not None and wrong.kind not in TRANSFERABLE and wrong.share is None:
        raise InvalidInput(f"A right of {wrong.kind} has no share.", code="right-without-share")
    if terms.until is not None and wrong.kind in TRANSFERABLE:
        raise InvalidInput("Ownership has no term.", code="term-malformed", term="until")
    require_terms(wrong.kind, terms)
    taken = {right.party_id for right in state.rights if right.kind == wrong.kind and right is not wrong}
    if party in taken:
        raise InvalidInput(
            "The party holds such a right here already; a correction does not join two entries.",
            code="holder-has-right",
        )
    right = OpenRight(
        state.property_id,
        wrong.kind,
        party,
        command.share,
        terms,
        continues=wrong,
        keeps_registration=True,
        since=wrong.valid_from,
    )
    past = command.past if party != wrong.party_id else ()
    liens = _liens_of(state, wrong) if party != wrong.party_id else []
    return (
        VoidRight(wrong),
        *(VoidRight(former) for former in past),
        *(VoidRestriction(lien) for lien in liens),
        right,
        *(_restate_past(state, former, party) for former in past),
        *(_burden(state, lien, party) for lien in liens),
    )


def _liens_of(state: PropertyState, wrong: RightState) -> list[RestrictionState]:
    """List what burdens the wrong holder's share; what a court imposed names whom the court meant."""
    if wrong.kind not in TRANSFERABLE:
        return []
    return [
        entry
        for entry in state.restrictions
        if entry.contents.burdened == wrong.party_id and entry.contents.kind not in IMPOSED
    ]


def _burden(state: PropertyState, lien: RestrictionState, party: UUID) -> OpenRestriction:
    contents = replace(lien.contents, burdened=party)
    return OpenRestriction(
        state.property_id, contents, continues=lien, keeps_basis=True, since=lien.valid_from
    )


def _restate_past(state: PropertyState, former: RightState, party: UUID) -> OpenRight:
    """Let a row of the entry that has ended name the right holder too; its share and days were true."""
    return OpenRight(
        state.property_id,
        former.kind,
        party,
        former.share,
        former.terms,
        continues=former,
        keeps_registration=True,
        since=former.valid_from,
        ended=True,
    )


def _correct_restriction(command: Correct, state: PropertyState) -> tuple[Act, ...]:
    wrong = find_restriction(state, command.restriction_id or 0)
    contents = command.contents
    if contents is None or contents == wrong.contents:
        raise _nothing_to_correct(wrong.registration_number)
    if contents.kind != wrong.contents.kind:
        raise InvalidInput(
            f"A {wrong.contents.kind} does not become a {contents.kind} by correction.",
            code="correction-changes-kind",
        )
    require_contents(contents)
    ranks = {entry.contents.rank for entry in state.restrictions if entry is not wrong}
    if contents.rank is not None and contents.rank != wrong.contents.rank and contents.rank in ranks:
        raise InvalidInput("Two mortgages would have the same rank.", code="mortgage-rank-repeated")
    right = OpenRestriction(
        state.property_id,
        replace(contents, part=wrong.contents.part if contents.part is None else contents.part),
        continues=wrong,
        keeps_basis=True,
        since=wrong.valid_from,
    )
    return (VoidRestriction(wrong), right)


def _correct_parcel(command: Correct, state: PropertyState) -> Act:
    parcel = next((item for item in state.parcels if item.version_id == command.version_id), None)
    if parcel is None:
        raise RuleBroken(
            f"Property {state.register_number} has no such current parcel.",
            code="entry-not-current",
            rule="cancel-needs-entry",
            register_number=state.register_number,
        )
    if unknown := sorted(set(command.attributes) - set(CORRECTABLE)):
        raise InvalidInput(f"{unknown[0]} of a parcel is not corrected here.", code="term-unknown")
    wrong = {key for key, value in command.attributes.items() if _held(parcel, key) != value}
    if not wrong:
        raise _nothing_to_correct(parcel.cadastral_number)
    return CorrectParcel(
        parcel.version_id, {key: value for key, value in command.attributes.items() if key in wrong}
    )


def _held(parcel: ParcelState, attribute: str) -> str | int | None:
    if attribute == "documentary_area_m2":
        area = parcel.documentary_area_m2
        return None if area is None else f"{area:.2f}"
    return parcel.attributes.get(attribute)


def _nothing_to_correct(number: str) -> InvalidInput:
    return InvalidInput(f"{number} stands as the correction says already.", code="correction-changes-nothing")


__all__ = ["CORRECTABLE", "EVENT", "plan_correction"]
