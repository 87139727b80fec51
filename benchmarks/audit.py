"""The auditor at size: from the tables of a register of 1,000,000 leaves to the edit found in its export.

    python benchmarks/audit.py [--leaves 1000000] [--jobs 2]

Leaves and what they bind (a look each) are written straight into the tables and entered into the log as the
register enters them. A superuser then edits one row and one leaf. Everything is exported anew, as an auditor
asks for it, and audited from the files alone: what counts is the time from the edit to both being found.
Beside it the bare hashing of as much. Wall time tells of the machine as it is, CPU of the work.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
import tempfile
import time
from pathlib import Path

import psycopg2

sys.path.insert(0, str(Path(__file__).parent))

from ledger import ORIGIN, Spent, timed
from load_parcels import FreshDatabase, fresh_database

from api.ledger_audit import FolderSource
from cadastre.db.local_cluster import ensure_running
from cadastre.db.settings import read_settings
from cadastre.db.unit_of_work import Database
from cadastre.kernel.clock import SystemClock
from cadastre.ledger.audit import audit
from cadastre.ledger.audit_report import AuditPolicy, AuditReport
from cadastre.ledger.key_files import LastSigned, load_or_create_log_keys
from cadastre.services.commitments import export_commitments
from cadastre.services.ledger_checkpoint import CheckpointDesk
from cadastre.services.ledger_export import export_log
from cadastre.services.ledger_tree import grow

NAME = "bench_audit"
PROMISED_S = 60.0
STEP = 100_000
LEAVES = """
    INSERT INTO ledger.leaf (leaf_id, kind, actor, payload, salt, leaf_hash, closing_number, ledger_index,
                             xid) OVERRIDING SYSTEM VALUE
    SELECT 1000 + g, 'access.property', 'benchmark', made.payload, made.salt,
           sha256('\\x00'::bytea || made.salt || convert_to(made.payload, 'UTF8')), 1000 + g, g,
           pg_current_xact_id()
      FROM generate_series(%(start)s, %(beyond)s - 1) AS g
      CROSS JOIN LATERAL (SELECT '{"number":' || g || '}', public.gen_random_bytes(16))
           AS made (payload, salt)
"""
RESTATE = """
    UPDATE ledger.leaf SET payload = '{}',
           leaf_hash = sha256('\\x00'::bytea || salt || convert_to('{}', 'UTF8'))
     WHERE leaf_id = %s
"""
LOOKS = """
    INSERT INTO evidence.look (leaf_id, fin, actor_role, actor_name, purpose)
    SELECT 1000 + g, 'SYN' || g, 'notary', 'Sınaq', 'disposal'
      FROM generate_series(%(start)s, %(beyond)s - 1) AS g
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--leaves", type=int, default=1_000_000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
    with fresh_database(NAME) as fresh, tempfile.TemporaryDirectory(prefix="bench-audit-") as folder:
        database = Database(ensure_running(read_settings()).of_database(NAME).app_url)
        size = fill(fresh, options.leaves)
        started = time.perf_counter()
        grow(database)
        print(f"{size:,} leaves entered into the log in {time.perf_counter() - started:.0f} s")
        keys = load_or_create_log_keys(Path(folder) / "ledger", ORIGIN)
        CheckpointDesk(
            database, keys, LastSigned(Path(folder) / "ledger"), ORIGIN, SystemClock()
        ).sign_grown()
        policy = AuditPolicy(ORIGIN, keys.verifiers, (), 0)
        export_log(database, keys, Path(folder) / "export", size)  # entries never change: copied as they come
        honest, _ = published_and_audited(database, policy, Path(folder) / "export", size, options.jobs)
        edit(fresh, size)
        edited, took = published_and_audited(database, policy, Path(folder) / "export", size, options.jobs)
        measure_limit(size)
        database.close()
    codes = sorted(finding.code for finding in edited.findings)
    found = honest.has_passed and codes == ["leaf-changed", "rows-changed"]
    kept = found and took <= PROMISED_S
    print(f"found {codes}; promise {PROMISED_S:.0f} s: {'kept' if kept else 'NOT KEPT'} ({took:.1f} s)")
    return 0 if kept else 1


def fill(fresh: FreshDatabase, leaves: int) -> int:
    """Write leaves and a look each, numbered; give how many leaves there are."""
    with psycopg2.connect(fresh.superuser_dsn) as connection, connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica; SET synchronous_commit = off")
        cursor.execute("UPDATE ledger.leaf SET ledger_index = 0 WHERE ledger_index IS NULL")
        cursor.execute("SELECT count(*) FROM ledger.leaf")
        start = int(cursor.fetchone()[0])
        for first in range(start, start + leaves, STEP):
            values = {"start": first, "beyond": min(first + STEP, start + leaves)}
            cursor.execute(LEAVES, values)
            cursor.execute(LOOKS, values)
            connection.commit()
        cursor.execute("UPDATE ledger.sequencer SET tree_size = %s", (start + leaves,))
        connection.commit()
    connection.autocommit = True
    with connection.cursor() as cursor:
        for table in ("ledger.leaf", "evidence.look"):
            cursor.execute(f"VACUUM ANALYZE {table}")
    connection.close()
    return start + leaves


def edit(fresh: FreshDatabase, size: int) -> None:
    """Do what only a superuser can: change who was looked at, and what a leaf says."""
    with psycopg2.connect(fresh.superuser_dsn) as connection, connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE evidence.look SET fin = 'X' WHERE leaf_id = %s", (1000 + size // 3,))
        cursor.execute(RESTATE, (1000 + size // 2,))
    connection.close()


def published_and_audited(
    database: Database, policy: AuditPolicy, folder: Path, size: int, jobs: int
) -> tuple[AuditReport, float]:
    """Export what the tables bind now, audit the files; give the report and how long both took."""
    exported, audited = Spent(), Spent()
    with timed(exported):
        rows = export_commitments(database, folder, size, jobs=jobs)
    with timed(audited):
        report = audit(FolderSource(folder), policy, None)
    print(
        f"{size:,} leaves, {rows:,} rows: exported in {exported.wall_s:.1f} s by {jobs} jobs, audited in "
        f"{audited.wall_s:.1f} s ({audited.own_s:.1f} s CPU): {report.total} findings"
    )
    return report, exported.wall_s + audited.wall_s


def measure_limit(size: int) -> None:
    """Print what nobody passes who hashes every leaf, row and entry once in Python."""
    spent = Spent()
    with timed(spent):
        for _ in range(size):
            hashlib.sha256(hashlib.sha256(b"x" * 80).digest() * 3).digest()
    print(f"bare hashing, two a leaf: {spent.wall_s:.1f} s")


if __name__ == "__main__":
    sys.exit(main())
