"""Finds sections by something other than their number, for the entitled, and writes down that they looked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection

from cadastre.db.unit_of_work import Database, Isolation, UnitOfWork
from cadastre.domain.caller import Caller, is_bound_to_own_property, may_read_any_property
from cadastre.domain.look import Subject, find_disclosure_day, of_number, require_purpose
from cadastre.domain.moment import NOW, AskedMoment, Moment
from cadastre.domain.search import (
    ByAddress,
    ByPaper,
    ByParcel,
    ByParty,
    FoundProperties,
    FoundProperty,
    Question,
    name_of,
)
from cadastre.kernel.errors import Denied
from cadastre.services.ledger_clock import sequence
from cadastre.services.moments import require_day, settle_moment
from cadastre.store.looks import append_look
from cadastre.store.search import (
    find_by_address,
    find_by_paper,
    find_by_parcel,
    find_held,
    list_parties,
    list_sections,
)

Held = Mapping[int, tuple[str, ...]]


def find_properties(
    database: Database,
    question: Question,
    caller: Caller,
    *,
    purpose: str,
    today: date,
    limit: int,
    moment: AskedMoment = NOW,
) -> FoundProperties:
    """Give the sections that a question finds; owners and banks find what they stand in themselves, today.

    The log names what was asked by and the sections found, never the number of a person. Of a past
    moment what was registered then is found, by the records that were known to be one party then.

    Raises
    ------
    Denied
        The role reads no rights, or asks for what somebody else holds.
    InvalidInput
        The purpose is in no list, or the moment is not of the register's time.
    """
    _require_entitled(question, caller)
    require_purpose(purpose, caller, today)
    require_day(moment.as_of, today)
    sequence(database)
    return database.run(
        lambda uow: _look(uow, question, caller, purpose, today, limit, moment),
        isolation=Isolation.REPEATABLE_READ,
    )


def _require_entitled(question: Question, caller: Caller) -> None:
    if may_read_any_property(caller):
        return
    if not is_bound_to_own_property(caller):
        raise Denied(f"The role {caller.role.value} may not read rights.", code="role-not-entitled")
    if isinstance(question, ByParty) and (question.fin, question.voen) not in (
        (caller.fin, None),
        (None, caller.voen),
    ):
        raise Denied("You may ask for your own number only.", code="own-number-only")


def _look(
    uow: UnitOfWork,
    question: Question,
    caller: Caller,
    purpose: str,
    today: date,
    limit: int,
    asked: AskedMoment,
) -> FoundProperties:
    connection = uow.connection
    at = settle_moment(connection, asked, today).moment
    said: dict[str, Any] = {
        "caller": caller,
        "purpose": purpose,
        "disclosed_from": find_disclosure_day(purpose, caller, today),
    }
    asked_for = of_number(fin=question.fin, voen=question.voen) if isinstance(question, ByParty) else ()
    payload = {"by": name_of(question), "purpose": purpose}
    append_look(connection, kind="access.search", payload=payload, subjects=asked_for, **said)
    held = _find(connection, question, at)
    if is_bound_to_own_property(caller):
        own = _own_today(connection, caller, today)
        held = {key: held[key] or own[key] for key in held if key in own}
    rows = list_sections(connection, list(held), limit + 1, at)
    found = FoundProperties(
        tuple(
            FoundProperty(
                register_number=row.register_number,
                object_kind=row.object_kind,
                district_code=row.district_code,
                is_closed=row.is_closed,
                cadastral_numbers=tuple(row.cadastral_numbers),
                held_as=held[row.property_id],
            )
            for row in rows[:limit]
        ),
        more=len(rows) > limit,
        as_of=at.as_of,
        ledger_index=at.known_at,
    )
    numbers = [each.register_number for each in found.properties]
    shown = tuple(Subject(property_id=row.property_id, moment=at) for row in rows[:limit])
    append_look(
        connection, kind="access.found", payload={"register_numbers": numbers}, subjects=shown, **said
    )
    return found


def _own_today(connection: Connection, caller: Caller, today: date) -> Held:
    """Give what the caller stands in now: what he held once opens nothing."""
    now = settle_moment(connection, NOW, today).moment
    return find_held(connection, list_parties(connection, fin=caller.fin, voen=caller.voen), now)


def _find(connection: Connection, question: Question, at: Moment) -> Held:
    match question:
        case ByParty(fin, voen):
            parties = list_parties(connection, fin=fin, voen=voen, known_at=at.known_at)
            return find_held(connection, parties, at)
        case ByPaper(series, number):
            found = find_by_paper(connection, series, number, at)
        case ByParcel(cadastral_number):
            found = find_by_parcel(connection, cadastral_number, at)
        case ByAddress(street_key, house, district_code):
            found = find_by_address(
                connection, at, street_key=street_key, house=house, district_code=district_code
            )
    return dict.fromkeys(found, ())


__all__ = ["find_properties"]
