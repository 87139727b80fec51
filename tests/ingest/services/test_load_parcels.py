"""Parcel files into a real register: what is accepted, what is said, and what stays in staging."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from cadastre.kernel.crs import transformation
from cadastre.kernel.errors import InvalidInput
from cadastre.kernel.measures import compute_geodesic_area_m2
from ingest.report import LoadReport
from ingest.services import DistrictOptions, LoadOptions, load_districts, load_parcels
from tests.database import Database
from tests.ingest.files import box, row_of_boxes, write_gpkg, write_ogr

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
WILLIAMSBURG = "us_williamsburg_parcels"
BAKU = "az_baku_districts/baku_districts.geojson"


@pytest.fixture
def register(fresh_database: Database) -> Iterator[Connection]:
    """Owner's connection that sees what loads have committed."""
    engine = create_engine(fresh_database.admin_url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def load(database: Database, path: Path, **options: Any) -> LoadReport:
    chosen = {"district": "BAK-XEZ", "workers": 1, **options}
    return load_parcels(LoadOptions(path=path, **chosen), database.admin_url, now=lambda: NOW)


def ask(register: Connection, query: str, **values: Any) -> Any:
    return register.execute(text(query), values).scalar_one()


def count_staged(register: Connection, report: LoadReport) -> int:
    return int(
        ask(register, "SELECT count(*) FROM staging.rejected_row WHERE load_id = :id", id=report.load_id)
    )


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "options", "invalid"),
    [
        ("parcels_in_baku.gpkg", {}, 3),
        ("parcels_in_baku_gk9.shz", {"operation": "EPSG:1808"}, 2),
        ("parcels_in_baku_gk9.shz", {}, 2),
    ],
)
def test_williamsburg_loads_with_exactly_the_counts_of_its_source(
    fresh_database: Database,
    register: Connection,
    shared_data: Callable[[str], Path],
    name: str,
    options: dict[str, str],
    invalid: int,
) -> None:
    path = shared_data(f"{WILLIAMSBURG}/{name}")
    report = load(fresh_database, path, mapping=("cadastral_number=PID",), **options)
    assert (report.read, report.accepted, report.rejected) == (4463, 4389, 74)
    assert report.findings["geometry-invalid"] == invalid
    assert report.findings["geometry-multipart"] == 15
    assert report.findings["number-duplicate"] == 1
    assert report.findings["parcel-overlap"] == 102
    assert ask(register, "SELECT count(*) FROM publish.parcel") == 4389
    assert count_staged(register, report) == 74
    assert ask(register, "SELECT count(*) FROM staging.finding WHERE rule = 'parcel-overlap'") == 204
    losers = "SELECT count(DISTINCT row_number) FROM staging.finding WHERE detail->>'verdict' = 'rejected'"
    assert ask(register, losers) == 56
    assert ask(register, "SELECT count(*) FROM ledger.leaf WHERE kind = 'load.parcels'") == 1


@pytest.mark.data
def test_both_files_of_williamsburg_are_the_same_ground(
    fresh_database: Database, register: Connection, shared_data: Callable[[str], Path]
) -> None:
    """The pinned operation brings the Gauss-Kruger file back to the millimetre; PROJ's choice would not."""
    load(
        fresh_database, shared_data(f"{WILLIAMSBURG}/parcels_in_baku.gpkg"), mapping=("cadastral_number=PID",)
    )
    again = shared_data(f"{WILLIAMSBURG}/parcels_in_baku_gk9.shz")
    report = load(fresh_database, again, operation="EPSG:1808")
    assert report.accepted <= 4
    assert report.findings["parcel-overlap-registered"] > 4000
    stored = ask(register, "SELECT count(*) FROM cadastre.parcel_version WHERE operation_code = 'EPSG:1808'")
    assert stored == report.accepted


@pytest.mark.data
def test_the_second_load_of_a_file_is_all_duplicates(
    fresh_database: Database, register: Connection, shared_data: Callable[[str], Path]
) -> None:
    load_districts(DistrictOptions(shared_data(BAKU)), fresh_database.admin_url, now=lambda: NOW)
    path = shared_data(f"{WILLIAMSBURG}/parcels_in_baku.gpkg")
    first = load(fresh_database, path, mapping=("cadastral_number=PID",))
    second = load(fresh_database, path, mapping=("cadastral_number=PID",))
    assert (first.accepted, second.accepted, second.rejected) == (4389, 0, 4463)
    assert second.findings["number-registered"] == 4390
    assert "location-outside-district" not in first.findings
    assert count_staged(register, second) == 4463
    elsewhere = load(fresh_database, path, mapping=("cadastral_number=PID",), district="BAK-SEB")
    assert elsewhere.findings["location-outside-district"] == 4446


