"""Brings the heads of the log to its witnesses and keeps their lines; the register never waits for them."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Protocol

from sqlalchemy import Connection

from cadastre.db.unit_of_work import Database, Isolation, Role, UnitOfWork
from cadastre.ledger.checkpoint import parse_number
from cadastre.ledger.cosignature import WitnessVerifier
from cadastre.ledger.handover import Handover, parse_handover
from cadastre.ledger.note import BadNote, SignatureLine, parse_note, parse_signature_line
from cadastre.ledger.witness import AddCheckpoint
from cadastre.services.ledger_tree import TreeReader
from cadastre.store.ledger_tree import StoredCheckpoint, find_newest_checkpoint, insert_cosignature
from cadastre.store.witnesses import find_newest_cosigned, find_witnessed_size

_log = logging.getLogger("cadastre.witnessing")
REST_S = 3.0
"""How long a witness that did not answer is not waited for by those who wait for an extract."""
_TRIES = 4
"""Others ask the same witness at the same time: what it is known to have seen may be old."""


class WitnessCaller(Protocol):
    """Whatever carries a request to a witness."""

    def ask(self, url: str, body: bytes) -> tuple[int, str] | None:
        """Post a request for a line; give status and body of the answer, None when there was none."""

    def hand_over(self, url: str, body: bytes) -> tuple[int, str] | None:
        """Tell of a handover; give the answer as ``ask`` does."""


@dataclass(frozen=True, slots=True)
class WitnessAddress:
    """A witness that is asked, and the key by which its lines count."""

    url: str
    verifier: WitnessVerifier


class Outcome(StrEnum):
    """What came of asking one witness."""

    COSIGNED = "cosigned"
    UP_TO_DATE = "up-to-date"
    SILENT = "silent"
    UNUSABLE = "unusable"
    REFUSED = "refused"
    AHEAD = "ahead"
    BUSY = "busy"


_WARNINGS = {
    Outcome.SILENT: "a witness does not answer",
    Outcome.UNUSABLE: "a witness answers, but not with its line: does it know the log's key?",
}


@dataclass(frozen=True, slots=True)
class WitnessState:
    """How far one witness has cosigned."""

    name: str
    tree_size: int | None
    received_at: datetime | None


@dataclass(frozen=True, slots=True)
class WitnessingState:
    """How far the log is signed, and witnessed by enough."""

    signed_size: int | None
    witnessed_size: int | None
    quorum: int
    witnesses: tuple[WitnessState, ...]

    @property
    def is_witnessed(self) -> bool:
        """Whether the newest head has the lines of enough witnesses."""
        return self.signed_size is None or self.quorum == 0 or self.witnessed_size == self.signed_size


@dataclass(frozen=True, slots=True)
class WitnessDesk:
    """Collects cosignatures.

    Parameters
    ----------
    quorum
        Lines that make a head a witnessed one.
    handovers
        Gives the notes by which keys of the log handed over: told to a witness that does not know the key.
    """

    database: Database
    witnesses: Sequence[WitnessAddress]
    caller: WitnessCaller
    quorum: int = 2
    handovers: Callable[[], Sequence[str]] = tuple
    _told: dict[str, Outcome] = field(default_factory=dict)
    _asking: dict[str, Future[Outcome]] = field(default_factory=dict)
    _silent_since: dict[str, float] = field(default_factory=dict)
    _gate: threading.Lock = field(default_factory=threading.Lock)
    _threads: dict[str, ThreadPoolExecutor] = field(default_factory=dict)

    def collect(self) -> dict[str, Outcome]:
        """Ask every witness, all at once, to cosign the newest head unless its line is there."""
        asked = {witness.verifier.name: self._begin(witness) for witness in self.witnesses}
        return {name: future.result() for name, future in asked.items()}

    def collect_soon(self, patience_s: float) -> bool:
        """Ask as ``collect`` does, and wait no longer than for enough of them; tell whether they answered.

        Who has just not answered is not waited for, so that a dead witness delays nobody.
        """
        until = time.monotonic() + patience_s
        waiting = {
            self._begin(witness)
            for witness in self.witnesses
            if self._silent_since.get(witness.verifier.name, -REST_S) + REST_S <= time.monotonic()
        }
        answered = 0
        while waiting and answered < self.quorum <= answered + len(waiting):
            left = until - time.monotonic()
            done, waiting = wait(waiting, max(0.0, left), return_when=FIRST_COMPLETED)
            answered += sum(future.result() in {Outcome.COSIGNED, Outcome.UP_TO_DATE} for future in done)
            if not done:
                break
        return answered >= self.quorum

    def _begin(self, witness: WitnessAddress) -> Future[Outcome]:
        """Ask a witness in a thread of its own; who is being asked is asked again after that, once."""
        name = witness.verifier.name
        with self._gate:
            asking = self._asking.get(name)
            if asking is None or asking.running() or asking.done():  # else it will meet the newest head
                thread = self._threads.setdefault(name, ThreadPoolExecutor(1, name))
                asking = self._asking[name] = thread.submit(self._ask_and_tell, witness)
            return asking

    def _ask_and_tell(self, witness: WitnessAddress) -> Outcome:
        outcome, name = self._ask(witness), witness.verifier.name
        if outcome is Outcome.SILENT:
            self._silent_since[name] = time.monotonic()
        else:
            self._silent_since.pop(name, None)
        self._tell(name, outcome)
        return outcome

    def look(self) -> WitnessingState:
        """Tell how far the log is witnessed."""
        names = [witness.verifier.name for witness in self.witnesses]

        def read(uow: UnitOfWork) -> WitnessingState:
            newest = find_newest_checkpoint(uow.connection)
            return WitnessingState(
                signed_size=None if newest is None else newest.tree_size,
                witnessed_size=find_witnessed_size(uow.connection, names, self.quorum),
                quorum=self.quorum,
                witnesses=tuple(_state(uow.connection, name) for name in names),
            )

        return self.database.read(read, role=Role.READ)

    def _ask(self, witness: WitnessAddress) -> Outcome:
        known: int | None = None
        introduced = False
        for _ in range(_TRIES):
            prepared = self._prepare(witness.verifier.name, known)
            if prepared is None:
                return Outcome.UP_TO_DATE
            head, body = prepared
            if known is not None and known > head.tree_size:
                return Outcome.AHEAD
            answer = self.caller.ask(witness.url, body)
            if answer is None:
                return Outcome.SILENT
            if answer[0] == HTTPStatus.CONFLICT:
                known = parse_number(answer[1].removesuffix("\n"))
                if known is None:
                    return Outcome.UNUSABLE
            elif answer[0] == HTTPStatus.FORBIDDEN and not introduced:
                introduced = self._introduce(witness)
                if not introduced:
                    return Outcome.UNUSABLE
            else:
                return self._judge(witness, head, answer)
        return Outcome.BUSY

    def _judge(self, witness: WitnessAddress, head: StoredCheckpoint, answer: tuple[int, str]) -> Outcome:
        line = self._read_line(witness.verifier, head, answer)
        if line is None:
            inconsistent = answer[0] == HTTPStatus.UNPROCESSABLE_ENTITY
            return Outcome.REFUSED if inconsistent else Outcome.UNUSABLE
        self.database.run(
            lambda uow: insert_cosignature(
                uow.connection, head.tree_size, witness.verifier.name, line.write()
            ),
            isolation=Isolation.READ_COMMITTED,
        )
        return Outcome.COSIGNED

    def _introduce(self, witness: WitnessAddress) -> bool:
        """Tell a witness who follows the keys that it knows; tell whether it believed anything new or old."""
        believed = False
        for note in self.handovers():
            handover = parse_handover(parse_note(note))
            known = 0
            for _ in range(_TRIES):
                body = self._write_handover(note, handover, known)
                answer = self.caller.hand_over(witness.url, body)
                if answer is None or answer[0] != HTTPStatus.CONFLICT:
                    believed = believed or (answer is not None and answer[0] == HTTPStatus.OK)
                    break
                stands = parse_number(answer[1].removesuffix("\n"))
                if stands is None or stands > handover.head.size:
                    break
                known = stands
        return believed

    def _write_handover(self, note: str, handover: Handover, known: int) -> bytes:
        def read(uow: UnitOfWork) -> tuple[bytes, ...]:
            return tuple(TreeReader(uow.connection, handover.head.size).path_from(known)) if known else ()

        return AddCheckpoint(known, self.database.read(read, role=Role.READ), note).write()

    def _prepare(self, name: str, known: int | None) -> tuple[StoredCheckpoint, bytes] | None:
        """Write what a witness is asked, from the head it is known to have cosigned; None when it has all."""

        def read(uow: UnitOfWork) -> tuple[StoredCheckpoint, bytes] | None:
            head = find_newest_checkpoint(uow.connection)
            cosigned = find_newest_cosigned(uow.connection, name)
            has = 0 if cosigned is None else cosigned.tree_size
            if head is None or has == head.tree_size:
                return None
            old = min(has if known is None else known, head.tree_size)
            path = TreeReader(uow.connection, head.tree_size).path_from(old) if old else []
            return head, AddCheckpoint(old, tuple(path), head.note).write()

        return self.database.read(read, role=Role.READ)

    @staticmethod
    def _read_line(
        witness: WitnessVerifier, head: StoredCheckpoint, answer: tuple[int, str]
    ) -> SignatureLine | None:
        """Read the line by which this witness cosigned this head; nothing else counts."""
        status, body = answer
        text = parse_note(head.note).text
        for written in body.splitlines() if status == HTTPStatus.OK else ():
            try:
                line = parse_signature_line(written)
            except BadNote:
                continue
            ours = (line.name, line.key_id) == (witness.name, witness.key_id)
            if ours and witness.verify(text, line.signature):
                return line
        return None

    def _tell(self, name: str, outcome: Outcome) -> None:
        """Say it once when a witness falls silent, comes back, or says that the log is not what it was."""
        before = self._told.get(name)
        self._told[name] = outcome
        facts = {"facts": {"witness": name}}
        if outcome in {Outcome.REFUSED, Outcome.AHEAD}:
            if before is not outcome:
                _log.critical("a witness refuses the log: it has seen another one", extra=facts)
        elif outcome in _WARNINGS:
            if before is not outcome:
                _log.warning(_WARNINGS[outcome], extra=facts)
        elif before is not None and before not in {Outcome.COSIGNED, Outcome.UP_TO_DATE, Outcome.BUSY}:
            _log.info("a witness cosigns again", extra=facts)


def _state(connection: Connection, name: str) -> WitnessState:
    found = find_newest_cosigned(connection, name)
    if found is None:
        return WitnessState(name, None, None)
    return WitnessState(name, found.tree_size, found.received_at)


__all__ = [
    "Outcome",
    "WitnessAddress",
    "WitnessCaller",
    "WitnessDesk",
    "WitnessState",
    "WitnessingState",
]
