"""Asks for the parcels around a parcel, as they are or were."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from shapely import Polygon, set_srid, to_wkb
from sqlalchemy import Connection, Integer, LargeBinary, bindparam, func, select

from cadastre.domain.moment import Moment
from cadastre.store.property_land import read_polygon
from cadastre.store.standing import bound, ever, standing
from cadastre.store.tables import parcel, parcel_version

MOST_NEIGHBOURS: Final = 2_000

_srid = bindparam("srid", type_=Integer)
_around = func.ST_Transform(
    func.ST_Buffer(func.ST_GeomFromEWKB(bindparam("ground", type_=LargeBinary)), bindparam("distance_m")),
    4326,
)
_NEAR = (
    select(
        parcel.c.cadastral_number,
        func.ST_AsBinary(func.ST_Transform(parcel_version.c.geom, _srid), type_=LargeBinary).label("ground"),
    )
    .join(parcel, parcel.c.parcel_id == parcel_version.c.parcel_id)
    .where(
        func.ST_Intersects(parcel_version.c.geom_wgs84, _around),
        parcel.c.cadastral_number != bindparam("number"),
        ever(parcel_version),
        standing(parcel_version),
    )
    .order_by(parcel.c.cadastral_number)
    .limit(MOST_NEIGHBOURS)
)


def list_neighbours(
    connection: Connection,
    cadastral_number: str,
    ground: Polygon,
    *,
    srid: int,
    distance_m: float,
    at: Moment,
) -> Sequence[tuple[str, Polygon]]:
    """Give numbers and polygons (x easting, y northing, metres, EPSG:``srid``) of those that come so near."""
    outline = to_wkb(set_srid(ground, srid), include_srid=True)
    values = {"number": cadastral_number, "ground": outline, "srid": srid, "distance_m": distance_m}
    rows = connection.execute(_NEAR, bound(at, **values))
    found = ((row.cadastral_number, read_polygon(row.ground)) for row in rows)
    return [(number, polygon) for number, polygon in found if polygon is not None]


__all__ = ["MOST_NEIGHBOURS", "list_neighbours"]
