"""Sections judged per second by the nightly sweep, with the memory that it takes.

    python benchmarks/sweep.py [--properties 100000] [--properties 1000000] [--faulty 100]

Every section has one owner; each so many-th has lost its right, so that findings are kept, and a second run
sees them again. The peer in the same run is the least that any judge has to do: to read the rights of all
sections, in the same batches. Growth from one size to the next is printed (1.0: memory and rate stay).
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import psycopg2
from load_parcels import FreshDatabase, fresh_database
from register import fill
from sqlalchemy import text

from cadastre.db.local_cluster import ensure_running
from cadastre.db.settings import read_settings
from cadastre.db.unit_of_work import Database, Isolation
from cadastre.kernel.clock import SystemClock
from cadastre.services.sweep import BATCH, sweep
from cadastre.store.sweep import list_next

NAME = "bench_sweep"
_RIGHTS = text("""
    SELECT * FROM cadastre.property_right WHERE property_id = ANY (CAST(:ids AS bigint[]))
       AND superseded_leaf IS NULL
""")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--properties", type=int, action="append")
    parser.add_argument("--faulty", type=int, default=100, help="one section of so many has no right")
    options = parser.parse_args()
    for properties in options.properties or [100_000]:
        with fresh_database(NAME) as fresh:
            measure(fresh, properties, options.faulty)
    return 0


def measure(fresh: FreshDatabase, properties: int, faulty: int) -> None:
    """Fill a register, sweep it twice, and read it once without judging."""
    fill(fresh, properties)
    spoil(fresh, faulty)
    database = Database(ensure_running(read_settings()).of_database(NAME).app_url, pool_size=2)
    clock = SystemClock()
    before = peak_mb()
    read = timed(lambda: read_only(database))
    first = timed(lambda: sweep(database, clock))
    second = timed(lambda: sweep(database, clock))
    found = properties // faulty
    print(
        f"{properties:>9,} sections: sweep {properties / first:,.0f}/s, again {properties / second:,.0f}/s, "
        f"rights only read {properties / read:,.0f}/s; {found:,} findings; "
        f"peak memory {peak_mb():,.0f} MB ({before:,.0f} before)"
    )
    database.close()


def spoil(fresh: FreshDatabase, faulty: int) -> None:
    """Take the right of every so many-th section away, as a fault would."""
    with psycopg2.connect(fresh.superuser_dsn) as connection, connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "UPDATE cadastre.property_right SET superseded_leaf = recorded_leaf WHERE property_id %% %s = 0",
            (faulty,),
        )
    connection.close()


def read_only(database: Database) -> None:
    """Read the rights of all sections in the same batches."""
    after, ids = 0, [0]
    while ids:

        def batch(uow: object, after: int = after) -> list[int]:
            connection = uow.connection  # type: ignore[attr-defined]
            found = list(list_next(connection, after, None, BATCH))
            connection.execute(_RIGHTS, {"ids": found}).all()
            return found

        ids = database.run(batch, isolation=Isolation.REPEATABLE_READ)
        after = ids[-1] if ids else after


def timed(work: Callable[[], object]) -> float:
    """Give the seconds that something takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def peak_mb() -> float:
    """Give the most memory that this process has held, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main())
