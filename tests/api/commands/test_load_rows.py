from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.api.commands.conftest import Run
from tests.database import Database
from tests.ingest.files import box, row_of_boxes, write_gpkg
from tests.ingest.services.rights_rows import add_parcels, query, right, write_csv
from tests.ingest.services.unit_rows import add_building, unit, write_units

KHAZAR = ("--district", "BAK-XEZ")


@pytest.fixture
def register(database_environment: Database) -> Database:
    add_parcels(database_environment, "A-1", "A-2")
    return database_environment


def test_rights_end_with_one_line_of_json(register: Database, run: Run, tmp_path: Path) -> None:
    good = write_csv(tmp_path / "good.csv", [right("A-1", "Sintetik", fin="ZZ00001")])
    done = run("load", "rights", good)
    assert done.code == 0
    facts = json.loads(done.out.splitlines()[-1])
    assert set(facts) == {"load_id", "read", "accepted", "rejected", "findings", "seconds", "rows_per_second"}
    assert (facts["read"], facts["accepted"], facts["rejected"], facts["findings"]) == (1, 1, 0, {})
    bad = write_csv(tmp_path / "bad.csv", [right("A-2", "Sintetik", (1, 2), fin="ZZ00001")])
    done = run("load", "rights", bad)
    assert done.code == 1
    assert json.loads(done.out.splitlines()[-1])["findings"] == {"shares-sum": 1}
    assert "do not sum to exactly 1" in done.out
    assert "row 1" in done.out, "the first rows at fault are named"


def test_what_a_load_found_is_listed_and_written(register: Database, run: Run, tmp_path: Path) -> None:
    boxes = [*row_of_boxes(3), box(1, 0), box(5, 0)]
    done = run("load", "parcels", write_gpkg(tmp_path / "p.gpkg", boxes, ["1", "2", "3", "4", "3"]), *KHAZAR)
    load = json.loads(done.out.splitlines()[-1])["load_id"]
    assert f"(load {load})" in done.out
    assert "400 m2 (limit 0 m2)  at 50.05" in done.out, "how much, how much is allowed, and where"
    listed = run("load", "findings", load)
    assert listed.code == 0
    assert {line.split()[1] for line in listed.out.splitlines()} >= {"parcel-overlap"}
    assert run("load", "findings").out == listed.out, "the newest"
    table = tmp_path / "f.csv"
    assert run("load", "findings", load, "--out", table).code == 0
    with table.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == len(listed.out.splitlines())
    overlap = next(row for row in rows if row["rule"] == "parcel-overlap")
    assert (float(overlap["measured"]), float(overlap["limit"]), overlap["unit"]) == (400, 0, "m2")
    drawn = tmp_path / "f.geojson"
    assert run("load", "findings", load, "--out", drawn).code == 0
    features = json.loads(drawn.read_text(encoding="utf-8"))["features"]
    places = [f["geometry"]["coordinates"] for f in features if f["geometry"]]
    assert places
    assert all(50 < lon < 51 and 40 < lat < 41 for lon, lat in places)
    kept = run("load", "findings", load, "--rejected")
    rejected = list(csv.DictReader(kept.out.splitlines()))
    assert len(rejected) == json.loads(done.out.splitlines()[-1])["rejected"]
    assert all(row["rules"] and row["geometry_wkb"] for row in rejected)
    assert query(register, "SELECT count(*) FROM ledger.leaf WHERE kind = 'access.rejected-rows'") == [(1,)]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["999"], "no load 999"),
        (["--out", "{tmp}/a.docx"], ".csv or .geojson"),
        (["--rejected", "--out", "{tmp}/a.geojson"], ".csv"),
        (["--out", "{tmp}/no/such/a.csv"], "no file can be written there"),
        ([], "Nothing has been loaded"),
    ],
)
def test_findings_that_cannot_be_had_are_one_line(
    register: Database, run: Run, tmp_path: Path, arguments: list[str], says: str
) -> None:
    done = run("load", "findings", *[argument.replace("{tmp}", str(tmp_path)) for argument in arguments])
    assert (done.code, done.out) == (2, "")
    assert says in done.err
    assert len(done.err.splitlines()) == 1


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
