from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import shapely

from cadastre.kernel.crs import transformation
from cadastre.kernel.errors import CadastreError, InvalidInput
from ingest.readers import open_layer
from ingest.services import DistrictOptions, load_districts
from tests.database import Database
from tests.ingest.files import write_ogr
from tests.ingest.services.rights_rows import query
from tests.ingest.services.test_vector_rules import add_boundary
from tests.ingest.services.zone_rows import NOW, block, load, write_zones

CURRENT = "SELECT district_code, zone_code, name_az FROM cadastre.cadastral_zone ORDER BY 1, 2"


@pytest.fixture
def two(tmp_path: Path) -> Path:
    return write_zones(
        tmp_path / "zones.gpkg", [("108", "Mərkəz", block(0, 0)), ("109a", "Sahil", block(1, 0))]
    )


def in_degrees(*shapes: shapely.Geometry) -> np.ndarray:
    dense = shapely.segmentize(np.array(shapes), 50.0)
    return transformation(32639, 4326).apply_to_geometries(dense)


def test_zones_are_registered_once_under_one_leaf(fresh_database: Database, two: Path) -> None:
    report = load(fresh_database, two)
    assert (report.read, report.accepted, report.rejected) == (2, 2, 0)
    assert report.findings == {"zone-boundary-unknown": 1}
    assert report.exit_code == 0
    assert query(fresh_database, CURRENT) == [("BAK-XEZ", "108", "Mərkəz"), ("BAK-XEZ", "109A", "Sahil")]
    assert query(
        fresh_database,
        "SELECT kind, district_code, source_srid, rows_read, rows_accepted, mapping->>'zone_code' FROM staging.load_run",
    ) == [("zones", "BAK-XEZ", 32639, 2, 2, "zone_code")]
    assert query(
        fresh_database,
        "SELECT count(DISTINCT recorded_leaf), count(l.leaf_id), min(z.valid_from)::text "
        "FROM cadastre.cadastral_zone z JOIN ledger.leaf l ON l.leaf_id = z.recorded_leaf AND l.kind = 'load.zones'",
    ) == [(1, 2, "2026-03-03")]


def test_a_load_run_twice_finds_every_row_registered(fresh_database: Database, two: Path) -> None:
    load(fresh_database, two)
    again = load(fresh_database, two)
    assert (again.read, again.accepted, again.rejected) == (2, 0, 2)
    assert again.findings == {"zone-registered": 2}
    assert again.exit_code == 1
    assert query(fresh_database, "SELECT count(*) FROM cadastre.cadastral_zone") == [(2,)]
    kept = query(
        fresh_database,
        "SELECT row_number, attributes->>'zone_code', geom_wkb IS NOT NULL FROM staging.rejected_row ORDER BY 1",
    )
    assert kept == [(1, "108", True), (2, "109a", True)]


def test_edges_stay_true_and_neighbours_share_theirs(fresh_database: Database, tmp_path: Path) -> None:
    """Two zones of 40 km: their common edge would bow by metres in degrees if it were not cut."""
    west, east = block(-120, -160, 40_000.0), block(-40, -160, 40_000.0)
    path = write_zones(tmp_path / "z.gpkg", [("1", "Q", west), ("2", "Ş", east)])
    assert load(fresh_database, path).accepted == 2
    (shape, second) = (
        shapely.from_wkb(bytes(wkb))
        for (wkb,) in query(
            fresh_database, "SELECT ST_AsBinary(geom_wgs84) FROM cadastre.cadastral_zone ORDER BY zone_code"
        )
    )
    back = transformation(4326, 32639).apply_to_geometries(np.array([shapely.segmentize(shape, 0.0001)]))[0]
    assert shapely.distance(west.boundary, shapely.points(shapely.get_coordinates(back))).max() < 0.0005
    assert shape.intersection(second).area == 0
    assert not shape.disjoint(second)


