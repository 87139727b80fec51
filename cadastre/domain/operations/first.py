"""Objects enter the register: first registration, claims and their completion, paper extracts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from cadastre.domain.commands import (
    Command,
    CompleteUnit,
    ConvertPaper,
    DissolveClaim,
    FirstRegistration,
)
from cadastre.domain.plan import (
    Act,
    CloseProperty,
    EndRight,
    MoveObject,
    NewRef,
    OpenProperty,
    OpenRight,
    OpenUnit,
    Plan,
    PropertyRef,
    ReachStage,
    TakeInPaper,
)
from cadastre.domain.property_state import PropertyState, RightState
from cadastre.kernel.errors import InvalidInput, RuleBroken

SECTION: Final = NewRef("section")
UNIT: Final = NewRef("unit")


def plan_entering(
    command: FirstRegistration | CompleteUnit | DissolveClaim | ConvertPaper,
    states: Mapping[int, PropertyState],
    today: date,
) -> Plan:
    """Give what a command of this kind does to the register."""
    match command:
        case FirstRegistration():
            return plan_first(command, today)
        case CompleteUnit():
            return plan_completion(command, states[command.property_id], today)
        case DissolveClaim():
            return plan_dissolution(states[command.property_id])
        case ConvertPaper():
            return plan_conversion(command, today)


def plan_first(command: FirstRegistration, today: date) -> Plan:
    """Open a section over the objects, with the rights of its first holders, and one beside them if granted.

    A building of who owns the plot joins the section of the plot; no right is entered then, for the
    owners of the plot own it already.

    Raises
    ------
    InvalidInput
        Nobody holds it, somebody twice, or shares and joint holders are mixed.
    """
    del today  # every entry begins on the day on which it is carried out
    _require_holders(command)
    if command.joins_property_id is not None:
        return Plan("register.first-registration", tuple(_memberships(command, command.joins_property_id)))
    kind = "future_ownership" if command.future else "ownership"
    acts: list[Act] = [OpenProperty(SECTION, command.object_kind, command.district_code)]
    if command.begins_building_id is not None:
        acts.append(ReachStage(command.begins_building_id, "under_construction"))
    if command.new_unit is not None:
        acts.append(OpenUnit(UNIT, command.new_unit))
    acts += _memberships(command, SECTION)
    acts += [OpenRight(SECTION, kind, holder.party_id, holder.share) for holder in command.holders]
    if (granted := command.granted) is not None:
        acts.append(OpenRight(SECTION, granted.kind, granted.party_id, None, granted.terms))
    return Plan("register.first-registration", tuple(acts))


def _memberships(command: FirstRegistration, to: PropertyRef) -> Iterable[MoveObject]:
    for parcel_id in command.parcel_ids:
        yield MoveObject(None, parcel_id, None, None, to, is_first=True)
    for building_id in command.building_ids:
        yield MoveObject(None, None, None, building_id, to, is_first=True)
    unit = UNIT if command.new_unit is not None else command.unit_id
    if unit is not None:
        yield MoveObject(None, None, unit, None, to, is_first=True)


def _require_holders(command: FirstRegistration) -> None:
    holders = command.holders
    if not holders or len({holder.party_id for holder in holders}) < len(holders):
        raise InvalidInput("A first registration names each holder once.", code="party-repeated")
    joint = [holder.joint for holder in holders]
    if any(holder.joint == (holder.share is not None) for holder in holders):
        raise InvalidInput(
            "Each holder has either a share or, jointly with others, the whole.",
            code="acquisition-share-or-joint",
        )
    if any(joint) and (not all(joint) or len(joint) < 2):
        raise InvalidInput(
            "Joint ownership has at least two holders and nobody with a share beside them.",
            code="joint-ownership-mixed",
        )


def plan_completion(command: CompleteUnit, state: PropertyState, today: date) -> Plan:
    """Turn the claims into ownership of the same holders; what burdens the section stays.

    Raises
    ------
    RuleBroken
        There is no claim in the section.
    """
    del today
    claims = _claims(state)
    ends = tuple(EndRight(claim) for claim in claims)
    opens = tuple(
        OpenRight(state.property_id, "ownership", claim.party_id, claim.share, claim.terms, continues=claim)
        for claim in claims
    )
    stages = tuple(ReachStage(building_id, "completed") for building_id in command.building_ids)
    return Plan("register.completion", (*ends, *stages, *opens))


def plan_dissolution(state: PropertyState) -> Plan:
    """End the claims and close their section: the unit belongs to no section and can be claimed again.

    Raises
    ------
    RuleBroken
        There is no claim in the section.
    """
    ends = tuple(EndRight(claim) for claim in _claims(state))
    units = (MoveObject(None, None, unit_id, None, None) for unit_id in state.unit_ids)
    return Plan("register.dissolution", (*ends, *units, CloseProperty(state.property_id, "dissolution")))


def _claims(state: PropertyState) -> list[RightState]:
    claims = [right for right in state.rights if right.kind == "future_ownership"]
    if not claims:
        raise RuleBroken(
            f"Property {state.register_number} has no claim to a unit of an unfinished building.",
            code="claim-not-found",
            rule="building-stage",
            register_number=state.register_number,
        )
    return claims


def plan_conversion(command: ConvertPaper, today: date) -> Plan:
    """Take a paper extract in, and open the section of which only the paper tells.

    Raises
    ------
    InvalidInput
        The paper is dated after today, an entry after the paper, or not every holder has an entry on it.
    """
    last = command.issued_on or today
    if last > today or any(entry.registered_on > last for entry in command.printed):
        raise InvalidInput(
            "The paper is dated after today, or an entry after the paper.", code="document-future-dated"
        )
    ref: PropertyRef = SECTION
    acts: tuple[Act, ...] = ()
    if command.opens is not None:
        acts = _printed_section(command, command.opens, today)
    elif command.property_id is not None:
        ref = command.property_id
    paper = TakeInPaper(ref, command.series, command.number, command.issued_on)
    return Plan("register.paper-conversion", (*acts, paper))


def _printed_section(command: ConvertPaper, opens: FirstRegistration, today: date) -> tuple[Act, ...]:
    if len(command.printed) != len(opens.holders):
        raise InvalidInput("The paper has an entry for each holder.", code="entries-misfit")
    entries = iter(command.printed)
    acts: list[Act] = []
    for act in plan_first(opens, today).acts:
        match act:
            case OpenProperty():
                acts.append(replace(act, book_number=command.book_number, sheet_number=command.sheet_number))
            case OpenRight():
                entry = next(entries)
                acts.append(replace(act, printed=entry, since=entry.registered_on))
            case _:
                acts.append(act)
    return tuple(acts)


def find_reached_stage(commands: Iterable[Command]) -> str | None:
    """Give the stage that the building will have reached once these commands are registered.

    Examples
    --------
    >>> find_reached_stage([CompleteUnit(1, (7,), "completed")])
    'completed'
    """
    for command in commands:
        if (
            isinstance(command, FirstRegistration | CompleteUnit | DissolveClaim)
            and command.stage is not None
        ):
            return command.stage
    return None


__all__ = [
    "find_reached_stage",
    "plan_completion",
    "plan_conversion",
    "plan_dissolution",
    "plan_entering",
    "plan_first",
]
