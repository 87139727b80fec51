from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from cadastre.kernel.errors import InvalidInput
from ingest.report import LoadReport
from ingest.services import (
    LoadOptions,
    VectorOptions,
    load_buildings,
    load_entrances,
    load_parcels,
    load_streets,
)
from tests.database import Database
from tests.ingest.services.rights_rows import query

NOW = datetime(2026, 3, 3, 8, 0, tzinfo=UTC)
EAST, NORTH = 425_000.0, 4_480_000.0
ZONE = 32639


def at(east_m: float, north_m: float) -> tuple[float, float]:
    return EAST + east_m, NORTH + north_m


def line(*points: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([at(*point) for point in points])


def point(east_m: float, north_m: float) -> shapely.Point:
    return shapely.Point(at(east_m, north_m))


def square(east_m: float, north_m: float, side_m: float) -> shapely.Polygon:
    west, south = at(east_m, north_m)
    return shapely.box(west, south, west + side_m, south + side_m)


def write(path: Path, rows: list[dict[str, object]], crs: int = ZONE) -> Path:
    gpd.GeoDataFrame(rows, geometry="geometry", crs=crs).to_file(path, driver="GPKG", layer=path.stem)
    return path


def run(
    load: Callable[..., LoadReport], database: Database, path: Path, district: str = "BAK-XEZ", **more: object
) -> LoadReport:
    options = VectorOptions(path, district, **more)  # type: ignore[arg-type]
    return load(options, database.admin_url, now=lambda: NOW)


@pytest.fixture
def streets(tmp_path: Path) -> Path:
    rows: list[dict[str, object]] = [
        {"name": "Nərgiz küçəsi", "geometry": line((0, 0), (200, 0))},
        {"name": "Cavid prospekti", "geometry": shapely.MultiLineString([line((0, 50), (200, 50))])},
    ]
    return write(tmp_path / "streets.gpkg", rows)


def test_streets_keep_kind_name_and_direction(
    fresh_database: Database, streets: Path, tmp_path: Path
) -> None:
    report = run(load_streets, fresh_database, streets)
    assert (report.read, report.accepted, report.findings) == (2, 2, {"shape-part-unwrapped": 2})
    found = query(
        fresh_database,
        "SELECT kind, name_az, ST_SRID(geom), ST_X(ST_StartPoint(geom)), ST_X(ST_EndPoint(geom)) "
        "FROM address.street ORDER BY kind",
    )
    assert found == [
        ("kuce", "Nərgiz", ZONE, EAST, EAST + 200),
        ("prospekt", "Cavid", ZONE, EAST, EAST + 200),
    ]
    again = run(load_streets, fresh_database, streets)
    assert (again.accepted, again.rejected, again.findings["street-registered"]) == (0, 2, 2)
    assert query(fresh_database, "SELECT kind, rows_accepted FROM staging.load_run ORDER BY 1, 2") == [
        ("streets", 0),
        ("streets", 2),
    ]
    assert query(fresh_database, "SELECT count(*) FROM ledger.leaf WHERE kind = 'load.streets'") == [(2,)]


def test_streets_that_cannot_stand_are_rejected_with_their_rule(
    fresh_database: Database, tmp_path: Path
) -> None:
    forked = shapely.MultiLineString([line((0, 0), (10, 0)), line((50, 50), (60, 60))])
    rows: list[dict[str, object]] = [
        {"name": "A küçəsi", "kind": "", "geometry": None},
        {"name": "B küçəsi", "kind": "", "geometry": point(0, 0)},
        {"name": "C küçəsi", "kind": "", "geometry": forked},
        {"name": "D küçəsi", "kind": "river", "geometry": line((0, 0), (10, 0))},
        {"name": "", "kind": "", "geometry": line((0, 0), (10, 0))},
        {"name": "E küçəsi", "kind": "", "geometry": shapely.LineString([(0, 0), (10, 10)])},
        {"name": "F küçəsi", "kind": "", "geometry": line((0, 0), (0.0001, 0))},
        {"name": "ÜMİD KÜÇƏSİ", "kind": "", "geometry": line((0, 0), (10, 0))},
        {"name": "Ümid küçəsi", "kind": "", "geometry": line((0, 0), (20, 0))},
        {"name": "bir iki üç dörd", "kind": "kuce", "geometry": line((0, 0), (30, 0), (40, 0))},
    ]
    report = run(load_streets, fresh_database, write(tmp_path / "s.gpkg", rows))
    assert (report.read, report.accepted, report.rejected) == (10, 2, 8)
    assert report.findings == {
        "geometry-null": 1,
        "shape-wrong-type": 1,
        "shape-multipart": 1,
        "street-kind-unknown": 1,
        "street-name-missing": 1,
        "shape-outside-country": 1,
        "shape-too-small": 1,
        "street-duplicate": 1,
        "street-name-long": 1,
    }
    kept = query(
        fresh_database, "SELECT row_number, attributes->>'name' FROM staging.rejected_row ORDER BY 1"
    )
    assert [row for row, _ in kept] == [1, 2, 3, 4, 5, 6, 7, 9]


def test_entrances_find_street_parcel_and_building(
    fresh_database: Database, streets: Path, tmp_path: Path
) -> None:
    parcels = write(
        tmp_path / "parcels.gpkg",
        [
            {"cadastral_number": "T-1", "geometry": square(0, 5, 20)},
            {"cadastral_number": "T-2", "geometry": square(20, 5, 20)},
        ],
    )
    options = LoadOptions(parcels, "BAK-XEZ")
    assert load_parcels(options, fresh_database.admin_url, now=lambda: NOW).accepted == 2
    buildings = write(
        tmp_path / "buildings.gpkg",
        [
            {"building_number": "T-1-B1", "floors": 2, "geometry": square(5, 10, 8)},
            {"building_number": None, "floors": None, "geometry": square(35, 10, 8)},
        ],
    )
    built = run(load_buildings, fresh_database, buildings)
    assert built.findings == {"building-crosses-parcel": 1}
    assert query(
        fresh_database,
        "SELECT building_number, cadastral_number, floors, round(footprint_area_m2) FROM cadastre.building "
        "JOIN cadastre.parcel USING (parcel_id) ORDER BY cadastral_number",
    ) == [("T-1-B1", "T-1", 2, 64), ("BAK-XEZ-B00000002", "T-2", None, 64)]
    assert run(load_buildings, fresh_database, buildings).findings == {"building-registered": 2}
    run(load_streets, fresh_database, streets)
    entrances = write(
        tmp_path / "entrances.gpkg",
        [
            {"street_name": "Nərgiz küç.", "number": "12", "geometry": point(9, 9.5)},
            {"street_name": "NƏRGİZ", "number": "12a", "geometry": point(30, 10)},
            {"street_name": "Nərgiz küçəsi", "number": "12 A", "geometry": point(31, 10)},
            {"street_name": "Nərgiz küçəsi", "number": "14", "geometry": point(30, 10)},
            {"street_name": "Nərgiz küçəsi", "number": "16", "geometry": point(0, 400)},
            {"street_name": "Nərgiz prospekti", "number": "1", "geometry": point(0, 0)},
            {"street_name": "Nərgiz küçəsi", "number": "bina", "geometry": point(0, 0)},
            {"street_name": None, "number": "1", "geometry": point(0, 0)},
        ],
    )
    report = run(load_entrances, fresh_database, entrances)
    assert (report.read, report.accepted, report.rejected) == (8, 4, 4)
    assert report.findings == {
        "entrance-duplicate": 1,
        "entrance-same-place": 1,
        "entrance-far-from-street": 1,
        "entrance-street-unknown": 1,
        "entrance-number-malformed": 1,
        "entrance-street-missing": 1,
        "entrance-without-parcel": 1,
    }
    assert query(
        fresh_database,
        "SELECT number, cadastral_number, building_number FROM address.entrance e "
        "LEFT JOIN cadastre.parcel p USING (parcel_id) LEFT JOIN cadastre.building b USING (building_id) "
        "ORDER BY length(number), number",
    ) == [("12", "T-1", "T-1-B1"), ("14", "T-2", None), ("16", None, None), ("12A", "T-2", None)]
    far = query(
        fresh_database,
        "SELECT row_number, round(measured), limit_value, unit FROM staging.finding WHERE rule = 'entrance-far-from-street'",
    )
    assert far == [(5, 400, 150, "m")]
    assert run(load_entrances, fresh_database, entrances).findings["entrance-registered"] == 4


def test_a_named_parcel_that_the_entrance_is_not_in(
    fresh_database: Database, streets: Path, tmp_path: Path
) -> None:
    parcels = write(tmp_path / "p.gpkg", [{"cadastral_number": "T-1", "geometry": square(0, 5, 20)}])
    load_parcels(LoadOptions(parcels, "BAK-XEZ"), fresh_database.admin_url, now=lambda: NOW)
    run(load_streets, fresh_database, streets)
    rows: list[dict[str, object]] = [
        {"street_name": "Nərgiz", "number": "1", "cadastral_number": "T-1", "geometry": point(100, 10)}
    ]
    report = run(load_entrances, fresh_database, write(tmp_path / "e.gpkg", rows))
    assert report.findings == {"entrance-outside-parcel": 1}


def test_other_systems_are_brought_to_the_legal_zone(fresh_database: Database, tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"name": ["Nərgiz küçəsi"]}, geometry=[line((0, 0), (200, 0))], crs=ZONE)
    frame.to_crs(4326).to_file(tmp_path / "s.geojson", driver="GeoJSON")
    assert run(load_streets, fresh_database, tmp_path / "s.geojson").accepted == 1
    (length, srid) = query(fresh_database, "SELECT ST_Length(geom), ST_SRID(geom) FROM address.street")[0]
    assert srid == ZONE
    assert abs(length - 200) < 0.02


