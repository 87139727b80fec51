"""A witness as the process that it is in production, on a free port of loopback."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from cadastre.ledger.cosignature import WitnessVerifier, parse_witness

_PROGRAM = (sys.executable, "-c", "import api.cli; api.cli.main()", "witness")
TIMEOUT_S = 60


@dataclass(slots=True)
class WitnessProcess:
    """A running witness."""

    process: subprocess.Popen[str]
    verifier: WitnessVerifier
    url: str

    def post(self, body: bytes) -> tuple[int, str]:
        """Ask it to cosign; give status and body of the answer."""
        try:
            with urlopen(Request(f"{self.url}/add-checkpoint", body), timeout=TIMEOUT_S) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait(TIMEOUT_S)


def free_port() -> int:
    """Give a port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def start_witness(folder: Path, log_key: str, *, port: int | None = None) -> subprocess.Popen[str]:
    """Start one with its memory and key in a folder."""
    arguments = ["--dir", str(folder / "memory"), "--key", str(folder / "key.pem"), "--log-key", log_key]
    name = ["--name", f"w.example/{folder.name}", "--port", str(port or free_port())]
    return subprocess.Popen(
        [*_PROGRAM, *arguments, *name], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@contextmanager
def running_witness(folder: Path, log_key: str, *, port: int | None = None) -> Iterator[WitnessProcess]:
    """Run one until the block ends."""
    process = start_witness(folder, log_key, port=port)
    try:
        assert process.stdout is not None
        line, ready = process.stdout.readline(), process.stdout.readline()
        assert ready.startswith("READY "), process.communicate(timeout=TIMEOUT_S)
        yield WitnessProcess(process, parse_witness(line), ready.removeprefix("READY ").strip())
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=TIMEOUT_S)


__all__ = ["WitnessProcess", "free_port", "running_witness", "start_witness"]
