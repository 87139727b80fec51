"""Reads of one property with all its rights and restrictions, at 100,000 and at 1,000,000 properties.

    python benchmarks/register_reads.py [--keep DIRECTORY] [--properties 100000 --properties 1000000]
                                        [--rounds 2000] [--rate 200] [--seconds 20] [--workers 2]

For each size (built at first, see ``register_fill.py``; then read into memory, so that the sizes are compared
and not how much of each happened to be there), on the same machine in the same run: what a read
through the service waits for the database, its statements, the row that logs it and the commit included; the
same read as of another day; the read over HTTP, open loop, from a real server with real tokens, latency from
the scheduled moment; lineage of a thousand generations. Beside them, as a floor: a bare SELECT by primary
key, and a bare transaction that inserts one row. The processor time of one HTTP read is told apart for the
program, the database and the load generator (``open_loop.py``), with what each waited for a core: where
others work beside, it is this waiting that makes the tail. The last column is the growth from the least size
to the most. Exit code 1 when a limit is passed.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg2

sys.path.insert(0, str(Path(__file__).parent))

from lineage import FIRST
from open_loop import Work, send_all, work_of
from register_fill import SIZES, dsn, filled_register, live_in

from api.auth import open_tokens
from api.settings import read_api_settings
from cadastre.db.local_cluster import ClusterUrls, status
from cadastre.db.places import default_home
from cadastre.db.settings import read_settings
from cadastre.db.unit_of_work import Database
from cadastre.domain.caller import Caller, CallerRole
from cadastre.domain.lineage import Direction
from cadastre.domain.moment import NOW, AskedMoment
from cadastre.kernel.clock import OFFICIAL_ZONE
from cadastre.services.lineage import get_parcel_lineage
from cadastre.services.properties import get_property_view

REGISTRAR = Caller("registrar-0", CallerRole.REGISTRAR, "Sintetik qeydiyyatçı")
PAST = AskedMoment(as_of=date(2018, 6, 1))
PURPOSE = "official_duty"
LIMITS = {
    "database p95 ms": 5.0,
    "as_of / current": 1.5,
    "HTTP p99 ms": 25.0,
    "lineage p95 ms": 100.0,
}
GROWTH = 1.3
GROWS = ("database p50 ms", "as_of p50 ms", "lineage p50 ms")
WARM_UP = 200
WORKERS = ("program", "database", "load")


@dataclass
class Figures:
    """What was measured at one size, by name, in the order of printing."""

    properties: int
    values: dict[str, float] = field(default_factory=dict)

    def spread(self, name: str, times: list[float], *marks: int) -> None:
        """Keep percentiles of some milliseconds."""
        cuts = statistics.quantiles(times, n=100)
        for mark in marks:
            self.values[f"{name} p{mark} ms"] = cuts[mark - 1]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--keep", type=Path, default=default_home() / "bench")
    parser.add_argument("--properties", type=int, action="append")
    parser.add_argument("--rounds", type=int, default=2_000)
    parser.add_argument("--rate", type=float, default=200.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    live_in(options.keep)
    sizes = sorted(options.properties or SIZES)
    return report([measure(size, options) for size in sizes])


def measure(properties: int, options: argparse.Namespace) -> Figures:
    """Measure everything at one size."""
    urls, figures = filled_register(properties), Figures(properties)
    in_memory(urls)
    floor(urls, figures, options.rounds)
    database = Database(urls.app_url, pool_size=1)
    numbers = [f"2030{number:08d}" for number in _drawn(properties, options.rounds + WARM_UP)]
    read(database, figures, numbers)
    lineage(database, figures)
    database.close()
    over_http(urls, figures, numbers, options)
    return figures


def in_memory(urls: ClusterUrls) -> None:
    """Read all of the register into the server's memory, as after some days of work, whatever its size."""
    connection = psycopg2.connect(dsn(urls))
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_prewarm")
        cursor.execute("""
            SELECT sum(public.pg_prewarm(c.oid)) * 8192
              FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relkind IN ('r', 'i', 't') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
        """)
        (size,) = cursor.fetchone() or (0,)
        cursor.execute("SELECT setting::bigint * 8192 FROM pg_settings WHERE name = 'shared_buffers'")
        (room,) = cursor.fetchone() or (0,)
    connection.close()
    print(f"{size / 2**20:,.0f} MB of register, {room / 2**20:,.0f} MB of shared buffers", flush=True)


def _drawn(properties: int, count: int) -> list[int]:
    drawn = random.Random(properties)
    return [drawn.randrange(1, properties + 1) for _ in range(count)]


def floor(urls: ClusterUrls, figures: Figures, rounds: int) -> None:
    """Time what no read can go below: one row by its key, and one row written and committed."""
    connection = psycopg2.connect(dsn(urls))
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS public.floor (n bigint PRIMARY KEY, said text)")
        keys = iter(_drawn(figures.properties, rounds))
        asked = "SELECT * FROM cadastre.property WHERE property_id = %s"
        figures.spread("bare SELECT", timed(lambda: cursor.execute(asked, (next(keys),)), rounds), 50, 95)
        written = "INSERT INTO public.floor SELECT coalesce(max(n), 0) + 1, 'said' FROM public.floor"
        figures.spread("bare INSERT", timed(lambda: cursor.execute(written), rounds), 50, 95)
        cursor.execute("DROP TABLE public.floor")
    connection.close()


