"""No two current zones of a district overlap, whoever writes: tried as the application role."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from cadastre.db.unit_of_work import translate
from cadastre.kernel.crs import transformation
from cadastre.kernel.errors import Conflict, RuleBroken
from cadastre.store.ledger import append_leaf
from tests.database import Database
from tests.ingest.services.zone_rows import block, load, write_zones

INSERT = text("""
    INSERT INTO cadastre.cadastral_zone (district_code, zone_code, name_az, valid_from, recorded_leaf, geom_wgs84)
    VALUES (:district, :code, 'Sintetik', '2024-05-02', :leaf, ST_Multi(ST_GeomFromWKB(:wkb, 4326)))
""")


def add(connection: Connection, code: str, shape: shapely.Polygon, district: str = "BAK-XEZ") -> None:
    """Register a zone drawn in EPSG:32639."""
    degrees = shapely.transform(shapely.segmentize(shape, 100.0), transformation(32639, 4326).apply)
    leaf = append_leaf(connection, kind="access.test", actor="test", payload={})
    connection.execute(INSERT, {"district": district, "code": code, "leaf": leaf, "wkb": degrees.wkb})


def moved(shape: shapely.Polygon, east_m: float) -> shapely.Polygon:
    return shapely.transform(shape, lambda xy: xy + np.array([east_m, 0.0]))


@pytest.mark.parametrize(
    "rival", [block(0, 0), block(0.5, 0.5), block(0.1, 0.1, 50), moved(block(1, 0), -0.6)]
)
def test_a_second_zone_in_the_same_place_is_refused_by_name(
    connection: Connection, rival: shapely.Polygon
) -> None:
    add(connection, "1", block(0, 0))
    with pytest.raises(DBAPIError) as caught:
        add(connection, "2", rival)
    meaning = translate(caught.value)
    assert isinstance(meaning, RuleBroken)
    assert meaning.code == "zone-overlaps"


def test_neighbours_and_other_districts_are_no_rivals(connection: Connection) -> None:
    add(connection, "1", block(0, 0))
    add(connection, "2", block(1, 0))
    add(connection, "3", moved(block(0, 1), 0.4))
    add(connection, "1", block(0, 0), "BAK-SAB")


def test_a_code_belongs_to_one_zone_of_a_district(connection: Connection) -> None:
    add(connection, "1", block(0, 0))
    with pytest.raises(DBAPIError) as caught:
        add(connection, "1", block(5, 5))
    meaning = translate(caught.value)
    assert isinstance(meaning, Conflict)
    assert meaning.code == "zone-code-taken"


def test_a_writer_whose_snapshot_is_older_than_a_load_loses(fresh_database: Database, tmp_path: Path) -> None:
    engine = create_engine(fresh_database.app_url, poolclass=NullPool, isolation_level="SERIALIZABLE")
    with engine.connect() as connection:
        connection.execute(text("SET LOCAL ROLE cadastre_write"))
        seen = connection.execute(text("SELECT count(*) FROM cadastre.cadastral_zone")).scalar_one()
        assert seen == 0
        assert load(fresh_database, write_zones(tmp_path / "z.gpkg", [("1", "A", block(0, 0))])).accepted == 1
        with pytest.raises(DBAPIError) as caught:
            add(connection, "2", block(0.5, 0))
        assert getattr(caught.value.orig, "pgcode", None) == "40001"
    engine.dispose()
