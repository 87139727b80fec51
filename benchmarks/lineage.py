"""Lineage of 1,000 generations, up and down, beside a register full of other lineages.

    python benchmarks/lineage.py [--parcels 100000 1000000] [--generations 1000] [--rounds 30]

Two shapes: a parcel whose boundary changed every time (1,001 versions of one number), and land that
was divided and merged in turn (2 parcels, 1 parcel, 2 parcels ...). Both stand beside other parcels,
every third of them divided into the next two. The promise is 100 ms for either, and a growth of at
most 1.3 from 100,000 to 1,000,000 parcels. Timed: the service with its transaction, everything it
returns built.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg2

sys.path.insert(0, str(Path(__file__).parent))

import itertools

from load_parcels import FreshDatabase, fresh_database

from cadastre.db.local_cluster import ensure_running
from cadastre.db.settings import read_settings
from cadastre.db.unit_of_work import Database
from cadastre.domain.lineage import Direction, Lineage
from cadastre.services.lineage import get_parcel_lineage

NAME = "bench_lineage"
PROMISE_MS = 100.0
LEAF = """
    SET session_replication_role = replica;
    INSERT INTO ledger.leaf (kind, actor, payload, salt, leaf_hash)
    VALUES ('register.division', 'benchmark', '{}', decode(repeat('00', 16), 'hex'),
            sha256('\\x00'::bytea || decode(repeat('00', 16), 'hex') || '{}'::bytea))
"""
PARCELS = """
    INSERT INTO cadastre.parcel (parcel_id, cadastral_number, district_code)
    SELECT n, %(name)s || '-' || n, 'BAK-XEZ' FROM unnest(%(parcels)s) AS n
"""
VERSIONS = """
    INSERT INTO cadastre.parcel_version (version_id, parcel_id, valid_from, recorded_leaf, superseded_leaf,
                                         documentary_area_m2)
    SELECT version, parcel, '2020-01-01', 1, CASE WHEN old THEN 1 END, 100
      FROM unnest(%(versions)s, %(of)s, %(old)s) AS v (version, parcel, old)
"""
STEPS = """
    INSERT INTO cadastre.parcel_lineage (from_version_id, to_version_id, manner, case_id, recorded_leaf)
    SELECT a, b, 'division', '00000000-0000-4000-8000-000000000001', 1
      FROM unnest(%(older)s, %(newer)s) AS s (a, b)
"""
OTHERS = """
    INSERT INTO cadastre.parcel (parcel_id, cadastral_number, district_code)
    SELECT n, 'F-' || n, 'BAK-XEZ' FROM generate_series(%(first)s, %(last)s) AS n;
    INSERT INTO cadastre.parcel_version (version_id, parcel_id, valid_from, recorded_leaf, superseded_leaf,
                                         documentary_area_m2)
    SELECT n, n, '2020-01-01', 1, CASE WHEN n %% 3 = 0 THEN 1 END, 100
      FROM generate_series(%(first)s, %(last)s) AS n;
    INSERT INTO cadastre.parcel_lineage (from_version_id, to_version_id, manner, case_id, recorded_leaf)
    SELECT n - n %% 3, n, 'division', '00000000-0000-4000-8000-000000000001', 1
      FROM generate_series(%(first)s, %(last)s) AS n WHERE n %% 3 > 0;
