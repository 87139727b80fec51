"""Signs the heads of the public log, beside the worker: a slow round of his delays no head."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from api.worker import repeat
from cadastre.services.ledger_checkpoint import CheckpointDesk


@dataclass(slots=True)
class Checkpointer:
    """Enters what has happened into the log and signs it, at an interval.

    Parameters
    ----------
    pause_s
        Time between two heads while there is something new; the promise is 10 s.
    """

    checkpoints: CheckpointDesk
    pause_s: float = 5.0

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop`` is set."""
        repeat(self.work_once, stop, self.pause_s)

    def work_once(self) -> bool:
        """Sign what is new."""
        self.checkpoints.sign()
        return False


__all__ = ["Checkpointer"]
