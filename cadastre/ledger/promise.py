"""Promises of inclusion: the log's key says that leaves will stand in it, and by when.

Handed out where a proof would keep the caller waiting. One signature promises
several leaves; each holder gets it with what his own leaf is made of. The text
cannot pass for a checkpoint: its first line has spaces, and no log is called
so. A promise is kept when a head that was signed by its term covers an entry
of that leaf; an auditor tells (``find_broken``).

::

    kadastr inclusion promise v1
    <name of the log>
    <second by which the leaves will stand in it>
    <base64 of a leaf's salted hash>
    ...
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cadastre.kernel.errors import InvalidInput
from cadastre.ledger.leaf import compute_leaf_hash
from cadastre.ledger.note import (
    BadNote,
    NoteSigner,
    NoteVerifier,
    SignedNote,
    decode_hash,
    parse_note,
    sign_note,
)

HEADER: Final = "kadastr.inclusion-promise@v1"
HEADING: Final = "kadastr inclusion promise v1"
TERM: Final = timedelta(seconds=10)
MOST_LEAVES: Final = 64
_MAX_BYTES: Final = 64_000


class BadPromise(InvalidInput):
    """A text is no promise, is signed by no key of the log, or promises something else."""

    default_code = "promise-malformed"


@dataclass(frozen=True, slots=True)
class Promise:
    """What a holder was given: the leaf of his document, and the note that promises it.

    ``due`` is the second by which a signed head covers the leaf.
    """

    payload: str
    salt: bytes
    origin: str
    due: datetime
    note: SignedNote

    @property
    def leaf_hash(self) -> bytes:
        """Salted hash of the leaf: the first half of its entry in the log."""
        return compute_leaf_hash(self.payload, self.salt)

    def says(self) -> dict[str, Any]:
        """Give what the leaf says."""
        said: dict[str, Any] = json.loads(self.payload)
        return said


def make_promises(
    leaves: Sequence[tuple[str, bytes]], *, origin: str, signer: NoteSigner, now: datetime
) -> list[str]:
    """Promise leaves (payload and salt of each) by one signature; gives the text for each holder."""
    hashes = [base64.b64encode(compute_leaf_hash(*leaf)).decode() for leaf in leaves]
    due = int((now + TERM).timestamp())
    note = sign_note("\n".join([HEADING, origin, str(due), *hashes, ""]), signer).write()
    return [f"{HEADER}\nextra {_opening(*leaf)}\n\n{note}" for leaf in leaves]


def _opening(payload: str, salt: bytes) -> str:
    parts = {"payload": payload, "salt": salt.hex()}
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return base64.b64encode(text.encode()).decode()


def open_promise(text: str, verifiers: Iterable[NoteVerifier]) -> Promise:
    """Read a promise that a key of the log signed.

    Raises
    ------
    BadPromise
        It is none, or none of theirs.
    """
    promise = parse_promise(text)
    try:
        promise.note.signed_by(verifiers)
    except BadNote as error:
        raise BadPromise(f"The promise is not signed by the log: {error.message}") from None
    return promise


def parse_promise(text: str) -> Promise:
    """Take a promise apart and hold its leaf against its note; who signed it is not judged.

    Raises
    ------
    BadPromise
        It is none, or not of this leaf.
    """
    head, separator, signed = text.partition("\n\n")
    header, _, extra = head.partition("\nextra ")
    if len(text) > _MAX_BYTES or not separator or header != HEADER:
        raise BadPromise(f"A promise begins with {HEADER} and ends with a signed note.")
    try:
        note = parse_note(signed)
        parts = json.loads(base64.b64decode(extra, validate=True))
        payload, salt = parts["payload"], bytes.fromhex(parts["salt"])
        heading, origin, due, *hashes = note.text.removesuffix("\n").split("\n")
        at = datetime.fromtimestamp(int(due), UTC)
        promise = Promise(payload, salt, origin, at, note)
        said = promise.says() if isinstance(payload, str) else None
    except (BadNote, ValueError, KeyError, TypeError, OverflowError, OSError, RecursionError):
        raise BadPromise("The promise is not readable.") from None
    promised = [decode_hash(line) for line in hashes[: MOST_LEAVES + 1]]
    if heading != HEADING or len(promised) > MOST_LEAVES or not isinstance(said, dict):
        raise BadPromise("The promise is not readable.")
    if promise.leaf_hash not in promised:
        raise BadPromise("The promise is of other leaves.", code="promise-other")
    return promise


def find_broken(
    promises: Sequence[Promise], entered: Mapping[bytes, int], heads: Sequence[tuple[int, datetime]]
) -> list[tuple[Promise, str]]:
    """Tell which promises are not kept.

    Parameters
    ----------
    entered
        Index of each leaf in the log, by its salted hash.
    heads
        Sizes of signed heads, each with a moment after which it was signed: its witnesses' earliest.

    Returns
    -------
    list of (Promise, str)
        Each with why: ``not-entered``, or ``late`` when a head from after the term does not cover it. A
        promise whose term no head is after is not judged.
    """
    broken = []
    for promise in promises:
        sizes = [size for size, at in heads if at >= promise.due]
        index = entered.get(promise.leaf_hash)
        if sizes and index is None:
            broken.append((promise, "not-entered"))
        elif index is not None and any(size <= index for size in sizes):
            broken.append((promise, "late"))
    return broken


__all__ = [
    "HEADER",
    "TERM",
    "BadPromise",
    "Promise",
    "find_broken",
    "make_promises",
    "open_promise",
    "parse_promise",
]
