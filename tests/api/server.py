"""A real uvicorn server on loopback, in a thread of the test process, and clients for it."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

STARTUP_S = 30
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""What a client that speaks plain HTTP has of TLS: making a context of its own takes 30 ms of processor time."""


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


def open_client(base_url: str, **named: Any) -> httpx.Client:
    """Client of a server on loopback, which waits for a slow answer."""
    return httpx.Client(**{"base_url": base_url, "timeout": 60, "verify": NO_TLS, **named})


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