"""
FIRST = 3_000_000_000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--parcels", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--generations", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=30)
    options = parser.parse_args()
    worst: dict[int, float] = {}
    with fresh_database(NAME) as fresh:
        fill_shapes(fresh, options.generations)
        database = Database(ensure_running(read_settings()).of_database(NAME).app_url, pool_size=1)
        there = 0
        print(
            f"{f'{os.cpu_count()} cores':<34}{'parcels':>10}{'members':>9}"
            f"{'least ms':>10}{'median':>8}{'p95':>8}"
        )
        for parcels in sorted(options.parcels):
            fill_others(fresh, there, parcels)
            there = parcels
            worst[parcels] = max(measure_all(database, parcels, options.rounds))
        database.close()
    least, most = min(worst), max(worst)
    print(
        f"worst p95 {worst[most]:.1f} ms (promise {PROMISE_MS:.0f}); growth {worst[most] / worst[least]:.2f}"
    )
    return 0 if worst[most] <= PROMISE_MS else 1


def fill_shapes(fresh: FreshDatabase, generations: int) -> None:
    """Write both lineages past the triggers: what is measured comes afterwards."""
    count = generations + 1
    versions = [FIRST + at for at in range(count)]
    with psycopg2.connect(fresh.superuser_dsn) as connection, connection.cursor() as cursor:
        cursor.execute(LEAF)
        write(
            cursor,
            "CHAIN",
            versions,
            [FIRST] * count,
            list(itertools.pairwise(versions)),
        )
        start = FIRST + 10_000_000
        rows = [
            [start + 2 * at] if at % 2 == 0 else [start + 2 * at, start + 2 * at + 1] for at in range(count)
        ]
        steps = [
            (older, newer)
            for row, following in itertools.pairwise(rows)
            for older in row
            for newer in following
        ]
        flat = [version for row in rows for version in row]
        write(cursor, "LADDER", flat, flat, steps)
    connection.close()


def write(
    cursor: psycopg2.extensions.cursor,
    name: str,
    versions: list[int],
    parcels: list[int],
    steps: list[tuple[int, int]],
) -> None:
    old = [version != versions[-1] for version in versions]
    cursor.execute(PARCELS, {"name": name, "parcels": sorted(set(parcels))})
    cursor.execute(VERSIONS, {"versions": versions, "of": parcels, "old": old})
    cursor.execute(STEPS, {"older": [step[0] for step in steps], "newer": [step[1] for step in steps]})


def fill_others(fresh: FreshDatabase, there: int, parcels: int) -> None:
    with psycopg2.connect(fresh.superuser_dsn) as connection, connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(OTHERS, {"first": there + 3, "last": parcels + 2})
    connection.autocommit = True
    with connection.cursor() as cursor:
        for table in ("parcel", "parcel_version", "parcel_lineage"):
            cursor.execute(f"VACUUM ANALYZE cadastre.{table}")
    connection.close()


def measure_all(database: Database, parcels: int, rounds: int) -> list[float]:
    """Print each shape and direction; gives the p95 of each, milliseconds."""
    last = database.read(lambda uow: get_parcel_lineage(uow, f"LADDER-{FIRST + 10_000_000}", Direction.DOWN))
    cases = (
        ("boundary changed each time, up", f"CHAIN-{FIRST}", Direction.UP),
        ("boundary changed each time, down", f"CHAIN-{FIRST}", Direction.DOWN),
        ("divided and merged in turn, up", last.members[-1].number, Direction.UP),
        ("divided and merged in turn, down", f"LADDER-{FIRST + 10_000_000}", Direction.DOWN),
        ("divided once, down", "F-3", Direction.DOWN),
    )
    p95s = []
    for title, number, direction in cases:
        found, times = time_rounds(
            lambda number=number, direction=direction: database.read(
                lambda uow: get_parcel_lineage(uow, number, direction)
            ),
            rounds,
        )
        p95s.append(statistics.quantiles(times, n=20)[-1])
        print(
            f"{title:<34}{parcels:>10,}{len(found.members):>9,}"
            f"{min(times):>10.1f}{statistics.median(times):>8.1f}{p95s[-1]:>8.1f}"
        )
    return p95s


def time_rounds(ask: Callable[[], Lineage], rounds: int) -> tuple[Lineage, list[float]]:
    """Ask some times; gives the answer and the milliseconds of each round but the first."""
    found, times = ask(), []
    for _ in range(rounds):
        start = time.perf_counter()
        found = ask()
        times.append((time.perf_counter() - start) * 1000)
    return found, times


if __name__ == "__main__":
    sys.exit(main())