@pytest.mark.parametrize("form", ["shp", "geojson", "fgb"])
def test_other_containers_and_systems(fresh_database: Database, tmp_path: Path, form: str) -> None:
    driver = {"shp": "ESRI Shapefile", "geojson": "GeoJSON", "fgb": "FlatGeobuf"}[form]
    columns = {"ZONA": ["108"], "AD": ["Mərkəz"]}
    path = tmp_path / f"zones.{form}"
    if form == "geojson":
        write_ogr(path, list(in_degrees(block(0, 0))), columns, driver=driver, crs="EPSG:4326")
    else:
        pulkovo = transformation(28409, 32639, 1808)
        moved = shapely.transform(block(0, 0), pulkovo.undo)
        write_ogr(path, [moved], columns, driver=driver, crs="EPSG:28409")
    report = load(fresh_database, path, mapping=("zone_code=ZONA", "name=AD"))
    assert (report.accepted, report.rejected) == (1, 0)
    [(area, code)] = query(
        fresh_database,
        "SELECT ST_Area(geom_wgs84::geography), operation_code FROM cadastre.cadastral_zone JOIN staging.load_run USING (load_id)",
    )
    assert area == pytest.approx(250_000, rel=0.001)
    assert code == (None if form == "geojson" else "EPSG:1808")


def test_every_faulty_row_is_kept_with_its_rule(fresh_database: Database, tmp_path: Path) -> None:
    bow = shapely.Polygon([(425e3, 448e4), (426e3, 4481e3), (426e3, 448e4), (425e3, 4481e3)])
    path = write_zones(
        tmp_path / "z.gpkg",
        [
            ("1", "Yaxşı", block(0, 0)),
            ("2", "Həndəsəsiz", None),
            ("3", "Nöqtə", shapely.Point(425e3, 448e4)),
            ("4", "Kəpənək", bow),
            (None, "Kodsuz", block(2, 0)),
            ("5-1", "Pis kod", block(3, 0)),
            ("6", None, block(4, 0)),
            ("7", "Uzaq", shapely.box(0, 0, 10, 10)),
            ("1", "Təkrar", block(5, 0)),
            ("8", "Üst-üstə", block(0.5, 0)),
            ("9", "Uduzanın üstündə", block(1.2, 0)),
            ("10", "Çoxhissəli", shapely.MultiPolygon([block(0, 4), block(2, 4)])),
            ("11", "Bir hissə", shapely.MultiPolygon([block(0, 6)])),
        ],
    )
    report = load(fresh_database, path)
    assert (report.read, report.accepted, report.rejected) == (13, 5, 8)
    assert report.findings == {
        "geometry-null": 1,
        "geometry-wrong-type": 1,
        "geometry-invalid": 1,
        "zone-code-missing": 1,
        "zone-code-malformed": 1,
        "zone-name-missing": 1,
        "shape-outside-country": 1,
        "zone-duplicate": 1,
        "zone-overlap": 1,
        "zone-boundary-unknown": 1,
    }
    assert [row for (row,) in query(fresh_database, "SELECT row_number FROM staging.rejected_row ORDER BY 1")] == [
        2, 3, 4, 5, 6, 8, 9, 10,
    ]  # fmt: skip
    assert [code for _, code, _ in query(fresh_database, CURRENT)] == ["1", "10", "11", "6", "9"]
    found = query(
        fresh_database,
        "SELECT row_number, subject, round(measured), unit, detail->>'zone', round(ST_X(where_wgs84)::numeric) "
        "FROM staging.finding WHERE rule = 'zone-overlap'",
    )
    assert found[0][0:2] == (10, "8")
    assert found[0][2] == pytest.approx(125_000, rel=0.001)
    assert found[0][3:] == ("m2", "1", 50)
    [(lon, lat)] = query(
        fresh_database,
        "SELECT ST_X(where_wgs84), ST_Y(where_wgs84) FROM staging.finding WHERE rule = 'geometry-invalid'",
    )
    assert (lon, lat) == (pytest.approx(50.12, abs=0.01), pytest.approx(40.47, abs=0.01))