def test_a_district_of_the_other_zone_takes_nothing_and_names_the_zone_that_fits(
    tmp_path: Path, fresh_database: Database, register: Connection
) -> None:
    path = write_ogr(
        tmp_path / "p.gpkg", row_of_boxes(2), {"cadastral_number": ["A-1", "A-2"]}, driver="GPKG"
    )
    report = load(fresh_database, path, district="GA")  # Baku's ground, Ganja's district
    assert (report.accepted, report.findings) == (0, {"location-wrong-zone": 2})
    found = register.execute(text("SELECT measured, limit_value, unit, detail FROM staging.finding")).all()
    assert {(row[2], row[1], row[3]["legal"], row[3]["fits"]) for row in found} == {
        ("deg", 0.6, "EPSG:32638", "EPSG:32639")
    }
    assert all(row[0] > 1.5 for row in found)


@pytest.mark.data
def test_america_is_refused_row_by_row(
    fresh_database: Database, register: Connection, shared_data: Callable[[str], Path]
) -> None:
    path = shared_data(f"{WILLIAMSBURG}/parcels.geojson")
    report = load(fresh_database, path, mapping=("cadastral_number=PID",))
    assert (report.read, report.accepted, report.rejected) == (4464, 0, 4464)
    assert report.findings["location-outside-country"] == 4446
    assert report.findings["geometry-null"] == 1
    assert any("outside the country" in remark for remark in report.remarks)
    assert ask(register, "SELECT count(*) FROM cadastre.parcel") == 0


@pytest.mark.data
def test_the_districts_of_baku_find_their_codes(
    fresh_database: Database, register: Connection, shared_data: Callable[[str], Path]
) -> None:
    options = DistrictOptions(shared_data(BAKU))
    report = load_districts(options, fresh_database.admin_url, now=lambda: NOW)
    assert (report.read, report.accepted, report.rejected, report.exit_code) == (11, 11, 0, 0)
    codes = ask(register, "SELECT string_agg(code, ' ' ORDER BY code) FROM publish.district")
    expected = ("BIN", "NES", "NIZ", "PIR", "QAR", "SAB", "SEB", "SUR", "XET", "XEZ", "YAS")
    assert codes.split() == [f"BAK-{short}" for short in expected]
    again = load_districts(options, fresh_database.admin_url, now=lambda: NOW)
    assert again.findings == {"district-unchanged": 11}


def test_an_unknown_district_shape_is_reported(
    tmp_path: Path, fresh_database: Database, register: Connection
) -> None:
    names = ["Xəzər rayonu", "Хазарский район", "Atlantis", "Göyqurşağı"]
    shapes = [box(0, 0, 5000), box(2, 0, 5000), box(4, 0, 5000), box(6, 0, 5000)]
    path = write_ogr(tmp_path / "d.gpkg", shapes, {"name": names}, driver="GPKG")
    report = load_districts(DistrictOptions(path), fresh_database.admin_url, now=lambda: NOW)
    assert (report.accepted, report.rejected) == (1, 3)
    assert report.findings == {"district-repeated": 1, "district-unmatched": 2}


def test_every_row_is_accounted_for(tmp_path: Path, fresh_database: Database, register: Connection) -> None:
    """One row for each thing that can be wrong; the register holds the rest, staging holds the reasons."""
    bow = shapely.Polygon([(420000, 4471000), (420020, 4471020), (420020, 4471000), (420000, 4471020)])
    shapes = [
        box(0, 0),
        box(1, 0),
        box(1, 0, 20).buffer(-1),
        None,
        shapely.Polygon(),
        bow,
        box(9, 9, 0.9),
        shapely.box(0, 0, 20, 20),
        box(5, 0),
        box(6, 0),
        box(7, 0),
        box(8, 0),
    ]
    numbers = [f"T-{at}" for at in range(8)] + ["T-0", None, "12№7", "203015000123"]
    report = load(fresh_database, write_gpkg(tmp_path / "p.gpkg", shapes, numbers))
    assert (report.read, report.accepted, report.rejected) == (12, 2, 10)
    assert report.findings == {
        "area-below-minimum": 1,
        "geometry-empty": 1,
        "geometry-invalid": 1,
        "geometry-null": 1,
        "location-outside-country": 1,
        "number-duplicate": 1,
        "number-malformed": 2,
        "number-missing": 1,
        "parcel-overlap": 1,
    }
    assert count_staged(register, report) == 10
    kept = ask(
        register, "SELECT string_agg(cadastral_number, ' ' ORDER BY cadastral_number) FROM publish.parcel"
    )
    assert kept == "T-0 T-1"
    place = "SELECT ST_X(where_wgs84) FROM staging.finding WHERE rule = 'geometry-invalid'"
    assert 49 < ask(register, place) < 51
    numbers_staged = "SELECT attributes->>'cadastral_number' FROM staging.rejected_row WHERE row_number = 11"
    assert ask(register, numbers_staged) == "12№7"


