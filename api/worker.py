"""The worker: numbers finished events, completes what a crash left unsigned, brings news to receivers."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from cadastre.db.unit_of_work import Database
from cadastre.kernel.clock import Clock
from cadastre.kernel.errors import CadastreError, Unavailable
from cadastre.services.events import LEASE, Sender, deliver_due, tell_lapsed, tell_unconfirmed
from cadastre.services.extracts import ExtractDesk
from cadastre.services.ledger_clock import sequence

LONGEST_PAUSE_S = 30.0
BATCH = 20

_log = logging.getLogger("api.worker")


@dataclass(slots=True)
class Worker:
    """Repeats its rounds until it is told to stop; a round that fails is tried again, ever more slowly.

    Parameters
    ----------
    pause_s
        Time between two rounds when there is nothing to do.
    """

    database: Database
    desk: ExtractDesk
    pause_s: float = 1.0

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop`` is set."""
        _repeat(self.work_once, stop, self.pause_s)

    def work_once(self) -> bool:
        """Do one round; tell whether more of the same is likely waiting."""
        sequence(self.database)
        completed = self.desk.complete_unsigned(BATCH)
        if completed:
            sequence(self.database)  # the looks at what was completed
            _log.info("extracts completed", extra={"facts": {"count": completed}})
        return completed == BATCH


@dataclass(slots=True)
class Courier:
    """Brings news to the addresses of their receivers, beside the worker: a slow receiver delays no leaf.

    Parameters
    ----------
    lease
        How long a delivery is one courier's; it falls due again when he does not come back.
    """

    database: Database
    sender: Sender
    clock: Clock
    lease: timedelta = LEASE
    pause_s: float = 1.0

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop`` is set."""
        _repeat(self.work_once, stop, self.pause_s)

    def work_once(self) -> bool:
        """Do one round; tell whether there was something to bring."""
        tell_lapsed(self.database)
        late = tell_unconfirmed(self.database, self.clock.now())
        if late:
            _log.warning("urgent acts are not confirmed", extra={"facts": {"count": late}})
        return deliver_due(self.database, self.sender, lease=self.lease) > 0


def _repeat(work_once: Callable[[], bool], stop: threading.Event, shortest_s: float) -> None:
    """Do rounds until ``stop`` is set; one that fails is tried again, ever more slowly."""
    pause_s = shortest_s
    while not stop.is_set():
        try:
            busy = work_once()
            pause_s = shortest_s
        except Unavailable as error:
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
            _log.warning("a round failed", extra={"facts": {"code": error.code, "pause_s": pause_s}})
            busy = False
        except CadastreError as error:
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
            _log.error("a round failed", extra={"facts": {"code": error.code}}, exc_info=error)
            busy = False
        if not busy:
            stop.wait(pause_s)


__all__ = ["Courier", "Worker"]
