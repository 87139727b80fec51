"""Reads one property with everything registered on it, at any point of both time axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from cadastre.db.prepared import fetch, prepared, written
from cadastre.domain.moment import Moment
from cadastre.store.investigations import list_investigations
from cadastre.store.paper_extracts import list_papers
from cadastre.store.property_entries import find_closing, list_restrictions, list_rights
from cadastre.store.property_land import (
    list_buildings,
    list_objects,
    list_of_others,
    list_parcels,
    list_units,
    polygon_of,
)
from cadastre.store.servitudes import list_servitudes
from cadastre.store.standing import begun, bound, ever, known, standing
from cadastre.store.tables import parcel, property_, property_object

_ID = prepared("SELECT property_id FROM cadastre.property WHERE register_number = :number")
_SECTION = select(property_, list_papers().label("papers"), list_servitudes().label("servitudes")).where(
    property_.c.property_id == bindparam("property"), known(property_), begun(property_.c.opened_on)
)
_OF_PARCEL = (
    select(property_object.c.property_id)
    .join(parcel, parcel.c.parcel_id == property_object.c.parcel_id)
    .where(parcel.c.cadastral_number == bindparam("number"), ever(property_object), standing(property_object))
    .order_by(property_object.c.property_object_id.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class PropertyRows:
    """Rows of one property that are known and in force at a moment, in registration order."""

    property: Row[Any]
    parcels: Sequence[Row[Any]]
    buildings: Sequence[Row[Any]]
    units: Sequence[Row[Any]]
    rights: Sequence[Row[Any]]
    restrictions: Sequence[Row[Any]]
    own_building_ids: frozenset[int] = frozenset()  # entered as objects of this property
    other_building_ids: frozenset[int] = frozenset()  # standing on its land, but of another property
    flags: Sequence[Row[Any]] = ()  # what of it is under investigation
    closing: Row[Any] | None = None  # when and why it was closed, and what came of it


def find_property_id(connection: Connection, register_number: str) -> int | None:
    """Identity of the property with this register number, whatever its state."""
    found = fetch(connection, _ID, {"number": register_number})
    return found[0].property_id if found else None


def list_properties_of_parcel(connection: Connection, cadastral_number: str) -> list[int]:
    """Every property that the parcel with this number is or ever was an object of."""
    query = (
        select(property_object.c.property_id)
        .join(parcel, parcel.c.parcel_id == property_object.c.parcel_id)
        .where(parcel.c.cadastral_number == cadastral_number, ever(property_object))
        .distinct()
        .order_by(property_object.c.property_id)
    )
    return list(connection.execute(query).scalars())


def find_property_of_parcel(connection: Connection, cadastral_number: str, at: Moment) -> int | None:
    """Property that the parcel with this number was an object of at a moment, or None."""
    return connection.execute(_OF_PARCEL, bound(at, number=cadastral_number)).scalar_one_or_none()


def find_register_number(connection: Connection, property_id: int) -> str:
    """Register number of a property."""
    query = select(property_.c.register_number).where(property_.c.property_id == property_id)
    return str(connection.execute(query).scalar_one())


def is_parcel_number(connection: Connection, cadastral_number: str) -> bool:
    """Whether a parcel has this number, a right registered on it or not."""
    query = select(parcel.c.parcel_id).where(parcel.c.cadastral_number == cadastral_number)
    return connection.execute(query).first() is not None


def find_property(connection: Connection, property_id: int, at: Moment) -> PropertyRows | None:
    """Everything registered on the property at a moment, or None when it was not registered then."""
    sections = fetch(connection, written(_SECTION), bound(at, property=property_id))
    if not sections:
        return None
    objects = list_objects(connection, property_id, at)
    parcel_ids = [o.parcel_id for o in objects if o.parcel_id is not None]
    building_ids = [o.building_id for o in objects if o.building_id is not None]
    unit_ids = [o.unit_id for o in objects if o.unit_id is not None]
    buildings = list_buildings(connection, building_ids, parcel_ids, at)
    around = [b.building_id for b in buildings if b.building_id not in building_ids]
    return PropertyRows(
        property=sections[0],
        parcels=list_parcels(connection, parcel_ids, at),
        buildings=buildings,
        units=list_units(connection, unit_ids, at),
        rights=list_rights(connection, property_id, at),
        restrictions=list_restrictions(connection, property_id, at),
        own_building_ids=frozenset(building_ids),
        other_building_ids=list_of_others(connection, property_id, around, at),
        flags=list_investigations(connection, property_id, at),
        closing=find_closing(connection, property_id, at),
    )


def find_last_state(connection: Connection, closed: PropertyRows) -> PropertyRows | None:
    """Give a closed section as it stood at its end, with what is known of its closing."""
    if closed.closing is None:
        return closed
    end = Moment(as_of=closed.closing.closed_on, known_at=closed.closing.closed_at - 1)
    stood = find_property(connection, closed.property.property_id, end)
    return None if stood is None else replace(stood, closing=closed.closing)


def has_holder(rows: PropertyRows, *, fin: str | None, voen: str | None) -> bool:
    """Whether a person or organisation holds a right in the property or benefits from a restriction."""
    parties = [*rows.rights, *rows.restrictions]
    return any((fin and row.fin == fin) or (voen and row.voen == voen) for row in parties)


__all__ = [
    "PropertyRows",
    "find_last_state",
    "find_property",
    "find_property_id",
    "find_property_of_parcel",
    "find_register_number",
    "has_holder",
    "is_parcel_number",
    "list_properties_of_parcel",
    "polygon_of",
]
