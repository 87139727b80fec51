"""Starts the services of the development authority as a process of their own, and ends them with this one."""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

from cadastre.kernel.errors import Unavailable

_PATIENCE_S = 10


@dataclass
class PkiProcess:
    """The services over one authority, started when their address is first asked for, and when they died.

    The process ends by itself when this one does: it holds the other end of its standard input.
    """

    directory: Path
    port: int = 0
    _child: subprocess.Popen[str] | None = None
    _url: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def url(self) -> str:
        """Address of the services, which are running."""
        with self._lock:
            if self._child is None or self._child.poll() is not None:
                self._start()
            return self._url

    @property
    def pid(self) -> int | None:
        """Process id, while it runs."""
        return None if self._child is None else self._child.pid

    def close(self) -> None:
        """End the services."""
        with self._lock:
            child, self._child = self._child, None
        if child is None:
            return
        if child.stdin is not None:
            child.stdin.close()
        if child.stdout is not None:
            child.stdout.close()
        try:
            child.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    def _start(self) -> None:
        if self._child is not None:
            for stream in (self._child.stdin, self._child.stdout):
                if stream is not None:
                    stream.close()
        child = subprocess.Popen(
            [sys.executable, "-m", "cadastre.pki.service", str(self.directory), "--port", str(self.port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        line = "" if child.stdout is None else child.stdout.readline().strip()
        self._child = child
        if not line.startswith("http://"):
            raise Unavailable("The development time-stamp service did not start.", code="pki-not-started")
        self._url = line


__all__ = ["PkiProcess"]
