"""What a rights or units file says of the section itself reaches the register, or is found fault with."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.database import Database
from tests.ingest.services.rights_rows import add_parcels, load, query, restriction, right, write_csv
from tests.ingest.services.unit_rows import add_building, load_unit_file, unit, write_units

SECTION = {
    "former_address": "1-ci Sınaq döngəsi 3",
    "paper_series": "RX",
    "paper_number": "0123456",
    "divisible": "xeyr",
    "total_area_m2": "184.5",
    "living_area_m2": "102",
    "auxiliary_area_m2": "82.50",
    "room_count": "5",
    "book_number": "127",
    "sheet_number": "45",
}


@pytest.fixture
def register(fresh_database: Database) -> Database:
    add_parcels(fresh_database, "A-1", "A-2", "A-3")
    return fresh_database


def test_every_field_of_the_form_can_be_loaded(register: Database, tmp_path: Path) -> None:
    add_building(register, "A-1-B1", "A-1", floors=2)
    basis = {
        "basis_kind": "sale_contract",
        "basis_number": "7",
        "basis_date": "2025-01-10",
        "basis_issuer": "12 nömrəli notariat kontoru",
    }
    rows = [
        right("A-1", "Sintetik Əli", object_kind="individual_house", **SECTION, **basis),
        right(
            "A-1",
            "Sintetik İcarəçi",
            object_kind="individual_house",
            right_kind="lease",
            share_numerator="",
            share_denominator="",
            right_scope="birinci mərtəbə",
        ),
        restriction("A-1", "servitude", object_kind="individual_house", restriction_scope="şimal tərəf, 3 m"),
    ]
    report = load(register, write_csv(tmp_path / "r.csv", rows))
    assert (report.accepted, report.rejected) == (3, 0), report.findings
    assert query(
        register,
        "SELECT former_address, paper_series, paper_number, divisible, total_area_m2::text, living_area_m2::text, "
        "auxiliary_area_m2::text, room_count, book_number, sheet_number FROM cadastre.property",
    ) == [("1-ci Sınaq döngəsi 3", "RX", "0123456", False, "184.50", "102.00", "82.50", 5, "127", "45")]
    assert query(
        register,
        "SELECT kind, share_numerator, joint, scope FROM cadastre.property_right ORDER BY kind",
    ) == [("lease", None, False, "birinci mərtəbə"), ("ownership", 1, False, None)]
    assert query(register, "SELECT scope FROM cadastre.restriction") == [("şimal tərəf, 3 m",)]
    assert query(register, "SELECT issuer FROM cadastre.administrative_source") == [(basis["basis_issuer"],)]


@pytest.mark.parametrize(("kind", "objects"), [("individual_house", 2), ("land_parcel", 1)])
def test_land_and_the_house_on_it_are_one_object(
    register: Database, tmp_path: Path, kind: str, objects: int
) -> None:
    add_building(register, "A-1-B1", "A-1", floors=2)
    load(register, write_csv(tmp_path / "r.csv", [right("A-1", "Sintetik Əli", object_kind=kind)]))
    assert query(register, "SELECT count(*), count(building_id) FROM cadastre.property_object") == [
        (objects, objects - 1)
    ]


def test_the_first_row_that_describes_the_object_describes_it_alone(
    register: Database, tmp_path: Path
) -> None:
    rows = [
        right("A-1", "Sintetik Əli", (1, 2), fin="ZZ00001"),
        right("A-1", "Sintetik Vəli", (1, 2), fin="ZZ00002", total_area_m2="50", divisible="true"),
        restriction("A-1", "arrest", living_area_m2="70"),
    ]
    assert load(register, write_csv(tmp_path / "r.csv", rows)).rejected == 0
    assert query(
        register, "SELECT total_area_m2::text, living_area_m2, divisible FROM cadastre.property"
    ) == [("50.00", None, True)]


@pytest.mark.parametrize(
    ("cells", "rule"),
    [
        ({"paper_series": "RX"}, "paper-number-malformed"),
        ({"paper_series": "rx1", "paper_number": "12"}, "paper-number-malformed"),
        ({"paper_series": "RX", "paper_number": "12a"}, "paper-number-malformed"),
        ({"divisible": "bəlkə"}, "divisible-unreadable"),
        ({"total_area_m2": "0"}, "unit-area-malformed"),
        ({"total_area_m2": "NaN"}, "unit-area-malformed"),
        ({"living_area_m2": "-1"}, "unit-area-malformed"),
        ({"total_area_m2": "50", "living_area_m2": "51"}, "unit-living-exceeds-total"),
        ({"total_area_m2": "50", "auxiliary_area_m2": "51"}, "unit-living-exceeds-total"),
        ({"room_count": "1001"}, "unit-rooms-malformed"),
        ({"room_count": "²"}, "unit-rooms-malformed"),
        ({"former_address": "a\x07b"}, "text-unreadable"),
        ({"basis_issuer": "Notariat"}, "basis-incomplete"),
        ({"restriction_scope": "şimal"}, "restriction-incomplete"),
    ],
)
def test_what_cannot_be_read_is_found_and_nothing_is_entered(
    register: Database, tmp_path: Path, cells: dict[str, str], rule: str
) -> None:
    report = load(register, write_csv(tmp_path / "r.csv", [right("A-1", "Sintetik Əli", **cells)]))
    assert (report.accepted, report.rejected) == (0, 1)
    assert rule in report.findings
    assert query(register, "SELECT count(*) FROM cadastre.property") == [(0,)]


def test_the_auxiliary_area_of_a_flat_is_loaded(register: Database, tmp_path: Path) -> None:
    add_building(register, "A-1-B1", "A-1")
    rows = [
        unit("A-1-B1", "1", total_area_m2="70", living_area_m2="50", auxiliary_area_m2="20"),
        unit("A-1-B1", "2", total_area_m2="70", living_area_m2="50", auxiliary_area_m2="71"),
    ]
    report = load_unit_file(register, write_units(tmp_path / "u.csv", rows))
    assert (report.accepted, report.rejected) == (1, 1)
    assert query(register, "SELECT unit_number, auxiliary_area_m2::text FROM cadastre.building_unit") == [
        ("1", "20.00")
    ]
