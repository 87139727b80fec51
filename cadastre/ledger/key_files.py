"""The log's own signing key and the memory of what it signed last, in a private directory.

::

    checkpoint.key      Ed25519, PEM, made at the first use (mode 0600), or
    checkpoint.label    where the key is kept in a token: its label there, and its public line
    trust/*.vkey        one line each: keys whose checkpoints count; may be handed out
    handovers           by which of its heads each key gave way to the next, signed by both; to be published
    last-checkpoint     the newest checkpoint that was signed here, whatever a database says

A key that is retired signs who follows it and is destroyed; its line stays in ``trust``. The next key lies
ready beside it (``next.key`` or ``next.label``) before it signs, and takes its place after: a rotation that
breaks off is finished by whoever comes next.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable
from pathlib import Path

from cadastre.keys.keepers import Keeper
from cadastre.ledger.checkpoint import Checkpoint, parse_checkpoint
from cadastre.ledger.durable_files import replace_file
from cadastre.ledger.handover import (
    Handover,
    Reign,
    list_reigns,
    parse_handovers,
    sign_handover,
    split_handovers,
    write_handovers,
)
from cadastre.ledger.key_places import (
    HANDOVERS,
    NEXT,
    NOW,
    TRUST,
    explained,
    kept_in,
    lies_ready,
    load_key,
    make_key,
    read_handovers,
    take_over,
    write_down,
)
from cadastre.ledger.last_signed import LastSigned
from cadastre.ledger.merkle import EMPTY_ROOT
from cadastre.ledger.note import NoteSigner, Verifier, parse_note, parse_verifier, require_key_name


class LogKeys:
    """The key that signs checkpoints now, and all whose checkpoints count; a rotation is taken up at once.

    Parameters
    ----------
    load
        Gives the signer that the directory names; called again when the directory names another.
    """

    def __init__(self, directory: Path, load: Callable[[], NoteSigner]) -> None:
        self._directory = directory
        self._trust = directory / TRUST
        self._load = load
        self._named = self._marks()
        self._signer = load()
        self._mark = -1
        self._verifiers: tuple[Verifier, ...] = ()
        self._told: tuple[str, tuple[Handover, ...]] = ("", ())

    @property
    def signer(self) -> NoteSigner:
        """The key in use now.

        Raises
        ------
        Unavailable
            It was rotated, and the new one cannot be read.
        """
        with explained(self._directory):
            named = self._marks()
            if named != self._named:  # what is rotated while this loads is seen at the next call
                self._signer, self._named, self._mark = self._load(), named, -1
        return self._signer

    @property
    def verifiers(self) -> tuple[Verifier, ...]:
        """All keys whose checkpoints count, the signing one first; read anew when one was added.

        Raises
        ------
        Unavailable
            A line cannot be read.
        """
        own = self.signer.verifier
        with explained(self._trust):
            mark = self._trust.stat().st_mtime_ns
            if mark != self._mark:
                lines = [path.read_text() for path in sorted(self._trust.glob("*.vkey"))]
                trusted = [parse_verifier(line) for line in lines]
                self._verifiers = (own, *(verifier for verifier in trusted if verifier != own))
                self._mark = mark
        return self._verifiers

    @property
    def handovers(self) -> tuple[str, ...]:
        """By which notes keys gave way to their successors, oldest first.

        Raises
        ------
        Unavailable
            They cannot be read.
        """
        return split_handovers(self._read_handovers()[0])

    @property
    def reigns(self) -> tuple[Reign, ...]:
        """Which keys count for which heads."""
        verifiers, told = self.verifiers, self._read_handovers()[1]
        with explained(self._directory):
            return list_reigns(verifiers, told)

    @property
    def first(self) -> tuple[Verifier, ...]:
        """Keys that nobody handed over to: whoever knows them needs no other but what is handed over."""
        successors = {handover.new for handover in self._read_handovers()[1]}
        return tuple(key for key in self.verifiers if key not in successors)

    def _read_handovers(self) -> tuple[str, tuple[Handover, ...]]:
        with explained(self._directory):
            text = read_handovers(self._directory)
            if text != self._told[0]:
                self._told = text, parse_handovers(split_handovers(text))
        return self._told

    def _marks(self) -> tuple[tuple[int, int], ...]:
        """Which file names the key, and when it was written: a rotation replaces it whole."""
        places = [self._directory / name for name in NOW if (self._directory / name).exists()]
        return tuple((found.st_ino, found.st_mtime_ns) for found in (place.stat() for place in places))


def load_or_create_log_keys(directory: Path, origin: str, keeper: Keeper | None = None) -> LogKeys:
    """Load the key of a log, named after its origin; make it first when the directory does not exist.

    Parameters
    ----------
    keeper
        The token that keeps the key; without one it lies in the directory.

    Raises
    ------
    Unavailable
        The directory cannot be used; the message names the file.
    """
    with explained(directory):
        if not directory.exists():
            _create(directory, require_key_name(origin), keeper)
        if lies_ready(directory):
            with LastSigned(directory).held():
                take_over(directory, keeper)
        keys = LogKeys(directory, lambda: load_key(directory, origin, keeper))
        write_down(directory, keys.signer.verifier)
    return keys


def rotate_log_key(directory: Path, origin: str, keeper: Keeper | None = None) -> Verifier:
    """Sign with a new key from now on, which the old one names; that is destroyed, its heads count for ever.

    Processes that run take the new key up at their next checkpoint.

    Raises
    ------
    Unavailable
        The directory cannot be used, or the old key cannot sign: then nobody can follow it.
    """
    last = LastSigned(directory)
    with last.held(), explained(directory):
        take_over(directory, keeper)
        old = load_key(directory, origin, keeper)
        note = last.read()
        head = Checkpoint(origin, 0, EMPTY_ROOT) if note is None else parse_checkpoint(parse_note(note).text)
        verifier = make_key(directory, origin, keeper, NEXT)
        new = load_key(directory, origin, keeper, NEXT)
        signed = sign_handover(Checkpoint(origin, head.size, head.root), old, new).write()
        told = split_handovers(read_handovers(directory))
        replace_file(directory / HANDOVERS, write_handovers([*told, signed]).encode())
        take_over(directory, keeper)
    return verifier


def _create(directory: Path, origin: str, keeper: Keeper | None) -> None:
    """Make the directory aside; of several processes, the first rename wins."""
    aside = directory.with_name(f".{directory.name}.{secrets.token_hex(6)}")
    directory.parent.mkdir(parents=True, exist_ok=True)
    try:
        aside.mkdir(mode=0o700)
        make_key(aside, origin, keeper)
        try:
            aside.rename(directory)
        except OSError:
            if not directory.is_dir():
                raise
            if keeper is not None:
                keeper.destroy((aside / NOW[1]).read_text().split("\n")[0])
    finally:
        shutil.rmtree(aside, ignore_errors=True)


__all__ = ["LastSigned", "LogKeys", "kept_in", "load_or_create_log_keys", "rotate_log_key"]
