"""Reads the land, buildings and units of a property at any point of both time axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from geoalchemy2.shape import to_shape
from shapely import Polygon
from sqlalchemy import Connection, Row, ScalarSelect, Select, case, func, or_, select

from cadastre.domain.moment import Moment
from cadastre.store.standing import ever, known, parcel_of_building, standing
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


def list_objects(connection: Connection, property_id: int, at: Moment) -> Sequence[Row[Any]]:
    """Parcels, buildings and units that make up a property."""
    query = select(property_object).where(
        property_object.c.property_id == property_id, standing(property_object, at)
    )
    return connection.execute(query).all()


def list_parcels(connection: Connection, parcel_ids: list[int], at: Moment) -> Sequence[Row[Any]]:
    """Parcels as they stood, with their zone."""
    if not parcel_ids:
        return ()
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
        .where(parcel_version.c.parcel_id.in_(parcel_ids), ever(parcel_version), standing(parcel_version, at))
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
            standing(cadastral_zone, at),
        )
        .order_by(cadastral_zone.c.zone_code)
        .limit(1)
        .scalar_subquery()
    )


def list_buildings(
    connection: Connection, building_ids: list[int], parcel_ids: list[int], at: Moment
) -> Sequence[Row[Any]]:
    """Buildings of a property itself and those standing on its parcels, each with its parcel of the moment.

    ``is_of_another`` tells that the building is an object of some other property.
    """
    if not building_ids and not parcel_ids:
        return ()
    moved_here = select(building_site.c.building_id).where(building_site.c.parcel_id.in_(parcel_ids))
    stands_on = parcel_of_building(at)
    columns = [column for column in building.c if column.name != "parcel_id"]
    query: Select[Any] = (
        select(*columns, stands_on.label("parcel_id"))
        .where(
            or_(
                building.c.building_id.in_(building_ids),
                building.c.parcel_id.in_(parcel_ids),
                building.c.building_id.in_(moved_here),
            ),
            or_(building.c.building_id.in_(building_ids), stands_on.in_(parcel_ids)),
            standing(building, at),
        )
        .order_by(building.c.building_number)
    )
    return connection.execute(query).all()


def list_of_others(
    connection: Connection, property_id: int, building_ids: list[int], at: Moment
) -> frozenset[int]:
    """Which of these buildings are objects of another property."""
    if not building_ids:
        return frozenset()
    query = select(property_object.c.building_id).where(
        property_object.c.building_id.in_(building_ids),
        ever(property_object),
        property_object.c.property_id != property_id,
        standing(property_object, at),
    )
    return frozenset(connection.execute(query).scalars())


def list_units(connection: Connection, unit_ids: list[int], at: Moment) -> Sequence[Row[Any]]:
    """Units of a property, each with its building as it stood and the land recorded under it."""
    if not unit_ids:
        return ()
    house = (building.c.building_id == building_unit.c.building_id) & standing(building, at)
    stands_on = parcel_of_building(at)
    land = (
        (parcel_version.c.parcel_id == parcel.c.parcel_id)
        & ever(parcel_version)
        & standing(parcel_version, at)
    )
    query = (
        select(
            building_unit,
            building.c.floors,
            stands_on.label("parcel_id"),
            building.c.building_number,
            parcel.c.cadastral_number,
            parcel_version.c.address_text,
        )
        .join(building, house)
        .outerjoin(parcel, parcel.c.parcel_id == stands_on)
        .outerjoin(parcel_version, land)
        .where(building_unit.c.unit_id.in_(unit_ids), known(building_unit, at))
        .order_by(building_unit.c.unit_number)
    )
    return connection.execute(query).all()


def polygon_of(row: Row[Any]) -> Polygon | None:
    """Legal geometry of a parcel or building row, in the UTM zone named by its SRID."""
    return read_polygon(row.geom)


def read_polygon(stored: object) -> Polygon | None:
    """Read a stored polygon, in the UTM zone named by its SRID (easting, northing in metres)."""
    if stored is None:
        return None
    shape = to_shape(stored)  # type: ignore[arg-type]
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
