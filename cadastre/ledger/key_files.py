"""The log's own signing key and the memory of what it signed last, in a private directory.

::

    checkpoint.key      Ed25519, PEM, made at the first use (mode 0600), or
    checkpoint.label    where the key is kept in a token: its label there, and its public line
    trust/*.vkey        one line each: keys whose checkpoints count; may be handed out
    last-checkpoint     the newest checkpoint that was signed here, whatever a database says

A key that is retired is destroyed; its line stays in ``trust``.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from cadastre.kernel.errors import InvalidInput, Unavailable
from cadastre.keys.keepers import Keeper
from cadastre.ledger.note import Ed25519Signer, NoteSigner, Verifier, parse_verifier, require_key_name

_KEY, _LABEL, _TRUST, _LAST = "checkpoint.key", "checkpoint.label", "trust", "last-checkpoint"


class LogKeys:
    """The key that signs checkpoints now, and all whose checkpoints count; a rotation is taken up at once.

    Parameters
    ----------
    load
        Gives the signer that the directory names; called again when the directory names another.
    """

    def __init__(self, directory: Path, load: Callable[[], NoteSigner]) -> None:
        self._directory = directory
        self._trust = directory / _TRUST
        self._load = load
        self._named = self._marks()
        self._signer = load()
        self._mark = -1
        self._verifiers: tuple[Verifier, ...] = ()

    @property
    def signer(self) -> NoteSigner:
        """The key in use now.

        Raises
        ------
        Unavailable
            It was rotated, and the new one cannot be read.
        """
        with _explained(self._directory):
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
        with _explained(self._trust):
            mark = self._trust.stat().st_mtime_ns
            if mark != self._mark:
                lines = [path.read_text() for path in sorted(self._trust.glob("*.vkey"))]
                trusted = [parse_verifier(line) for line in lines]
                self._verifiers = (own, *(verifier for verifier in trusted if verifier != own))
                self._mark = mark
        return self._verifiers

    def _marks(self) -> tuple[tuple[int, int], ...]:
        """Which file names the key, and when it was written: a rotation replaces it whole."""
        places = [self._directory / name for name in (_KEY, _LABEL) if (self._directory / name).exists()]
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
    with _explained(directory):
        if not directory.exists():
            _create(directory, require_key_name(origin), keeper)
        keys = LogKeys(directory, lambda: _load(directory, origin, keeper))
        _write_down(directory, keys.signer.verifier)
    return keys


def rotate_log_key(directory: Path, origin: str, keeper: Keeper | None = None) -> Verifier:
    """Sign with a new key from now on; the old one is destroyed, its checkpoints count for ever.

    Processes that run take the new key up at their next checkpoint.

    Raises
    ------
    Unavailable
        The directory cannot be used.
    """
    with _explained(directory):
        old = (directory / _LABEL).read_text().split("\n")[0] if kept_in(directory) == "token" else None
        verifier = _make(directory, origin, keeper)
        if old is None and keeper is not None:
            (directory / _KEY).unlink()
    if old is not None and keeper is not None:
        keeper.destroy(old)
    return verifier


def kept_in(directory: Path) -> str | None:
    """Where the key of a directory is, ``file`` or ``token``; None when it holds none yet."""
    if (directory / _LABEL).exists():
        return "token"
    return "file" if (directory / _KEY).exists() else None


class LastSigned:
    """Remembers the newest checkpoint signed from this directory, also when a database is put back."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / _LAST

    @contextmanager
    def held(self) -> Iterator[LastSigned]:
        """Let no other process of this machine sign until the block ends."""
        try:
            stream = self._path.with_suffix(".lock").open("w")
        except OSError as error:
            raise Unavailable(
                f"{self._path} cannot be written, so no checkpoint is signed: {error.strerror}.",
                code="keys-unwritable",
            ) from None
        with stream:
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


def _create(directory: Path, origin: str, keeper: Keeper | None) -> None:
    """Make the directory aside; of several processes, the first rename wins."""
    aside = directory.with_name(f".{directory.name}.{secrets.token_hex(6)}")
    directory.parent.mkdir(parents=True, exist_ok=True)
    try:
        aside.mkdir(mode=0o700)
        _make(aside, origin, keeper)
        try:
            aside.rename(directory)
        except OSError:
            if not directory.is_dir():
                raise
            if keeper is not None:
                keeper.destroy((aside / _LABEL).read_text().split("\n")[0])
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _make(directory: Path, origin: str, keeper: Keeper | None) -> Verifier:
    """Make a key and let the directory name it; its line is trusted before it can sign."""
    if keeper is None:
        key = Ed25519PrivateKey.generate()
        verifier = Ed25519Signer(origin, key).verifier
        content = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    else:
        label = f"checkpoint-{secrets.token_hex(4)}"
        verifier = Verifier(origin, keeper.make_ed25519(label).public_bytes_raw())
        content = f"{label}\n{verifier.line}\n".encode()
    _write_down(directory, verifier)
    path = directory / (_KEY if keeper is None else _LABEL)
    draft = path.with_suffix(f".{secrets.token_hex(6)}")
    _write(draft, content)
    draft.replace(path)
    return verifier


def _write_down(directory: Path, verifier: Verifier) -> None:
    path = directory / _TRUST / f"{verifier.key_id.hex()}.vkey"
    if not path.exists():
        path.parent.mkdir(mode=0o700, exist_ok=True)
        draft = path.with_suffix(f".{secrets.token_hex(6)}")
        _write(draft, f"{verifier.line}\n".encode())
        draft.replace(path)


def _load(directory: Path, origin: str, keeper: Keeper | None) -> Ed25519Signer:
    if directory.stat().st_mode & 0o077:
        raise Unavailable(
            f"Others may read the ledger's key; run: chmod -R go-rwx {directory}", code="keys-not-private"
        )
    if kept_in(directory) == "token":
        if keeper is None:
            raise Unavailable(
                f"The ledger's key of {directory} is kept in a token; name it (CADASTRE_KEYS).",
                code="keys-unreadable",
            )
        label, line = (directory / _LABEL).read_text().splitlines()
        public = Ed25519PublicKey.from_public_bytes(parse_verifier(line).public_key)
        return Ed25519Signer(origin, keeper.ed25519(label, public))
    key = serialization.load_pem_private_key((directory / _KEY).read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise Unavailable(f"{directory / _KEY} is no Ed25519 key.", code="keys-damaged")
    return Ed25519Signer(origin, key)


@contextmanager
def _explained(directory: Path) -> Iterator[None]:
    """Say in a sentence what is wrong with the directory."""
    try:
        yield
    except OSError as error:
        raise Unavailable(
            f"The ledger's key in {directory} cannot be read or made: {error.strerror}.",
            code="keys-unreadable",
        ) from None
    except (ValueError, TypeError, InvalidInput):
        raise Unavailable(f"The ledger's keys in {directory} are damaged.", code="keys-damaged") from None


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


__all__ = ["LastSigned", "LogKeys", "kept_in", "load_or_create_log_keys", "rotate_log_key"]