def test_an_overlap_within_half_a_metre_stands(fresh_database: Database, tmp_path: Path) -> None:
    near, wide = shapely.transform(block(1, 0), lambda xy: xy - [0.49, 0]), block(0, 1, 500.0)
    wide = shapely.transform(wide, lambda xy: xy - [0, 0.51])
    path = write_zones(tmp_path / "z.gpkg", [("1", "A", block(0, 0)), ("2", "B", near), ("3", "C", wide)])
    report = load(fresh_database, path)
    assert (report.accepted, report.findings["zone-overlap"]) == (2, 1)
    assert [code for _, code, _ in query(fresh_database, CURRENT)] == ["1", "2"]


def test_a_new_zone_over_a_registered_one_is_refused(
    fresh_database: Database, two: Path, tmp_path: Path
) -> None:
    load(fresh_database, two)
    path = write_zones(
        tmp_path / "n.gpkg", [("200", "Üstündə", block(0.5, 0, 900.0)), ("201", "Yanında", block(0, 2))]
    )
    report = load(fresh_database, path)
    assert (report.accepted, report.rejected, report.findings["zone-overlap-registered"]) == (1, 1, 2)
    assert load(fresh_database, path, "BAK-SAB").accepted == 2  # another district: no rival


def test_zones_lie_mostly_in_their_district(fresh_database: Database, tmp_path: Path) -> None:
    boundary = shapely.MultiPolygon([in_degrees(block(0, 0, 1000.0))[0]])
    add_boundary(fresh_database, "BAK-XEZ", boundary)
    path = write_zones(
        tmp_path / "z.gpkg",
        [
            ("1", "İçəridə", block(0, 0)),
            ("2", "Kənara çıxan", block(1.4, 0)),
            ("3", "Çox kənarda", block(1.6, 1)),
            ("4", "Tam kənarda", block(8, 8)),
            ("5", "Yarım metr", shapely.transform(block(0, 1), lambda xy: xy - [0.4, 0])),
        ],
    )
    report = load(fresh_database, path)
    assert (report.accepted, report.rejected) == (3, 2)
    assert report.findings == {"zone-outside-district": 2, "zone-overhangs-district": 1}
    [(row, measured, share)] = query(
        fresh_database,
        "SELECT row_number, measured, detail->>'share' FROM staging.finding WHERE rule = 'zone-overhangs-district'",
    )
    assert row == 2
    assert measured == pytest.approx(100_000, rel=0.01)
    assert float(share) == pytest.approx(0.4, abs=0.01)


def test_a_column_names_the_district(fresh_database: Database, tmp_path: Path) -> None:
    rows = [
        ("1", "A", block(0, 0)),
        ("1", "B", block(0, 0)),
        ("2", "C", block(2, 0)),
        ("3", "D", block(3, 0)),
    ]
    path = write_zones(tmp_path / "z.gpkg", rows, districts=["BAK-XEZ", "bak-sab", "QQ", None])
    report = load(fresh_database, path, None)
    assert (report.accepted, report.rejected) == (2, 2)
    assert report.findings == {
        "zone-district-unknown": 1,
        "zone-district-missing": 1,
        "zone-boundary-unknown": 2,
    }
    assert query(fresh_database, CURRENT) == [("BAK-SAB", "1", "B"), ("BAK-XEZ", "1", "A")]
    other = load(fresh_database, path, "BAK-SUR")
    assert other.findings == {
        "zone-other-district": 2,
        "zone-district-unknown": 1,
        "zone-boundary-unknown": 1,
    }
    assert query(
        fresh_database, "SELECT zone_code FROM cadastre.cadastral_zone WHERE district_code = 'BAK-SUR'"
    ) == [("3",)]


