"""Signed JSON statements over HTTP: POST /v1/extracts, each durable with its ledger leaf when it is answered.

    python benchmarks/extract_json.py [--keep DIRECTORY] [--properties 100000] [--rate 300] [--seconds 20]
                                      [--workers 2] [--wait] [--saturate]

A register is built at first (``register_fill.py``) and served by the program that ships. Orders arrive by a
clock (open loop) over kept-alive connections; latency counts from the scheduled moment. Every order names
another section; every answer is checked to be 201, and some of them to the last signature. ``--wait`` asks
for the proof in the answer, not the promise. ``--saturate`` also tells how many there are a second when 32
clients ask as fast as they can. Printed beside it, from the same run: the bare limit, one Ed25519 signature
over a statement, by the key that signs them, and without a token. CPU is that of all processes of each part.
Exit code 1 when a limit is passed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import psycopg2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from register_fill import dsn, filled_register, live_in
from register_reads import in_memory, serving

from api.settings import read_api_settings
from api.signing import open_signing
from cadastre.db.local_cluster import ClusterUrls
from cadastre.db.places import default_home
from cadastre.extract.jws import verify_detached
from cadastre.kernel.canonical import canonical_json
from cadastre.kernel.clock import SystemClock

LIMITS = {"p95 ms": 25.0, "a second": 300.0}
CONNECTIONS = 32
TICKS = os.sysconf("SC_CLK_TCK")
ORDER = {
    "kind": "extract",
    "capacity": "registry_officer",
    "basis": "Sintetik ərizə 1",
    "purpose": "official_duty",
}


@dataclass
class Client:
    """Connections to the server, and what came back."""

    address: tuple[str, int]
    head: bytes
    latency: list[float] = field(default_factory=list)
    refused: list[bytes] = field(default_factory=list)
    kept: list[bytes] = field(default_factory=list)
    free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = field(
        default_factory=asyncio.Queue
    )

    async def open(self, connections: int) -> None:
        """Open connections."""
        for _ in range(connections):
            self.free.put_nowait(await asyncio.open_connection(*self.address))

    async def order(self, number: str) -> None:
        """Order an extract on a free connection and read the answer whole."""
        reader, writer = await self.free.get()
        body = json.dumps({"register_number": number, **ORDER}).encode()
        writer.write(self.head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        answer = await reader.readexactly(int(length.partition(b":")[2]))
        self.free.put_nowait((reader, writer))
        if not head.startswith(b"HTTP/1.1 201"):
            self.refused.append(answer)
        elif len(self.kept) < 50:
            self.kept.append(answer)

    async def by_the_clock(self, numbers: list[str], rate: float, seconds: float) -> None:
        """Order by a clock; milliseconds from each scheduled moment."""
        loop = asyncio.get_running_loop()
        starts_at, tasks = loop.time() + 0.2, []

        async def one(number: str, scheduled: float) -> None:
            await self.order(number)
            self.latency.append((loop.time() - scheduled) * 1e3)

        for arrival in range(int(rate * seconds)):
            scheduled = starts_at + arrival / rate
            await asyncio.sleep(max(0.0, scheduled - loop.time()))
            tasks.append(loop.create_task(one(numbers[arrival % len(numbers)], scheduled)))
        await asyncio.gather(*tasks)

    async def as_fast_as_they_go(self, numbers: list[str], seconds: float) -> float:
        """Order on every connection, one after the other; gives how many a second."""
        loop = asyncio.get_running_loop()
        begin, count = loop.time(), 0
        coming = iter(numbers * 100)

        async def one() -> None:
            nonlocal count
            while loop.time() < begin + seconds:
                await self.order(next(coming))
                count += 1

        await asyncio.gather(*(one() for _ in range(CONNECTIONS)))
        return count / (loop.time() - begin)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--keep", type=Path, default=default_home() / "bench")
    parser.add_argument("--properties", type=int, default=100_000)
    parser.add_argument("--rate", type=float, default=300.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--wait", action="store_true", help="ask for the proof, not the promise")
    parser.add_argument("--saturate", action="store_true")
    options = parser.parse_args()
    live_in(options.keep)
    urls = filled_register(options.properties)
    in_memory(urls)
    close_leaves(urls)
    drawn = random.Random(options.properties)
    numbers = [f"2030{drawn.randrange(1, options.properties + 1):08d}" for _ in range(20_000)]
    with serving(urls, options.workers) as (address, token):
        wait = b"Prefer: wait\r\n" if options.wait else b""
        client = Client(
            address,
            b"POST /v1/extracts HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + wait
            + f"Authorization: Bearer {token}\r\n".encode(),
        )
        asyncio.run(_measure(client, numbers, options))
    return _report(client, options)


def close_leaves(urls: ClusterUrls) -> None:
    """Close what the fill wrote past the triggers, so that every entry of the register gets its number."""
    connection = psycopg2.connect(dsn(urls))
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger.leaf SET closing_number = nextval('ledger.closing_number')"
            " WHERE ledger_index IS NULL AND closing_number IS NULL"
        )
    connection.close()


async def _measure(client: Client, numbers: list[str], options: argparse.Namespace) -> None:
    await client.open(CONNECTIONS)
    warm = numbers[-400:]
    for _ in range(3):  # the server opens its connections, and each plans its statements
        await asyncio.gather(*(client.order(number) for number in warm))
    client.refused.clear()
    home = options.keep.absolute() / "home"
    before = _spent(home)
    await client.by_the_clock(numbers, options.rate, options.seconds)
    after, count = _spent(home), len(client.latency)
    parts = {name: (after[name] - before[name]) / count * 1e3 for name in after}
    print(f"{os.cpu_count()} cores, {options.workers} processes, {options.rate:g} orders/s, {count} orders")
    print("  CPU ms an order: " + ", ".join(f"{name} {spent:.2f}" for name, spent in parts.items()))
    print(f"  {sum(parts.values()) * options.rate / 10:.0f} % of one core in all")
    if options.saturate:
        most = await client.as_fast_as_they_go(numbers, options.seconds)
        print(f"  as fast as {CONNECTIONS} clients go: {most:.0f} a second")


def _spent(home: Path) -> dict[str, float]:
    """CPU seconds of all processes by part: servers are our children, backends those of the cluster."""
    postmaster = int((home / "postgres/data/postmaster.pid").read_text().split()[0])
    parts = {"server": _descendants(os.getpid()), "database": {postmaster, *_descendants(postmaster)}}
    return {
        **{name: sum(map(_cpu_s, processes)) for name, processes in parts.items()},
        "clients": time.process_time(),
    }


def _cpu_s(process: int) -> float:
    """CPU seconds of a process and of those that it has waited for."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / TICKS


