"""A proxy on loopback that treats connections as bad networks do: it cuts, doubles, and delivers late."""

from __future__ import annotations

import random
import re
import socket
import struct
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from enum import StrEnum

PATIENCE_S = 60.0
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class Fate(StrEnum):
    """What happens to one request."""

    PASSED = "passed"
    CUT_BEFORE_REQUEST = "cut before the request"
    CUT_IN_REQUEST = "cut in the request"
    CUT_BEFORE_ANSWER = "cut before the answer"
    CUT_IN_ANSWER = "cut in the answer"
    DOUBLED = "sent twice at once"
    REPEATED_LATE = "sent again after others"


_WEIGHTS = {Fate.PASSED: 4} | {fate: 1 for fate in Fate if fate is not Fate.PASSED}


class CuttingProxy:
    """Takes one request for each connection and gives it a fate drawn from a seed.

    ``fates`` counts what happened; ``forwarded`` how many whole requests reached the server.
    """

    def __init__(self, upstream: tuple[str, int], seed: int) -> None:
        self.upstream = upstream
        self.fates: Counter[Fate] = Counter()
        self.forwarded = 0
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self._late: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._workers = ThreadPoolExecutor(32)
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()

    @property
    def url(self) -> str:
        """Address to send requests to."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def close(self) -> None:
        """Deliver what is still to come late, and end."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._acceptor.join(PATIENCE_S)
        self._workers.shutdown(wait=True)
        for request in self._late:
            self._ask(request)

    def _accept(self) -> None:
        with suppress(OSError):  # the listener was closed
            while True:
                client, _ = self._listener.accept()
                self._workers.submit(self._serve, client)

    def _draw(self) -> tuple[Fate, bytes | None]:
        """Draw the fate of a request, and maybe an earlier one whose time has come."""
        with self._lock:
            fate = self._random.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
            self.fates[fate] += 1
            comes = bool(self._late) and self._random.random() < 0.3
            return fate, self._late.pop(self._random.randrange(len(self._late))) if comes else None

    def _serve(self, client: socket.socket) -> None:
        fate, late = self._draw()
        if late is not None:
            self._ask(late)
        with client, suppress(OSError):  # either side may hang up at any moment
            client.settimeout(PATIENCE_S)
            if fate is Fate.CUT_BEFORE_REQUEST:
                _reset(client)
                return
            request = _read_request(client)
            if fate is Fate.CUT_IN_REQUEST:
                self._send_half(request)
                _reset(client)
                return
            self._answer(client, fate, request)

    def _answer(self, client: socket.socket, fate: Fate, request: bytes) -> None:
        if fate is Fate.DOUBLED:
            with ThreadPoolExecutor(2) as pair:
                answer = list(pair.map(self._ask, [request, request]))[self._random.randrange(2)]
        else:
            answer = self._ask(request)
        if fate is Fate.REPEATED_LATE:
            with self._lock:
                self._late.append(request)
        if fate in (Fate.CUT_BEFORE_ANSWER, Fate.CUT_IN_ANSWER):
            client.sendall(answer[: len(answer) // 2] if fate is Fate.CUT_IN_ANSWER else b"")
            _reset(client)
            return
        client.sendall(answer)

    def _ask(self, request: bytes) -> bytes:
        """Send a whole request and give the whole answer."""
        with self._lock:
            self.forwarded += 1
        with socket.create_connection(self.upstream, PATIENCE_S) as server:
            server.sendall(request)
            return b"".join(iter(lambda: server.recv(65536), b""))

    def _send_half(self, request: bytes) -> None:
        with socket.create_connection(self.upstream, PATIENCE_S) as server:
            server.sendall(request[: len(request) // 2])
            _reset(server)


def _read_request(client: socket.socket) -> bytes:
    """Read one request whole: its head, then as many bytes as it declares."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += _receive(client)
    head = data.index(b"\r\n\r\n") + 4
    declared = _LENGTH.search(data[:head])
    length = head + (int(declared[1]) if declared else 0)
    while len(data) < length:
        data += _receive(client)
    return data


def _receive(client: socket.socket) -> bytes:
    part = client.recv(65536)
    if not part:
        raise ConnectionResetError
    return part


def _reset(connection: socket.socket) -> None:
    """Close as a broken line does: no farewell."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@contextmanager
def cutting_proxy(upstream_url: str, seed: int) -> Iterator[CuttingProxy]:
    """Put the proxy before a server for a while."""
    host, port = upstream_url.removeprefix("http://").split(":")
    proxy = CuttingProxy((host, int(port)), seed)
    try:
        yield proxy
    finally:
        proxy.close()


__all__ = ["CuttingProxy", "Fate", "cutting_proxy"]
