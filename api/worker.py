"""The worker: gives finished events their place in the ledger and completes what a crash left unsigned."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass

from cadastre.db.unit_of_work import Database
from cadastre.kernel.errors import CadastreError, Unavailable
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
        pause_s = self.pause_s
        while not stop.is_set():
            try:
                busy = self.work_once()
                pause_s = self.pause_s
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

    def work_once(self) -> bool:
        """Do one round; tell whether more of the same is likely waiting."""
        sequence(self.database)
        completed = self.desk.complete_unsigned(BATCH)
        if completed:
            sequence(self.database)  # the looks at what was completed
            _log.info("extracts completed", extra={"facts": {"count": completed}})
        return completed == BATCH


__all__ = ["Worker"]
