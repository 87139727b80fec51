"""The log's own signing key and the memory of what it signed last, in a private directory.

::

    checkpoint.key      Ed25519, PEM, made at the first use (mode 0600)
    trust/*.vkey        one line each: keys whose checkpoints count; may be handed out
    last-checkpoint     the newest checkpoint that was signed here, whatever a database says

A key that is retired leaves ``checkpoint.key``; its line stays in ``trust``.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cadastre.kernel.errors import InvalidInput, Unavailable
from cadastre.ledger.note import Ed25519Signer, NoteSigner, Verifier, parse_verifier, require_key_name

_KEY, _TRUST, _LAST = "checkpoint.key", "trust", "last-checkpoint"


@dataclass(frozen=True, slots=True)
class LogKeys:
    """The key that signs checkpoints, and all keys whose checkpoints count, the signing one first."""

    signer: NoteSigner
    verifiers: tuple[Verifier, ...]


def load_or_create_log_keys(directory: Path, origin: str, signer: NoteSigner | None = None) -> LogKeys:
    """Load the key of a log, named after its origin; make it first when the directory does not exist.

    Parameters
    ----------
    signer
        A key kept elsewhere (PKCS#11), which signs instead; its line is written down beside the others.

    Raises
    ------
    Unavailable
        The directory cannot be used; the message names the file.
    """
    try:
        if not directory.exists():
            _create(directory, require_key_name(origin))
        chosen = signer or Ed25519Signer(origin, _load_key(directory))
        _write_down(directory, chosen.verifier)
        trusted = [parse_verifier(path.read_text()) for path in sorted((directory / _TRUST).glob("*.vkey"))]
    except OSError as error:
        raise Unavailable(
            f"The ledger's key in {directory} cannot be read or made: {error.strerror}.",
            code="keys-unreadable",
        ) from None
    except (ValueError, TypeError, InvalidInput):
        raise Unavailable(f"The ledger's keys in {directory} are damaged.", code="keys-damaged") from None
    others = [verifier for verifier in trusted if verifier != chosen.verifier]
    return LogKeys(chosen, (chosen.verifier, *others))


class LastSigned:
    """Remembers the newest checkpoint signed from this directory, also when a database is put back."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / _LAST

    @contextmanager
    def held(self) -> Iterator[LastSigned]:
        """Let no other process of this machine sign until the block ends."""
        with self._path.with_suffix(".lock").open("w") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            yield self

    def read(self) -> str | None:
        """Give the note that was signed last, or None."""
        try:
            return self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError):
            raise Unavailable(
                f"{self._path} cannot be read, so no checkpoint is signed.", code="keys-unreadable"
            ) from None

    def keep(self, note: str) -> None:
        """Remember a note, durably, before anybody sees it.

        Raises
        ------
        Unavailable
            It cannot be written down, so it must not be handed out.
        """
        draft = self._path.with_suffix(".draft")
        try:
            _write(draft, note.encode())
            draft.replace(self._path)
        except OSError as error:
            raise Unavailable(
                f"{self._path} cannot be written, so no checkpoint is signed: {error.strerror}.",
                code="keys-unwritable",
            ) from None


def _create(directory: Path, origin: str) -> None:
    """Make the directory aside; of several processes, the first rename wins."""
    aside = directory.with_name(f".{directory.name}.{secrets.token_hex(6)}")
    key = Ed25519PrivateKey.generate()
    directory.parent.mkdir(parents=True, exist_ok=True)
    try:
        aside.mkdir(mode=0o700)
        _write(
            aside / _KEY,
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            ),
        )
        _write_down(aside, Ed25519Signer(origin, key).verifier)
        try:
            aside.rename(directory)
        except OSError:
            if not directory.is_dir():
                raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _write_down(directory: Path, verifier: Verifier) -> None:
    path = directory / _TRUST / f"{verifier.key_id.hex()}.vkey"
    if not path.exists():
        path.parent.mkdir(mode=0o700, exist_ok=True)
        draft = path.with_suffix(f".{secrets.token_hex(6)}")
        _write(draft, f"{verifier.line}\n".encode())
        draft.replace(path)


def _load_key(directory: Path) -> Ed25519PrivateKey:
    if directory.stat().st_mode & 0o077:
        raise Unavailable(
            f"Others may read the ledger's key; run: chmod -R go-rwx {directory}", code="keys-not-private"
        )
    key = serialization.load_pem_private_key((directory / _KEY).read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise Unavailable(f"{directory / _KEY} is no Ed25519 key.", code="keys-damaged")
    return key


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


__all__ = ["LastSigned", "LogKeys", "load_or_create_log_keys"]
