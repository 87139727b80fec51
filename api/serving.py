"""Runs the application under uvicorn."""

from __future__ import annotations

import errno
import gc
import signal
import socket
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import NoReturn

import uvicorn
from fastapi import FastAPI

from api.logs import log_config
from cadastre.kernel.errors import Unavailable

GRACE_S = 10
STARTUP_S = 60
"""A worker on a busy machine imports for longer than the 5 s after which it would be killed, for ever."""


def require_free_port(host: str, port: int) -> None:
    """Raise with a sentence unless the address can be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                sentence = f"Port {port} on {host} is taken by another program; choose one with --port."
            else:
                sentence = f"Cannot listen on {host}, port {port}: {error.strerror or error}."
            raise Unavailable(sentence, code="cannot-listen", port=port) from None


def serve(
    make_app: Callable[[], FastAPI],
    host: str,
    port: int,
    *,
    workers: int = 1,
    log_level: str = "INFO",
    when_ready: Callable[[], None] | None = None,
) -> int:
    """Serve until a signal ends it; give the exit code.

    Parameters
    ----------
    make_app
        Makes the application; each worker calls it, so it must survive pickling when there are several.
    when_ready
        Called once the port is listened on (one worker only).
    """
    config = uvicorn.Config(
        partial(_made_for_long, make_app),
        factory=True,
        host=host,
        port=port,
        loop="uvloop",
        http="httptools",
        workers=workers,
        log_config=log_config(log_level),
        access_log=False,
        server_header=False,
        proxy_headers=False,  # nobody in front may say who calls
        timeout_graceful_shutdown=GRACE_S,
        timeout_worker_healthcheck=STARTUP_S,
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)  # uvicorn raises the signal again when it has ended
    if workers > 1:
        from uvicorn.supervisors import Multiprocess

        listener = config.bind_socket()
        # connections inherit it; asyncio sets it only where a listener names its protocol, which uvicorn's
        # does not: a kept-alive connection would wait 40 ms for each answer
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        Multiprocess(config, [listener]).run()
        return 0
    server = _AnnouncedServer(config, when_ready)
    server.run()
    return 0 if server.started else 1


def _made_for_long(make_app: Callable[[], FastAPI]) -> FastAPI:
    """Make the application, and let the garbage collector never walk through what stays for ever."""
    app = make_app()
    gc.collect()
    gc.freeze()
    return app


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)


class _AnnouncedServer(uvicorn.Server):
    """A server that tells when it listens."""

    def __init__(self, config: uvicorn.Config, when_ready: Callable[[], None] | None) -> None:
        super().__init__(config)
        self._when_ready = when_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening, then tell."""
        await super().startup(sockets)
        if self.started and self._when_ready is not None:
            self._when_ready()


__all__ = ["require_free_port", "serve"]
