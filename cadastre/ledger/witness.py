"""A witness (C2SP tlog-witness): cosigns a head of a log only when it extends the one it cosigned before.

It knows nothing of the register and reads no database. Forks and rollbacks are
refused because it remembers; what it remembers is on disk before anybody gets
its signature.
"""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Protocol

from cadastre.kernel.clock import Clock
from cadastre.ledger.checkpoint import Checkpoint, parse_checkpoint, parse_number
from cadastre.ledger.cosignature import cosign
from cadastre.ledger.handover import (
    Handover,
    Reign,
    list_reigns,
    parse_handover,
    parse_handovers,
    read_head,
)
from cadastre.ledger.merkle import EMPTY_ROOT, verify_consistency
from cadastre.ledger.note import BadNote, NoteSigner, SignedNote, Verifier, decode_hash, parse_note

MAX_REQUEST_BYTES = 72_000
SIZE_TYPE = "text/x.tlog.size"
_TEXT = "text/plain; charset=utf-8"
_MOST_HASHES = 63


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """What a log asks: that this head is cosigned, which extends the one of ``old`` entries."""

    old: int
    path: tuple[bytes, ...]
    note: str

    def write(self) -> bytes:
        """Write the body of the request."""
        lines = (f"old {self.old}", *(base64.b64encode(part).decode() for part in self.path))
        return ("\n".join(lines) + f"\n\n{self.note}").encode()


def parse_add_checkpoint(body: bytes) -> AddCheckpoint:
    """Read the body of a request.

    Raises
    ------
    BadNote
        It is none.
    """
    try:
        head, separator, note = body.decode().partition("\n\n")
    except UnicodeDecodeError:
        raise BadNote("The request is not UTF-8.") from None
    first, *lines = head.split("\n")
    word, _, number = first.partition(" ")
    old = parse_number(number) if word == "old" else None
    if old is None or not separator or len(lines) > _MOST_HASHES:
        raise BadNote("The request is: old SIZE, at most 63 hashes, an empty line, a checkpoint.")
    path = [decode_hash(line) for line in lines]
    if None in path:
        raise BadNote("A line of the consistency proof is no hash.")
    return AddCheckpoint(old, tuple(part for part in path if part is not None), note)


@dataclass(frozen=True, slots=True)
class Seen:
    """A head that was cosigned: its size and root, and when."""

    origin: str
    size: int
    root: bytes
    at: int


class Memory(Protocol):
    """What a witness remembers; it must not forget."""

    def find(self, origin: str) -> Seen | None:
        """Give the newest head cosigned for a log, or None."""

    def keep(self, seen: Seen) -> None:
        """Remember a head durably; it may not be answered before."""

    def handovers(self) -> Sequence[str]:
        """Give the handovers that were accepted, oldest first."""

    def keep_handover(self, note: str, seen: Seen) -> None:
        """Remember durably that a key handed over, and the head that it named."""

    def accuse(self, request: bytes, why: str) -> None:
        """Keep what a log signed and should not have."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer of a witness: status, body and its type."""

    status: HTTPStatus
    body: str
    content_type: str = _TEXT