def test_a_losing_row_rejects_nobody(tmp_path: Path, fresh_database: Database) -> None:
    chain = [shapely.box(420000 + 15 * at, 4470000, 420020 + 15 * at, 4470020) for at in range(5)]
    report = load(fresh_database, write_gpkg(tmp_path / "p.gpkg", chain))
    assert (report.accepted, report.findings) == (3, {"parcel-overlap": 4})


def test_stacked_copies_lose_to_the_first(tmp_path: Path, fresh_database: Database) -> None:
    stack = [box(0, 0)] * 50 + [shapely.box(420010, 4470000, 420030, 4470020)]
    report = load(fresh_database, write_gpkg(tmp_path / "p.gpkg", stack))
    assert (report.accepted, report.rejected, report.findings) == (1, 50, {"parcel-overlap": 50})


def test_a_registered_parcel_stands_against_a_load(
    tmp_path: Path, fresh_database: Database, register: Connection
) -> None:
    load(fresh_database, write_gpkg(tmp_path / "a.gpkg", row_of_boxes(3)))
    shapes = [box(2, 0), box(3, 0), shapely.box(420050, 4470000, 420070, 4470020)]
    report = load(fresh_database, write_gpkg(tmp_path / "b.gpkg", shapes, ["U-1", "U-2", "U-3"]))
    assert report.findings == {"parcel-overlap": 2, "parcel-overlap-registered": 2}
    assert ask(
        register, "SELECT string_agg(cadastral_number, ' ' ORDER BY cadastral_number) FROM publish.parcel"
    ) == ("T-0 T-1 T-2 U-2")


def test_the_register_keeps_what_was_surveyed(
    tmp_path: Path, fresh_database: Database, register: Connection
) -> None:
    shapes = row_of_boxes(2)
    columns = {
        "PID": ["A-1", "A-2"],
        "acres": [0.0988, 0.5],
        "cat": [2, 3],
        "form": ["xususi", "dovlet"],
        "day": ["2015-06-01", "2999-01-01"],
    }
    path = write_ogr(tmp_path / "p.gpkg", shapes, columns, driver="GPKG")
    mapping = (
        "cadastral_number=PID",
        "documentary_area_m2=acres:acre",
        "land_category=cat",
        "ownership_form=form",
        "source_date=day",
    )
    report = load(fresh_database, path, mapping=mapping)
    assert (report.accepted, report.findings, report.exit_code) == (2, {"area-documentary-differs": 1}, 0)
    row = register.execute(
        text(
            "SELECT surveyed_area_m2, documentary_area_m2, land_category, ownership_form, valid_from::text, "
            "source_srid, operation_code, recorded_leaf, load_id, ST_AsBinary(geom), ST_SRID(geom) "
            "FROM cadastre.parcel_version JOIN cadastre.parcel USING (parcel_id) ORDER BY cadastral_number"
        )
    ).all()
    area = float(compute_geodesic_area_m2(np.array(shapes[:1]))[0])
    assert [float(value) for value in row[0][:2]] == [round(area, 2), 399.83]
    assert row[0][2:7] == (2, "xususi", "2015-06-01", 32639, None)
    assert row[1][4] == "2026-11-22"
    assert shapely.from_wkb(bytes(row[0][9])).equals(shapes[0])
    leaf = register.execute(text("SELECT leaf_id FROM ledger.leaf WHERE kind = 'load.parcels'")).scalar_one()
    assert {(r[7], r[8], r[10]) for r in row} == {(leaf, report.load_id, 32639)}


