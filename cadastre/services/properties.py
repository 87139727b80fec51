"""Reads a property with its parties, for entitled callers, and writes down that they looked."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Row

from cadastre.db.unit_of_work import Database, UnitOfWork
from cadastre.domain.caller import Caller, is_bound_to_own_property, may_read_any_property
from cadastre.domain.codelist import load_codelist
from cadastre.domain.moment import Moment
from cadastre.domain.property import HolderView, PropertyView, RestrictionView, UnitView
from cadastre.kernel.errors import Denied, InvalidInput, NotAuthenticated, NotFound
from cadastre.kernel.ids import RegisterNumber, parse_register_number
from cadastre.services.ledger_clock import PATIENCE_S, require_numbered, run_when_numbered
from cadastre.store.heads import get_version
from cadastre.store.ledger import append_leaf, get_head_index
from cadastre.store.properties import PropertyRows, find_property, find_property_id, has_holder
from cadastre.store.property_leaves import list_leaves_of_property, list_objects_of_property
from cadastre.store.search import stands_in


def get_property_view(
    database: Database,
    register_number: str,
    *,
    caller: Caller,
    purpose: str,
    today: date,
    patience_s: float = PATIENCE_S,
) -> PropertyView:
    """Give a property with every entry about it that is numbered; the look is written down either way.

    Raises
    ------
    NotAuthenticated, Denied
        The caller is anonymous, or his role sees no rights.
    InvalidInput
        Malformed number or unknown purpose.
    NotFound
        There is none that the caller may see.
    LedgerBusy
        An entry about it has no place in the ledger yet, ``patience_s`` seconds long.
    """
    _require_entitled(caller)
    number = parse_register_number(register_number)
    if load_codelist("purposes").find_entry(purpose, today) is None:
        known = ", ".join(load_codelist("purposes").codes_at(today))
        raise InvalidInput(f"purpose must be one of {known}.", code="unknown-purpose")
    view = run_when_numbered(
        database, lambda uow: look_at_property(uow, number, caller, purpose, today), patience_s=patience_s
    )
    if view is None:
        raise NotFound(
            "There is no property under this register number that you may see.", code="property-not-found"
        )
    return view


def look_at_property(
    uow: UnitOfWork, number: RegisterNumber, caller: Caller, purpose: str, today: date
) -> PropertyView | None:
    """Log the look and give what the caller may see; "none" is an answer that must be committed.

    Raises
    ------
    LedgerBusy
        An entry about it has no place in the ledger yet.
    """
    connection = uow.connection
    property_id = find_property_id(connection, number)
    if property_id is not None:
        objects = list_objects_of_property(connection, property_id)
        require_numbered(connection, list_leaves_of_property(connection, property_id, objects))
    payload = {"register_number": number, "purpose": purpose}
    append_leaf(connection, kind="access.property", actor=caller.subject, payload=payload)
    if property_id is None:
        return None
    head = get_head_index(connection)
    rows = find_property(connection, property_id, Moment(as_of=today, known_at=head))
    if rows is None or (is_bound_to_own_property(caller) and not _is_own(uow, property_id, rows, caller)):
        return None
    return _view(rows, head, get_version(connection, property_id))


def _is_own(uow: UnitOfWork, property_id: int, rows: PropertyRows, caller: Caller) -> bool:
    """Whether the caller stands in the section, under his number or under a record merged into his."""
    numbers = {"fin": caller.fin, "voen": caller.voen}
    return has_holder(rows, **numbers) or stands_in(uow.connection, property_id, **numbers)


def _require_entitled(caller: Caller) -> None:
    if caller.subject == "anonymous":
        raise NotAuthenticated("Sign in to read the rights on a property.")
    if not (may_read_any_property(caller) or is_bound_to_own_property(caller)):
        raise Denied(f"The role {caller.role.value} may not read rights.", code="role-not-entitled")


def _view(rows: PropertyRows, head: int, version: int) -> PropertyView:
    section = rows.property
    return PropertyView(
        register_number=section.register_number,
        object_kind=section.object_kind,
        district_code=section.district_code,
        opened_on=section.opened_on,
        version=version,
        ledger_index=head,
        cadastral_numbers=tuple(p.cadastral_number for p in rows.parcels),
        units=tuple(_unit(row) for row in rows.units),
        rights=tuple(_holder(row) for row in rows.rights),
        restrictions=tuple(_restriction(row) for row in rows.restrictions),
    )


def _unit(row: Row[tuple[object, ...]]) -> UnitView:
    return UnitView(
        kind=row.kind,
        building_number=row.building_number,
        unit_number=row.unit_number,
        building_entrance=row.entrance_number,
        floor=row.floor,
        room_count=row.room_count,
        total_area_m2=None if row.total_area_m2 is None else f"{row.total_area_m2:.2f}",
        living_area_m2=None if row.living_area_m2 is None else f"{row.living_area_m2:.2f}",
    )


def _holder(row: Row[tuple[object, ...]]) -> HolderView:
    return HolderView(
        kind=row.kind,
        party_name=row.party_name,
        party_kind=row.party_kind,
        share=None if row.share_numerator is None else f"{row.share_numerator}/{row.share_denominator}",
        joint=row.joint,
        registration_number=row.registration_number,
        registration_date=row.registration_date,
    )


def _restriction(row: Row[tuple[object, ...]]) -> RestrictionView:
    return RestrictionView(
        kind=row.kind,
        beneficiary=row.party_name,
        registration_number=row.registration_number,
        registration_date=row.registration_date,
        amount=None if row.amount is None else f"{row.amount:.2f}",
        currency=row.currency,
        rank=row.rank,
        until=row.until,
    )


__all__ = ["get_property_view", "look_at_property"]
