"""Rows/s of `cadastre load parcels` beside ogr2ogr and a bare COPY BINARY, in one run on fresh databases.

    python benchmarks/load_parcels.py --parcels 100000 [--parcels 1000000] [--keep FOLDER] [--alone]

Ours checks every row and every overlap; ogr2ogr (PG_USE_COPY, reprojection, GiST) checks nothing;
the bare COPY writes the very rows that ours wrote, without constraints, then the same indexes.
Needs ogr2ogr (package gdal-bin) and psql on the PATH; without ogr2ogr that line says so.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2

from cadastre.db.local_cluster import ensure_running, prepare_database
from cadastre.db.migrate import upgrade
from cadastre.db.settings import read_settings
from ingest.sample import SampleSpec, generate

GAUSS_KRUGER_9 = 28409
INDEXES = """
    ALTER TABLE bare.parcel ADD PRIMARY KEY (parcel_id);
    CREATE UNIQUE INDEX ON bare.parcel (cadastral_number);
    ALTER TABLE bare.parcel_version ADD PRIMARY KEY (version_id);
    CREATE UNIQUE INDEX ON bare.parcel_version (parcel_id) WHERE superseded_leaf IS NULL AND valid_to IS NULL;
    CREATE INDEX ON bare.parcel_version USING gist (geom_wgs84)
        WHERE superseded_leaf IS NULL AND valid_to IS NULL;
"""


@dataclass(frozen=True)
class Measured:
    """One line of the table."""

    name: str
    rows: int
    seconds: float
    rss_mb: float
    anonymous_mb: float
    remark: str = ""

    @property
    def rate(self) -> float:
        """Rows per second."""
        return self.rows / self.seconds


@dataclass(frozen=True)
class FreshDatabase:
    """A migrated database of this run."""

    admin_url: str
    superuser_dsn: str


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--parcels", type=int, action="append")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--alone", action="store_true", help="only ours: its memory at other sizes")
    parser.add_argument("--keep", type=Path, help="keep the sample here for the next run")
    options = parser.parse_args()
    for count in options.parcels or [100_000]:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            path = make_sample(options.keep or Path(folder), count)
            report(count, path, run(path, options.workers, Path(folder), options.alone))
    return 0


def make_sample(root: Path, count: int) -> Path:
    out = root / f"sample-{count}"
    path = out / "parcels.gpkg"
    if not path.exists():
        generate(SampleSpec(count, out, srid=GAUSS_KRUGER_9, planted_overlaps=max(1, count // 320)))
    return path


def run(path: Path, workers: int, folder: Path, alone: bool) -> list[Measured]:
    with fresh_database("bench_ours") as database:
        ours, summary = load_with_ours(path, workers, database)
        if alone:
            return [ours]
        dumped = dump_rows(database, folder)
    rows = summary["read"]
    results = [ours]
    with fresh_database("bench_ogr") as database:
        results.append(load_with_ogr2ogr(path, rows, database))
    with fresh_database("bench_bare") as database:
        results.append(load_bare(dumped, summary["accepted"], database))
    return results


def load_with_ours(path: Path, workers: int, database: FreshDatabase) -> tuple[Measured, dict[str, int]]:
    environment = {
        **os.environ,
        "CADASTRE_ADMIN_URL": database.admin_url,
        "CADASTRE_DATABASE_URL": database.admin_url,
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # measure the program, not the compiling of its imports
    program = "import sys; from api.cli import main; main(sys.argv[1:])"
    command = [sys.executable, "-c", program, "load", "parcels", str(path), "--district", "BAK-XEZ"]
    command += ["--operation", "EPSG:1808", "--workers", str(workers)]
    seconds, rss, anonymous, output = measure(command, environment)
    summary = json.loads(output.strip().splitlines()[-1])
    remark = f"findings {summary['findings']}"
    return Measured("cadastre load parcels", summary["read"], seconds, rss, anonymous, remark), summary


def load_with_ogr2ogr(path: Path, rows: int, database: FreshDatabase) -> Measured:
    if shutil.which("ogr2ogr") is None:
        return Measured("ogr2ogr", 0, 1.0, 0, 0, "not installed (package gdal-bin): no comparison")
    target = f"PG:{database.superuser_dsn}"
    command = ["ogr2ogr", "-f", "PostgreSQL", target, str(path), "-nln", "peer", "-t_srs", "EPSG:4326"]
    command += ["--config", "PG_USE_COPY", "YES", "-lco", "SPATIAL_INDEX=GIST", "-lco", "GEOMETRY_NAME=geom"]
    seconds, rss, anonymous, _ = measure(command, dict(os.environ))
    return Measured("ogr2ogr PG_USE_COPY -t_srs GiST", rows, seconds, rss, anonymous)


def load_bare(dumped: Sequence[tuple[str, str, Path]], rows: int, database: FreshDatabase) -> Measured:
    with psycopg2.connect(database.superuser_dsn) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA bare")
        for table, columns, _ in dumped:
            cursor.execute(
                f"CREATE TABLE bare.{table} AS SELECT {columns} FROM cadastre.{table} WITH NO DATA"
            )
            if table == "parcel_version":
                cursor.execute(
                    "ALTER TABLE bare.parcel_version ADD superseded_leaf bigint, ADD valid_to date"
                )
    started = time.monotonic()
    with psycopg2.connect(database.superuser_dsn) as connection, connection.cursor() as cursor:
        for table, columns, path in dumped:
            with path.open("rb") as file:
                copy = f"COPY bare.{table} ({columns}) FROM STDIN WITH (FORMAT binary)"
                cursor.copy_expert(copy, file, size=1 << 20)
        cursor.execute(INDEXES)
    return Measured("bare COPY BINARY + same indexes", rows, time.monotonic() - started, 0, 0)


def dump_rows(database: FreshDatabase, folder: Path) -> list[tuple[str, str, Path]]:
    wanted = (
        ("parcel", "parcel_id, cadastral_number, district_code"),
        (
            "parcel_version",
            "version_id, parcel_id, valid_from, recorded_leaf, load_id, geom, geom_wgs84, surveyed_area_m2, "
            "documentary_area_m2, land_category, ownership_form, purpose, quality_group, address_text, "
            "source_number, source_date, accuracy_m, source_srid, operation_code, operation_accuracy_m",
        ),
    )
    dumped = []
    with psycopg2.connect(database.superuser_dsn) as connection, connection.cursor() as cursor:
        for table, columns in wanted:
            path = folder / f"{table}.bin"
            with path.open("wb") as file:
                query = f"COPY (SELECT {columns} FROM cadastre.{table}) TO STDOUT WITH (FORMAT binary)"
                cursor.copy_expert(query, file, size=1 << 20)
            dumped.append((table, columns, path))
    return dumped


def measure(command: Sequence[str], environment: dict[str, str]) -> tuple[float, float, float, str]:
    """Run a command; return its seconds, the peak of its process tree's memory, and its output."""
    started = time.monotonic()
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    peak, stop = [0.0, 0.0], threading.Event()
    watcher = threading.Thread(target=watch, args=(process.pid, peak, stop))
    watcher.start()
    output, errors = process.communicate()
    seconds = time.monotonic() - started
    stop.set()
    watcher.join()
    if process.returncode not in (0, 1):
        raise SystemExit(f"{command[0]} failed: {errors.strip()[-500:]}")
    return seconds, peak[0], peak[1], output


