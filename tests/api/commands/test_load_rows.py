from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.api.commands.conftest import Run
from tests.database import Database
from tests.ingest.services.rights_rows import add_parcels, right, write_csv


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


@pytest.mark.parametrize("what", ["rights", "streets", "entrances", "buildings"])
def test_what_cannot_be_read_is_one_plain_line(
    register: Database, run: Run, tmp_path: Path, what: str
) -> None:
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"PK\x03\x04 nothing behind it")
    district = () if what == "rights" else ("--district", "BAK-XEZ")
    for path in (broken, tmp_path / "absent.csv", tmp_path):
        done = run("load", what, path, *district)
        assert done.code == 2
        assert len(done.err.splitlines()) == 1
        assert done.out == ""
