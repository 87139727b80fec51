"""Asks for registered parcels; every answer is public."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select

from cadastre.domain.parcel import ParcelFacts
from cadastre.store.tables import published_parcel as p

_DIGITS = 15  # shortest text that gives the same double back


def _facts_query() -> Select[Any]:
    return select(
        p.c.cadastral_number,
        p.c.district_code,
        p.c.land_category,
        p.c.ownership_form,
        p.c.purpose,
        p.c.quality_group,
        p.c.surveyed_area_m2,
        p.c.documentary_area_m2,
        p.c.accuracy_m,
        p.c.address_text,
        p.c.source_srid,
        p.c.operation_code,
        p.c.valid_from,
        p.c.recorded_leaf,
        p.c.version_id,
        func.ST_SRID(p.c.geom).label("legal_srid"),
        func.publish.parcel_has_property(p.c.parcel_id).label("has_property"),
        func.ST_AsGeoJSON(p.c.geom_wgs84, _DIGITS, 0).label("geojson"),
    )


def _facts(row: Row[Any]) -> ParcelFacts:
    values = dict(row._mapping)
    geojson = values.pop("geojson")
    for area in ("surveyed_area_m2", "documentary_area_m2"):
        values[area] = None if values[area] is None else Decimal(values[area])
    return ParcelFacts(**values, geometry_wgs84=None if geojson is None else json.loads(geojson))


def find_parcel(connection: Connection, cadastral_number: str) -> ParcelFacts | None:
    """Current public facts of the parcel with this number, or None."""
    row = connection.execute(_facts_query().where(p.c.cadastral_number == cadastral_number)).one_or_none()
    return None if row is None else _facts(row)


def list_parcels_in_box(
    connection: Connection, *, west: float, south: float, east: float, north: float, limit: int
) -> list[ParcelFacts]:
    """Current parcels that touch a box of degrees, ordered by number, at most ``limit``."""
    box = func.ST_MakeEnvelope(west, south, east, north, 4326)
    return _list(connection, func.ST_Intersects(p.c.geom_wgs84, box), limit)


def list_parcels_at(connection: Connection, *, lon: float, lat: float, limit: int = 20) -> list[ParcelFacts]:
    """Current parcels that contain or touch a point given in degrees."""
    point = func.ST_SetSRID(func.ST_MakePoint(lon, lat), 4326)
    return _list(connection, func.ST_Intersects(p.c.geom_wgs84, point), limit)


def _list(connection: Connection, where: ColumnElement[bool], limit: int) -> list[ParcelFacts]:
    query = _facts_query().where(where).order_by(p.c.cadastral_number).limit(limit)
    return [_facts(row) for row in connection.execute(query)]


__all__ = ["find_parcel", "list_parcels_at", "list_parcels_in_box"]
