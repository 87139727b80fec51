"""The archive desk: makes the archive copy (PAdES B-LTA) of each extract, with the proof of the ledger in it.

DocMDP allows no attachment after the seal, so the proof cannot be added to the
copy that was handed out.  The archive copy is printed again from the same
statement with the proof attached, sealed, and closed by revocation evidence
under a time stamp of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from cadastre.db.unit_of_work import Database, Isolation, Role
from cadastre.extract.archive import StatusSource, make_archive_copy
from cadastre.extract.archive_renewal import guard_of_copy
from cadastre.extract.issue import Issuer
from cadastre.extract.time_stamp import TimeStamper
from cadastre.extract.trust import Trust
from cadastre.kernel.clock import Clock
from cadastre.kernel.errors import Unavailable
from cadastre.services.extracts import SIGNER, look_at
from cadastre.store import archive as kept
from cadastre.store import extracts as store

REST_S = 30.0
MOST_FAILURES = 3


@dataclass(frozen=True, slots=True)
class Archivist:
    """What an archive copy is made with."""

    issuer: Issuer
    stamper: TimeStamper
    status: StatusSource
    trust: Callable[[], Trust]
    clock: Clock

    def make(self, canonical: bytes, jws: str, proof: str) -> bytes:
        """Print, seal and close a statement with its proof.

        Raises
        ------
        Unavailable
            A service does not answer, or the copy would not validate for the long term.
        """
        now, signed = self.clock.now(), self.issuer.signed_before(canonical, jws)
        sealed = self.issuer.render_pdf(signed, proof=proof, at=now)
        return make_archive_copy(
            sealed, trust=self.trust(), status=self.status, stamper=self.stamper, now=now
        )


@dataclass
class ArchiveDesk:
    """Makes the archive copies that are wanting; ``proof_of`` gives the proof of an extract as text.

    An extract is left ``settle`` first, for the witnesses of the ledger to sign the head that proves it. One
    that fails rests for a while, so that it holds up no other.
    """

    database: Database
    archivist: Archivist
    proof_of: Callable[[UUID], str]
    settle: timedelta = timedelta(seconds=15)
    _resting: dict[UUID, float] = field(default_factory=dict)
    _all_before: int = 0

    def archive_some(self, limit: int) -> int:
        """Archive the oldest extracts that wait for it; give how many were archived.

        Raises
        ------
        Unavailable
            A service does not answer; what was archived before stays.
        """
        now = time.monotonic()
        self._resting = {each: until for each, until in self._resting.items() if until > now}
        room = limit + len(self._resting)
        before = self.archivist.clock.now() - self.settle
        waiting = self.database.read(
            lambda uow: store.list_unarchived(uow.connection, self._all_before, before, room), role=Role.WRITE
        )
        if waiting:  # nobody signs with an earlier leaf any more: what waits is older than the settling time
            self._all_before = waiting[0][1] - 1
        done, failed = 0, list[Unavailable]()
        for extract_id in [each for each, _ in waiting if each not in self._resting]:
            try:
                self.archive(extract_id)
                done += 1
            except Unavailable as error:
                self._resting[extract_id] = now + REST_S
                failed.append(error)
            if len(failed) >= MOST_FAILURES:
                break
        if failed and not done:
            raise failed[-1]
        return done

    def archive(self, extract_id: UUID) -> None:
        """Make and keep the archive copy of one extract; what somebody else made first stays."""
        proof = self.proof_of(extract_id)
        row = self.database.run(
            lambda uow: look_at(uow.connection, extract_id, SIGNER), isolation=Isolation.REPEATABLE_READ
        )
        if row is None or row.jws is None:
            return
        copy = self.archivist.make(bytes(row.statement), row.jws, proof)
        guard, at = guard_of_copy(copy, self.archivist.trust()), self.archivist.clock.now()
        self.database.run(
            lambda uow: kept.attach_archive(uow.connection, extract_id, copy, guard, at),
            isolation=Isolation.READ_COMMITTED,
        )


__all__ = ["ArchiveDesk", "Archivist"]
