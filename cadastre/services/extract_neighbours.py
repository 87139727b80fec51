"""The land of a statement; of a plan, with the neighbours beyond its sides."""

from __future__ import annotations

from dataclasses import replace

from shapely import Polygon
from sqlalchemy import Connection

from cadastre.domain.moment import Moment
from cadastre.extract.bordering import TOLERANCE_M, find_neighbours
from cadastre.extract.kinds import StatementKind
from cadastre.extract.record import ParcelRecord
from cadastre.services.extract_record import parcel_records
from cadastre.store.neighbours import list_neighbours
from cadastre.store.properties import PropertyRows
from cadastre.store.property_land import polygon_of


def parcels_told(
    connection: Connection, kind: StatementKind, rows: PropertyRows, at: Moment
) -> tuple[ParcelRecord, ...]:
    """Give the parcels of a property as a product tells of them: a plan alone names neighbours."""
    parcels = parcel_records(rows, at.as_of)
    if kind is not StatementKind.PLAN:
        return parcels
    grounds = {row.cadastral_number: polygon_of(row) for row in rows.parcels}
    return tuple(
        parcel if ground is None else _with_neighbours(connection, parcel, ground, at)
        for parcel in parcels
        for ground in (grounds[parcel.cadastral_number],)
    )


def _with_neighbours(
    connection: Connection, parcel: ParcelRecord, ground: Polygon, at: Moment
) -> ParcelRecord:
    others = list_neighbours(
        connection, parcel.cadastral_number, ground, srid=parcel.srid, distance_m=2 * TOLERANCE_M, at=at
    )
    return replace(parcel, neighbours=find_neighbours(parcel.rings, others, srid=parcel.srid))


__all__ = ["parcels_told"]