def test_numbers_are_minted_when_the_file_has_none(
    tmp_path: Path, fresh_database: Database, register: Connection
) -> None:
    path = write_ogr(tmp_path / "p.gpkg", row_of_boxes(3), {"x": [1, 2, 3]}, driver="GPKG")
    assert load(fresh_database, path).accepted == 3
    numbers = ask(
        register, "SELECT string_agg(cadastral_number, ' ' ORDER BY cadastral_number) FROM publish.parcel"
    )
    assert len(set(numbers.split())) == 3
    assert ask(register, "SELECT cadastre.mint_cadastral_number('BAK-XEZ')") not in numbers.split()


def test_every_writer_after_a_load_meets_its_parcels(
    tmp_path: Path, fresh_database: Database, register: Connection
) -> None:
    load(fresh_database, write_gpkg(tmp_path / "p.gpkg", row_of_boxes(3)))
    missing = (
        "SELECT count(*) FROM (SELECT cadastre.parcel_cells(geom_wgs84) AS cell FROM cadastre.parcel_version) c "
        "WHERE NOT EXISTS (SELECT FROM cadastre.parcel_cell p WHERE p.cell = c.cell)"
    )
    assert ask(register, missing) == 0


def test_workers_change_nothing(tmp_path: Path, fresh_database: Database, register: Connection) -> None:
    """Many chunks, units and processes: the same rows win as in one process."""
    grid = [box(at % 170, at // 170) for at in range(24_000)]
    grid += [shapely.box(420010 + 400 * at, 4470010, 420030 + 400 * at, 4470030) for at in range(8)]
    report = load(fresh_database, write_gpkg(tmp_path / "p.gpkg", grid), workers=2)
    assert (report.read, report.accepted) == (24_008, 24_000)
    assert report.findings["parcel-overlap"] == 32
    assert ask(register, "SELECT count(*) FROM publish.parcel") == 24_000


def test_curves_and_heights_are_said(tmp_path: Path, fresh_database: Database, register: Connection) -> None:
    high = [shapely.force_3d(box(0, 0), 12.5)]
    report = load(fresh_database, write_gpkg(tmp_path / "z.gpkg", high, kind="Polygon Z"))
    assert (report.accepted, report.findings, report.exit_code) == (1, {"geometry-z-dropped": 1}, 0)
    said = "SELECT measured FROM staging.finding WHERE rule = 'geometry-z-dropped' AND row_number IS NULL"
    assert ask(register, said) == 1


def test_pulkovo_without_prj_is_refused_with_candidates(tmp_path: Path, fresh_database: Database) -> None:
    way = transformation(28409, 32639, 1808)
    shapes = [shapely.transform(shape, way.undo) for shape in row_of_boxes(2)]
    path = write_ogr(tmp_path / "p.shp", shapes, {"n": ["1", "2"]}, driver="ESRI Shapefile", crs="EPSG:28409")
    path.with_suffix(".prj").unlink()
    with pytest.raises(InvalidInput, match=r"EPSG:28409 \(Pulkovo 1942 / Gauss-Kruger zone 9\)"):
        load(fresh_database, path)
    assert load(fresh_database, path, crs="EPSG:28409", mapping=("cadastral_number=n",)).accepted == 2


@pytest.mark.parametrize(
    ("srid", "swap", "hint"),
    [(28408, False, "EPSG:28409"), (32638, False, "EPSG:32639"), (4326, True, "with x and y swapped")],
)
def test_the_wrong_zone_or_axis_order_is_named(
    tmp_path: Path, fresh_database: Database, srid: int, swap: bool, hint: str
) -> None:
    true_srid = {28408: 28409, 32638: 32639}.get(srid, srid)
    way = transformation(32639, true_srid) if true_srid != 28409 else None
    back = transformation(28409, 32639, 1808)
    moved = [shapely.transform(s, back.undo if way is None else way.apply) for s in row_of_boxes(3)]
    if swap:
        moved = [shapely.transform(shape, lambda xy: xy[:, ::-1]) for shape in moved]
    report = load(fresh_database, write_gpkg(tmp_path / "p.gpkg", moved, crs=f"EPSG:{srid}"))
    assert (report.accepted, report.findings["location-outside-country"]) == (0, 3)
    assert any(hint in remark for remark in report.remarks)


def test_an_overridden_system_is_said(tmp_path: Path, fresh_database: Database) -> None:
    path = write_gpkg(tmp_path / "p.gpkg", row_of_boxes(2), crs="EPSG:32638")
    report = load(fresh_database, path, crs="EPSG:32639")
    assert (report.accepted, report.findings, report.exit_code) == (2, {"file-crs-overridden": 1}, 0)


def test_a_ring_of_a_million_points_is_one_finding(tmp_path: Path, fresh_database: Database) -> None:
    angle = np.linspace(0, 2 * np.pi, 1_000_000, endpoint=False)
    ring = shapely.Polygon(np.column_stack((425000 + 900 * np.cos(angle), 4475000 + 900 * np.sin(angle))))
    report = load(fresh_database, write_gpkg(tmp_path / "p.gpkg", [ring, box(0, 0)]))
    assert (report.accepted, report.findings) == (1, {"geometry-vertices": 1})


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"district": "XEZ"}, "no district 'XEZ'; the nearest codes are .*BAK-XEZ"),
        ({"layer": "q"}, "no layer 'q'; it has p"),
        ({"crs": "banana"}, "is not an EPSG code"),
        ({"crs": "EPSG:999999"}, "not a coordinate reference system"),
        ({"operation": "EPSG:1808"}, "leave the operation out"),
        ({"mapping": ("cadastral_number=PID",)}, "no column 'PID'; it has cadastral_number"),
    ],
)
def test_options_that_cannot_be_are_explained(
    tmp_path: Path, fresh_database: Database, options: dict[str, Any], sentence: str
) -> None:
    path = write_gpkg(tmp_path / "p.gpkg", row_of_boxes(2))
    with pytest.raises(InvalidInput, match=sentence):
        load(fresh_database, path, **options)


