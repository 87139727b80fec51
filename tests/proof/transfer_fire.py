"""Sixteen client processes at one register, and a killer: of clients, of backends, of the whole server."""

from __future__ import annotations

import os
import random
import select
import signal
import threading
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from time import monotonic

from cadastre.db import local_cluster
from cadastre.db.settings import DatabaseSettings
from cadastre.db.unit_of_work import Database
from cadastre.kernel.errors import Unavailable
from cadastre.services.ledger_clock import sequence
from tests.proof.processes import spawner
from tests.proof.transfer_clients import live
from tests.proof.transfer_log import ENDED
from tests.proof.transfer_window import Ground

TURN_S = 0.05
RECOVERY_S = 60


@dataclass(frozen=True)
class Plan:
    """How many transfers are brought to an end, by how many clients, and after how many of them who is killed.

    Of ``falters`` answers one kills its client before he has written it down.
    """

    transfers: int
    clients: int = 16
    client_every: int = 200
    backend_every: int = 2_000
    server_every: int = 5_000
    falters: int = 200
    patience_s: float = 180.0
    """Without one transfer brought to an end in this time, the run has failed."""


@dataclass
class Fire:
    """One run: the clients, what was killed so far, and how far it is."""

    settings: DatabaseSettings
    ground: Ground
    folder: Path
    plan: Plan
    killed: Counter[str] = field(default_factory=Counter)
    took_s: float = 0.0

    def __post_init__(self) -> None:
        self.chance = random.Random(self.plan.transfers)
        self.spawner = spawner()
        self.alive: dict[int, BaseProcess] = {}
        self.lives: Counter[int] = Counter()
        self.read_to: Counter[int] = Counter()
        self.done = 0

    def burn(self) -> None:
        """Run until the transfers are done, then kill every client in whatever it is doing."""
        database, began = Database(self.ground.url, pool_size=1), monotonic()
        progressed = began
        try:
            while self.done < self.plan.transfers:
                self._revive()
                wait([process.sentinel for process in self.alive.values()], timeout=TURN_S)
                before, self.done = self.done, self._count()
                progressed = monotonic() if self.done > before else progressed
                if monotonic() - progressed > self.plan.patience_s:
                    raise AssertionError(f"no transfer came to an end in {self.plan.patience_s} s")
                self._strike(before)
                self._number(database)
        finally:
            for process in self.alive.values():
                process.kill()
                process.join()
            self._await_server(database)
            database.close()
            self.took_s = monotonic() - began

    def _revive(self) -> None:
        """Start clients that are not there; one that ended by itself has failed."""
        for number in range(self.plan.clients):
            process = self.alive.get(number)
            if process is not None and process.exitcode is None:
                continue
            if process is not None and process.exitcode != -signal.SIGKILL:
                raise AssertionError((self.folder / f"client-{number}.err").read_text())
            if process is not None:
                self.killed["client with an answer"] += 1
            self.lives[number] += 1
            arguments = (self.ground, number, self.folder, self.lives[number], self.plan.falters)
            self.alive[number] = self.spawner.Process(target=live, args=arguments, daemon=True)
            self.alive[number].start()

    def _count(self) -> int:
        """Count the transfers that came to an end, reading on where the last count ended."""
        for number in range(self.plan.clients):
            path = self.folder / f"client-{number}.log"
            if path.exists():
                with path.open("rb") as stream:
                    stream.seek(self.read_to[number])
                    fresh, _, _ = stream.read().rpartition(b"\n")
                self.read_to[number] += len(fresh)
                self.done += fresh.count(ENDED)
        return self.done

    def _strike(self, before: int) -> None:
        """Kill whoever's turn has come between two counts."""
        if _passed(before, self.done, self.plan.server_every):
            self._kill_server()
        elif _passed(before, self.done, self.plan.backend_every):
            self._kill_backend()
        if _passed(before, self.done, self.plan.client_every):
            victim = self.alive.pop(self.chance.choice(list(self.alive)))
            victim.kill()
            victim.join()
            self.killed["client"] += 1

    def _kill_server(self) -> None:
        pid = self._server()
        watch = os.pidfd_open(pid)
        os.kill(pid, signal.SIGKILL)
        assert select.select([watch], [], [], 30)[0], "the server did not die"
        os.close(watch)
        local_cluster.ensure_running(self.settings)
        self.killed["server"] += 1

    def _kill_backend(self) -> None:
        """Kill any child of the server: it ends all sessions and recovers."""
        pid = self._server()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        os.kill(int(self.chance.choice(children)), signal.SIGKILL)
        self.killed["backend"] += 1

    def _server(self) -> int:
        pid = local_cluster.status(self.settings).pid
        assert pid is not None, "the server is gone by itself"
        return pid

    def _await_server(self, database: Database) -> None:
        """Wait until the server has recovered from the last kill."""
        deadline, pause = monotonic() + RECOVERY_S, threading.Event()
        while not self._number(database) and monotonic() < deadline:
            pause.wait(TURN_S)

    def _number(self, database: Database) -> bool:
        """Number the leaves, as the worker does; False while the server recovers."""
        try:
            sequence(database)
        except Unavailable:
            return False
        return True


def _passed(before: int, now: int, every: int) -> bool:
    return before // every < now // every


__all__ = ["Fire", "Plan"]
