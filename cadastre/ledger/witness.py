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
        Keys by the origin of their log.
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
        keys = self.logs.get(head.origin)
        if keys is None:
            return _refuse(HTTPStatus.NOT_FOUND, "No log of this origin is known here.")
        try:
            note.signed_by(keys)
        except BadNote:
            return _refuse(HTTPStatus.FORBIDDEN, "No known key of this log signed the checkpoint.")
        if request.old > head.size:
            return _refuse(HTTPStatus.BAD_REQUEST, "The old size is above that of the checkpoint.")
        with self._one_judges:
            return self._judge(body, request, note, head)

    def _judge(self, body: bytes, request: AddCheckpoint, note: SignedNote, head: Checkpoint) -> Answer:
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
        now = self.clock.now()
        line = cosign(note.text, self.signer, now)
        self.memory.keep(Seen(head.origin, head.size, head.root, int(now.timestamp())))
        return Answer(HTTPStatus.OK, f"{line.write()}\n")


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