def test_unusable_orders_are_one_sentence(fresh_database: Database, two: Path, tmp_path: Path) -> None:
    with pytest.raises(
        InvalidInput, match="no column district_code; name the district of all rows with --district"
    ):
        load(fresh_database, two, None)
    with pytest.raises(InvalidInput, match="There is no district 'XX'"):
        load(fresh_database, two, "XX")
    bare = write_ogr(tmp_path / "bare.gpkg", [block(0, 0)], {"ZONA": ["1"]}, driver="GPKG")
    with pytest.raises(InvalidInput, match="no column zone_code; name one with --map zone_code=COLUMN"):
        load(fresh_database, bare)
    nowhere = write_zones(
        tmp_path / "n.shp", [("1", "A", block(0, 0))], driver="ESRI Shapefile", kind="Polygon"
    )
    nowhere.with_suffix(".prj").unlink()
    with pytest.raises(InvalidInput, match="declares no coordinate system"):
        load(fresh_database, nowhere)
    assert load(fresh_database, nowhere, crs="EPSG:32639").accepted == 1
    assert query(fresh_database, "SELECT count(*) FROM staging.load_run") == [(1,)]


def test_the_wrong_zone_of_projection_is_told(fresh_database: Database, two: Path) -> None:
    report = load(fresh_database, two, crs="EPSG:28409")
    assert (report.accepted, report.findings["shape-outside-country"]) == (0, 2)
    assert report.findings["file-crs-overridden"] == 1
    assert "EPSG:32639" in report.remarks[0]


def test_a_zone_that_would_fill_the_memory_is_refused(fresh_database: Database, tmp_path: Path) -> None:
    """A comb of 400 teeth, 30 km each: small in the file, huge once its edges are cut."""
    teeth = [(EAST_TEETH + at * 10.0 + (2.5 if top else 0.0), y)
             for at in range(400) for top, y in ((0, 4_480_000.0), (0, 4_510_000.0), (1, 4_510_000.0), (1, 4_480_000.0))]  # fmt: skip
    comb = shapely.Polygon([*teeth, (EAST_TEETH + 4000.0, 4_479_000.0), (EAST_TEETH, 4_479_000.0)])
    assert comb.is_valid
    report = load(fresh_database, write_zones(tmp_path / "z.gpkg", [("1", "Daraq", comb)]))
    assert report.findings["geometry-vertices"] == 1
    assert report.accepted == 0


EAST_TEETH = 425_000.0


@pytest.mark.data
def test_of_real_districts_only_the_own_one_holds_its_outline(
    fresh_database: Database, shared_data: Callable[[str], Path]
) -> None:
    """The outlines of Baku's districts as zones of Xəzər: neighbours share a border and lie outside."""
    path = shared_data("az_baku_districts/baku_districts.geojson")
    load_districts(DistrictOptions(path), fresh_database.admin_url, now=lambda: NOW)
    report = load(fresh_database, path, mapping=("zone_code=wikidata",))
    assert (report.read, report.accepted) == (11, 1)
    assert report.findings == {"zone-outside-district": 9, "shape-outside-country": 1}  # far out at sea
    assert [name for _, _, name in query(fresh_database, CURRENT)] == ["Xəzər rayonu"]


@pytest.mark.data
@pytest.mark.parametrize(
    "folder", ["gdal_fixtures/shp", "gdal_fixtures/geojson", "curve_fixtures", "hostile"]
)
def test_no_awkward_file_breaks_the_loader(
    fresh_database: Database, shared_data: Callable[[str], Path], folder: str
) -> None:
    read = 0
    for path in sorted(path for path in shared_data(folder).iterdir() if path.is_file()):
        try:
            with open_layer(path) as layer:
                columns = layer.info.columns
            report = load(fresh_database, path, mapping=tuple(f"zone_code={name}" for name in columns[:1]))
        except CadastreError:
            continue
        assert report.read == report.accepted + report.rejected
        read += report.rejected
    kept = query(fresh_database, "SELECT count(*) FROM staging.rejected_row")
    assert kept == [(read,)]