def watch(root: int, peak: list[float], stop: threading.Event) -> None:
    while not stop.wait(0.1):
        total = [0.0, 0.0]
        for pid in list_tree(root):
            try:
                status = Path(f"/proc/{pid}/status").read_text()
            except OSError:
                continue
            for place, name in enumerate(("VmRSS:", "RssAnon:")):
                total[place] += sum(
                    int(line.split()[1]) for line in status.splitlines() if line.startswith(name)
                )
        peak[:] = [max(old, new / 1024) for old, new in zip(peak, total, strict=True)]


def list_tree(root: int) -> list[int]:
    found = [root]
    for pid in found:
        try:
            found += [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        except OSError:
            continue
    return found


@contextmanager
def fresh_database(name: str) -> Iterator[FreshDatabase]:
    settings = read_settings()
    cluster = ensure_running(settings)
    superuser = cluster.of_database("postgres").superuser_url.replace("+psycopg2", "")
    drop_database(superuser, name)
    prepare_database(settings, name)
    urls = cluster.of_database(name)
    upgrade(urls.admin_url)
    try:
        yield FreshDatabase(urls.admin_url, urls.superuser_url.replace("+psycopg2", ""))
    finally:
        drop_database(superuser, name)


def drop_database(superuser: str, name: str) -> None:
    connection = psycopg2.connect(superuser)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    connection.close()


def report(count: int, path: Path, results: list[Measured]) -> None:
    size = path.stat().st_size >> 20
    print(f"\n{count:,} parcels, EPSG:{GAUSS_KRUGER_9}, {path.name} {size} MB, {os.cpu_count()} cores")
    print(f"{'':<34}{'rows/s':>10}{'seconds':>9}{'RSS MB':>8}{'anon MB':>9}{'ratio':>7}")
    ours = results[0]
    for result in results:
        ratio = ours.rate / result.rate if result.rows else float("nan")
        print(
            f"{result.name:<34}{result.rate:>10,.0f}{result.seconds:>9.1f}{result.rss_mb:>8.0f}"
            f"{result.anonymous_mb:>9.0f}{ratio:>7.2f}  {result.remark}"
        )


if __name__ == "__main__":
    sys.exit(main())
