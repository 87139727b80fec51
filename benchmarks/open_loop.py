"""Sends requests by a clock, however slow the answers, and tells what each process worked for one of them."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


class _Connection(asyncio.Protocol):
    """A kept-alive connection with one request on its way at most."""

    def __init__(self, done: Callable[[_Connection, int], None], lost: Callable[[_Connection], None]) -> None:
        self.done, self.lost, self.received, self.missing = done, lost, b"", -1
        self.scheduled = 0.0
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost(self)

    def send(self, request: bytes, scheduled: float) -> None:
        assert self.transport is not None
        self.scheduled = scheduled
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.received += data
        if self.missing < 0:
            head, found, _ = self.received.partition(b"\r\n\r\n")
            if not found:
                return
            length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
            self.missing = int(length) + len(head) + 4
        if len(self.received) >= self.missing:
            status = int(self.received[9:12])
            self.received, self.missing = b"", -1
            self.done(self, status)


@dataclass
class _Run:
    """Requests that are to be sent, are waiting for a connection, or were answered."""

    left: int
    free: deque[_Connection]
    finished: asyncio.Event
    waiting: deque[tuple[bytes, float]]
    latency: list[float]
    refused: int = 0

    def fire(self, request: bytes, scheduled: float) -> None:
        if self.free:
            self.free.popleft().send(request, scheduled)  # in turn: what idles, the server closes
        else:
            self.waiting.append((request, scheduled))

    def done(self, connection: _Connection, status: int) -> None:
        self._count(connection, status)
        if self.waiting:
            connection.send(*self.waiting.popleft())
        else:
            self.free.append(connection)

    def lost(self, connection: _Connection) -> None:
        if connection in self.free:
            self.free.remove(connection)
        elif connection.scheduled:
            self._count(connection, 0)

    def _count(self, connection: _Connection, status: int) -> None:
        self.latency.append((time.perf_counter() - connection.scheduled) * 1e3)
        self.refused += status != 200
        self.left -= 1
        connection.scheduled = 0.0
        if not self.left:
            self.finished.set()


async def send_all(
    address: tuple[str, int], requests: Sequence[bytes], rate: float, *, connections: int = 32
) -> tuple[list[float], int]:
    """Send each request at its moment; give milliseconds from that moment to the last byte, and refusals.

    A request for which no connection is free waits, and its waiting counts; one whose connection is closed
    counts as refused. A timer is late by up to a
    millisecond; that counts too.
    """
    loop = asyncio.get_running_loop()
    run = _Run(len(requests), deque(), asyncio.Event(), deque(), [])
    for _ in range(connections):
        _, connection = await loop.create_connection(lambda: _Connection(run.done, run.lost), *address)
        run.free.append(connection)
    begun, ahead = time.perf_counter() + 0.2, 0
    while ahead < len(requests):  # what is due is sent; then asleep until the next is
        scheduled = begun + ahead / rate
        delay = scheduled - time.perf_counter()
        if delay > 0:
            await asyncio.sleep(delay)
        run.fire(requests[ahead], scheduled)
        ahead += 1
    await run.finished.wait()
    for connection in tuple(run.free):
        assert connection.transport is not None
        connection.transport.close()
    await asyncio.sleep(0)
    return run.latency, run.refused


@dataclass(frozen=True, slots=True)
class Work:
    """What a process and all that it started has worked, and waited for a core, in milliseconds."""

    worked: float
    waited: float

    def less(self, other: Work) -> Work:
        """Work and waiting without those of another time or process."""
        return Work(self.worked - other.worked, self.waited - other.waited)


def work_of(root: int, *, alone: bool = False) -> Work:
    """Add up the threads of a process, and of all its descendants, by what the kernel's scheduler says."""
    worked = waited = 0
    for process in [root] if alone else _with_descendants(root):
        for thread in Path(f"/proc/{process}/task").glob("*/schedstat"):
            with suppress(OSError):
                on_core, in_queue, _ = thread.read_text().split()
                worked, waited = worked + int(on_core), waited + int(in_queue)
    return Work(worked / 1e6, waited / 1e6)


def _with_descendants(root: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(stat.parent.name))
    family, found = [root], [root]
    while family:
        family = [child for process in family for child in children.get(process, [])]
        found += family
    return found


__all__ = ["Work", "send_all", "work_of"]
