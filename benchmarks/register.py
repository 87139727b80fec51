"""Registered transfers per second, open loop, end to end; latency from the scheduled moment.

    python benchmarks/register.py [--properties 10000] [--rate 100] [--seconds 10] [--clients 4]
                                  [--keep DIRECTORY]

Transfers arrive by a clock, whether the register keeps up or not, so that a queue shows in the latency.
Every transfer is three transactions of the services that ship (application, given out by lot at once;
preparation by the officer drawn; decision by another), the rules asked at intake and decision, on a fresh
database in which all synthetic properties were written at once; with --keep on the one of that size that
``register_fill.py`` builds there, with land, houses and burdens. Afterwards the register is judged: shares
sum to 1, no number of the journal is missing, nobody was registered out of turn. CPU time of clients and of
the database is given beside: it says what a machine with other work on it does not show.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg2

sys.path.insert(0, str(Path(__file__).parent))

from load_parcels import FreshDatabase, fresh_database
from register_fill import dsn, filled_register, live_in

from cadastre.db.local_cluster import ClusterUrls, ensure_running, status
from cadastre.db.settings import read_settings
from cadastre.db.unit_of_work import Database, UnitOfWork
from cadastre.domain.caller import Caller, CallerRole
from cadastre.domain.case import StepKind
from cadastre.domain.filing import (
    ApplicationOrder,
    CasePartyRole,
    NamedDocument,
    NamedParty,
    NamedProperty,
)
from cadastre.domain.party import PartyKind
from cadastre.domain.share import WHOLE
from cadastre.kernel.clock import OFFICIAL_ZONE, SystemClock
from cadastre.kernel.errors import CadastreError
from cadastre.kernel.ids import TimeOrderedIds
from cadastre.services.case_steps import StepDesk, StepOrder
from cadastre.services.cases import CaseDesk
from cadastre.services.judgement import RuleJudge
from cadastre.services.territories import CompetenceKind, Territory, give_territory, list_territories

Lot = tuple[int, int]
"""A property and the number of the party that owns it."""

NAME = "bench_register"
PHASES = ("file", "prepare", "decide")
NOTARY = Caller("notary-1", CallerRole.NOTARY, "Sintetik notarius")
OFFICERS = tuple(Caller(f"registrar-{n}", CallerRole.REGISTRAR, "Sintetik qeydiyyatçı") for n in range(3))
OPERATOR = Caller("operator", CallerRole.ADMIN, "Sintetik operator")
CONTRACT = UUID(int=1)
TOGETHER: Any = None
FILL = """
    SET session_replication_role = replica;
    INSERT INTO ledger.leaf (kind, actor, payload, salt, leaf_hash)
    VALUES ('load.rights', 'benchmark', '{}', decode(repeat('00', 16), 'hex'),
            sha256('\\x00'::bytea || decode(repeat('00', 16), 'hex') || '{}'::bytea));
    INSERT INTO party.document_content (sha256, media_type, content)
    VALUES (sha256('%%PDF-synthetic'), 'application/pdf', '%%PDF-synthetic');
    INSERT INTO registry.document (document_id, sha256, kind, file_name, uploaded_by, recorded_leaf)
    VALUES ('00000000-0000-0000-0000-000000000001', sha256('%%PDF-synthetic'), 'sale_contract',
            'contract.pdf', 'notary-1', 1);
    INSERT INTO party.party (party_id, kind, name, fin, recorded_leaf)
    SELECT ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'natural', 'Sintetik ' || n,
           upper(lpad(to_hex(n), 7, '0')), 1
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
SOLE_OWNED = """
    SELECT r.property_id, p.fin
      FROM cadastre.property_right r JOIN party.party p USING (party_id)
     WHERE r.kind = 'ownership' AND r.share_denominator = 1
       AND r.superseded_leaf IS NULL AND r.valid_to IS NULL AND p.fin IS NOT NULL
       AND NOT EXISTS (SELECT FROM cadastre.restriction a
                        WHERE a.property_id = r.property_id AND a.kind = 'arrest')
     ORDER BY md5(r.property_id::text) LIMIT %(count)s
"""
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
    phases_ms: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in PHASES})
    refused: Counter[str] = field(default_factory=Counter)
    took_s: float = 0.0
    cpu_s: float = 0.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--properties", type=int, default=10_000)
    parser.add_argument("--rate", type=float, default=100.0)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--keep", type=Path, help="use the register of this size that is kept here")
    options = parser.parse_args()
    if options.keep is not None:
        live_in(options.keep)
        urls = filled_register(options.properties)
        return run(
            urls, options, list_sole_owned(urls, int(options.rate * options.seconds) + options.clients)
        )
    with fresh_database(NAME) as database:
        fill(database, options.properties)
        urls = ensure_running(read_settings()).of_database(NAME)
        return run(urls, options, [(number, number) for number in range(1, options.properties + 1)])


