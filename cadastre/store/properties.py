"""Reads one property with everything registered on it, at any point of both time axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from geoalchemy2.shape import to_shape
from shapely import Polygon
from sqlalchemy import ColumnElement, Connection, Row, ScalarSelect, Table, case, func, or_, select

from cadastre.domain.moment import Moment
from cadastre.store.tables import (
    administrative_source as source,
)
from cadastre.store.tables import (
    building,
    building_unit,
    cadastral_zone,
    district,
    parcel,
    parcel_version,
    party,
    property_,
    property_object,
    property_right,
    restriction,
)

_PARTY_AND_BASIS = (
    party.c.kind.label("party_kind"),
    party.c.name.label("party_name"),
    party.c.fin,
    party.c.voen,
    source.c.kind.label("basis_kind"),
    source.c.number.label("basis_number"),
    source.c.dated.label("basis_date"),
    source.c.issuer.label("basis_issuer"),
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


def _known(table: Table, at: Moment) -> ColumnElement[bool]:
    return func.ledger.is_known(table.c.recorded_leaf, table.c.superseded_leaf, at.known_at)


def _standing(table: Table, at: Moment) -> ColumnElement[bool]:
    in_force = func.ledger.is_in_force(table.c.valid_from, table.c.valid_to, at.as_of)
    return _known(table, at) & in_force


def find_property_id(connection: Connection, register_number: str) -> int | None:
    """Identity of the property with this register number, whatever its state."""
    query = select(property_.c.property_id).where(property_.c.register_number == register_number)
    return connection.execute(query).scalar_one_or_none()


def list_properties_of_parcel(connection: Connection, cadastral_number: str) -> list[int]:
    """Every property that the parcel with this number is or ever was an object of."""
    query = (
        select(property_object.c.property_id)
        .join(parcel, parcel.c.parcel_id == property_object.c.parcel_id)
        .where(parcel.c.cadastral_number == cadastral_number)
        .distinct()
        .order_by(property_object.c.property_id)
    )
    return list(connection.execute(query).scalars())


def find_property_of_parcel(connection: Connection, cadastral_number: str, at: Moment) -> int | None:
    """Property that the parcel with this number was an object of at a moment, or None."""
    query = (
        select(property_object.c.property_id)
        .join(parcel, parcel.c.parcel_id == property_object.c.parcel_id)
        .where(parcel.c.cadastral_number == cadastral_number, _standing(property_object, at))
        .order_by(property_object.c.property_object_id.desc())
        .limit(1)
    )
    return connection.execute(query).scalar_one_or_none()


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
    found = connection.execute(
        select(property_).where(
            property_.c.property_id == property_id, _known(property_, at), property_.c.opened_on <= at.as_of
        )
    ).one_or_none()
    if found is None:
        return None
    objects = connection.execute(
        select(property_object).where(
            property_object.c.property_id == property_id, _standing(property_object, at)
        )
    ).all()
    parcel_ids = [o.parcel_id for o in objects if o.parcel_id is not None]
    building_ids = [o.building_id for o in objects if o.building_id is not None]
    unit_ids = [o.unit_id for o in objects if o.unit_id is not None]
    return PropertyRows(
        property=found,
        parcels=_parcels(connection, parcel_ids, at),
        buildings=_buildings(connection, building_ids, parcel_ids, at),
        units=_units(connection, unit_ids, at),
        rights=_rights(connection, property_id, at),
        restrictions=_restrictions(connection, property_id, at),
        own_building_ids=frozenset(building_ids),
        other_building_ids=_of_others(connection, property_id, parcel_ids, at),
    )


def _parcels(connection: Connection, parcel_ids: list[int], at: Moment) -> Sequence[Row[Any]]:
    query = (
        select(
            parcel.c.cadastral_number,
            parcel.c.district_code,
            district.c.legal_srid,
            _zone_of_parcel(at).label("zone"),
            parcel_version,
        )
        .join(parcel, parcel.c.parcel_id == parcel_version.c.parcel_id)
        .join(district, district.c.code == parcel.c.district_code)
        .where(parcel_version.c.parcel_id.in_(parcel_ids), _standing(parcel_version, at))
        .order_by(parcel.c.cadastral_number)
    )
    return connection.execute(query).all()


def _zone_of_parcel(at: Moment) -> ScalarSelect[str]:
    """Cadastral zone that holds a point on the parcel's surface."""
    point = func.ST_PointOnSurface(parcel_version.c.geom_wgs84)
    code, name = cadastral_zone.c.zone_code, cadastral_zone.c.name_az
    return (
        select(case((func.strpos(name, code) > 0, name), else_=func.concat(code, ", ", name)))
        .where(
            cadastral_zone.c.district_code == parcel.c.district_code,
            func.ST_Covers(cadastral_zone.c.geom_wgs84, point),
            _standing(cadastral_zone, at),
        )
        .order_by(cadastral_zone.c.zone_code)
        .limit(1)
        .scalar_subquery()
    )


