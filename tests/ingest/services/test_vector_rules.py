from __future__ import annotations

from pathlib import Path

import pytest
import shapely
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from cadastre.store.ledger import append_leaf
from ingest.services import LoadOptions, load_buildings, load_entrances, load_parcels, load_streets
from tests.database import Database
from tests.ingest.services.rights_rows import query
from tests.ingest.services.test_load_vector import NOW, line, point, run, square, write


def add_boundary(database: Database, district: str, boundary: shapely.MultiPolygon) -> None:
    """Give a district a boundary, in EPSG:4326."""
    engine = create_engine(database.admin_url, poolclass=NullPool)
    with engine.begin() as connection:
        leaf = append_leaf(connection, kind="load.districts", actor="test", payload={})
        connection.execute(
            text("""INSERT INTO cadastre.district_boundary (district_code, valid_from, recorded_leaf, geom_wgs84)
                    VALUES (:district, '2024-01-01', :leaf, ST_GeomFromWKB(:wkb, 4326))"""),
            {"district": district, "leaf": leaf, "wkb": boundary.wkb},
        )
    engine.dispose()


@pytest.fixture
def parcels(fresh_database: Database, tmp_path: Path) -> Database:
    path = write(
        tmp_path / "parcels.gpkg",
        [
            {"cadastral_number": "T-1", "geometry": square(0, 0, 20)},
            {"cadastral_number": "T-2", "geometry": square(20, 0, 20)},
        ],
    )
    load_parcels(LoadOptions(path, "BAK-XEZ"), fresh_database.admin_url, now=lambda: NOW)
    return fresh_database


def test_buildings_repeated_misplaced_and_without_a_parcel(parcels: Database, tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"building_number": "B-1", "cadastral_number": "T-1", "geometry": square(2, 2, 8)},
        {"building_number": "B-1", "cadastral_number": None, "geometry": square(22, 2, 8)},
        {"building_number": "B-2", "cadastral_number": None, "geometry": square(2, 2, 8)},
        {"building_number": "B-3", "cadastral_number": "T-1", "geometry": square(22, 12, 5)},
        {"building_number": "B-4", "cadastral_number": None, "geometry": square(200, 200, 5)},
        {"building_number": "№", "cadastral_number": None, "geometry": square(300, 200, 5)},
    ]
    report = run(load_buildings, parcels, write(tmp_path / "b.gpkg", rows))
    assert (report.read, report.accepted, report.rejected) == (6, 3, 3)
    assert report.findings == {
        "building-duplicate": 2,
        "building-other-parcel": 1,
        "building-without-parcel": 1,
        "building-number-malformed": 1,
    }
    assert query(
        parcels,
        "SELECT building_number, cadastral_number FROM cadastre.building LEFT JOIN cadastre.parcel USING (parcel_id) "
        "ORDER BY 1",
    ) == [("B-1", "T-1"), ("B-3", "T-2"), ("B-4", None)]


def test_a_name_of_two_streets_needs_its_kind(fresh_database: Database, tmp_path: Path) -> None:
    streets: list[dict[str, object]] = [
        {"name": "Nərgiz küçəsi", "geometry": line((0, 0), (100, 0))},
        {"name": "Nərgiz döngəsi", "geometry": line((0, 9), (100, 9))},
    ]
    assert run(load_streets, fresh_database, write(tmp_path / "s.gpkg", streets)).accepted == 2
    entrances: list[dict[str, object]] = [
        {"street_name": "Nərgiz", "street_kind": None, "number": "1", "geometry": point(1, 1)},
        {"street_name": "Nərgiz", "street_kind": "döngə", "number": "1", "geometry": point(2, 8)},
        {"street_name": "Nərgiz", "street_kind": "river", "number": "1", "geometry": point(3, 8)},
    ]
    report = run(load_entrances, fresh_database, write(tmp_path / "e.gpkg", entrances))
    assert (report.accepted, report.rejected) == (1, 2)
    assert report.findings["entrance-street-ambiguous"] == 1
    assert report.findings["street-kind-unknown"] == 1
    assert query(
        fresh_database, "SELECT kind FROM address.entrance JOIN address.street USING (street_id)"
    ) == [("donge",)]


def test_a_district_of_the_other_zone_takes_no_street(fresh_database: Database, tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [{"name": "Yaxın küçəsi", "geometry": line((0, 0), (100, 0))}]
    path = write(tmp_path / "s.gpkg", rows)
    report = run(load_streets, fresh_database, path, "GA")
    assert (report.accepted, report.findings) == (0, {"shape-wrong-zone": 1})


def test_what_lies_outside_the_district_stays_outside(fresh_database: Database, tmp_path: Path) -> None:
    add_boundary(fresh_database, "BAK-XEZ", shapely.MultiPolygon([shapely.box(50.0, 40.4, 50.3, 40.6)]))
    rows: list[dict[str, object]] = [
        {"name": "Yaxın küçəsi", "geometry": line((0, 0), (100, 0))},
        {"name": "Uzaq küçəsi", "geometry": line((0, -60_000), (100, -60_000))},
    ]
    report = run(load_streets, fresh_database, write(tmp_path / "s.gpkg", rows))
    assert (report.accepted, report.findings) == (1, {"shape-outside-district": 1})
    where = query(
        fresh_database,
        "SELECT row_number, round(ST_Y(where_wgs84)::numeric, 1) FROM staging.finding",
    )
    assert [(row, float(lat)) for row, lat in where] == [(2, 39.9)]
