"""A receiver of news on loopback: keeps what it was sent, and can be told to be slow or to refuse."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PATIENCE_S = 120


class Receiver:
    """What arrived, and what is answered to what comes."""

    def __init__(self) -> None:
        self.url = ""
        self.status = 204
        self.may_answer = threading.Event()
        self.may_answer.set()
        self._arrived: list[dict[str, Any]] = []
        self._changed = threading.Condition()

    def take(self, body: bytes) -> int:
        """Keep what was sent; answer when that is permitted."""
        with self._changed:
            self._arrived.append(json.loads(body))
            self._changed.notify_all()
        self.may_answer.wait(PATIENCE_S)
        return self.status

    def wait_for(self, event_ids: set[int]) -> Counter[int]:
        """Wait until each of these has arrived; give how often each did."""
        with self._changed:
            assert self._changed.wait_for(lambda: event_ids <= set(self._count()), PATIENCE_S), self._arrived
            return self._count()

    def wait_for_any(self) -> None:
        """Wait until something has arrived."""
        with self._changed:
            assert self._changed.wait_for(lambda: bool(self._arrived), PATIENCE_S)

    @property
    def arrived(self) -> list[dict[str, Any]]:
        """Everything that arrived, in its order."""
        with self._changed:
            return list(self._arrived)

    def _count(self) -> Counter[int]:
        return Counter(event["event_id"] for event in self._arrived)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Listen on a free port of loopback."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = receiver.take(body)
            try:
                self.send_response(status)
                self.end_headers()
            except OSError:
                return  # the sender was killed meanwhile

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/news"
    try:
        yield receiver
    finally:
        receiver.may_answer.set()
        server.shutdown()
        server.server_close()
        thread.join(PATIENCE_S)


__all__ = ["Receiver", "receiving"]