def test_an_empty_layer_loads_as_nothing(tmp_path: Path, fresh_database: Database) -> None:
    report = load(fresh_database, write_gpkg(tmp_path / "p.gpkg", []))
    assert (report.read, report.accepted, report.rejected, report.exit_code) == (0, 0, 0, 0)


def test_neighbours_across_the_seam_meet_in_one_zone(
    tmp_path: Path, fresh_database: Database, register: Connection
) -> None:
    """48 degrees east: one zone's parcel stands against the other's, and a shared edge is no overlap."""
    west, east = (
        ask(register, f"SELECT min(code) FROM cadastre.district WHERE legal_srid = {srid}")
        for srid in (32638, 32639)
    )
    edge = shapely.box(47.999, 40.6, 48.0, 40.601).segmentize(0.0001)
    first = write_gpkg(tmp_path / "a.gpkg", [edge], ["W-1"], crs="EPSG:4326")
    assert load(fresh_database, first, district=west).accepted == 1
    beside, over = shapely.box(48.0, 40.6, 48.001, 40.601), shapely.box(47.9995, 40.61, 48.0005, 40.611)
    beyond = shapely.box(47.99999, 40.5995, 48.0005, 40.6)
    into = shapely.box(47.9999, 40.6009, 48.0, 40.6015)
    shapes = [beside.segmentize(0.0001), over, beyond, into]
    report = load(
        fresh_database, write_gpkg(tmp_path / "b.gpkg", shapes, list("abcd"), crs="EPSG:4326"), district=east
    )
    assert (report.accepted, report.findings) == (3, {"parcel-overlap-registered": 1})
    assert ask(register, "SELECT count(DISTINCT ST_SRID(geom)) FROM cadastre.parcel_version") == 2


def test_values_that_cannot_be_read_keep_their_row_out(
    tmp_path: Path, fresh_database: Database, register: Connection
) -> None:
    columns = {"n": ["a", "b", "c", "d"], "cat": ["2", "nine", "3", "4"], "name": ["x", "x", "dXe", "x"]}
    path = write_ogr(tmp_path / "p.shp", row_of_boxes(4), columns, driver="ESRI Shapefile")
    dbf = path.with_suffix(".dbf")
    dbf.write_bytes(dbf.read_bytes().replace(b"dXe", b"d\xfce"))
    report = load(fresh_database, path, mapping=("cadastral_number=n", "land_category=cat", "purpose=name"))
    assert (report.accepted, report.findings) == (2, {"attribute-unreadable": 1, "text-undecodable": 1})
    detail = ask(register, "SELECT detail FROM staging.finding WHERE rule = 'attribute-unreadable'")
    assert detail == {"field": "land_category", "column": "cat", "value": "nine"}
    staged = "SELECT attributes->>'name' FROM staging.rejected_row WHERE row_number = 3"
    assert ask(register, staged) == "d\\xfce"