def _descendants(of: int) -> set[int]:
    parents: dict[int, int] = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(process.name)] = int((process / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found, front = set[int](), {of}
    while front:
        front = {child for child, parent in parents.items() if parent in front}
        found |= front
    return found


def _report(client: Client, options: argparse.Namespace) -> int:
    cuts = statistics.quantiles(client.latency, n=100)
    rate = len(client.latency) / options.seconds
    p50, p95, p99 = (cuts[mark - 1] for mark in (50, 95, 99))
    print(f"  p50 {p50:.1f} ms, p95 {p95:.1f} ms (limit 25), p99 {p99:.1f} ms; {rate:.0f} a second")
    _check(client)
    if client.refused:
        print(f"  {len(client.refused)} refused, such as {client.refused[0][:200]!r}")
    return int(p95 > LIMITS["p95 ms"] or rate < LIMITS["a second"] or bool(client.refused))


def _check(client: Client) -> None:
    """Check the first answers to the last signature, and time the bare signature over one of them."""
    signing = open_signing(read_api_settings(), SystemClock())
    keys = signing.cabinet.trust().jws_keys
    for answer in client.kept:
        body = json.loads(answer)
        canonical = canonical_json(body["statement"])
        verify_detached(body["jws"], canonical, keys)
        if not (body["proof"] or body.get("promise")):
            raise SystemExit("an answer has neither proof nor promise")
    kept, bare = signing.cabinet.jws_key().private, Ed25519PrivateKey.generate()
    limit, ours = _cpu_ms(lambda: bare.sign(canonical)), _cpu_ms(lambda: kept.sign(canonical))
    print(f"  bare Ed25519 signature over {len(canonical)} bytes: {limit:.3f} ms; by our key: {ours:.3f} ms")
    signing.close()


def _cpu_ms(work: Callable[[], object], rounds: int = 300) -> float:
    begin = time.process_time()
    for _ in range(rounds):
        work()
    return (time.process_time() - begin) / rounds * 1e3


if __name__ == "__main__":
    sys.exit(main())
