"""Two witnesses as processes beside the demonstration; in earnest, other bodies run them elsewhere."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from api.ledger_room import load_keys
from api.settings import ApiSettings

NAMES = ("witness-1", "witness-2")
QUORUM = 1
"""Lines that a proof of the demonstration carries: the register goes on while one of the two is dead."""
_PROGRAM = (sys.executable, "-c", "import api.cli; api.cli.main()", "witness", "--port", "0", "--while-stdin")
_GRACE_S = 10
_LOG = "log"


@contextmanager
def running_witnesses(settings: ApiSettings, say: Callable[[str], None]) -> Iterator[ApiSettings]:
    """Run two witnesses of this register's log until the block ends, unless others are configured.

    Gives the settings by which they are asked. One that does not start is said and missed.
    """
    if settings.witnesses:
        yield settings
        return
    log_keys = [word for key in load_keys(settings).first for word in ("--log-key", key.line)]
    running: list[subprocess.Popen[str]] = []
    try:
        found = []
        for name in NAMES:
            process = _start(settings, name, log_keys)
            running.append(process)
            address = _read_address(process)
            if address is None:
                say(f"{name} does not start; see {settings.home / name / _LOG}")
            else:
                found.append(address)
        say(f"{len(found)} witnesses cosign the heads of the ledger")
        changes = {"witnesses": ", ".join(found), "witness_quorum": QUORUM}
        yield settings.with_changes(changes)
    finally:
        _end(running)


def _start(settings: ApiSettings, name: str, log_keys: list[str]) -> subprocess.Popen[str]:
    home = settings.home / name
    home.mkdir(parents=True, exist_ok=True)
    places = ["--dir", str(home / "memory"), "--key", str(home / "key.pem")]
    with (home / _LOG).open("a") as log:
        return subprocess.Popen(
            [*_PROGRAM, *places, "--name", f"kadastr.local/{name}", *log_keys],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )


def _read_address(process: subprocess.Popen[str]) -> str | None:
    """Give key and address of a witness that is ready; None when it ended instead."""
    if process.stdout is None:
        return None
    key, ready = process.stdout.readline().strip(), process.stdout.readline().strip()
    return f"{key} {ready.removeprefix('READY ')}" if ready.startswith("READY ") else None


def _end(running: list[subprocess.Popen[str]]) -> None:
    for process in running:
        process.terminate()
    for process in running:
        try:
            process.communicate(timeout=_GRACE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


__all__ = ["NAMES", "running_witnesses"]
