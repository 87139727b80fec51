"""What a witness remembers, on disk: a journal that only grows, and beside it how far it must reach.

::

    journal      one line per cosigned head: time, size, root, origin; and per handover: its digest
    newest.json  length of the journal, its last head of every log, the handovers that were accepted
    accusations/ requests that a log signed and that do not extend what was cosigned

Either file tells when the other was cut or put back. A witness that has lost
its memory does not start: it would cosign a fork. It is retired, key and all.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cadastre.kernel.errors import InvalidInput, Unavailable
from cadastre.ledger.checkpoint import parse_number
from cadastre.ledger.cosignature import WitnessVerifier
from cadastre.ledger.handover import parse_handovers
from cadastre.ledger.note import Ed25519Signer, decode_hash, require_key_name
from cadastre.ledger.witness import Seen

_JOURNAL, _NEWEST, _ACCUSATIONS, _LOCK = "journal", "newest.json", "accusations", "lock"
_MOST_ACCUSATIONS = 10_000
_FIELDS = 4
_HANDOVER = b"handover "

_log = logging.getLogger("cadastre.witness")


class MemoryLost(Unavailable):
    """What a witness remembered is gone, cut or put back; it must not go on."""

    default_code = "witness-memory-lost"


def open_witness(directory: Path, key_file: Path, name: str) -> tuple[Ed25519Signer, WitnessMemory]:
    """Open the key and the memory of a witness; both are made when neither is there yet.

    Raises
    ------
    MemoryLost
        One is there without the other, or the memory is not what was last written.
    Unavailable
        A file cannot be read, or another process is this witness.
    """
    require_key_name(name)
    try:
        signer = _open_key(directory, key_file, name)
        _write_public(key_file, signer)
        return signer, WitnessMemory(directory)
    except OSError as error:
        raise Unavailable(f"{error.filename or directory} cannot be used: {error.strerror}.") from None
    except (ValueError, TypeError):
        raise InvalidInput(f"{key_file} is no Ed25519 key.", code="bad-key-file") from None


def _open_key(directory: Path, key_file: Path, name: str) -> Ed25519Signer:
    has_memory = (directory / _NEWEST).exists() or (directory / _JOURNAL).exists()
    if not key_file.exists() and not has_memory:
        _found(directory, key_file)
    elif not key_file.exists():
        raise MemoryLost(f"The memory of a witness is in {directory}, but its key {key_file} is not there.")
    elif not has_memory:
        raise MemoryLost(
            f"The key {key_file} has cosigned, but {directory} remembers nothing; it would cosign forks. "
            "Restore the directory, or begin with a new key."
        )
    key = serialization.load_pem_private_key(key_file.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise InvalidInput(f"{key_file} is no Ed25519 key.", code="bad-key-file")
    return Ed25519Signer(name, key)


def _write_public(key_file: Path, signer: Ed25519Signer) -> None:
    """Write the line that auditors need beside the key."""
    line = f"{WitnessVerifier(signer.name, signer.verifier.public_key).line}\n"
    public = key_file.with_suffix(".vkey")
    if not public.exists() or public.read_text() != line:
        public.write_text(line)


class WitnessMemory:
    """The heads that were cosigned; of several processes, one holds it."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._lock = (directory / _LOCK).open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            raise Unavailable(f"Another process is the witness of {directory}.") from None
        try:
            length, self._newest, self._handovers = _read_newest(directory / _NEWEST)
            self._length = _require_journal(directory / _JOURNAL, length, self._newest, self._handovers)
        except MemoryLost:
            self._lock.close()
            raise
        except (OSError, UnicodeDecodeError) as error:
            self._lock.close()
            raise MemoryLost(f"What {directory} remembered cannot be read: {error}.") from None

    def close(self) -> None:
        """Let another process be this witness."""
        self._lock.close()

    def find(self, origin: str) -> Seen | None:
        """Give the newest head cosigned for a log, or None."""
        return self._newest.get(origin)

    def keep(self, seen: Seen) -> None:
        """Write a head down, in the journal first; it returns when the disk has both.

        Raises
        ------
        Unavailable
            It could not be written, so it must not be answered.
        """
        self._keep(_write_line(seen), seen, self._handovers)

    def handovers(self) -> tuple[str, ...]:
        """Give the handovers that were accepted, oldest first."""
        return self._handovers

    def keep_handover(self, note: str, seen: Seen) -> None:
        """Write a handover down, and the head that it named.

        Raises
        ------
        Unavailable
            It could not be written, so it must not be gone by.
        """
        self._keep(_write_handover(note) + _write_line(seen), seen, (*self._handovers, note))

    def _keep(self, lines: bytes, seen: Seen, handovers: tuple[str, ...]) -> None:
        newest = {**self._newest, seen.origin: seen}
        try:
            with (self._directory / _JOURNAL).open("r+b") as journal:
                journal.truncate(self._length)  # of an earlier try that was not answered
                journal.seek(self._length)
                _sync(journal, lines)
            _write_newest(self._directory, self._length + len(lines), newest, handovers)
        except OSError as error:
            raise Unavailable(f"The head cannot be written down: {error.strerror}.") from None
        self._length += len(lines)
        self._newest, self._handovers = newest, handovers

    def accuse(self, request: bytes, why: str) -> None:
        """Keep what a log signed and should not have, each once; it is proof against the log."""
        _log.critical("a log signed what does not extend its past", extra={"facts": {"why": why}})
        folder = self._directory / _ACCUSATIONS
        signed = hashlib.sha256(request.partition(b"\n\n")[2]).hexdigest()[:32]
        try:
            folder.mkdir(exist_ok=True)
            proof = folder / f"{why}-{signed}"
            if not proof.exists() and len(os.listdir(folder)) < _MOST_ACCUSATIONS:
                proof.write_bytes(request)
        except OSError as error:
            _log.error("the proof of it cannot be kept", extra={"facts": {"why": error.strerror}})