def timed(act: Callable[[], object], rounds: int) -> list[float]:
    """Milliseconds of each round."""
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        act()
        times.append((time.perf_counter() - began) * 1e3)
    return times


def read(database: Database, figures: Figures, numbers: list[str]) -> None:
    """Read through the service, today's state and another day's in turn, less what Python computes."""
    waits: dict[bool, list[float]] = {False: [], True: []}
    computed: list[float] = []
    today = datetime.now(UTC).astimezone(OFFICIAL_ZONE).date()
    for turn, number in enumerate(numbers):
        for is_past in (False, True):
            began, worked = time.perf_counter(), time.thread_time()
            moment = PAST if is_past else NOW
            get_property_view(database, number, caller=REGISTRAR, purpose=PURPOSE, today=today, moment=moment)
            own = (time.thread_time() - worked) * 1e3
            if turn >= WARM_UP:
                waits[is_past].append((time.perf_counter() - began) * 1e3 - own)
                computed.append(own)
    figures.spread("database", waits[False], 50, 95)
    figures.spread("as_of", waits[True], 50, 95)
    figures.values["as_of / current"] = figures.values["as_of p50 ms"] / figures.values["database p50 ms"]
    figures.values["Python CPU ms"] = statistics.mean(computed)


def lineage(database: Database, figures: Figures) -> None:
    """Ask for a thousand generations, down and up."""
    for_ladder = f"LADDER-{FIRST + 10_000_000}"
    times = []
    for number, direction in ((f"CHAIN-{FIRST}", Direction.UP), (for_ladder, Direction.DOWN)) * 20:
        began = time.perf_counter()
        database.read(lambda uow, n=number, d=direction: get_parcel_lineage(uow, n, d))
        times.append((time.perf_counter() - began) * 1e3)
    figures.spread("lineage", times[2:], 50, 95)


@contextmanager
def serving(urls: ClusterUrls, workers: int) -> Iterator[tuple[tuple[str, int], str]]:
    """Serve this register by the program that ships; give its address and a registrar's token."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    environment = {**os.environ, "CADASTRE_DATABASE_URL": urls.app_url.replace("+psycopg2", "")}
    program = "import sys; from api.cli import main; main(sys.argv[1:])"
    command = [sys.executable, "-c", program, "serve", "--port", str(port), "--workers", str(workers)]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _await_listening(port, server)
        yield ("127.0.0.1", port), open_tokens(read_api_settings()).issue(REGISTRAR)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)


def _await_listening(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 150
    while time.monotonic() < deadline and server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise SystemExit("the server did not start")


def over_http(urls: ClusterUrls, figures: Figures, numbers: list[str], options: argparse.Namespace) -> None:
    """Read over HTTP, open loop, and tell who worked for it: program, database, and who asked."""
    with serving(urls, options.workers) as (address, token):
        asked = [_request(number, token) for number in numbers]
        # many at once at first: the server opens its connections, and each plans its statements
        asyncio.run(send_all(address, asked[:WARM_UP] * 2, rate=10 * options.rate))
        arrivals = (asked * (1 + int(options.rate * options.seconds) // len(asked)))[
            : int(options.rate * options.seconds)
        ]
        gc.collect()
        gc.freeze()
        before = _work()
        latency, refused = asyncio.run(send_all(address, arrivals, options.rate))
        for name, (earlier, later) in zip(WORKERS, zip(before, _work(), strict=True), strict=True):
            spent = later.less(earlier)
            figures.values[f"{name} CPU ms"] = spent.worked / len(latency)
            figures.values[f"{name} queued ms"] = spent.waited / len(latency)
    figures.spread("HTTP", latency, 50, 95, 99)
    figures.values["HTTP longest ms"] = max(latency)
    figures.values["HTTP reads/s"] = len(latency) / options.seconds
    figures.values["HTTP refused"] = refused


def _work() -> tuple[Work, Work, Work]:
    """Give what the program, the database and this process have worked by now."""
    own = work_of(os.getpid(), alone=True)
    postmaster = status(read_settings()).pid
    assert postmaster is not None
    return work_of(os.getpid()).less(own), work_of(postmaster), own


def _request(number: str, token: str) -> bytes:
    return (
        f"GET /v1/properties/{number}?purpose={PURPOSE} HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {token}\r\n\r\n"
    ).encode()


def report(measured: list[Figures]) -> int:
    """Print the sizes beside each other with limits and growth; gives the exit code."""
    least, most = measured[0], measured[-1]
    passed = 0
    print(
        f"\n{f'{os.cpu_count()} cores':<22}"
        + "".join(f"{one.properties:>14,}" for one in measured)
        + "  limit"
    )
    for name in most.values:
        limit, remark = LIMITS.get(name), ""
        if limit is not None:
            remark = f"<= {limit:g}"
            passed += most.values[name] > limit
        if name in GROWS and least is not most:
            growth = most.values[name] / least.values[name]
            remark += f"growth {growth:.2f}, <= {GROWTH}"
            passed += growth > GROWTH
        print(f"{name:<22}" + "".join(f"{one.values[name]:>14.2f}" for one in measured) + f"  {remark}")
    return 1 if passed or most.values["HTTP refused"] else 0


if __name__ == "__main__":
    sys.exit(main())
