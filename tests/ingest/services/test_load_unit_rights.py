from __future__ import annotations

from pathlib import Path

import pytest

from tests.database import Database
from tests.ingest.services.rights_rows import add_parcels, load, query, restriction, right, write_csv
from tests.ingest.services.unit_rows import add_building, load_unit_file, unit, write_units

COLUMNS_OF_OBJECT = (
    "SELECT register_number, object_kind, property.district_code, building_number, unit_number, property_object.parcel_id "
    "FROM cadastre.property JOIN cadastre.property_object USING (property_id) "
    "JOIN cadastre.building_unit u USING (unit_id) JOIN cadastre.building b ON b.building_id = u.building_id "
    "ORDER BY property_id"
)


def flat(
    building: str, number: str, name: str, share: tuple[int, int] | None = (1, 1), **other: str
) -> dict[str, str]:
    named = {"object_kind": "flat", "building_number": building, "unit_number": number}
    return right("", name, share, **(named | other))


@pytest.fixture
def register(fresh_database: Database, tmp_path: Path) -> Database:
    add_parcels(fresh_database, "A-1", "A-2")
    add_building(fresh_database, "A-1-B1", "A-1")
    add_building(fresh_database, "A-2-B1", "A-2")
    add_building(fresh_database, "LOOSE")
    units = [unit("A-1-B1", str(n)) for n in range(1, 6)]
    units += [unit("A-2-B1", "1"), unit("LOOSE", "1"), unit("A-1-B1", "6", kind="non_residential")]
    assert load_unit_file(fresh_database, write_units(tmp_path / "units.csv", units)).accepted == len(units)
    return fresh_database


def test_flats_become_properties_beside_the_land_under_them(register: Database, tmp_path: Path) -> None:
    rows = [
        right("A-1", "Bələdiyyə", party_kind="municipality", register_number="012345678900"),
        flat("A-1-B1", "1", "Sintetik Əli", (1, 3), fin="ZZ00001", register_number="012345678901"),
        flat("A-1-B1", "1", "Sintetik Şəfiqə", (2, 3), fin="ZZ00002", register_number="012345678901"),
        restriction(
            "A-1",
            "arrest",
            object_kind="flat",
            building_number="A-1-B1",
            unit_number="1",
        ),
        flat("a-2-b1", "1", "Sintetik Əli", fin="ZZ00001", cadastral_number="A-2"),
        flat("A-1-B1", "6", "Sintetik Əli", None, fin="ZZ00001", object_kind="non-residential"),
        flat("A-1-B1", "6", "Sintetik Vəli", None, fin="ZZ00003", object_kind="non_residential"),
        flat("A-1-B1", "2", "Synthetic Person", party_kind="foreign_natural"),
    ]
    report = load(register, write_csv(tmp_path / "r.csv", rows))
    assert (report.read, report.accepted, report.rejected) == (8, 8, 0), report.findings
    assert report.findings == {}
    minted = query(register, "SELECT register_number FROM cadastre.property ORDER BY property_id")
    assert all(number.startswith("23") for (number,) in minted[2:])
    found = query(register, COLUMNS_OF_OBJECT)
    assert [row[1:] for row in found] == [
        ("flat", "BAK-XEZ", "A-1-B1", "1", None),
        ("flat", "BAK-XEZ", "A-2-B1", "1", None),
        ("non_residential", "BAK-XEZ", "A-1-B1", "6", None),
        ("flat", "BAK-XEZ", "A-1-B1", "2", None),
    ]
    assert found[0][0] == "012345678901"
    assert query(
        register,
        "SELECT register_number FROM cadastre.restriction JOIN cadastre.property USING (property_id)",
    ) == [("012345678901",)]


def test_loaded_twice_every_row_is_a_duplicate(register: Database, tmp_path: Path) -> None:
    rows = [flat("A-1-B1", "1", "Sintetik", register_number="012345678901"), flat("A-1-B1", "2", "Sintetik")]
    path = write_csv(tmp_path / "r.csv", rows)
    assert load(register, path).accepted == 2
    again = load(register, path)
    assert (again.accepted, again.rejected) == (0, 2)
    assert again.findings["unit-in-other-property"] == 2
    assert again.findings["register-number-taken"] == 1
    assert query(register, "SELECT count(*) FROM cadastre.property") == [(2,)]


def test_faulty_rows_are_rejected_with_their_rule(register: Database, tmp_path: Path) -> None:
    faulty = {
        "object-kind-needs-unit": flat("A-1-B1", "", "Sintetik"),
        "unit-not-registered": flat("A-1-B1", "99", "Sintetik"),
        "unit-number-malformed": flat("A-1-B1", "№ 1", "Sintetik"),
        "building-number-malformed": flat("№", "1", "Sintetik"),
        "unit-kind-differs": flat("A-1-B1", "6", "Sintetik"),
        "unit-other-parcel": flat("A-1-B1", "1", "Sintetik", cadastral_number="A-2"),
        "unit-without-district": flat("LOOSE", "1", "Sintetik"),
        "unit-beside-land": flat(
            "A-1-B1", "1", "Sintetik", cadastral_number="A-1", object_kind="land_parcel"
        ),
        "shares-sum": flat("A-1-B1", "1", "Sintetik", (1, 2)),
        "cadastral-number-malformed": flat("A-1-B1", "1", "Sintetik", cadastral_number="№"),
    }
    for rule, row in faulty.items():
        report = load(register, write_csv(tmp_path / "r.csv", [row]))
        assert (report.read, report.accepted, report.rejected) == (1, 0, 1), rule
        assert rule in report.findings, (rule, report.findings)
    assert query(register, "SELECT count(*) FROM cadastre.property") == [(0,)]


def test_one_number_names_one_unit_and_one_unit_has_one_number(register: Database, tmp_path: Path) -> None:
    rows = [
        flat("A-1-B1", "1", "Sintetik", register_number="012345678901"),
        flat("A-1-B1", "1", "Sintetik", register_number="012345678902"),
        flat("A-1-B1", "2", "Sintetik", register_number="012345678903"),
        flat("A-1-B1", "3", "Sintetik", register_number="012345678903"),
        right("A-1", "Sintetik", register_number="012345678904"),
        flat("A-1-B1", "4", "Sintetik", register_number="012345678904"),
    ]
    report = load(register, write_csv(tmp_path / "r.csv", rows))
    assert (report.accepted, report.rejected) == (1, 5)
    assert report.findings["unit-claimed-twice"] == 1
    assert report.findings["property-many-units"] == 2
    assert report.findings["object-kind-mixed"] == 2


def test_a_faulty_flat_row_does_not_hold_back_its_land(register: Database, tmp_path: Path) -> None:
    rows = [
        flat("", "", "Sintetik", cadastral_number="A-1"),
        right("A-1", "Sintetik"),
        flat("A-1-B1", "1", "Sintetik"),
        flat("A-1-B1", "1", "Sintetik", object_kind="flat", registration_number="?"),
    ]
    report = load(register, write_csv(tmp_path / "r.csv", rows))
    assert (report.accepted, report.rejected) == (1, 3)
    assert query(register, "SELECT object_kind FROM cadastre.property") == [("land_parcel",)]
