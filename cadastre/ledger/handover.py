"""Handovers: a key of the log names its successor and its own last head; both sign, no other way leads on.

The text of a handover cannot pass for a checkpoint: its first line has spaces,
and no log is called so. A key hands over once. From then on it answers for
heads up to the one it named; whoever steals it later signs nothing that counts.

::

    kadastr key handover v1
    <origin>
    <size of the last head>
    <root of it>
    <line of the old key>
    <line of the new key>
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from cadastre.ledger.checkpoint import Checkpoint, parse_checkpoint, read_checkpoint
from cadastre.ledger.note import (
    BadNote,
    NoteSigner,
    SignedNote,
    Verifier,
    parse_note,
    parse_verifier,
    sign_note,
)

HEADING: Final = "kadastr key handover v1"
MOST_HANDOVERS: Final = 200
_LINES: Final = 6


@dataclass(frozen=True, slots=True)
class Handover:
    """One key in place of another.

    Parameters
    ----------
    head
        The last head that the old key answers for; the new one answers for it and all that extend it.
    """

    head: Checkpoint
    old: Verifier
    new: Verifier

    def write(self) -> str:
        """Write the text that both sign."""
        return f"{HEADING}\n{self.head.write()}{self.old.line}\n{self.new.line}\n"


@dataclass(frozen=True, slots=True)
class Reign:
    """A key, and the sizes of the heads that it answers for.

    Parameters
    ----------
    last
        None while it has not handed over.
    """

    key: Verifier
    first: int = 0
    last: int | None = None

    def covers(self, size: int) -> bool:
        """Tell whether it answers for a head of this size."""
        return self.first <= size and (self.last is None or size <= self.last)


def sign_handover(head: Checkpoint, old: NoteSigner, new: NoteSigner) -> SignedNote:
    """Let both keys sign that the one follows the other."""
    text = Handover(head, old.verifier, new.verifier).write()
    return SignedNote(text, (*sign_note(text, old).signatures, *sign_note(text, new).signatures))


def parse_handover(note: SignedNote) -> Handover:
    """Read a handover that both of its keys signed; whether the old one was to be believed is not judged.

    Raises
    ------
    BadNote
        It is none, or a signature is missing or wrong.
    """
    heading, *lines = note.text.split("\n")
    if heading != HEADING or len(lines) != _LINES or lines[-1]:
        raise BadNote("This is no handover of a ledger's key.", code="handover-malformed")
    head = parse_checkpoint("\n".join([*lines[:3], ""]))
    handover = Handover(head, parse_verifier(lines[3]), parse_verifier(lines[4]))
    keys = (handover.old, handover.new)
    if handover.old == handover.new or any(key.name != head.origin for key in keys):
        raise BadNote("A handover names two keys of one ledger.", code="handover-malformed")
    for key in keys:
        note.signed_by([key])
    return handover


def write_handovers(notes: Iterable[str]) -> str:
    """Write handovers as a file, oldest first, an empty line between them."""
    return "\n".join(notes)


def split_handovers(text: str) -> tuple[str, ...]:
    """Take a file of handovers apart.

    Raises
    ------
    BadNote
        It is none.
    """
    if not text:
        return ()
    parts = text.removesuffix("\n").split("\n\n")
    if len(parts) % 2 or len(parts) > 2 * MOST_HANDOVERS or not text.endswith("\n"):
        raise BadNote("This is no file of handovers.", code="handover-malformed")
    return tuple(f"{body}\n\n{lines}\n" for body, lines in zip(parts[::2], parts[1::2], strict=True))


def parse_handovers(notes: Iterable[str]) -> tuple[Handover, ...]:
    """Read handovers, each signed by both of its keys.

    Raises
    ------
    BadNote
        One is not.
    """
    return tuple(parse_handover(parse_note(note)) for note in notes)


def list_reigns(pinned: Iterable[Verifier], handovers: Sequence[Handover]) -> tuple[Reign, ...]:
    """Give which keys count for which heads: those known beforehand, and whom they handed over to.

    Parameters
    ----------
    handovers
        Oldest first; of keys that nobody knows are passed over.

    Raises
    ------
    BadNote
        A key handed over twice, to a key that counted before, or from an earlier head than its own first.
    """
    reigns = {key: Reign(key) for key in pinned}
    ended = set[Verifier]()
    for one in handovers:
        old = reigns.get(one.old)
        if old is None:
            continue
        new = reigns.get(one.new, Reign(one.new))
        if old.last is not None or one.new in ended or new.first or one.head.size < old.first:
            raise BadNote("A key of the ledger went against its own handover.", code="handover-contradicts")
        reigns[one.old] = replace(old, last=one.head.size)
        reigns[one.new] = replace(new, first=one.head.size)
        ended.add(one.old)
    return tuple(reigns.values())


def read_head(note: SignedNote, origin: str, reigns: Iterable[Reign]) -> Checkpoint:
    """Read a checkpoint of a log by a key that answers for it.

    Raises
    ------
    BadNote
        It is no checkpoint, that of another log, or signed by no known key, or by one that had handed over.
    """
    known = list(reigns)
    head = read_checkpoint(note, origin, [reign.key for reign in known])
    named = {(line.name, line.key_id) for line in note.signatures}
    if not any(reign.covers(head.size) and (reign.key.name, reign.key.key_id) in named for reign in known):
        raise BadNote("The key that signed this checkpoint had handed over.", code="key-handed-over")
    return head


def open_head(note: str, origin: str, reigns: Iterable[Reign]) -> Checkpoint:
    """Read a checkpoint from its text.

    Raises
    ------
    BadNote
        As ``read_head``.
    """
    return read_head(parse_note(note), origin, reigns)


__all__ = [
    "HEADING",
    "MOST_HANDOVERS",
    "Handover",
    "Reign",
    "list_reigns",
    "open_head",
    "parse_handover",
    "parse_handovers",
    "read_head",
    "sign_handover",
    "split_handovers",
    "write_handovers",
]
