"""Checkpoints (C2SP tlog-checkpoint): size and root of the ledger's tree, as the text of a signed note."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass

from cadastre.ledger.note import BadNote, NoteVerifier, SignedNote, decode_hash, parse_note

_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")
MAX_SIZE = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What the log says its tree is.

    Parameters
    ----------
    origin
        Name of the log, the same in all of its checkpoints.
    extensions
        Lines after the root; this log writes none.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def write(self) -> str:
        """Write the text that is signed."""
        lines = (self.origin, str(self.size), base64.b64encode(self.root).decode(), *self.extensions)
        return "".join(f"{line}\n" for line in lines)


def parse_checkpoint(text: str) -> Checkpoint:
    r"""Read the text of a checkpoint.

    Raises
    ------
    BadNote
        It is none.

    Examples
    --------
    >>> parse_checkpoint("kadastr.local/ledger\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n").size
    0
    """
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
        raise BadNote("A checkpoint has three lines: origin, size, root.", code="checkpoint-malformed")
    size, root = parse_number(lines[1]), decode_hash(lines[2])
    if size is None or root is None:
        raise BadNote("Size or root of the checkpoint is not readable.", code="checkpoint-malformed")
    return Checkpoint(lines[0], size, root, tuple(lines[3:-1]))


def open_checkpoint(note: str, origin: str, verifiers: Iterable[NoteVerifier]) -> Checkpoint:
    """Read a signed checkpoint of a log, by one of the keys known for it.

    Raises
    ------
    BadNote
        It is no checkpoint, that of another log, or not signed by a known key.
    """
    return read_checkpoint(parse_note(note), origin, verifiers)


def read_checkpoint(note: SignedNote, origin: str, verifiers: Iterable[NoteVerifier]) -> Checkpoint:
    """Read a checkpoint from a note that is taken apart already.

    Raises
    ------
    BadNote
        As ``open_checkpoint``.
    """
    note.signed_by(verifiers)
    checkpoint = parse_checkpoint(note.text)
    if checkpoint.origin != origin:
        raise BadNote("The checkpoint is that of another ledger.", code="checkpoint-of-another-log")
    return checkpoint


def parse_number(text: str) -> int | None:
    """Read a number as the formats write it: ASCII digits, no leading zero, at most 2**63 - 1.

    Examples
    --------
    >>> parse_number("17"), parse_number("017"), parse_number("-1"), parse_number("9" * 19)
    (17, None, None, None)
    """
    if not _NUMBER.fullmatch(text):
        return None
    number = int(text)
    return number if number <= MAX_SIZE else None


__all__ = ["MAX_SIZE", "Checkpoint", "open_checkpoint", "parse_checkpoint", "parse_number", "read_checkpoint"]
