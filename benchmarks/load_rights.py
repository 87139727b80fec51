"""Rows/s of `cadastre load rights` beside a bare COPY of the same CSV into one table without constraints.

    python benchmarks/load_rights.py [--parcels 70000]

About 1.44 rows a parcel. Ours reads every cell, judges every property, matches parties and writes
seven tables with their foreign keys; the promise is 100,000 rows in 30 s on two idle cores.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

import psycopg2

sys.path.insert(0, str(Path(__file__).parent))

from load_parcels import FreshDatabase, Measured, fresh_database, measure

from ingest.sample import SampleSpec, generate

PROGRAM = "import sys; from api.cli import main; main(sys.argv[1:])"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--parcels", type=int, default=70_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        generate(SampleSpec(options.parcels, Path(folder)))
        rights = Path(folder) / "rights.csv"
        with fresh_database("bench_rights") as database:
            run(database, "parcels", Path(folder) / "parcels.gpkg", "--district", "BAK-XEZ")
            ours = run(database, "rights", rights)
            bare = load_bare(rights, database, ours.rows)
    print(f"\n{ours.rows:,} rows of rights on {options.parcels:,} parcels, {os.cpu_count()} cores")
    for result in (ours, bare):
        memory = f"{result.rss_mb:>6.0f} MB" if result.rss_mb else " " * 9
        print(
            f"{result.name:<32}{result.rate:>10,.0f} rows/s{result.seconds:>8.1f} s {memory}  {result.remark}"
        )
    print(
        f"100,000 rows take {100_000 / ours.rate:.1f} s; ratio to the bare COPY {ours.rate / bare.rate:.3f}"
    )
    return 0


def run(database: FreshDatabase, what: str, path: Path, *more: str) -> Measured:
    environment = {
        **os.environ,
        "CADASTRE_ADMIN_URL": database.admin_url,
        "CADASTRE_DATABASE_URL": database.admin_url,
    }
    command = [sys.executable, "-c", PROGRAM, "load", what, str(path), *more]
    seconds, rss, anonymous, output = measure(command, environment)
    facts = json.loads(output.strip().splitlines()[-1])
    remark = f"accepted {facts['accepted']:,}, rejected {facts['rejected']:,}"
    return Measured(f"cadastre load {what}", facts["read"], seconds, rss, anonymous, remark)


def load_bare(path: Path, database: FreshDatabase, rows: int) -> Measured:
    with path.open("rb") as file:
        columns = file.readline().decode().strip().replace('"', "").split(",")
    started = time.monotonic()
    with psycopg2.connect(database.superuser_dsn) as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE bare_rights ({', '.join(f'{column} text' for column in columns)})")
        with path.open("rb") as file:
            cursor.copy_expert("COPY bare_rights FROM STDIN (FORMAT csv, HEADER)", file, size=1 << 20)
    connection.close()
    return Measured("bare COPY into one text table", rows, time.monotonic() - started, 0, 0)


if __name__ == "__main__":
    sys.exit(main())
