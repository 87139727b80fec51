"""Serves the development authority on loopback: ``/tsa``, ``/ocsp``, ``/issuing.crl``, ``/root.crl``.

Run as ``python -m cadastre.pki.service DIRECTORY [--port N]``: the first line it
prints is its address, and it ends when its standard input does, that is with
whoever started it.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cadastre.kernel.clock import Clock, SystemClock
from cadastre.kernel.errors import CadastreError
from cadastre.pki.authority import load_authority, newest_stamps
from cadastre.pki.stamps import StampAuthority
from cadastre.pki.status import StatusDesk

HOST = "127.0.0.1"
_MOST_BYTES = 16_384
_IDLE_S = 30

Answer = Callable[[bytes], bytes]


class PkiServer(ThreadingHTTPServer):
    """An HTTP server over an authority; answers many at once."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, directory: Path, clock: Clock, port: int = 0) -> None:
        self._directory, self._clock = directory, clock
        self._lock = threading.Lock()
        self._load()
        desk = StatusDesk(self._authority, clock)
        self.posts: Mapping[str, tuple[str, Answer]] = {
            "/tsa": ("application/timestamp-reply", self._stamp),
            "/ocsp": ("application/ocsp-response", desk.answer),
        }
        self.gets: Mapping[str, Callable[[], bytes]] = {
            "/issuing.crl": desk.issuing_list,
            "/root.crl": desk.root_list,
        }
        super().__init__((HOST, port), _Handler)

    @property
    def url(self) -> str:
        """Address of the service."""
        return f"http://{HOST}:{self.server_address[1]}"

    def _load(self) -> None:
        self._named = newest_stamps(self._directory)
        self._authority = load_authority(self._directory)
        self._stamps = StampAuthority(self._authority.stamps, self._clock)

    def _stamp(self, query: bytes) -> bytes:
        """Stamp with the key of now: a renewal is taken up at the next request."""
        with self._lock:
            if newest_stamps(self._directory) != self._named:
                self._load()
            stamps = self._stamps
        return stamps.answer(query)


class _Handler(BaseHTTPRequestHandler):
    server: PkiServer
    timeout = _IDLE_S

    def do_POST(self) -> None:
        """Answer a time-stamp or a status request."""
        known = self.server.posts.get(self.path)
        length = self.headers.get("Content-Length", "")
        if known is None:
            self.send_error(404)
        elif not length.isdigit() or int(length) > _MOST_BYTES:
            self.send_error(413)
        else:
            kind, answer = known
            self._send(kind, answer(self.rfile.read(int(length))))

    def do_GET(self) -> None:
        """Give a revocation list; ``/cpu`` tells the processor seconds that the service has used."""
        known = self.server.gets.get(self.path)
        if known is not None:
            self._send("application/pkix-crl", known())
        elif self.path == "/cpu":
            spent = os.times()
            self._send("text/plain", f"{spent.user + spent.system:.3f}\n".encode())
        else:
            self.send_error(404)

    def _send(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Write no line per request."""


def main() -> int:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser(prog="cadastre.pki.service")
    parser.add_argument("directory", type=Path)
    parser.add_argument("--port", type=int, default=0)
    chosen = parser.parse_args()
    try:
        server = PkiServer(chosen.directory, SystemClock(), chosen.port)
    except (CadastreError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(f"{server.url}\n")
    sys.stdout.flush()
    sys.stdin.buffer.read()
    server.shutdown()
    return 0


if __name__ == "__main__":
    sys.exit(main())