def test_unusable_orders_are_one_sentence(fresh_database: Database, streets: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="There is no district 'XX'"):
        run(load_streets, fresh_database, streets, district="XX")
    with pytest.raises(
        InvalidInput, match="has no column street_name; name one with --map street_name=COLUMN"
    ):
        run(load_entrances, fresh_database, streets)
    with pytest.raises(InvalidInput, match="has no layer 'x'"):
        run(load_streets, fresh_database, streets, layer="x")
    assert query(fresh_database, "SELECT count(*) FROM staging.load_run") == [(0,)]


@pytest.mark.data
def test_danish_streets_and_entrances_in_ganja(
    fresh_database: Database, shared_data: Callable[[str], Path]
) -> None:
    """57 street lines, all MultiLineString Z: 2 have one part, 7 chains join head to tail, 48 are branched.

    Only 32 of the 467 entrances lie on the 9 whole streets; with the branched ones entered by name
    all 467 are (no street and number is repeated; 7 pairs share a point under two spellings).
    """
    path = shared_data("dk_dawa/odense_in_ganja.gpkg")
    numbers = {"layer": "entrances", "mapping": ("street_name=navn", "number=husnr")}
    lines = {"layer": "street_lines", "mapping": ("name=navn",)}
    first = run(load_streets, fresh_database, path, "GA", **lines)
    assert (first.read, first.accepted, first.rejected) == (57, 9, 48)
    assert first.findings == {
        "street-kind-assumed": 57,
        "shape-multipart": 48,
        "geometry-z-dropped": 9,
        "shape-parts-joined": 7,
        "shape-part-unwrapped": 2,
        "street-name-long": 1,
    }
    some = run(load_entrances, fresh_database, path, "GA", **numbers)
    assert (some.read, some.accepted, some.findings["entrance-street-unknown"]) == (467, 32, 435)
    rest = run(load_streets, fresh_database, path, "GA", without_line=True, **lines)
    assert (rest.accepted, rest.findings["street-line-dropped"], rest.findings["street-registered"]) == (
        48,
        48,
        9,
    )
    others = run(load_entrances, fresh_database, path, "GA", **numbers)
    assert (others.accepted, others.findings["entrance-registered"]) == (435, 32)
    assert query(
        fresh_database,
        "SELECT count(*), count(s.geom), min(ST_SRID(e.geom)) FROM address.entrance e JOIN address.street s USING (street_id)",
    ) == [(467, 32, 32638)]
