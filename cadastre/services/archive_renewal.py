"""The renewal desk: sees to it that no archive copy outlives what guards it, and says which ones are due.

A copy is guarded by its last time stamp until the first certificate of that
stamp's chain ends, or an algorithm is relied on no longer (codelist
``signature_algorithms``). Half a year before (tolerance
``archive_renewal_days``) the worker appends a revision with a time stamp of
today. Where none that lasts longer is to be had, nothing is appended, and the
copies stay on the list of what is due.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import time as day_time
from uuid import UUID

from cadastre.db.unit_of_work import Database, Isolation, Role, UnitOfWork
from cadastre.domain.archive_guard import Guard
from cadastre.domain.codelist import load_codelist
from cadastre.extract.archive import NotArchived
from cadastre.extract.archive_renewal import Prospect, guard_of_copy, prospect, renew_copy
from cadastre.kernel.clock import OFFICIAL_ZONE
from cadastre.kernel.errors import Unavailable
from cadastre.services.archive import Archivist
from cadastre.services.extracts import SIGNER, look_at
from cadastre.store import archive as store

LOOK_EVERY_S = 60.0
REST_S = 3600.0
MOST_FAILURES = 3

_log = logging.getLogger("cadastre.archive")


@dataclass(frozen=True, slots=True)
class Guarded:
    """What guards how many copies: until when, why not longer, and from when on they are to be renewed."""

    guard_id: int
    subject: str
    copies: int
    ends_at: datetime
    due_at: datetime
    ended_by: str


@dataclass(frozen=True, slots=True)
class DueCopy:
    """A copy on the worklist."""

    extract_id: UUID
    revision: int
    archived_at: datetime
    due_at: datetime
    ends_at: datetime
    ended_by: str


@dataclass
class RenewalDesk:
    """Renews archive copies before their time; several may work beside each other."""

    database: Database
    archivist: Archivist
    _has_examined_all: bool = False
    _next_look: float = 0.0
    _resting_until: float = 0.0

    def survey(self) -> tuple[Guarded, ...]:
        """Tell what guards the copies, the first to end first."""
        rows = self.database.read(lambda uow: store.count_guarded(uow.connection), role=Role.WRITE)
        found = [_guarded(guard_id, guard, copies) for guard_id, guard, copies in rows]
        return tuple(sorted(found, key=lambda each: (each.due_at, each.guard_id)))

    def list_due(self, at: datetime, *, after: UUID | None = None, limit: int = 50) -> tuple[DueCopy, ...]:
        """Give the copies that are to be renewed by a moment, in the order of their identifiers."""
        guards = {each.guard_id: each for each in self.survey() if each.due_at <= at and each.copies}
        rows = self.database.read(
            lambda uow: store.list_guarded(uow.connection, list(guards), after, limit), role=Role.WRITE
        )
        return tuple(_due(row, guards[row.guard_id]) for row in rows)

    def renew_some(self, limit: int) -> int:
        """Renew what is due, and note the guards of copies that have none yet; give how many that were.

        Raises
        ------
        Unavailable
            A service does not answer, or gives no time stamp that lasts longer; tried again in an hour.
        """
        now = time.monotonic()
        if now < max(self._next_look, self._resting_until):
            return 0
        done = self.examine(limit)
        if not done:
            due = self.list_due(self.archivist.clock.now(), limit=limit)
            done = self._renew(due) if due else 0
        if not done:
            self._next_look = now + LOOK_EVERY_S
        return done

    def examine(self, limit: int) -> int:
        """Note what guards copies that were archived before guards were noted; give how many."""
        if self._has_examined_all:
            return 0
        waiting = self.database.read(
            lambda uow: store.list_unexamined(uow.connection, limit), role=Role.WRITE
        )
        self._has_examined_all = not waiting
        known: dict[UUID, Guard] = {}
        for extract_id in waiting:
            copy = self._read(extract_id)
            if copy is not None:
                known[extract_id] = guard_of_copy(copy, self.archivist.trust())
        if known:
            self.database.run(
                lambda uow: store.enter_terms(uow.connection, known), isolation=Isolation.READ_COMMITTED
            )
        return len(known)

    def renew_due(self, limit: int) -> int:
        """Renew now, whatever was tried a moment ago; give how many copies that were."""
        self._next_look = self._resting_until = 0.0
        return self.renew_some(limit)

    def _renew(self, due: Sequence[DueCopy]) -> int:
        found = self._prospect(min(each.ends_at for each in due))
        done, failed = 0, list[Unavailable]()
        for each in due:
            try:
                done += self._renew_one(each, found)
            except Unavailable as error:
                failed.append(error)
                _log.warning(
                    "an archive copy is not renewed",
                    extra={"facts": {"extract": str(each.extract_id), "why": error.message}},
                )
            if len(failed) >= MOST_FAILURES:
                break
        if failed and not done:
            self._resting_until = time.monotonic() + REST_S
            raise failed[-1]
        return done

    def _prospect(self, ends_at: datetime) -> Prospect:
        """Find what a time stamp of now is worth; one that ends no later renews nothing."""
        parts = self.archivist
        try:
            found = prospect(parts.trust(), parts.status, parts.stamper)
            end, why = end_of(found.guard)
            if end <= ends_at:
                raise NotArchived(
                    f"Time stamps that are to be had now end on {end:%Y-%m-%d} ({why}), no later than those "
                    "of the copies that are due: another time-stamp service is needed."
                )
        except Unavailable:
            self._resting_until = time.monotonic() + REST_S
            raise
        return found

    def _renew_one(self, due: DueCopy, found: Prospect) -> int:
        copy = self._read(due.extract_id)
        if copy is None:
            return 0
        parts, now = self.archivist, self.archivist.clock.now()
        longer, guard = renew_copy(
            copy, found, trust=parts.trust(), status=parts.status, stamp=parts.stamper.stamp, now=now
        )
        renewal = store.Renewal(due.extract_id, due.revision, longer[len(copy) :], guard, now)
        return int(
            self.database.run(
                lambda uow: store.attach_renewal(uow.connection, renewal), isolation=Isolation.READ_COMMITTED
            )
        )

    def _read(self, extract_id: UUID) -> bytes | None:
        """Read a copy; that is a look at what it says, and logged like any other."""

        def look(uow: UnitOfWork) -> bytes | None:
            row = look_at(uow.connection, extract_id, SIGNER, with_pdf=False)
            return None if row is None else store.find_copy(uow.connection, extract_id)

        return self.database.run(look, isolation=Isolation.REPEATABLE_READ)


def end_of(guard: Guard) -> tuple[datetime, str]:
    """Tell when a guard ends and by what: the certificates, or an algorithm that is relied on no longer."""
    ends = [(guard.ends_at, "certificate"), *_algorithm_ends(guard.algorithms)]
    return min(ends)


def _algorithm_ends(algorithms: Iterable[str]) -> Iterable[tuple[datetime, str]]:
    listed = load_codelist("signature_algorithms")
    for code in algorithms:
        entries = [entry for entry in listed if entry.code == code]
        last = max((entry.valid_to for entry in entries if entry.valid_to is not None), default=None)
        if not entries:
            yield datetime.min.replace(tzinfo=UTC), code
        elif last is not None and all(entry.valid_to is not None for entry in entries):
            yield datetime.combine(last, day_time(), OFFICIAL_ZONE).astimezone(UTC), code


def _guarded(guard_id: int, guard: Guard, copies: int) -> Guarded:
    ends_at, why = end_of(guard)
    days = int(load_codelist("tolerances").latest("archive_renewal_days").number())
    early = timedelta(days=days)
    due_at = ends_at - early if ends_at - datetime.min.replace(tzinfo=UTC) > early else ends_at
    return Guarded(guard_id, guard.subject, copies, ends_at, due_at, why)


def _due(row: store.GuardedCopy, guarded: Guarded) -> DueCopy:
    return DueCopy(
        row.extract_id, row.revision, row.archived_at, guarded.due_at, guarded.ends_at, guarded.ended_by
    )


__all__ = ["DueCopy", "Guarded", "RenewalDesk", "end_of"]
