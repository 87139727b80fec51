"""A load that dies leaves nothing: killed at any moment, without a database, without a disk."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from tests.database import Database
from tests.ingest.files import box, write_gpkg

ROWS = 20_400
PROGRAM = "import sys; from api.cli import main; main(sys.argv[1:])"
# The stages of a load, each announced on stdout by the process under test itself.
STAGED = """
import signal, sys
import ingest.load_transaction as lt
import importlib
lp = importlib.import_module("ingest.bulk_load")
wanted = sys.argv.pop(1)

def announce(owner, name, stage, after=False):
    call = getattr(owner, name)
    def wrapped(*args, **named):
        result = call(*args, **named) if after else None
        if stage == wanted:
            print("READY", flush=True)
            signal.pause()
        return result if after else call(*args, **named)
    setattr(owner, name, wrapped)

announce(lp, "write_batch", "reading", after=True)
announce(lp, "find_duplicates", "locked")
announce(lt.LoadTransaction, "copy_binary", "copying", after=True)
announce(lt.LoadTransaction, "stage", "recorded", after=True)
announce(lt.LoadTransaction, "commit", "before commit")
announce(lt.LoadTransaction, "commit", "after commit", after=True)
from api.cli import main
if __name__ == "__main__":
    main(sys.argv[1:])
"""
TABLES = (
    "cadastre.parcel",
    "cadastre.parcel_version",
    "cadastre.parcel_cell",
    "staging.load_run",
    "staging.finding",
    "staging.rejected_row",
)


@pytest.fixture(scope="module")
def parcels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    grid = [box(at % 170, at // 170) for at in range(ROWS)]
    return write_gpkg(tmp_path_factory.mktemp("faults") / "p.gpkg", [*grid, grid[0]])


def count_all(database: Database) -> dict[str, int]:
    engine = create_engine(database.admin_url, poolclass=NullPool)
    with engine.connect() as connection:
        counts = {t: connection.execute(text(f"SELECT count(*) FROM {t}")).scalar_one() for t in TABLES}
        leaves = "SELECT count(*) FROM ledger.leaf WHERE kind = 'load.parcels'"
        counts["leaf"] = connection.execute(text(leaves)).scalar_one()
    engine.dispose()
    return counts


def command(path: Path, *, workers: int = 2) -> list[str]:
    return ["load", "parcels", str(path), "--district", "BAK-XEZ", "--workers", str(workers)]


def list_children(pid: int) -> list[int]:
    found = [pid]
    for one in found:
        children = Path(f"/proc/{one}/task/{one}/children")
        found += [int(child) for child in children.read_text().split()] if children.exists() else []
    return found[1:]


def is_alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until_gone(pids: list[int]) -> None:
    deadline = time.monotonic() + 30
    while any(is_alive(pid) for pid in pids):
        assert time.monotonic() < deadline, "workers outlived their load"
        os.sched_yield()


@pytest.mark.parametrize(
    ("stage", "stays"),
    [
        ("reading", False),
        ("locked", False),
        ("copying", False),
        ("recorded", False),
        ("before commit", False),
        ("after commit", True),
    ],
)
def test_kill_9_leaves_all_or_nothing(
    parcels: Path, fresh_database: Database, tmp_path: Path, stage: str, stays: bool
) -> None:
    script = tmp_path / "staged.py"
    script.write_text(STAGED)
    environment = {**os.environ, **fresh_database.environ, "CADASTRE_SPILL_DIR": str(tmp_path / "spill")}
    before = count_all(fresh_database)
    with subprocess.Popen(
        [sys.executable, str(script), stage, *command(parcels)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "READY"
        children = list_children(process.pid)
        process.send_signal(signal.SIGKILL)
        process.wait(30)
    wait_until_gone(children)
    after = count_all(fresh_database)
    if stays:
        assert (after["cadastre.parcel"], after["cadastre.parcel_version"], after["leaf"]) == (ROWS, ROWS, 1)
        assert (after["staging.load_run"], after["staging.rejected_row"]) == (1, 1)
        return
    assert after == before
    if stage != "copying":
        return
    again = run(command(parcels, workers=1), environment)
    assert again.returncode == 1, again.stderr
    assert json.loads(again.stdout.splitlines()[-1])["accepted"] == ROWS
    assert list((tmp_path / "spill").iterdir()) == []


def run(arguments: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_a_lost_connection_is_one_sentence_and_nothing_half(
    parcels: Path, untouched_database: Database, tmp_path: Path
) -> None:
    """The server ends the session as it does when it is stopped."""
    script = tmp_path / "staged.py"
    script.write_text(STAGED.replace("signal.pause()", "sys.stdin.readline()"))
    environment = {**os.environ, **untouched_database.environ}
    before = count_all(untouched_database)
    with subprocess.Popen(
        [sys.executable, str(script), "copying", *command(parcels, workers=1)],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "READY"
        end_sessions(untouched_database)
        _, errors = process.communicate("\n" * 50, timeout=120)
    assert process.returncode == 2
    assert len(errors.strip().splitlines()) == 1
    assert "nothing was changed" in errors
    assert count_all(untouched_database) == before


def end_sessions(database: Database) -> None:
    engine = create_engine(database.superuser_url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        ended = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'cadastre load'"
        assert connection.execute(text(ended)).scalar_one() >= 1
    engine.dispose()


def test_no_database_is_one_sentence(parcels: Path, untouched_database: Database) -> None:
    nowhere = untouched_database.admin_url.replace(untouched_database.name, "no_such_database")
    done = run(command(parcels), {**os.environ, **untouched_database.environ, "CADASTRE_ADMIN_URL": nowhere})
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A file system of a few kilobytes; only root may mount one."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def can_mount(folder: Path) -> bool:
    if os.geteuid() != 0:
        return False
    try:
        with small_disk(folder, "64k"):
            return True
    except (subprocess.CalledProcessError, OSError):
        return False


@pytest.mark.parametrize(("workers", "size"), [(1, "64k"), (1, "6m"), (2, "6m")])
def test_a_full_disk_is_one_sentence_and_nothing_half(
    parcels: Path, untouched_database: Database, tmp_path: Path, workers: int, size: str
) -> None:
    before = count_all(untouched_database)
    if not can_mount(tmp_path / "probe"):
        spill, sentence = Path("/dev/full/spill"), "cannot be written"
        done = run(
            command(parcels, workers=workers),
            {**os.environ, **untouched_database.environ, "CADASTRE_SPILL_DIR": str(spill)},
        )
    else:
        sentence = "No space left on device"
        with small_disk(tmp_path / "disk", size) as disk:
            environment = {**os.environ, **untouched_database.environ, "CADASTRE_SPILL_DIR": str(disk)}
            done = run(command(parcels, workers=workers), environment)
    assert done.returncode == 2, done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert sentence in done.stderr
    assert "Nothing was loaded" in done.stderr
    assert count_all(untouched_database) == before
