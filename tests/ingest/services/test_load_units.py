from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook

from cadastre.kernel.errors import InvalidInput
from tests.database import Database
from tests.ingest.services.rights_rows import add_parcels, query
from tests.ingest.services.unit_rows import add_building, add_doors, load_unit_file, unit, write_units

REGISTERED = (
    "SELECT b.building_number, u.unit_number, u.kind, entrance_number, floor, room_count, total_area_m2::text, "
    "living_area_m2::text FROM cadastre.building_unit u JOIN cadastre.building b USING (building_id) ORDER BY unit_id"
)


@pytest.fixture
def register(fresh_database: Database) -> Database:
    add_parcels(fresh_database, "A-1", "A-2")
    add_building(fresh_database, "A-1-B1", "A-1")
    add_building(fresh_database, "A-2-B1", "A-2", floors=None)
    add_building(fresh_database, "LOOSE")
    return fresh_database


def test_flats_are_entered_in_file_order_under_one_leaf(register: Database, tmp_path: Path) -> None:
    rows = [
        unit("A-1-B1", "2", cadastral_number="a-1", synthetic="true"),
        unit("A-1-B1", "1", kind="non-residential", room_count="", living_area_m2="", floor="-1"),
        unit("a-2-b1", "1a", floor="9"),
        unit("A-1-B1", "Zirzəmi 1", kind="garage", entrance_number="", floor="", living_area_m2="0"),
    ]
    report = load_unit_file(register, write_units(tmp_path / "u.csv", rows))
    assert (report.read, report.accepted, report.rejected, report.findings) == (4, 4, 0, {})
    assert report.exit_code == 0
    assert query(register, REGISTERED) == [
        ("A-1-B1", "2", "flat", 1, 2, 3, "71.40", "50.25"),
        ("A-1-B1", "1", "non_residential", 1, -1, None, "71.40", None),
        ("A-2-B1", "1A", "flat", 1, 9, 3, "71.40", "50.25"),
        ("A-1-B1", "Zirzəmi 1", "garage", None, None, 3, "71.40", "0.00"),
    ]
    assert query(register, "SELECT kind, rows_read, rows_accepted, rows_rejected FROM staging.load_run") == [
        ("units", 4, 4, 0)
    ]
    assert query(register, "SELECT count(*) FROM ledger.leaf WHERE kind = 'load.units'") == [(1,)]


def test_loaded_twice_every_row_is_a_duplicate(register: Database, tmp_path: Path) -> None:
    path = write_units(tmp_path / "u.csv", [unit("A-1-B1", str(n)) for n in range(1, 8)])
    assert load_unit_file(register, path).accepted == 7
    again = load_unit_file(register, path)
    assert (again.read, again.accepted, again.rejected, again.findings) == (7, 0, 7, {"unit-registered": 7})
    assert again.exit_code == 1
    assert query(register, "SELECT count(*) FROM cadastre.building_unit") == [(7,)]
    assert query(register, "SELECT count(*) FROM staging.rejected_row") == [(7,)]


def test_faulty_rows_are_rejected_with_their_rule_and_kept(register: Database, tmp_path: Path) -> None:
    faulty = {
        "building-number-malformed": unit("№", "1"),
        "unit-number-malformed": unit("A-1-B1", ""),
        "unit-building-unknown": unit("A-9-B1", "1"),
        "unit-kind-unknown": unit("A-1-B1", "1", kind="land_parcel"),
        "unit-entrance-malformed": unit("A-1-B1", "1", entrance_number="0"),
        "unit-floor-malformed": unit("A-1-B1", "1", floor="2,5"),
        "unit-rooms-malformed": unit("A-1-B1", "1", room_count="-1"),
        "unit-area-malformed": unit("A-1-B1", "1", total_area_m2="71,4"),
        "unit-living-exceeds-total": unit("A-1-B1", "1", living_area_m2="71.41"),
        "unit-other-parcel": unit("A-1-B1", "1", cadastral_number="A-2"),
        "cadastral-number-malformed": unit("A-1-B1", "1", cadastral_number="№"),
    }
    for rule, row in faulty.items():
        report = load_unit_file(register, write_units(tmp_path / "u.csv", [row]))
        assert (report.read, report.accepted, report.rejected) == (1, 0, 1), rule
        assert report.findings == {rule: 1}
    for area in ("0", "-3", "nan", "1e9", "७१", "0.001"):
        report = load_unit_file(
            register, write_units(tmp_path / "u.csv", [unit("A-1-B1", "1", total_area_m2=area)])
        )
        assert report.findings == {"unit-area-malformed": 1}, area
    assert query(register, "SELECT count(*) FROM cadastre.building_unit") == [(0,)]
    kept = query(
        register, "SELECT attributes->>'kind' FROM staging.rejected_row WHERE attributes->>'kind' <> 'flat'"
    )
    assert kept == [("land_parcel",)]


