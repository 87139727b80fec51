"""The public log: leaves appended a second, durable and signed; proofs of inclusion in a log of 10,000,000.

    python benchmarks/ledger.py [--leaves 50000] [--batch 500] [--entries 10000000] [--proofs 300]

Appending is everything a leaf goes through: written in transactions of a batch, numbered, entered into the
tree with the commitment to its rows, its tiles stored, the head signed and remembered; each step is a
transaction of its own, with fsync. Beside it in the same run: the same entries by bare COPY, the bare
hashing of leaf and tree, and pymerkle (in memory, nothing kept). The large log is written straight into
its tables. Wall time tells of the machine as it is; CPU (this process, and the database's) of the work.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import random
import secrets
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2
from psycopg2.extras import execute_values
from pymerkle import InmemoryTree

sys.path.insert(0, str(Path(__file__).parent))

from load_parcels import FreshDatabase, fresh_database

from cadastre.db.local_cluster import ensure_running
from cadastre.db.settings import read_settings
from cadastre.db.unit_of_work import Database
from cadastre.kernel.clock import SystemClock
from cadastre.ledger import compute_leaf_hash
from cadastre.ledger.key_files import LastSigned, load_or_create_log_keys
from cadastre.ledger.merkle import verify_inclusion
from cadastre.services.ledger_checkpoint import CheckpointDesk
from cadastre.services.ledger_clock import sequence
from cadastre.services.ledger_proof import ProofDesk
from cadastre.services.ledger_tree import grow
from cadastre.store.ledger_tree import get_tree_size

NAME = "bench_ledger"
ORIGIN = "kadastr.local/benchmark"
PROMISED_RATE, PROMISED_MS = 5000, 5.0
ROUND = 2000
INSERT = "INSERT INTO ledger.leaf (kind, actor, payload, salt, leaf_hash) VALUES %s"
ENTRIES = """
    INSERT INTO ledger.entry (ledger_index, leaf_id, body, rows)
    SELECT g, g + 1, sha256(int8send(g)), sha256(int8send(-g))
      FROM generate_series(%(start)s, %(beyond)s - 1) AS g