def run(urls: ClusterUrls, options: argparse.Namespace, lots: Sequence[Lot]) -> int:
    """Let clients serve the schedule, report, and judge the register; gives the exit code."""
    record_officers(urls)
    began = cpu_seconds_of_database()
    runs = run_clients(urls.app_url, options, lots)
    report(options, runs, cpu_seconds_of_database() - began)
    return judge(dsn(urls))


def record_officers(urls: ClusterUrls) -> None:
    """Make the officers competent for the district, as the operator does; once."""
    database = Database(urls.app_url, pool_size=1)

    def give(uow: UnitOfWork) -> None:
        known = {row.subject for row in list_territories(uow, None)}
        for officer in OFFICERS:
            if officer.subject not in known:
                territory = Territory(CompetenceKind.REGISTRAR, officer.subject, "BAK-XEZ", date(2020, 1, 1))
                give_territory(uow, territory, OPERATOR)

    database.run(give)
    database.close()


def list_sole_owned(urls: ClusterUrls, count: int) -> list[Lot]:
    """Give properties that one natural person owns alone and nothing blocks, with the number of the owner."""
    with psycopg2.connect(dsn(urls)) as connection, connection.cursor() as cursor:
        cursor.execute(SOLE_OWNED, {"count": count})
        found = [(number, int(fin, 16)) for number, fin in cursor.fetchall()]
    connection.close()
    return found


