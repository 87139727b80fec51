"""Asks for registered parcels, as they are or as they were; every answer is public."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Date,
    Row,
    Select,
    Table,
    bindparam,
    func,
    select,
)

from cadastre.domain.moment import Moment
from cadastre.domain.parcel import ParcelFacts
from cadastre.store.standing import bound, ever, standing
from cadastre.store.tables import parcel, parcel_version, published_parcel

_DIGITS = 15  # shortest text that gives the same double back


def _columns(version: Table, named: Table) -> tuple[ColumnElement[Any], ...]:
    return (
        named.c.cadastral_number,
        named.c.district_code,
        version.c.land_category,
        version.c.ownership_form,
        version.c.purpose,
        version.c.quality_group,
        version.c.surveyed_area_m2,
        version.c.documentary_area_m2,
        version.c.accuracy_m,
        version.c.address_text,
        version.c.source_srid,
        version.c.operation_code,
        version.c.valid_from,
        version.c.recorded_leaf,
        version.c.version_id,
        func.ST_SRID(version.c.geom).label("legal_srid"),
        func.ST_AsGeoJSON(version.c.geom_wgs84, _DIGITS, 0).label("geojson"),
    )


def _now() -> Select[Any]:
    has = func.publish.parcel_has_property(published_parcel.c.parcel_id).label("has_property")
    return select(*_columns(published_parcel, published_parcel), has)


def _then() -> Select[Any]:
    """Ask the versions themselves: only what stood at the moment is found."""
    had = func.publish.parcel_had_property(
        parcel.c.parcel_id, bindparam("as_of", type_=Date), bindparam("known_at", type_=BigInteger)
    ).label("has_property")
    return (
        select(*_columns(parcel_version, parcel), had)
        .join(parcel, parcel.c.parcel_id == parcel_version.c.parcel_id)
        .where(ever(parcel_version), standing(parcel_version))
    )


def _facts(row: Row[Any]) -> ParcelFacts:
    values = dict(row._mapping)
    geojson = values.pop("geojson")
    for area in ("surveyed_area_m2", "documentary_area_m2"):
        values[area] = None if values[area] is None else Decimal(values[area])
    return ParcelFacts(**values, geometry_wgs84=None if geojson is None else json.loads(geojson))


def find_parcel(
    connection: Connection, cadastral_number: str, at: Moment | None = None
) -> ParcelFacts | None:
    """Public facts of the parcel with this number, current or of a moment, or None."""
    number = (published_parcel if at is None else parcel).c.cadastral_number == cadastral_number
    query = _now() if at is None else _then()
    row = connection.execute(query.where(number), _values(at)).one_or_none()
    return None if row is None else _facts(row)


def existed(connection: Connection, cadastral_number: str) -> bool:
    """Whether a parcel ever had this number."""
    query = select(parcel.c.parcel_id).where(parcel.c.cadastral_number == cadastral_number)
    return connection.execute(query).first() is not None


def list_parcels_in_box(
    connection: Connection,
    *,
    west: float,
    south: float,
    east: float,
    north: float,
    limit: int,
    at: Moment | None = None,
) -> list[ParcelFacts]:
    """Parcels that touch a box of degrees, ordered by number, at most ``limit``."""
    return _list(connection, func.ST_MakeEnvelope(west, south, east, north, 4326), limit, at)


def list_parcels_at(
    connection: Connection, *, lon: float, lat: float, limit: int = 20, at: Moment | None = None
) -> list[ParcelFacts]:
    """Parcels that contain or touch a point given in degrees."""
    return _list(connection, func.ST_SetSRID(func.ST_MakePoint(lon, lat), 4326), limit, at)


def _list(
    connection: Connection, place: ColumnElement[Any], limit: int, at: Moment | None
) -> list[ParcelFacts]:
    version, named = (published_parcel, published_parcel) if at is None else (parcel_version, parcel)
    query = (
        (_now() if at is None else _then())
        .where(func.ST_Intersects(version.c.geom_wgs84, place))
        .order_by(named.c.cadastral_number)
        .limit(limit)
    )
    return [_facts(row) for row in connection.execute(query, _values(at))]


def _values(at: Moment | None) -> dict[str, object]:
    return {} if at is None else bound(at)


__all__ = ["existed", "find_parcel", "list_parcels_at", "list_parcels_in_box"]
