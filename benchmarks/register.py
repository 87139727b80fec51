"""Registered transfers per second, open loop: filed, prepared and decided; latency from the scheduled moment.

    python benchmarks/register.py [--properties 10000] [--rate 100] [--seconds 10] [--clients 4]

Transfers arrive by a clock, whether the register keeps up or not, so that a queue shows in the latency.
Every transfer is three transactions (application, preparation, decision) on a fresh database in which
all synthetic properties were written at once; the rules are not asked. Afterwards the register is
judged: shares sum to 1, no number of the journal is missing, nobody was registered out of turn.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import os
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg2
from sqlalchemy import text

sys.path.insert(0, str(Path(__file__).parent))

from load_parcels import FreshDatabase, fresh_database

from cadastre.db.local_cluster import ensure_running
from cadastre.db.settings import read_settings
from cadastre.db.unit_of_work import Database, Isolation, UnitOfWork
from cadastre.domain.caller import Caller, CallerRole
from cadastre.domain.commands import Acquisition, Taking, Transfer
from cadastre.domain.share import WHOLE
from cadastre.kernel.errors import CadastreError
from cadastre.services.registration import Draft, register_case
from cadastre.store.heads import enter_properties
from cadastre.store.ledger import append_leaf

NAME = "bench_register"
DECIDER = Caller("registrar-2", CallerRole.REGISTRAR, "Sintetik qeydiyyatçı")
TOGETHER: Any = None
REPORT = hashlib.sha256(b"rules not asked").digest()
FILL = """
    SET session_replication_role = replica;
    INSERT INTO ledger.leaf (kind, actor, payload, salt, leaf_hash)
    VALUES ('load.rights', 'benchmark', '{}', decode(repeat('00', 16), 'hex'),
            sha256('\\x00'::bytea || decode(repeat('00', 16), 'hex') || '{}'::bytea));
    INSERT INTO party.party (party_id, kind, name, recorded_leaf)
    SELECT ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'natural', 'Sintetik ' || n, 1
      FROM generate_series(1, %(properties)s + 1) n;
    INSERT INTO cadastre.property (property_id, register_number, object_kind, district_code, opened_on,
                                   recorded_leaf)
    SELECT n, '2030' || lpad(n::text, 8, '0'), 'flat', 'BAK-XEZ', '2020-01-01', 1
      FROM generate_series(1, %(properties)s) n;
    INSERT INTO cadastre.property_right (property_id, kind, party_id, share_numerator, share_denominator,
           registration_number, registration_date, valid_from, recorded_leaf)
    SELECT n, 'ownership', ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 1, 1, '2320000001',
           '2020-01-01', '2020-01-01', 1
      FROM generate_series(1, %(properties)s) n;
"""
FILE = text("""
    INSERT INTO registry.registration_journal (kind, channel, office_code, actor, recorded_leaf)
    VALUES ('application', 'notary', '20', 'notary-1', :leaf);
    INSERT INTO registry.case_file (case_id, journal_number, service, service_from, applicant_subject,
                                    applicant_role, capacity, due_on, recorded_leaf)
    SELECT CAST(:case AS uuid), t.passed, s.code, s.valid_from, 'notary-1', 'notary', 'notary',
           ledger.today() + 20, :leaf
      FROM registry.turnstile t, registry.service s
     WHERE t.key = 'registration_journal' AND s.code = 'sale' AND s.valid_to IS NULL;
    INSERT INTO registry.case_property (case_id, property_id, version_seen, recorded_leaf)
    VALUES (:case, :property, :version, :leaf);
    INSERT INTO registry.case_step (case_id, step_number, kind, actor, actor_role, recorded_leaf)
    VALUES (:case, 1, 'receive', 'notary-1', 'notary', :leaf);
    INSERT INTO registry.case_step (case_id, step_number, kind, actor, actor_role, recorded_leaf)
    VALUES (:case, 2, 'accept', 'intake', 'system', :leaf)
""")
PREPARE = text("""
    INSERT INTO registry.case_step (case_id, step_number, kind, actor, actor_role, assignee, recorded_leaf)
    VALUES (:case, 3, 'assign', 'intake', 'system', 'registrar-1', :leaf);
    INSERT INTO registry.case_step
           (case_id, step_number, kind, actor, actor_role, report_sha256, recorded_leaf)
    VALUES (:case, 4, 'prepare', 'registrar-1', 'registrar', :report, :leaf)