def _of_others(connection: Connection, property_id: int, parcel_ids: list[int], at: Moment) -> frozenset[int]:
    """Buildings on these parcels that are objects of another property."""
    query = (
        select(property_object.c.building_id)
        .join(building, building.c.building_id == property_object.c.building_id)
        .where(
            building.c.parcel_id.in_(parcel_ids),
            property_object.c.property_id != property_id,
            _standing(property_object, at),
        )
    )
    return frozenset(connection.execute(query).scalars())


def _buildings(
    connection: Connection, building_ids: list[int], parcel_ids: list[int], at: Moment
) -> Sequence[Row[Any]]:
    """Buildings of the property itself, and those standing on its parcels (for the plan)."""
    query = (
        select(building)
        .where(
            or_(building.c.building_id.in_(building_ids), building.c.parcel_id.in_(parcel_ids)),
            _standing(building, at),
        )
        .order_by(building.c.building_number)
    )
    return connection.execute(query).all()


def _units(connection: Connection, unit_ids: list[int], at: Moment) -> Sequence[Row[Any]]:
    """Units of the property, each with its building as it stood and the land recorded under it."""
    house = (building.c.building_id == building_unit.c.building_id) & _standing(building, at)
    land = (parcel_version.c.parcel_id == building.c.parcel_id) & _standing(parcel_version, at)
    query = (
        select(
            building_unit,
            building.c.floors,
            building.c.parcel_id,
            building.c.building_number,
            parcel.c.cadastral_number,
            parcel_version.c.address_text,
        )
        .join(building, house)
        .outerjoin(parcel, parcel.c.parcel_id == building.c.parcel_id)
        .outerjoin(parcel_version, land)
        .where(building_unit.c.unit_id.in_(unit_ids), _known(building_unit, at))
        .order_by(building_unit.c.unit_number)
    )
    return connection.execute(query).all()


def _rights(connection: Connection, property_id: int, at: Moment) -> Sequence[Row[Any]]:
    query = (
        select(property_right, *_PARTY_AND_BASIS)
        .join(party, party.c.party_id == property_right.c.party_id)
        .outerjoin(source, source.c.source_id == property_right.c.source_id)
        .where(property_right.c.property_id == property_id, _standing(property_right, at))
        .order_by(property_right.c.registration_date, property_right.c.right_id)
    )
    return connection.execute(query).all()


def _restrictions(connection: Connection, property_id: int, at: Moment) -> Sequence[Row[Any]]:
    query = (
        select(restriction, *_PARTY_AND_BASIS)
        .outerjoin(party, party.c.party_id == restriction.c.beneficiary_party_id)
        .outerjoin(source, source.c.source_id == restriction.c.source_id)
        .where(restriction.c.property_id == property_id, _standing(restriction, at))
        .order_by(restriction.c.registration_date, restriction.c.restriction_id)
    )
    return connection.execute(query).all()


def polygon_of(row: Row[Any]) -> Polygon | None:
    """Legal geometry of a parcel or building row, in the UTM zone named by its SRID."""
    if row.geom is None:
        return None
    shape = to_shape(row.geom)
    if not isinstance(shape, Polygon):
        raise TypeError(f"legal geometry is a {shape.geom_type}")
    return shape


def has_holder(rows: PropertyRows, *, fin: str | None, voen: str | None) -> bool:
    """Whether a person or organisation holds a right in the property or benefits from a restriction."""
    parties = [*rows.rights, *rows.restrictions]
    return any((fin and row.fin == fin) or (voen and row.voen == voen) for row in parties)


__all__ = [
    "PropertyRows",
    "find_property",
    "find_property_id",
    "find_property_of_parcel",
    "find_register_number",
    "has_holder",
    "is_parcel_number",
    "list_properties_of_parcel",
    "polygon_of",
]
