from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.commands.conftest import Run
from tests.database import Database
from tests.ingest.services.rights_rows import query
from tests.ingest.services.zone_rows import block, write_zones

# The stages of a load, each announced on stdout by the process under test itself.
STAGED = """
import signal, sys
from ingest.load_transaction import LoadTransaction

stage = sys.argv.pop(1)
call = getattr(LoadTransaction, stage)

def wrapped(*args, **named):
    print("READY", flush=True)
    signal.pause()

setattr(LoadTransaction, stage, wrapped)
from api.cli import main
main(sys.argv[1:])
"""
EVERYTHING = """
    SELECT (SELECT count(*) FROM cadastre.cadastral_zone), (SELECT count(*) FROM staging.load_run),
           (SELECT count(*) FROM staging.finding), (SELECT count(*) FROM staging.rejected_row),
           (SELECT count(*) FROM ledger.leaf WHERE kind = 'load.zones')
"""


@pytest.fixture
def zones(tmp_path: Path) -> Path:
    rows = [("108", "Mərkəz", block(0, 0)), ("109", "Sahil", block(1, 0)), ("109", "Təkrar", block(2, 0))]
    return write_zones(tmp_path / "zones.gpkg", rows)


def test_zones_end_with_one_line_of_json(database_environment: Database, run: Run, zones: Path) -> None:
    done = run("load", "zones", zones, "--district", "BAK-XEZ")
    assert done.code == 1
    facts = json.loads(done.out.splitlines()[-1])
    assert (facts["read"], facts["accepted"], facts["rejected"]) == (3, 2, 1)
    assert facts["findings"] == {"zone-boundary-unknown": 1, "zone-duplicate": 1}
    assert "An earlier row of the file has this zone code" in done.out
    again = run("load", "zones", zones, "--district", "BAK-XEZ", "--map", "zone_code=zone_code")
    assert json.loads(again.out.splitlines()[-1])["findings"] == {"zone-duplicate": 1, "zone-registered": 2}
    assert query(database_environment, EVERYTHING) == [(2, 2, 5, 4, 2)]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "--district"),
        (("--district", "XX"), "There is no district 'XX'"),
        (("--district", "BAK-XEZ", "--layer", "x"), "has no layer 'x'"),
        (("--district", "BAK-XEZ", "--map", "zone_code=ZONA"), "no column 'ZONA'"),
        (("--district", "BAK-XEZ", "--crs", "EPSG:1"), "EPSG:1"),
    ],
)
def test_an_unusable_order_is_one_plain_line(
    untouched_environment: Database, run: Run, zones: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    done = run("load", "zones", zones, *arguments)
    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1
    assert sentence in done.err
    assert query(untouched_environment, EVERYTHING) == [(0, 0, 0, 0, 0)]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 nothing behind it", b"not a geodata file"])
@pytest.mark.parametrize("name", ["zones.gpkg", "zones.shp", "zones.zip", "zones.geojson", "zones.parquet"])
def test_what_cannot_be_read_is_one_plain_line(
    untouched_environment: Database, run: Run, tmp_path: Path, name: str, content: bytes
) -> None:
    broken = tmp_path / name
    broken.write_bytes(content)
    done = run("load", "zones", broken, "--district", "BAK-XEZ")
    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1
    assert query(untouched_environment, EVERYTHING) == [(0, 0, 0, 0, 0)]


@pytest.mark.parametrize("stage", ["reserve", "record", "stage", "commit"])
def test_kill_9_leaves_nothing(untouched_database: Database, zones: Path, tmp_path: Path, stage: str) -> None:
    script = tmp_path / "staged.py"
    script.write_text(STAGED)
    environment = {**os.environ, **untouched_database.environ}
    with subprocess.Popen(
        [sys.executable, str(script), stage, "load", "zones", str(zones), "--district", "BAK-XEZ"],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "READY"
        process.send_signal(signal.SIGKILL)
        process.wait(30)
    assert query(untouched_database, EVERYTHING) == [(0, 0, 0, 0, 0)]