def _found(directory: Path, key_file: Path) -> None:
    """Begin: the memory first, the key last, so that a key never stands without a memory."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (directory / _JOURNAL).open("wb") as journal:
        _sync(journal, b"")
    _write_newest(directory, 0, {}, ())
    key = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    key_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        _sync(stream, key)


def _read_newest(path: Path) -> tuple[int, dict[str, Seen], tuple[str, ...]]:
    try:
        content: Any = json.loads(path.read_text(encoding="utf-8"))
        length = content["length"]
        heads = [_parse_line(line.encode()) for line in content["heads"]]
        handovers = tuple(content.get("handovers", ()))
        parse_handovers(handovers)
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError, InvalidInput):
        raise MemoryLost(f"{path} is damaged or gone; restore it, or begin with a new key.") from None
    if not isinstance(length, int) or None in heads:
        raise MemoryLost(f"{path} is damaged; restore it, or begin with a new key.")
    return length, {head.origin: head for head in heads if head is not None}, handovers


def _require_journal(path: Path, length: int, newest: dict[str, Seen], handovers: tuple[str, ...]) -> int:
    """Hold the journal against what it must contain; a head beyond that was written down before a crash.

    A handover beyond that had not been answered: it is told again.
    """
    content = path.read_bytes() if path.exists() else b""
    kept, beyond = content[:length], content[length:]
    lines = kept.splitlines(keepends=True)
    heads = [_parse_line(line) for line in lines if not line.startswith(_HANDOVER)]
    told = [line for line in lines if line.startswith(_HANDOVER)]
    agree = told == [_write_handover(note) for note in handovers]
    agree = agree and {head.origin: head for head in heads if head} == newest
    if len(kept) < length or None in heads or not agree:
        raise MemoryLost(f"{path} was cut, changed or put back; restore it, or begin with a new key.")
    for line in beyond.splitlines(keepends=True):
        seen = _parse_line(line)
        if seen is None:
            break
        length += len(line)
        newest[seen.origin] = seen
    return length


def _write_newest(
    directory: Path, length: int, heads: Mapping[str, Seen], handovers: tuple[str, ...]
) -> None:
    draft = directory / f"{_NEWEST}.draft"
    lines = [_write_line(seen).decode() for _, seen in sorted(heads.items())]
    content = {"length": length, "heads": lines, "handovers": handovers}
    with draft.open("wb") as stream:
        _sync(stream, json.dumps(content, ensure_ascii=False).encode())
    draft.replace(directory / _NEWEST)
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_line(seen: Seen) -> bytes:
    root = base64.b64encode(seen.root).decode()
    return f"{seen.at} {seen.size} {root} {seen.origin}\n".encode()


def _write_handover(note: str) -> bytes:
    return _HANDOVER + f"{hashlib.sha256(note.encode()).hexdigest()}\n".encode()


def _parse_line(line: bytes) -> Seen | None:
    parts = line.decode(errors="replace").removesuffix("\n").split(" ", _FIELDS - 1)
    if len(parts) != _FIELDS or not line.endswith(b"\n"):
        return None
    at, size, root = parse_number(parts[0]), parse_number(parts[1]), decode_hash(parts[2])
    return None if at is None or size is None or root is None else Seen(parts[3], size, root, at)


def _sync(stream: IO[bytes], content: bytes) -> None:
    stream.write(content)
    stream.flush()
    os.fsync(stream.fileno())


__all__ = ["MemoryLost", "WitnessMemory", "open_witness"]
