"""Reads the land, buildings and units of a property at any point of both time axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shapely import Polygon, from_wkb
from sqlalchemy import Connection, Row, Select, any_, bindparam, case, func, literal_column, or_, select

from cadastre.db.prepared import fetch, written
from cadastre.domain.moment import Moment
from cadastre.store.standing import among, bound, ever, known, parcel_of_building, standing
from cadastre.store.subject_tables import building_site
from cadastre.store.tables import (
    building,
    building_unit,
    cadastral_zone,
    district,
    parcel,
    parcel_version,
    property_object,
)

_point = func.ST_PointOnSurface(parcel_version.c.geom_wgs84)
_code, _name = cadastral_zone.c.zone_code, cadastral_zone.c.name_az
_named = case(
    (func.strpos(_name, _code) > literal_column("0"), _name),
    else_=_code + literal_column("', '") + _name,
)
_zone = (
    select(_named)
    .where(
        cadastral_zone.c.district_code == parcel.c.district_code,
        func.ST_Covers(cadastral_zone.c.geom_wgs84, _point),
        standing(cadastral_zone),
    )
    .order_by(cadastral_zone.c.zone_code)
    .limit(1)
    .scalar_subquery()
)
"""Cadastral zone that holds a point on the parcel's surface."""
_stands_on = parcel_of_building()

_OBJECTS = (
    select(property_object)
    .where(property_object.c.property_id == bindparam("property"), standing(property_object))
    .order_by(property_object.c.property_object_id)
)
_PARCELS = (
    select(
        parcel.c.cadastral_number,
        parcel.c.district_code,
        district.c.legal_srid,
        _zone.label("zone"),
        parcel_version,
    )
    .join(parcel, parcel.c.parcel_id == parcel_version.c.parcel_id)
    .join(district, district.c.code == parcel.c.district_code)
    .where(among(parcel_version.c.parcel_id, "parcels"), ever(parcel_version), standing(parcel_version))
    .order_by(parcel.c.cadastral_number)
)
_moved_here = select(building_site.c.building_id).where(among(building_site.c.parcel_id, "parcels"))
# an array, not IN: each of the three conditions is then sought by its index
_BUILDINGS: Select[Any] = (
    select(*(column for column in building.c if column.name != "parcel_id"), _stands_on.label("parcel_id"))
    .where(
        or_(
            among(building.c.building_id, "buildings"),
            among(building.c.parcel_id, "parcels"),
            building.c.building_id == any_(func.array(_moved_here.scalar_subquery())),
        ),
        or_(among(building.c.building_id, "buildings"), among(_stands_on, "parcels")),
        standing(building),
    )
    .order_by(building.c.building_number)
)
_OF_OTHERS = select(property_object.c.building_id).where(
    among(property_object.c.building_id, "buildings"),
    ever(property_object),
    property_object.c.property_id != bindparam("property"),
    standing(property_object),
)
_unit = (
    select(
        building_unit,
        building.c.floors,
        building.c.building_number,
        _stands_on.label("parcel_id"),
    )
    .join(building, (building.c.building_id == building_unit.c.building_id) & standing(building))
    .where(among(building_unit.c.unit_id, "units"), known(building_unit))
    .subquery()
)
# Asked for each unit: where a building stands cannot be foreseen, and joined to it all land would be read.
_number_under = select(parcel.c.cadastral_number).where(parcel.c.parcel_id == _unit.c.parcel_id)
_address_under = select(parcel_version.c.address_text).where(
    parcel_version.c.parcel_id == _unit.c.parcel_id, ever(parcel_version), standing(parcel_version)
)
_UNITS = select(
    _unit,
    _number_under.scalar_subquery().label("cadastral_number"),
    _address_under.scalar_subquery().label("address_text"),
).order_by(_unit.c.unit_number)


def list_objects(connection: Connection, property_id: int, at: Moment) -> Sequence[Row[Any]]:
    """Parcels, buildings and units that make up a property."""
    return fetch(connection, written(_OBJECTS), bound(at, property=property_id))


def list_parcels(connection: Connection, parcel_ids: list[int], at: Moment) -> Sequence[Row[Any]]:
    """Parcels as they stood, with their zone."""
    return fetch(connection, written(_PARCELS), bound(at, parcels=parcel_ids)) if parcel_ids else ()


def list_buildings(
    connection: Connection, building_ids: list[int], parcel_ids: list[int], at: Moment
) -> Sequence[Row[Any]]:
    """Buildings of a property and those standing on its parcels, each with its parcel of then."""
    if not building_ids and not parcel_ids:
        return ()
    return fetch(connection, written(_BUILDINGS), bound(at, buildings=building_ids, parcels=parcel_ids))


def list_of_others(
    connection: Connection, property_id: int, building_ids: list[int], at: Moment
) -> frozenset[int]:
    """Which of these buildings are objects of another property."""
    if not building_ids:
        return frozenset()
    values = bound(at, buildings=building_ids, property=property_id)
    return frozenset(row.building_id for row in fetch(connection, written(_OF_OTHERS), values))


def list_units(connection: Connection, unit_ids: list[int], at: Moment) -> Sequence[Row[Any]]:
    """Units of a property, each with its building as it stood and the land recorded under it."""
    return fetch(connection, written(_UNITS), bound(at, units=unit_ids)) if unit_ids else ()


def polygon_of(row: Row[Any]) -> Polygon | None:
    """Legal geometry of a parcel or building row, in the UTM zone named by its SRID."""
    return read_polygon(row.geom)


def read_polygon(stored: memoryview | None) -> Polygon | None:
    """Read a stored polygon (EWKB), in the UTM zone named by its SRID (easting, northing in metres)."""
    if stored is None:
        return None
    shape = from_wkb(bytes(stored))
    if not isinstance(shape, Polygon):
        raise TypeError(f"legal geometry is a {shape.geom_type}")
    return shape


__all__ = [
    "list_buildings",
    "list_objects",
    "list_of_others",
    "list_parcels",
    "list_units",
    "polygon_of",
    "read_polygon",
]