@dataclass(frozen=True, slots=True)
class Witness:
    """Judges heads of the logs whose keys it was given; one request at a time.

    Parameters
    ----------
    logs
        Keys by the origin of their log; keys that these hand over to follow by themselves.
    """

    signer: NoteSigner
    logs: Mapping[str, Sequence[Verifier]]
    memory: Memory
    clock: Clock
    _one_judges: threading.Lock = field(default_factory=threading.Lock)

    def add_checkpoint(self, body: bytes) -> Answer:
        """Cosign the head in a request, or say why not."""
        try:
            request = parse_add_checkpoint(body)
            note = parse_note(request.note)
            head = parse_checkpoint(note.text)
        except BadNote as error:
            return _refuse(HTTPStatus.BAD_REQUEST, error.message)
        if head.origin not in self.logs:
            return _refuse(HTTPStatus.NOT_FOUND, "No log of this origin is known here.")
        if request.old > head.size:
            return _refuse(HTTPStatus.BAD_REQUEST, "The old size is above that of the checkpoint.")
        with self._one_judges:
            return self._add_checkpoint(body, request, note, head.origin)

    def add_handover(self, body: bytes) -> Answer:
        """Believe the successor that a known key names in a request, or say why not; told again, it stays.

        The request is that for a checkpoint: the proof leads to the last head of the key that hands over.
        """
        try:
            request = parse_add_checkpoint(body)
            handover = parse_handover(parse_note(request.note))
        except BadNote as error:
            return _refuse(HTTPStatus.BAD_REQUEST, error.message)
        if handover.head.origin not in self.logs:
            return _refuse(HTTPStatus.NOT_FOUND, "No log of this origin is known here.")
        if request.old > handover.head.size:
            return _refuse(HTTPStatus.BAD_REQUEST, "The old size is above that of the handover.")
        with self._one_judges:
            return self._add_handover(body, request, handover)

    def _add_checkpoint(self, body: bytes, request: AddCheckpoint, note: SignedNote, origin: str) -> Answer:
        try:
            head = read_head(note, origin, self._reigns(origin))
        except BadNote as error:
            if error.code == "key-handed-over":
                self.memory.accuse(body, "handed-over")
            return _refuse(HTTPStatus.FORBIDDEN, "No key that counts for this log signed the checkpoint.")
        refusal = self._refuse_head(body, request, head)
        if refusal is not None:
            return refusal
        now = self.clock.now()
        line = cosign(note.text, self.signer, now)
        self.memory.keep(Seen(head.origin, head.size, head.root, int(now.timestamp())))
        return Answer(HTTPStatus.OK, f"{line.write()}\n")

    def _add_handover(self, body: bytes, request: AddCheckpoint, handover: Handover) -> Answer:
        head, kept = handover.head, parse_handovers(self.memory.handovers())
        if handover in kept:
            return Answer(HTTPStatus.OK, "known\n")
        if handover.old not in {reign.key for reign in self._reigns(head.origin)}:
            return _refuse(HTTPStatus.FORBIDDEN, "No known key of this log hands over.")
        try:
            list_reigns(self.logs[head.origin], [*kept, handover])
        except BadNote:
            self.memory.accuse(body, "second-handover")
            return _refuse(HTTPStatus.FORBIDDEN, "This key has handed over to another one.")
        refusal = self._refuse_head(body, request, head)
        if refusal is not None:
            return refusal
        at = int(self.clock.now().timestamp())
        self.memory.keep_handover(request.note, Seen(head.origin, head.size, head.root, at))
        return Answer(HTTPStatus.OK, "believed\n")

    def _reigns(self, origin: str) -> tuple[Reign, ...]:
        return list_reigns(self.logs[origin], parse_handovers(self.memory.handovers()))

    def _refuse_head(self, body: bytes, request: AddCheckpoint, head: Checkpoint) -> Answer | None:
        """Refuse a head that does not extend what was cosigned; None when it does."""
        seen = self.memory.find(head.origin)
        size, root = (0, EMPTY_ROOT) if seen is None else (seen.size, seen.root)
        if seen is not None and head.size == size and head.root != root:
            self.memory.accuse(body, "fork")
            return _known(size)
        if request.old != size:
            return _known(size)
        if not verify_consistency(size, head.size, root, head.root, request.path):
            self.memory.accuse(body, "inconsistent")
            return _refuse(HTTPStatus.UNPROCESSABLE_ENTITY, "The proof does not lead from what was cosigned.")
        return None


def list_logs(keys: Sequence[Verifier]) -> dict[str, tuple[Verifier, ...]]:
    """Order the keys of logs by origin, which is the name of the key."""
    return {key.name: tuple(_of(key.name, keys)) for key in keys}


def _of(name: str, keys: Sequence[Verifier]) -> Iterator[Verifier]:
    return (key for key in keys if key.name == name)


def _known(size: int) -> Answer:
    return Answer(HTTPStatus.CONFLICT, f"{size}\n", SIZE_TYPE)


def _refuse(status: HTTPStatus, why: str) -> Answer:
    return Answer(status, f"{why}\n")


__all__ = [
    "MAX_REQUEST_BYTES",
    "SIZE_TYPE",
    "AddCheckpoint",
    "Answer",
    "Memory",
    "Seen",
    "Witness",
    "list_logs",
    "parse_add_checkpoint",
]
