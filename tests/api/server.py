"""A real uvicorn server on loopback, in a thread of the test process, and clients for it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import uvicorn
from fastapi import FastAPI

STARTUP_S = 30


@contextmanager
def running_server(app: FastAPI) -> Iterator[str]:
    """Serve the application on a free port and give its base URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as api.serving does
    config = uvicorn.Config(app, log_config=None, access_log=False, server_header=False)
    server = _TellingServer(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        assert server.settled.wait(STARTUP_S)
        assert server.started, "the server did not start"
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(STARTUP_S)
        listener.close()
        assert not thread.is_alive()


class _TellingServer(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.settled = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        finally:
            self.settled.set()


def bearer(token: str) -> dict[str, str]:
    """Give the header that carries a token."""
    return {"Authorization": f"Bearer {token}"}


def require_problem(answer: httpx.Response, status: int, code: str | None = None) -> dict[str, object]:
    """Check that an answer is a well-formed problem and give its body."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert set(body) == {"type", "title", "status", "detail", "code", "facts", "incident"}
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    assert body["type"] == f"urn:kadastr:problem:{body['code']}"
    assert body["incident"] == answer.headers["x-request-id"]
    if code is not None:
        assert body["code"] == code
    return dict(body)
