"""A small registered place for tests of maps: a grid of parcels in Xəzər."""

from __future__ import annotations

import math

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from tests.database import Database

DISTRICT = "BAK-XEZ"
EASTING, NORTHING = 426_000.0, 4_481_000.0
SIDE_M = 30.0

_LEAF = text("""
    INSERT INTO ledger.leaf (kind, actor, payload, salt, leaf_hash)
    SELECT 'load.parcels', 'test', '{}', salt, sha256('\\x00'::bytea || salt || convert_to('{}', 'UTF8'))
      FROM (SELECT public.gen_random_bytes(16) AS salt) AS fresh RETURNING leaf_id
""")
_PARCELS = text("""
    WITH lot AS (
        SELECT i, i % :across AS col, i / :across AS line,
               :prefix || lpad(i::text, 6, '0') AS number
          FROM generate_series(0, :n - 1) AS i
    ), named AS (
        INSERT INTO cadastre.parcel (cadastral_number, district_code)
        SELECT number, :district FROM lot RETURNING parcel_id, cadastral_number
    )
    INSERT INTO cadastre.parcel_version (parcel_id, valid_from, recorded_leaf, geom, surveyed_area_m2,
           documentary_area_m2, land_category, ownership_form, purpose, accuracy_m, address_text, source_srid)
    SELECT parcel_id, '2020-01-15', :leaf,
           ST_MakeEnvelope(:e + col * :side, :n0 + line * :side,
                           :e + (col + 1) * :side, :n0 + (line + 1) * :side, 32639),
           round((:side * :side)::numeric, 2), round((:side * :side * (1 + (i % 10) / 50.0))::numeric, 2),
           1 + i % 7, (ARRAY['dovlet', 'belediyye', 'xususi'])[1 + i % 3], 'Fərdi yaşayış evi', 0.1,
           'Bakı şəhəri, Xəzər rayonu, Nizami küçəsi ' || (i + 1), 32639
      FROM lot JOIN named ON named.cadastral_number = lot.number
""")
_BOUNDARY = text("""
    INSERT INTO cadastre.district_boundary (district_code, valid_from, recorded_leaf, geom_wgs84)
    VALUES (:district, '2000-01-01', :leaf,
            ST_Multi(ST_Transform(ST_MakeEnvelope(:e - 500, :n0 - 500, :e + 1500, :n0 + 1500, 32639), 4326)))
""")
_STREET = text("""
    INSERT INTO address.street (district_code, kind, name_az, valid_from, recorded_leaf, geom)
    VALUES (:district, 'prospekt', 'Nizami Gəncəvi', '2000-01-01', :leaf,
            ST_SetSRID(ST_MakeLine(ST_MakePoint(:e, :n0 - 6), ST_MakePoint(:e + 180, :n0 - 6)), 32639))
""")
_BUILDING = text("""
    INSERT INTO cadastre.building (building_number, kind, floors, valid_from, recorded_leaf, geom, footprint_area_m2)
    VALUES ('B-1', 'house', 2, '2000-01-01', :leaf,
            ST_MakeEnvelope(:e + 5, :n0 + 5, :e + 17, :n0 + 15, 32639), 120)
""")
_ENTRANCE = text("""
    INSERT INTO address.entrance (street_id, number, valid_from, recorded_leaf, geom)
    SELECT street_id, '1A', '2000-01-01', :leaf, ST_SetSRID(ST_MakePoint(:e + 11, :n0 + 5), 32639)
      FROM address.street WHERE name_az = 'Nizami Gəncəvi'
""")


def write_leaf(connection: Connection) -> int:
    """Append a leaf for rows that follow in this transaction."""
    return int(connection.execute(_LEAF).scalar_one())


def write_parcels(
    connection: Connection,
    count: int = 30,
    *,
    prefix: str = "BAK-XEZ-",
    district: str = DISTRICT,
    across: int = 6,
    north_offset_m: float = 0.0,
) -> None:
    """Write a grid of square parcels of 900 m², 6 in a row, in all land categories and ownership forms."""
    values = {
        "leaf": write_leaf(connection),
        "n": count,
        "across": across,
        "prefix": prefix,
        "district": district,
        "side": SIDE_M,
        "e": EASTING,
        "n0": NORTHING + north_offset_m,
    }
    connection.execute(_PARCELS, values)


def write_boundary(connection: Connection, district: str = DISTRICT) -> None:
    """Give the district an outline around the grid."""
    values = {"district": district, "leaf": write_leaf(connection), "e": EASTING, "n0": NORTHING}
    connection.execute(_BOUNDARY, values)


def write_street(connection: Connection) -> None:
    """Write a street along the grid's first row, a building on its first parcel and the entrance between."""
    values = {"leaf": write_leaf(connection), "district": DISTRICT, "e": EASTING, "n0": NORTHING}
    for statement in (_STREET, _BUILDING, _ENTRANCE):
        connection.execute(statement, values)


def write_access_leaf(connection: Connection) -> None:
    """Append a leaf of somebody's look at personal data."""
    connection.execute(text(_LEAF.text.replace("load.parcels", "access.property")))


def furnish(database: Database, count: int = 30) -> None:
    """Commit the outline and the parcels to a database of one's own."""
    engine = create_engine(database.admin_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL ROLE cadastre_owner")
        write_boundary(connection)
        write_parcels(connection, count)
        write_street(connection)
        connection.exec_driver_sql("ANALYZE cadastre.parcel, cadastre.parcel_version")
    engine.dispose()


def tile_at(z: int, lon: float = 50.1295, lat: float = 40.4755) -> tuple[int, int, int]:
    """Address of the tile of zoom ``z`` that holds a point; without a point, one near the grid."""
    n = 2**z
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return z, int((lon + 180) / 360 * n), int(y * n)
