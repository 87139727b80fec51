"""Finds sections by something other than their number, for the entitled, and writes down that they looked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import Connection

from cadastre.db.unit_of_work import Database, Isolation, UnitOfWork
from cadastre.domain.caller import Caller, is_bound_to_own_property, may_read_any_property
from cadastre.domain.codelist import load_codelist
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
from cadastre.kernel.errors import Denied, InvalidInput
from cadastre.store.ledger import append_leaf
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
    database: Database, question: Question, caller: Caller, *, purpose: str, today: date, limit: int
) -> FoundProperties:
    """Give the sections that a question finds; owners and banks find what they stand in themselves.

    The log names what was asked by and the sections found, never the number of a person.

    Raises
    ------
    Denied
        The role reads no rights, or asks for what somebody else holds.
    InvalidInput
        The purpose is in no list.
    """
    _require_entitled(question, caller)
    require_purpose(purpose, today)
    return database.run(
        lambda uow: _look(uow, question, caller, purpose, limit), isolation=Isolation.REPEATABLE_READ
    )


def require_purpose(purpose: str, today: date) -> None:
    """Refuse a look whose purpose is in no list."""
    if load_codelist("purposes").find_entry(purpose, today) is None:
        known = ", ".join(load_codelist("purposes").codes_at(today))
        raise InvalidInput(f"purpose must be one of {known}.", code="unknown-purpose")


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


def _look(uow: UnitOfWork, question: Question, caller: Caller, purpose: str, limit: int) -> FoundProperties:
    connection = uow.connection
    payload = {"by": name_of(question), "purpose": purpose}
    append_leaf(connection, kind="access.search", actor=caller.subject, payload=payload)
    held = _find(connection, question)
    if is_bound_to_own_property(caller) and not isinstance(question, ByParty):
        own = find_held(connection, list_parties(connection, fin=caller.fin, voen=caller.voen))
        held = {key: own[key] for key in held if key in own}
    rows = list_sections(connection, list(held), limit + 1)
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
    )
    numbers = [each.register_number for each in found.properties]
    append_leaf(connection, kind="access.found", actor=caller.subject, payload={"register_numbers": numbers})
    return found


def _find(connection: Connection, question: Question) -> Held:
    match question:
        case ByParty(fin, voen):
            return find_held(connection, list_parties(connection, fin=fin, voen=voen))
        case ByPaper(series, number):
            found = find_by_paper(connection, series, number)
        case ByParcel(cadastral_number):
            found = find_by_parcel(connection, cadastral_number)
        case ByAddress(street_key, house, district_code):
            found = find_by_address(
                connection, street_key=street_key, house=house, district_code=district_code
            )
    return dict.fromkeys(found, ())


__all__ = ["find_properties", "require_purpose"]
