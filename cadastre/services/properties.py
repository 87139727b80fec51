"""Reads a property with its parties, for entitled callers, and writes down that they looked."""

from __future__ import annotations

from datetime import date
from typing import Any

from cadastre.db.unit_of_work import Database, Isolation, UnitOfWork
from cadastre.domain.caller import Caller, is_bound_to_own_property, may_read_any_property
from cadastre.domain.look import find_disclosure_day, of_property, require_purpose
from cadastre.domain.moment import NOW, AskedMoment, Moment
from cadastre.domain.property import PropertyView
from cadastre.kernel.errors import Denied, NotAuthenticated, NotFound
from cadastre.kernel.ids import RegisterNumber, parse_register_number
from cadastre.services.ledger_clock import PATIENCE_S, refuse_unnumbered, repeat_when_numbered
from cadastre.services.moments import require_day, settle_moment
from cadastre.services.property_view import property_view
from cadastre.store.looks import add_subjects, append_look
from cadastre.store.notices import holds_place
from cadastre.store.present import find_present
from cadastre.store.properties import PropertyRows, find_property, has_holder
from cadastre.store.search import stands_in
from cadastre.store.section_look import look_values, read_look, section_look


def get_property_view(
    database: Database,
    register_number: str,
    *,
    caller: Caller,
    purpose: str,
    today: date,
    moment: AskedMoment = NOW,
    patience_s: float = PATIENCE_S,
) -> PropertyView:
    """Give a property with every entry about it that is numbered; the look is written down either way.

    Of any moment that was: a section that is closed can be read for ever.

    Raises
    ------
    NotAuthenticated, Denied
        The caller is anonymous, or his role sees no rights.
    InvalidInput
        Malformed number, unknown purpose, or a moment that is not of the register's time.
    NotFound
        There is, or was at that moment, none that the caller may see.
    LedgerBusy
        An entry about it has no place in the ledger yet, ``patience_s`` seconds long.
    """
    _require_entitled(caller)
    number = parse_register_number(register_number)
    require_purpose(purpose, caller, today)
    require_day(moment.as_of, today)
    view = repeat_when_numbered(
        database,
        lambda: _look(database, number, caller, purpose, today, moment),
        patience_s=patience_s,
    )
    if view is None:
        raise NotFound(
            "There is no property under this register number that you may see.", code="property-not-found"
        )
    return view


def _look(
    database: Database,
    number: RegisterNumber,
    caller: Caller,
    purpose: str,
    today: date,
    moment: AskedMoment,
) -> PropertyView | None:
    """Log the look and give what the caller may see: by one statement where the section changes nothing."""
    if moment.known_at is not None or is_bound_to_own_property(caller):
        return database.run(
            lambda uow: look_at_property(uow, number, caller, purpose, today, moment=moment),
            isolation=Isolation.REPEATABLE_READ,
        )
    day = moment.as_of or today
    asked = look_values(
        caller,
        number,
        _payload(number, purpose, moment),
        as_of=day,
        purpose=purpose,
        disclosed_from=find_disclosure_day(purpose, caller, today),
    )
    (answer,) = database.ask(section_look(), asked)
    looked = read_look(answer)
    refuse_unnumbered(int(not looked.is_logged))
    if looked.rows is None:
        return None
    return property_view(
        looked.rows, Moment(day, looked.head), version=looked.version if day == today else None
    )


def look_at_property(
    uow: UnitOfWork,
    number: RegisterNumber,
    caller: Caller,
    purpose: str,
    today: date,
    *,
    moment: AskedMoment = NOW,
    is_consented: bool = False,
) -> PropertyView | None:
    """Log the look and give what the caller may see; "none" is an answer that must be committed.

    Whoever is bound to what is his sees also what an owner has consented to (``is_consented``), and that
    before which he holds a living place.

    Raises
    ------
    LedgerBusy
        An entry about it has no place in the ledger yet.
    """
    connection = uow.connection
    present = find_present(connection, number)
    property_id = present.property_id
    if moment.known_at is None:
        refuse_unnumbered(present.unnumbered)
    settled = settle_moment(connection, moment, today, head=present.head)
    shown = of_property(property_id, settled.moment)
    is_bound = is_bound_to_own_property(caller)
    said: dict[str, Any] = {
        "purpose": purpose,
        "disclosed_from": find_disclosure_day(purpose, caller, today),
    }
    leaf = append_look(
        connection,
        kind="access.property",
        caller=caller,
        payload=_payload(number, purpose, moment),
        subjects=() if is_bound else shown,
        **said,
    )
    if property_id is None:
        return None
    rows = find_property(connection, property_id, settled.moment, ground=False)
    if rows is None or (
        is_bound
        and not is_consented
        and not (not settled.is_past and holds_place(connection, property_id, caller.subject))
        and not _is_own(uow, property_id, rows, caller, is_past=settled.is_past)
    ):
        return None
    if is_bound:
        add_subjects(connection, leaf, caller, shown, **said)
    return property_view(rows, settled.moment, version=None if settled.is_past else present.version)


def _payload(number: RegisterNumber, purpose: str, moment: AskedMoment) -> dict[str, str]:
    payload = {"register_number": str(number), "purpose": purpose}
    asked = {"as_of": moment.as_of, "known_at": moment.known_at}
    return payload | {name: str(value) for name, value in asked.items() if value is not None}


def _is_own(uow: UnitOfWork, property_id: int, rows: PropertyRows, caller: Caller, *, is_past: bool) -> bool:
    """Whether the caller stands in the section today, under his number or under a record merged into his."""
    numbers = {"fin": caller.fin, "voen": caller.voen}
    return (not is_past and has_holder(rows, **numbers)) or stands_in(uow.connection, property_id, **numbers)


def _require_entitled(caller: Caller) -> None:
    if caller.subject == "anonymous":
        raise NotAuthenticated("Sign in to read the rights on a property.")
    if not (may_read_any_property(caller) or is_bound_to_own_property(caller)):
        raise Denied(f"The role {caller.role.value} may not read rights.", code="role-not-entitled")


__all__ = ["get_property_view", "look_at_property"]
