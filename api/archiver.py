"""The archiver: makes and renews archive copies beside the worker, so that a slow service delays no entry."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from api.worker import repeat
from cadastre.services.archive import ArchiveDesk
from cadastre.services.archive_renewal import RenewalDesk

BATCH = 20


@dataclass(slots=True)
class Archiver:
    """Repeats its rounds until it is told to stop; several may run beside each other."""

    desk: ArchiveDesk
    renewals: RenewalDesk
    pause_s: float = 2.0

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop`` is set."""
        repeat(self.work_once, stop, self.pause_s)

    def work_once(self) -> bool:
        """Do one round; tell whether more is likely waiting."""
        made = self.desk.archive_some(BATCH)
        return BATCH in (made, self.renewals.renew_some(BATCH))


__all__ = ["Archiver"]
