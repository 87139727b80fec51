"""Flags attributes as under investigation, and lifts the flags: the registrar's or a court's to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, Row

from cadastre.db.unit_of_work import UnitOfWork
from cadastre.domain.caller import Caller, CallerRole
from cadastre.domain.codelist import load_codelist
from cadastre.domain.look import find_disclosure_day, of_property, require_purpose
from cadastre.domain.moment import Moment
from cadastre.kernel.errors import Denied, InvalidInput, NotFound, RuleBroken
from cadastre.kernel.ids import parse_register_number
from cadastre.kernel.text import clean_text
from cadastre.services.case_intake import require_competence
from cadastre.store.heads import enter_properties
from cadastre.store.investigations import (
    FlagSubject,
    begin_investigation,
    end_investigation,
    find_flagged_parcel,
    find_flagged_property,
    find_investigation,
    is_entry_of,
    list_investigations,
)
from cadastre.store.ledger import append_leaf, get_head_index
from cadastre.store.looks import append_look
from cadastre.store.party_links import find_party

MAX_REASON: Final = 2000


@dataclass(frozen=True, slots=True)
class FlagOrder:
    """What is to be flagged: a section, one entry of it (``registration_number``), a parcel, or a party."""

    attribute: str
    reason: str
    register_number: str | None = None
    registration_number: str | None = None
    cadastral_number: str | None = None
    party_id: UUID | None = None
    case_id: UUID | None = None


def flag_attribute(uow: UnitOfWork, order: FlagOrder, caller: Caller, *, today: date) -> int:
    """Flag an attribute as under investigation from today on; gives the number of the flag.

    At READ COMMITTED. It blocks nothing: every reader is told, and so is whoever decides about it.

    Raises
    ------
    InvalidInput
        The order names no subject, or several, or an attribute that such a subject does not have.
    NotFound
        The subject is not in the register.
    Conflict
        The attribute is flagged already.
    """
    connection = uow.connection
    reason = clean_text(order.reason, field="reason", multiline=True, max_length=MAX_REASON)
    if not reason:
        raise InvalidInput("Say why it is investigated.", code="reason-missing")
    _require_attribute(order, today)
    subject = _find_subject(connection, order, caller, today)
    payload = {"role": caller.role.value, "attribute": order.attribute, **_named(order)}
    leaf = append_leaf(connection, kind="case.investigation-begun", actor=caller.subject, payload=payload)
    if subject.party_id is not None and find_party(connection, subject.party_id) is None:
        raise NotFound("There is no such record of a party.", code="party-not-found")
    return begin_investigation(
        connection, subject, attribute=order.attribute, reason=reason, case_id=order.case_id, leaf=leaf
    )


def lift_flag(uow: UnitOfWork, flag: int, caller: Caller, *, today: date) -> None:
    """End a flag today; one that has ended stays ended. What a court began a court ends.

    Raises
    ------
    NotFound
        No flag was begun under this number.
    Denied
        A court began it, and the caller is none; or it is outside his territory.
    """
    connection = uow.connection
    found = find_investigation(connection, flag)
    if found is None:
        raise NotFound("There is no such flag.", code="investigation-not-found")
    if found.begun_by == CallerRole.COURT and caller.role is not CallerRole.COURT:
        raise Denied("A court began this investigation; a court ends it.", code="court-began-it")
    require_competence(connection, caller, filter(None, [found.district_code]), today)
    if found.is_over:
        return
    if found.property_id is not None:
        enter_properties(connection, [found.property_id])
    payload = {"role": caller.role.value, "investigation": str(flag)}
    leaf = append_leaf(connection, kind="case.investigation-ended", actor=caller.subject, payload=payload)
    end_investigation(connection, flag, leaf=leaf)


def show_flags(
    uow: UnitOfWork, register_number: str, caller: Caller, *, purpose: str, today: date
) -> Sequence[Row[Any]]:
    """Give the flags that stand on a section, its parcels, entries and parties; the look is written down."""
    require_purpose(purpose, caller, today)
    number = parse_register_number(register_number)
    connection = uow.connection
    payload = {"register_number": number, "purpose": purpose}
    found = find_flagged_property(connection, number)
    if found is None:
        raise _no_property(number)
    moment = Moment(as_of=today, known_at=get_head_index(connection))
    append_look(
        connection,
        kind="access.property",
        caller=caller,
        payload=payload,
        subjects=of_property(found.property_id, moment),
        purpose=purpose,
        disclosed_from=find_disclosure_day(purpose, caller, today),
    )
    return list_investigations(connection, found.property_id, moment)


def _require_attribute(order: FlagOrder, today: date) -> None:
    codes = load_codelist("investigated_attributes")
    kind = _kind_of(order)
    entry = codes.find_entry(order.attribute, today)
    if entry is None or kind not in entry.texts("of"):
        known = [item.code for item in codes.entries_at(today) if kind in item.texts("of")]
        raise InvalidInput(
            f"Of a {kind} one of these is investigated: {', '.join(known)}.",
            code="attribute-not-investigated",
        )


def _kind_of(order: FlagOrder) -> str:
    subjects = [order.register_number, order.cadastral_number, order.party_id]
    if sum(item is not None for item in subjects) != 1:
        raise InvalidInput(
            "Name one subject: a register number, a cadastral number or the record of a party.",
            code="subject-not-one",
        )
    if order.registration_number is not None:
        if order.register_number is None:
            raise InvalidInput("An entry is named beside its section.", code="entry-without-section")
        return "entry"
    if order.register_number is not None:
        return "property"
    return "parcel" if order.cadastral_number is not None else "party"


def _find_subject(connection: Connection, order: FlagOrder, caller: Caller, today: date) -> FlagSubject:
    """Find what is flagged; the head of a section is taken, so that nobody decides about it meanwhile."""
    if order.party_id is not None:
        return FlagSubject(party_id=order.party_id)
    if order.cadastral_number is not None:
        parcel = find_flagged_parcel(connection, order.cadastral_number)
        if parcel is None:
            raise NotFound("There is no parcel of this cadastral number.", code="parcel-not-found")
        require_competence(connection, caller, [parcel.district_code], today)
        return FlagSubject(parcel_id=parcel.parcel_id)
    number = parse_register_number(order.register_number or "")
    found = find_flagged_property(connection, number)
    if found is None:
        raise _no_property(number)
    require_competence(connection, caller, [found.district_code], today)
    enter_properties(connection, [found.property_id])
    entry = order.registration_number
    if entry is not None and not is_entry_of(connection, found.property_id, entry):
        raise RuleBroken(
            f"No current entry of property {number} has this registration number.",
            code="entry-not-current",
            rule="cancel-needs-entry",
            register_number=number,
        )
    return FlagSubject(property_id=found.property_id, registration_number=entry)


def _named(order: FlagOrder) -> dict[str, str]:
    named = {
        "register_number": order.register_number,
        "registration_number": order.registration_number,
        "cadastral_number": order.cadastral_number,
        "party": None if order.party_id is None else str(order.party_id),
    }
    return {key: value for key, value in named.items() if value is not None}


def _no_property(number: str) -> NotFound:
    return NotFound(
        "There is no property under this register number.", code="property-not-found", register_number=number
    )


__all__ = ["FlagOrder", "flag_attribute", "lift_flag", "show_flags"]
