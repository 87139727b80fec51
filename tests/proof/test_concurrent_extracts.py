"""Many callers are issued extracts while the register changes: each is told of his own section, as it then stood.

A peer's product mixed up the parcels of callers who asked at the same moment. Here every answer is decided once
more, alone, at the (valid time, ledger index) that it names, and must be the same bytes; it must speak of
no other family of sections, and of nobody else's application. The judge is judged: three mistakes
of that kind are planted, and must be found.

``CADASTRE_PROOF_EXTRACTS`` names the number of answers of the long form.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Any

import httpx
import pytest

from api.app import create_app
from api.settings import ApiSettings
from cadastre.extract.record import ExtractRecord
from cadastre.kernel.errors import InvalidInput
from cadastre.services.extract_decision import Decision
from tests.api.server import running_server
from tests.database import Database
from tests.proof.extract_judge import Judgement, read_lines
from tests.proof.extract_storm import (
    Plan,
    judge_all,
    lay_ground,
    storm_in_processes,
    storm_in_threads,
)

LONG = int(os.environ.get("CADASTRE_PROOF_EXTRACTS", "100000"))
PATIENCE_S = 600
ROUND, ANSWERS_EACH = 5_000, 50
"""After each round, over families of its own, its answers are judged and what was found is printed."""
SHORT = Plan(answers=42, families=range(6), askers=1, threads=6, writers=1, pause_s=0.02)
SERVE = "from api.cli import main; main()"


@pytest.fixture
def settings(database_environment: Database, tmp_path: Path) -> ApiSettings:
    return ApiSettings(home=tmp_path / "home", verify_base_url="http://127.0.0.1:8000")


def test_answers_under_writers_are_the_serial_ones(
    database_environment: Database, settings: ApiSettings, tmp_path: Path
) -> None:
    ground = lay_ground(database_environment, settings, SHORT.families)
    with running_server(create_app(settings)) as url:
        written = storm_in_threads(ground, SHORT, url, tmp_path)
    found = judge_all(ground, tmp_path, 1)
    assert found.faults == []
    assert found.counts["answers"] == SHORT.answers
    assert written.total() > 0


class Leaking:
    """A decision with the mistakes of a cache that callers share: of every four records one is spoilt."""

    def __init__(self, decide: Callable[..., ExtractRecord]) -> None:
        self.decide, self.lock = decide, Lock()
        self.last: ExtractRecord | None = None
        self.serial = 0
        self.planted: dict[str, str] = {}

    def spoil(self, decision: Decision, *arguments: Any, **named: Any) -> ExtractRecord:
        """Decide, and put something of the last caller into it."""
        record = self.decide(decision, *arguments, **named)
        with self.lock:
            last, self.last, self.serial = self.last, record, self.serial + 1
            if last is None or self.serial % 3:
                return record
            leaks = {
                "owners": replace(record, rights=last.rights),
                "application": replace(record, request=last.request),
                "stale": replace(record, restrictions=record.restrictions[1:]),
            }
            said, build = list(self.planted.values()), decision.desk.issuer.build
            for name in sorted(leaks, key=said.count):  # not every one shows in every kind of extract
                with suppress(InvalidInput):  # nor is every one coherent
                    if build(leaks[name]) != build(record):
                        self.planted[record.id] = name
                        return leaks[name]
            return record


def test_the_judge_finds_every_leak_that_is_planted(
    database_environment: Database, settings: ApiSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ground = lay_ground(database_environment, settings, SHORT.families)
    leaking = Leaking(Decision._record_of)
    with monkeypatch.context() as patch, running_server(create_app(settings)) as url:
        patch.setattr(Decision, "_record_of", lambda *given, **named: leaking.spoil(*given, **named))
        storm_in_threads(ground, replace(SHORT, writers=1, pause_s=0.2), url, tmp_path)
    found = judge_all(ground, tmp_path, 1)
    answered = {line.get("id") for log in tmp_path.glob("asker-*.log") for line in read_lines(log)}
    planted = {
        each: leak for each, leak in leaking.planted.items() if each in answered
    }  # others were repeated
    assert [one for one in found.faults if not one.extract_id] == []
    assert {one.extract_id for one in found.faults} == set(planted)
    assert set(planted.values()) == {"owners", "application", "stale"}


@contextmanager
def served(port: int, *, workers: int, log: Path) -> Iterator[None]:
    """The server that ships, in processes of its own."""
    command = [sys.executable, "-c", SERVE, "serve", "--port", str(port), "--workers", str(workers)]
    with log.open("wb") as said, subprocess.Popen(command, stderr=said, stdout=said) as running:
        transport = httpx.HTTPTransport(retries=12)
        try:
            with httpx.Client(transport=transport, timeout=PATIENCE_S) as client:
                assert client.get(f"http://127.0.0.1:{port}/health/ready").status_code == 200
            yield
        finally:
            running.send_signal(signal.SIGTERM)
            running.wait(PATIENCE_S)


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.mark.proof
def test_a_hundred_thousand_answers_under_writers_are_the_serial_ones(
    database_environment: Database, settings: ApiSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CADASTRE_HOME", str(settings.home))
    monkeypatch.setenv("CADASTRE_VERIFY_BASE_URL", str(settings.verify_base_url))
    port, found, written, began = free_port(), Judgement(), Counter[str](), monotonic()
    with served(port, workers=3, log=tmp_path / "served.log"):
        for first in range(0, LONG, ROUND):
            families, answers = (
                range(first // ANSWERS_EACH, (first + ROUND) // ANSWERS_EACH),
                min(ROUND, LONG - first),
            )
            plan = Plan(answers, families, askers=3, threads=8, writers=2, pause_s=0.1)
            ground, folder = lay_ground(database_environment, settings, families), tmp_path / f"{first}"
            folder.mkdir()
            written += storm_in_processes(ground, plan, f"http://127.0.0.1:{port}", folder)
            found.add(judge_all(ground, folder, 2))
            print(
                f"\n{found.counts['answers']:,} answers judged after {monotonic() - began:,.0f} s, beside "
                f"{written.total():,} changes {dict(written)}; {dict(found.counts)}; {len(found.faults)} faults",
                flush=True,
            )
    assert found.faults == []
    assert found.counts["answers"] == LONG
    assert written.total() >= LONG // 100