"""


@dataclass(slots=True)
class Spent:
    """What a piece of work took: on the clock, of this process, of the database."""

    wall_s: float = 0.0
    own_s: float = 0.0
    database_s: float = 0.0

    @property
    def cpu_s(self) -> float:
        """CPU of both."""
        return self.own_s + self.database_s


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--leaves", type=int, default=50_000)
    parser.add_argument("--batch", type=int, default=500)
    parser.add_argument("--entries", type=int, default=10_000_000)
    parser.add_argument("--proofs", type=int, default=300)
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
    with fresh_database(NAME) as fresh, tempfile.TemporaryDirectory(prefix="bench-ledger-") as folder:
        database = Database(ensure_running(read_settings()).of_database(NAME).app_url, pool_size=1)
        directory = Path(folder) / "ledger"
        keys = load_or_create_log_keys(directory, ORIGIN)
        desk = CheckpointDesk(database, keys, LastSigned(directory), ORIGIN, SystemClock())
        kept = measure_append(fresh, database, desk, options.leaves, options.batch)
        measure_limits(fresh, options.leaves)
        enlarge(fresh, options.entries)
        proven = measure_proofs(database, desk, options.entries, options.proofs)
        measure_peer(min(options.leaves, 20_000), options.proofs)
        database.close()
    return 0 if kept and proven else 1


def measure_append(
    fresh: FreshDatabase, database: Database, desk: CheckpointDesk, leaves: int, batch: int
) -> bool:
    """Print what each step of appending takes; tell whether the whole keeps the promise."""
    steps = {name: Spent() for name in ("written", "numbered", "entered", "signed")}
    backend = backend_of(database)
    with ThreadPoolExecutor(1) as pool:
        started = time.perf_counter()
        ready = threading.Semaphore(0)
        writing = pool.submit(write_leaves, fresh, leaves, batch, steps["written"], ready)
        while desk_size(database) <= leaves and not (writing.done() and writing.exception()):
            ready.acquire()
            for name, step in (
                ("numbered", lambda: sequence(database)),
                ("entered", lambda: grow(database)),
                ("signed", desk.sign_grown),
            ):
                with timed(steps[name], backend):
                    step()
        wall = time.perf_counter() - started
        writing.result()
    print(f"{f'append {leaves:,} leaves, batches of {batch}':<44}{'leaves/s':>10}{'per CPU s':>11}")
    for name, spent in steps.items():
        print(f"  {name:<42}{leaves / spent.wall_s:>10,.0f}{leaves / spent.cpu_s:>11,.0f}")
    cpu = sum(spent.cpu_s for spent in steps.values())
    print(f"  {'all of it, writing beside the rest':<42}{leaves / wall:>10,.0f}{leaves / cpu:>11,.0f}")
    kept = leaves / wall >= PROMISED_RATE
    print(f"  promise {PROMISED_RATE:,}/s: {'kept' if kept else 'NOT KEPT'} on the clock")
    return kept


def write_leaves(
    fresh: FreshDatabase, leaves: int, batch: int, spent: Spent, ready: threading.Semaphore
) -> None:
    """Write leaves as the application does, in durable transactions of a batch."""
    with psycopg2.connect(fresh.superuser_dsn) as connection, connection.cursor() as cursor:
        cursor.execute("SET ROLE cadastre_write")
        connection.commit()
        with timed(spent, connection.info.backend_pid):
            for first in range(0, leaves, batch):
                rows = [make_leaf(number) for number in range(first, min(first + batch, leaves))]
                execute_values(cursor, INSERT, rows, page_size=batch)
                connection.commit()
                if first // ROUND != (first + batch) // ROUND:
                    ready.release()
    ready.release()
    connection.close()


def desk_size(database: Database) -> int:
    """Size of the tree; the first leaf founded the register."""
    return database.read(lambda uow: get_tree_size(uow.connection))


def measure_limits(fresh: FreshDatabase, leaves: int) -> None:
    """Print what nothing that keeps and hashes so much can pass."""
    copied, hashed = Spent(), Spent()
    lines = "".join(f"{n}\t{n}\t\\\\x{secrets.token_hex(32)}\t\\\\x{'00' * 32}\n" for n in range(leaves))
    with psycopg2.connect(fresh.superuser_dsn) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE public.bare (LIKE ledger.entry INCLUDING INDEXES)")
        connection.commit()
        with timed(copied, connection.info.backend_pid):
            cursor.copy_expert("COPY public.bare FROM STDIN", io.StringIO(lines))
            connection.commit()
        cursor.execute("DROP TABLE public.bare")
    connection.close()
    with timed(hashed):
        for _ in range(leaves):  # the leaf, its entry, and one inner node a leaf
            hashlib.sha256(hashlib.sha256(hashlib.sha256(b"x" * 120).digest() * 2).digest() * 2).digest()
    for name, spent in (("bare COPY of the entries", copied), ("bare hashing, three a leaf", hashed)):
        print(f"  {name:<42}{leaves / spent.wall_s:>10,.0f}{leaves / max(spent.cpu_s, 0.01):>11,.0f}")


def enlarge(fresh: FreshDatabase, entries: int) -> None:
    """Write a large log straight into its tables, past the triggers; its tiles as growing writes them."""
    started = time.perf_counter()
    with psycopg2.connect(fresh.superuser_dsn) as connection, connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica; SET synchronous_commit = off")
        cursor.execute("SELECT max(ledger_index) + 1 FROM ledger.entry")
        start = cursor.fetchone()[0]
        for first in range(start, entries, 500_000):
            cursor.execute(ENTRIES, {"start": first, "beyond": min(first + 500_000, entries)})
            connection.commit()
        level = 0
        while entries >> (8 * (level + 1)):
            cursor.execute(
                "SELECT ledger.fill_tiles(%s::smallint, %s, %s)",
                (level, start >> (8 * (level + 1)), entries >> (8 * (level + 1))),
            )
            level += 1
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE ledger.entry; ")
        cursor.execute("VACUUM ANALYZE ledger.tile")
    connection.close()
    print(f"\na log of {entries:,} entries written in {time.perf_counter() - started:.0f} s")


def measure_proofs(database: Database, desk: CheckpointDesk, entries: int, proofs: int) -> bool:
    """Print how long a proof of inclusion takes, its transaction and its text included."""
    signing, backend = Spent(), backend_of(database)
    with timed(signing, backend):
        head = desk.sign_grown()
    prover = ProofDesk(database, desk)
    draw = random.Random(1)  # places to ask for
    times, spent = [], Spent()
    with timed(spent, backend):
        for _ in range(proofs):
            index = draw.randrange(entries)
            started = time.perf_counter()
            shown = prover.prove(index)
            times.append((time.perf_counter() - started) * 1000)
            assert verify_inclusion(shown.leaf_hash, index, head.tree_size, shown.path, head.root)
    report_times(f"inclusion proof at {entries:,}", times, spent)
    cpu_ms = spent.cpu_s / proofs * 1000
    spent = Spent()
    consistent = []
    with timed(spent, backend):
        for _ in range(proofs):
            started = time.perf_counter()
            prover.prove_consistency(draw.randrange(1, entries))
            consistent.append((time.perf_counter() - started) * 1000)
    report_times(f"consistency proof at {entries:,}", consistent, spent)
    print(f"  head signed over it: {signing.wall_s * 1000:.1f} ms, {signing.cpu_s * 1000:.1f} ms CPU")
    kept = statistics.median(times) <= PROMISED_MS
    verdict = "kept" if kept else "NOT KEPT"
    print(f"  promise {PROMISED_MS:.0f} ms: {verdict} on the clock ({cpu_ms:.2f} ms of CPU)")
    return kept


def measure_peer(leaves: int, proofs: int) -> None:
    """Print pymerkle in memory, where nothing is kept, signed or bound."""
    tree, appended, spent = InmemoryTree(algorithm="sha256"), Spent(), Spent()
    with timed(appended):
        for number in range(leaves):
            tree.append_entry(number.to_bytes(64, "big"))
    times = []
    with timed(spent):
        for number in range(proofs):
            started = time.perf_counter()
            tree.prove_inclusion(1 + number * 7919 % leaves, leaves)
            times.append((time.perf_counter() - started) * 1000)
    report_times(f"pymerkle in memory at {leaves:,}", times, spent)
    print(f"  appends: {leaves / appended.wall_s:,.0f}/s, {leaves / appended.cpu_s:,.0f} a CPU second")


def report_times(title: str, times: list[float], spent: Spent) -> None:
    p95 = statistics.quantiles(times, n=20)[-1]
    cpu = f"CPU {spent.own_s / len(times) * 1000:.2f} + database {spent.database_s / len(times) * 1000:.2f}"
    print(f"{title:<38} median {statistics.median(times):.2f} ms, p95 {p95:.2f} ms, {cpu} ms")


def make_leaf(number: int) -> tuple[str, str, str, bytes, bytes]:
    payload = json.dumps({"number": number}, separators=(",", ":"))
    salt = secrets.token_bytes(16)
    return "benchmark.leaf", "benchmark", payload, salt, compute_leaf_hash(payload, salt)


@contextmanager
def timed(spent: Spent, backend: int | None = None) -> Iterator[None]:
    """Add what the block takes: on the clock, of this thread, of a backend."""
    wall, own, database = time.perf_counter(), time.thread_time(), backend_cpu(backend)
    yield
    spent.wall_s += time.perf_counter() - wall
    spent.own_s += time.thread_time() - own
    spent.database_s += backend_cpu(backend) - database


def backend_of(database: Database) -> int:
    """Process that serves the only connection of the pool."""
    return database.read(
        lambda uow: int(uow.connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
    )


def backend_cpu(backend: int | None) -> float:
    """CPU seconds of a process so far."""
    if backend is None:
        return 0.0
    fields = Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(main())
