"""Reads the land, buildings and units of a property at any point of both time axes."""

from __future__ import annotations

from typing import Any

from geoalchemy2 import Geometry
from shapely import Polygon, from_wkb
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    LargeBinary,
    Row,
    Select,
    Table,
    any_,
    bindparam,
    case,
    column,
    func,
    literal_column,
    null,
    or_,
    select,
    table,
)

from cadastre.store.nested_rows import NestedRows, nested
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

_own = table("own", *(column(name, BigInteger) for name in ("parcel_id", "building_id", "unit_id")))
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
_srid = select(district.c.legal_srid).where(district.c.code == parcel.c.district_code).scalar_subquery()
_stands_on = parcel_of_building()


def _of_own(name: str) -> ColumnElement[Any]:
    """Identities of one kind among the objects of the property, as an array: each is sought by an index."""
    own = _own.c[name]
    return any_(func.array(select(own).where(own.is_not(None)).scalar_subquery()))


def _columns(stored: Table, *, ground: bool) -> list[ColumnElement[Any]]:
    """Columns of a table; outlines (EWKB) only with the ground: they are long, and stored apart."""
    return [
        one
        if not isinstance(one.type, Geometry)
        else (func.ST_AsEWKB(one, type_=LargeBinary) if ground else null()).label(one.name)
        for one in stored.c
    ]


OBJECTS = select(property_object).where(
    property_object.c.property_id == bindparam("property"), standing(property_object)
)
"""Parcels, buildings and units that make up a property."""


def land_questions(*, ground: bool) -> tuple[NestedRows, ...]:
    """Give the questions for the parcels, buildings and units of a property, all of the same columns.

    Without the ground there are no outlines, no zone, and nothing of what its buildings and units stand on;
    with it also the buildings on its parcels, and which of them are objects of another property.
    """
    buildings = _buildings() if ground else _own_buildings()
    land = (
        nested("parcels", _parcels(ground=ground)),
        nested("buildings", buildings.order_by(building.c.building_number)),
        nested("units", _units() if ground else _own_units()),
    )
    return (*land, nested("of_others", _of_others(buildings))) if ground else land


def _parcels(*, ground: bool) -> Select[Any]:
    """Its parcels as they stood, with their zone."""
    srid, zone = (_srid, _zone) if ground else (null(), null())
    return (
        select(
            parcel.c.cadastral_number,
            parcel.c.district_code,
            srid.label("legal_srid"),
            zone.label("zone"),
            *_columns(parcel_version, ground=ground),
        )
        .join(parcel, parcel.c.parcel_id == parcel_version.c.parcel_id)
        .where(
            parcel_version.c.parcel_id == _of_own("parcel_id"), ever(parcel_version), standing(parcel_version)
        )
        .order_by(parcel.c.cadastral_number)
    )


_entered = building.c.building_id == _of_own("building_id")


def _buildings() -> Select[Any]:
    """Buildings of it and those standing on its parcels, each with its parcel of then."""
    moved_here = select(building_site.c.building_id).where(building_site.c.parcel_id == _of_own("parcel_id"))
    # an array, not IN: each of the three conditions is then sought by its index
    return select(
        *(one for one in _columns(building, ground=True) if one.name != "parcel_id"),
        _stands_on.label("parcel_id"),
        _entered.label("is_own"),
    ).where(
        or_(
            _entered,
            building.c.parcel_id == _of_own("parcel_id"),
            building.c.building_id == any_(func.array(moved_here.scalar_subquery())),
        ),
        or_(_entered, _stands_on == _of_own("parcel_id")),
        standing(building),
    )


def _own_buildings() -> Select[Any]:
    return select(
        *(one for one in _columns(building, ground=False) if one.name != "parcel_id"),
        null().label("parcel_id"),
        literal_column("true").label("is_own"),
    ).where(_entered, standing(building))


def _of_others(buildings: Select[Any]) -> Select[Any]:
    """Which of these buildings, if not entered in this property, are objects of another one."""
    around = buildings.with_only_columns(building.c.building_id).where(~_entered)
    return select(property_object.c.building_id).where(
        property_object.c.building_id == any_(func.array(around.scalar_subquery())),
        ever(property_object),
        property_object.c.property_id != bindparam("property"),
        standing(property_object),
    )


def _units() -> Select[Any]:
    """Its units, each with its building as it stood and the land recorded under it."""
    unit = _unit(_stands_on).subquery()
    # Asked for each unit: where a building stands cannot be foreseen; joined to it all land would be read.
    number_under = select(parcel.c.cadastral_number).where(parcel.c.parcel_id == unit.c.parcel_id)
    address_under = select(parcel_version.c.address_text).where(
        parcel_version.c.parcel_id == unit.c.parcel_id, ever(parcel_version), standing(parcel_version)
    )
    return select(
        unit,
        number_under.scalar_subquery().label("cadastral_number"),
        address_under.scalar_subquery().label("address_text"),
    ).order_by(unit.c.unit_number)


def _own_units() -> Select[Any]:
    nothing = (null().label("cadastral_number"), null().label("address_text"))
    return _unit(null()).add_columns(*nothing).order_by(building_unit.c.unit_number)


def _unit(stands_on: ColumnElement[Any]) -> Select[Any]:
    return (
        select(building_unit, building.c.floors, building.c.building_number, stands_on.label("parcel_id"))
        .select_from(building_unit)
        .join(building, (building.c.building_id == building_unit.c.building_id) & standing(building))
        .where(building_unit.c.unit_id == _of_own("unit_id"), known(building_unit))
    )


def polygon_of(row: Row[Any]) -> Polygon | None:
    """Legal geometry of a parcel or building row, in the UTM zone named by its SRID."""
    return read_polygon(row.geom)


def read_polygon(stored: bytes | memoryview | None) -> Polygon | None:
    """Read a stored polygon (EWKB), in the UTM zone named by its SRID (easting, northing in metres)."""
    if stored is None:
        return None
    shape = from_wkb(bytes(stored))
    if not isinstance(shape, Polygon):
        raise TypeError(f"legal geometry is a {shape.geom_type}")
    return shape


__all__ = ["OBJECTS", "land_questions", "polygon_of", "read_polygon"]
