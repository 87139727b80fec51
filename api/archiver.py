"""The archiver: makes the archive copies beside the worker, so that a slow service delays no ledger entry."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from api.worker import repeat
from cadastre.services.archive import ArchiveDesk

BATCH = 20


@dataclass(slots=True)
class Archiver:
    """Repeats its rounds until it is told to stop; several may run beside each other."""

    desk: ArchiveDesk
    pause_s: float = 2.0

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop`` is set."""
        repeat(self.work_once, stop, self.pause_s)

    def work_once(self) -> bool:
        """Do one round; tell whether more is likely waiting."""
        return self.desk.archive_some(BATCH) == BATCH


__all__ = ["Archiver"]
