from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.api.commands.conftest import Run
from tests.database import Database
from tests.ingest.services.rights_rows import add_parcels, query, right, write_csv
from tests.ingest.services.unit_rows import add_building, unit, write_units


@pytest.fixture
def register(database_environment: Database) -> Database:
    add_parcels(database_environment, "A-1", "A-2")
    return database_environment


def test_rights_end_with_one_line_of_json(register: Database, run: Run, tmp_path: Path) -> None:
    good = write_csv(tmp_path / "good.csv", [right("A-1", "Sintetik", fin="ZZ00001")])
    done = run("load", "rights", good)
    assert done.code == 0
    facts = json.loads(done.out.splitlines()[-1])
    assert set(facts) == {"read", "accepted", "rejected", "findings", "seconds", "rows_per_second"}
    assert (facts["read"], facts["accepted"], facts["rejected"], facts["findings"]) == (1, 1, 0, {})
    bad = write_csv(tmp_path / "bad.csv", [right("A-2", "Sintetik", (1, 2), fin="ZZ00001")])
    done = run("load", "rights", bad)
    assert done.code == 1
    assert json.loads(done.out.splitlines()[-1])["findings"] == {"shares-sum": 1}
    assert "do not sum to exactly 1" in done.out


def test_a_flat_and_its_owner_are_loaded_by_two_commands(
    register: Database, run: Run, tmp_path: Path
) -> None:
    add_building(register, "A-1-B1", "A-1")
    flats = write_units(tmp_path / "flats.csv", [unit("A-1-B1", "45"), unit("A-1-B1", "45")])
    done = run("load", "units", flats)
    assert done.code == 1
    facts = json.loads(done.out.splitlines()[-1])
    assert (facts["read"], facts["accepted"], facts["findings"]) == (2, 1, {"unit-duplicate": 1})
    named = {"object_kind": "flat", "building_number": "A-1-B1", "unit_number": "45"}
    owners = write_csv(
        tmp_path / "rights.csv", [right("", "Sintetik", (1, 1), **{"fin": "ZZ00001", **named})]
    )
    assert run("load", "rights", owners).code == 0
    assert query(register, "SELECT object_kind FROM cadastre.property") == [("flat",)]


@pytest.mark.parametrize("what", ["rights", "units", "zones", "streets", "entrances", "buildings"])
def test_what_cannot_be_read_is_one_plain_line(
    register: Database, run: Run, tmp_path: Path, what: str
) -> None:
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"PK\x03\x04 nothing behind it")
    district = () if what in ("rights", "units") else ("--district", "BAK-XEZ")
    for path in (broken, tmp_path / "absent.csv", tmp_path):
        done = run("load", what, path, *district)
        assert done.code == 2
        assert len(done.err.splitlines()) == 1
        assert done.out == ""