def cpu_seconds_of_database() -> float:
    """CPU time of the database server and of all its processes that have ended."""
    pid = status(read_settings()).pid
    ticks = 0
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                values = (folder / "stat").read_text().rpartition(")")[2].split()
                if folder.name == str(pid):
                    ticks += sum(int(value) for value in values[11:15])
                elif values[1] == str(pid):
                    ticks += int(values[11]) + int(values[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def fill(database: FreshDatabase, properties: int) -> None:
    """Write the register at once, past its triggers: what is measured comes afterwards."""
    with psycopg2.connect(database.superuser_dsn) as connection, connection.cursor() as cursor:
        cursor.execute(FILL, {"properties": properties})
        cursor.execute("SET session_replication_role = origin")
        for table in ("party.party", "cadastre.property", "cadastre.property_right"):
            cursor.execute(f"ANALYZE {table}")
    connection.close()


def run_clients(url: str, options: argparse.Namespace, lots: Sequence[Lot]) -> list[Run]:
    """Let clients serve one schedule in turn; each has properties of its own."""
    spawn = multiprocessing.get_context("spawn")
    together = spawn.Barrier(options.clients)
    with ProcessPoolExecutor(options.clients, spawn, remember, (together,)) as clients:
        served = [clients.submit(serve, turn, url, options, lots) for turn in range(options.clients)]
        return [one.result() for one in served]


def remember(together: Any) -> None:
    """Let a client know the barrier at which all of them meet before the first arrival."""
    global TOGETHER
    TOGETHER = together


def serve(turn: int, url: str, options: argparse.Namespace, lots: Sequence[Lot]) -> Run:
    """Serve every n-th arrival of the schedule."""
    database, run = Database(url, pool_size=1), Run()
    window = Window(database)
    window.transfer(lots[-1 - turn], Run())  # opens the connection and prepares what will be sent
    TOGETHER.wait(timeout=120)
    starts_at, cpu_at = time.time(), time.process_time()
    for arrival in range(turn, int(options.rate * options.seconds), options.clients):
        scheduled = starts_at + arrival / options.rate
        time.sleep(max(0.0, scheduled - time.time()))
        try:
            window.transfer(lots[arrival % len(lots)], run)
            run.latency_ms.append((time.time() - scheduled) * 1e3)
        except CadastreError as error:
            run.refused[error.code] += 1
    run.took_s, run.cpu_s = time.time() - starts_at, time.process_time() - cpu_at
    database.close()
    return run


class Window:
    """One notary and three officers of a district, as the services that ship let them work."""

    def __init__(self, database: Database) -> None:
        clock = SystemClock()
        self.cases = CaseDesk(database, clock, TimeOrderedIds(clock))
        self.steps = StepDesk(database, clock, RuleJudge(clock))
        self.owners: dict[int, int] = {}

    def transfer(self, lot: Lot, run: Run) -> None:
        """One sale of the whole, filed, distributed, prepared and decided, each step committed."""
        property_id, first = lot
        seller = self.owners.get(property_id, first)
        buyer = property_id + 1 if seller == property_id else property_id
        order = sale(property_id, seller, buyer)
        began = time.perf_counter()
        filed = self.cases.file(order, NOTARY)
        moments = [began, time.perf_counter()]
        preparer, decider = sorted(OFFICERS, key=lambda officer: officer.subject != filed.assignee)[:2]
        for kind, by, seen in ((StepKind.PREPARE, preparer, 3), (StepKind.REGISTER, decider, 4)):
            self.steps.take(filed.case_id, StepOrder(kind, seen), by)
            moments.append(time.perf_counter())
        for name, (start, end) in zip(PHASES, pairwise(moments), strict=True):
            run.phases_ms[name].append((end - start) * 1e3)
        self.owners[property_id] = buyer


def sale(property_id: int, seller: int, buyer: int) -> ApplicationOrder:
    """A sale of the whole under an uploaded contract."""
    natural = PartyKind.NATURAL
    return ApplicationOrder(
        service="sale",
        capacity="notary",
        properties=(NamedProperty(f"2030{property_id:08d}"),),
        parties=(
            NamedParty(CasePartyRole.DISPOSER, natural, f"Sintetik {seller}", fin=f"{seller:07X}"),
            NamedParty(CasePartyRole.ACQUIRER, natural, f"Sintetik {buyer}", fin=f"{buyer:07X}", share=WHOLE),
        ),
        documents=(NamedDocument(CONTRACT, "basis", "17", datetime.now(OFFICIAL_ZONE).date()),),
    )


def report(options: argparse.Namespace, runs: list[Run], database_cpu_s: float) -> None:
    """Print rate, latency from the scheduled moment, and the cost of each phase."""
    latency = sorted(ms for run in runs for ms in run.latency_ms)
    refused = sum((run.refused for run in runs), Counter[str]())
    print(f"\n{options.properties:,} properties, {options.clients} clients, {os.cpu_count()} cores")
    took_s = max(options.seconds, *(run.took_s for run in runs))
    print(f"{len(latency) / took_s:,.0f} registered transfers/s; {options.rate:,.0f}/s arrived")
    print(f"latency from the scheduled moment: {_spread(latency)}; refused: {dict(refused) or 'none'}")
    done = max(1, len(latency))
    clients_ms, database_ms = sum(run.cpu_s for run in runs) / done * 1e3, database_cpu_s / done * 1e3
    print(f"CPU of one transfer: clients {clients_ms:.1f} ms, database {database_ms:.1f} ms")
    for name in PHASES:
        print(f"{name:<10}{_spread(sorted(ms for run in runs for ms in run.phases_ms[name]))}")


def _spread(values: list[float]) -> str:
    marks = {"p50": 0.50, "p95": 0.95, "p99": 0.99}
    return ", ".join(f"{name} {values[int((len(values) - 1) * at)]:.1f} ms" for name, at in marks.items())


def judge(superuser_dsn: str) -> int:
    """Count what may not be; gives the exit code."""
    wrong = 0
    with psycopg2.connect(superuser_dsn) as connection, connection.cursor() as cursor:
        for name, query in JUDGEMENTS.items():
            cursor.execute(query)
            found = cursor.fetchone()[0]
            print(f"{name}: {found}")
            wrong += found
    connection.close()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