""")
JUDGEMENTS = {
    "properties whose shares do not sum to 1": """
        SELECT count(*) FROM (SELECT property_id FROM cadastre.property_right
         WHERE superseded_leaf IS NULL AND valid_to IS NULL GROUP BY property_id
        HAVING sum(share_numerator::numeric / share_denominator) <> 1) AS broken""",
    "journal numbers that are missing": """
        SELECT coalesce(max(journal_number) - count(*), 0) FROM registry.registration_journal""",
    "cases registered before an earlier one of their property": """
        SELECT count(*) FROM (
            SELECT p.place, lag(p.place) OVER (PARTITION BY p.property_id ORDER BY l.closing_number) AS former
              FROM registry.case_property p JOIN registry.case_step s USING (case_id)
              JOIN ledger.leaf l ON l.leaf_id = s.recorded_leaf WHERE s.kind = 'register') AS turns
         WHERE place < former""",
}


@dataclass
class Run:
    """What one client did: milliseconds of each phase and of the whole, by transfer."""

    latency_ms: list[float] = field(default_factory=list)
    phases_ms: dict[str, list[float]] = field(
        default_factory=lambda: {"file": [], "prepare": [], "decide": []}
    )
    refused: Counter[str] = field(default_factory=Counter)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--properties", type=int, default=10_000)
    parser.add_argument("--rate", type=float, default=100.0)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--clients", type=int, default=4)
    options = parser.parse_args()
    with fresh_database(NAME) as database:
        fill(database, options.properties)
        runs = run_clients(ensure_running(read_settings()).of_database(NAME).app_url, options)
        report(options, runs)
        return judge(database)


def fill(database: FreshDatabase, properties: int) -> None:
    """Write the register at once, past its triggers: what is measured comes afterwards."""
    with psycopg2.connect(database.superuser_dsn) as connection, connection.cursor() as cursor:
        cursor.execute(FILL, {"properties": properties})
        cursor.execute("SET session_replication_role = origin")
        for table in ("party.party", "cadastre.property", "cadastre.property_right", "ledger.leaf"):
            cursor.execute(f"ANALYZE {table}")
    connection.close()


def run_clients(url: str, options: argparse.Namespace) -> list[Run]:
    """Let clients serve one schedule in turn; each has properties of its own."""
    spawn = multiprocessing.get_context("spawn")
    together = spawn.Barrier(options.clients)
    with ProcessPoolExecutor(options.clients, spawn, remember, (together,)) as clients:
        served = [clients.submit(serve, turn, url, options) for turn in range(options.clients)]
        return [one.result() for one in served]


def remember(together: Any) -> None:
    """Let a client know the barrier at which all of them meet before the first arrival."""
    global TOGETHER
    TOGETHER = together


def serve(turn: int, url: str, options: argparse.Namespace) -> Run:
    """Serve every n-th arrival of the schedule."""
    database, run = Database(url, pool_size=1), Run()
    transfer(database, turn + 1, Run())  # opens the connection and compiles what will be sent
    TOGETHER.wait(timeout=120)
    starts_at = time.time()
    count = int(options.rate * options.seconds)
    for arrival in range(turn, count, options.clients):
        scheduled = starts_at + arrival / options.rate
        time.sleep(max(0.0, scheduled - time.time()))
        property_id = arrival % options.properties + 1
        try:
            transfer(database, property_id, run)
            run.latency_ms.append((time.time() - scheduled) * 1e3)
        except CadastreError as error:
            run.refused[error.code] += 1
    database.close()
    return run


def transfer(database: Database, property_id: int, run: Run) -> None:
    """One sale of the whole: application, preparation, decision, each committed."""
    case_id = uuid4()
    steps = {
        "file": lambda uow: file_case(uow, case_id, property_id),
        "prepare": lambda uow: prepare(uow, case_id),
        "decide": lambda uow: register_case(uow, case_id, ask, DECIDER, judge=pass_unasked),
    }
    for name, work in steps.items():
        began = time.perf_counter()
        database.run(work, isolation=Isolation.READ_COMMITTED)
        run.phases_ms[name].append((time.perf_counter() - began) * 1e3)


def file_case(uow: UnitOfWork, case_id: UUID, property_id: int) -> None:
    entered = enter_properties(uow.connection, [property_id])
    leaf = append_leaf(uow.connection, kind="case.received", actor="notary-1", payload={"case": str(case_id)})
    values = {"case": case_id, "property": property_id, "version": entered.versions[property_id]}
    uow.connection.execute(FILE, {**values, "leaf": leaf})


def prepare(uow: UnitOfWork, case_id: UUID) -> None:
    leaf = append_leaf(
        uow.connection, kind="case.prepared", actor="registrar-1", payload={"case": str(case_id)}
    )
    uow.connection.execute(PREPARE, {"case": case_id, "report": REPORT, "leaf": leaf})


def ask(_: object, states: dict[int, object]) -> tuple[Transfer, ...]:
    """Sell the whole of the one property to the next party."""
    (state,) = states.values()
    seller = state.owners[0].party_id
    buyer = UUID(int=(seller.int & ~0xFFFFFFFFFFFF) | int(f"{state.property_id % 1000 + 1:012d}", 16))
    if buyer == seller:
        buyer = UUID(int=(seller.int & ~0xFFFFFFFFFFFF) | int(f"{state.property_id % 1000 + 2:012d}", 16))
    return (Transfer(state.property_id, (Taking(seller, WHOLE),), (Acquisition(buyer, WHOLE),)),)


def pass_unasked(_: UnitOfWork, __: Draft) -> bytes:
    return REPORT


def report(options: argparse.Namespace, runs: list[Run]) -> None:
    """Print rate, latency from the scheduled moment, and the cost of each phase."""
    latency = sorted(ms for run in runs for ms in run.latency_ms)
    refused = sum((run.refused for run in runs), Counter[str]())
    print(f"\n{options.properties:,} properties, {options.clients} clients, {os.cpu_count()} cores")
    print(
        f"{len(latency) / options.seconds:,.0f} registered transfers/s of {options.rate:,.0f}/s that arrived"
    )
    print(f"latency from the scheduled moment: {_spread(latency)}; refused: {dict(refused) or 'none'}")
    for name in ("file", "prepare", "decide"):
        print(f"{name:<10}{_spread(sorted(ms for run in runs for ms in run.phases_ms[name]))}")


def _spread(values: list[float]) -> str:
    marks = {"p50": 0.50, "p95": 0.95, "p99": 0.99}
    return ", ".join(f"{name} {values[int((len(values) - 1) * at)]:.1f} ms" for name, at in marks.items())


def judge(database: FreshDatabase) -> int:
    """Count what may not be; gives the exit code."""
    wrong = 0
    with psycopg2.connect(database.superuser_dsn) as connection, connection.cursor() as cursor:
        for name, query in JUDGEMENTS.items():
            cursor.execute(query)
            found = cursor.fetchone()[0]
            print(f"{name}: {found}")
            wrong += found
    connection.close()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