def test_doubts_are_told_and_the_row_is_entered(register: Database, tmp_path: Path) -> None:
    rows = [
        unit("A-1-B1", "1", total_area_m2="", living_area_m2=""),
        unit("A-1-B1", "2", floor="6"),
        unit("LOOSE", "1", cadastral_number="A-1"),
        unit("A-1-B1", "2", floor="3"),
        unit("A-1-B1", "2"),
    ]
    report = load_unit_file(register, write_units(tmp_path / "u.csv", rows))
    assert (report.read, report.accepted, report.rejected) == (5, 3, 2)
    assert report.findings == {
        "unit-area-missing": 1,
        "unit-above-building": 1,
        "unit-parcel-unproven": 1,
        "unit-duplicate": 2,
    }
    assert query(
        register,
        "SELECT row_number, subject, detail->>'earlier_row' FROM staging.finding WHERE rule = 'unit-duplicate' ORDER BY 1",
    ) == [(4, "A-1-B1, 2", "2"), (5, "A-1-B1, 2", "2")]


def test_ragged_rows_and_wrong_headers(register: Database, tmp_path: Path) -> None:
    path = tmp_path / "u.csv"
    path.write_text("building_number,unit_number,kind\nA-1-B1,1\nA-1-B1,2,flat\n", encoding="utf-8")
    report = load_unit_file(register, path)
    assert (report.accepted, report.rejected) == (1, 1)
    assert report.findings == {"row-ragged": 1, "unit-area-missing": 1}
    path.write_text("building_number,flat\nA-1-B1,1\n", encoding="utf-8")
    with pytest.raises(
        InvalidInput, match="lacks the columns unit_number, kind; it has unknown columns flat"
    ):
        load_unit_file(register, path)


def test_workbook_and_parquet_hold_the_same(register: Database, tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.create_sheet("Mənzillər")
    sheet.append(["building_number", "unit_number", "kind", "floor", "total_area_m2"])
    sheet.append(["A-1-B1", 7, "flat", 3, 61.5])
    book.save(tmp_path / "u.xlsx")
    assert load_unit_file(register, tmp_path / "u.xlsx", "Mənzillər").accepted == 1
    columns = {"building_number": ["A-1-B1"], "unit_number": [8], "kind": ["flat"], "floor": [3.0]}
    pq.write_table(pa.table({**columns, "total_area_m2": [61.5]}), tmp_path / "u.parquet")
    assert load_unit_file(register, tmp_path / "u.parquet").accepted == 1
    assert query(
        register, "SELECT unit_number, floor, total_area_m2::text FROM cadastre.building_unit ORDER BY 1"
    ) == [
        ("7", 3, "61.50"),
        ("8", 3, "61.50"),
    ]


def test_an_entrance_that_the_addresses_do_not_know_is_told(register: Database, tmp_path: Path) -> None:
    add_doors(register, "A-1-B1", {"12": 1, "12A": 3})
    rows = [
        unit("A-1-B1", "1"),
        unit("A-1-B1", "2", entrance_number="2"),
        unit("A-2-B1", "1", entrance_number="2"),
    ]
    report = load_unit_file(register, write_units(tmp_path / "u.csv", rows))
    assert (report.accepted, report.findings) == (3, {"unit-entrance-unknown": 1})
    assert query(register, "SELECT row_number, measured, detail->'known' FROM staging.finding") == [
        (2, 2.0, [1, 3])
    ]
