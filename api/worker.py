"""The worker: numbers events, lets doors follow the land, prints extracts, brings news, sweeps at night."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from address_registry import follow_ground
from cadastre.db.unit_of_work import Database
from cadastre.kernel.clock import OFFICIAL_ZONE, Clock
from cadastre.kernel.errors import CadastreError, Unavailable
from cadastre.services.batches import work_batches
from cadastre.services.events import LEASE, Sender, deliver_due, tell_lapsed, tell_unconfirmed
from cadastre.services.extracts import ExtractDesk
from cadastre.services.ledger_clock import sequence
from cadastre.services.sweep import sweep_tonight
from cadastre.services.watch_news import tell_watchers

LONGEST_PAUSE_S = 30.0
WATCH_PAUSE_S = 60.0
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
        repeat(self.work_once, stop, self.pause_s)

    def close(self) -> None:
        """Number what was written beside it last; another worker does so when this one cannot."""
        try:
            sequence(self.database)
        except CadastreError as error:
            _log.warning("the last entries are not numbered yet", extra={"facts": {"code": error.code}})

    def work_once(self) -> bool:
        """Do one round; tell whether more of the same is likely waiting."""
        sequence(self.database)
        followed = follow_ground(self.database)
        if followed.entrances:
            _log.info("entrances followed their ground", extra={"facts": {"count": followed.entrances}})
        told = tell_watchers(self.database, self.desk.parts.addresses)
        ordered = work_batches(self.desk, BATCH)
        completed = self.desk.complete_unsigned(BATCH)
        if completed:
            sequence(self.database)  # the looks at what was completed
            _log.info("extracts printed ahead", extra={"facts": {"count": completed}})
        return BATCH in (completed, ordered) or followed.more or told.more


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
        repeat(self.work_once, stop, self.pause_s)

    def work_once(self) -> bool:
        """Do one round; tell whether there was something to bring."""
        tell_lapsed(self.database)
        late = tell_unconfirmed(self.database, self.clock.now())
        if late:
            _log.warning("urgent acts are not confirmed", extra={"facts": {"count": late}})
        return deliver_due(self.database, self.sender, lease=self.lease) > 0


@dataclass(slots=True)
class NightWatch:
    """Judges the whole register once a night, beside the worker; of several, one does.

    Parameters
    ----------
    hour
        Hour of the official day from which the night's run is due; a worker that starts later takes it then.
    """

    database: Database
    clock: Clock
    hour: int
    pause_s: float = WATCH_PAUSE_S

    def run(self, stop: threading.Event) -> None:
        """Watch until ``stop`` is set; a run at hand is left after its batch, and taken over later."""
        repeat(lambda: self.work_once(stop), stop, self.pause_s)

    def work_once(self, stop: threading.Event) -> bool:
        """Sweep when the night's run is due and nobody has taken it."""
        if self.clock.now().astimezone(OFFICIAL_ZONE).hour < self.hour:
            return False
        swept = sweep_tonight(self.database, self.clock, stopped=stop.is_set)
        if swept is not None:
            facts = {"sections": swept.sections, "found": swept.found, "opened": swept.opened}
            _log.info("the register was swept", extra={"facts": {**facts, "finished": swept.is_finished}})
        return False


def repeat(work_once: Callable[[], bool], stop: threading.Event, shortest_s: float) -> None:
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


__all__ = ["Courier", "NightWatch", "Worker", "repeat"]
