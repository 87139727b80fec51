"""Where the key of a log lies: made, lent, and put in the place of the one before."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from cadastre.kernel.errors import InvalidInput, Unavailable
from cadastre.keys.keepers import Keeper
from cadastre.ledger.durable_files import replace_file, sync_folder
from cadastre.ledger.handover import parse_handovers, split_handovers
from cadastre.ledger.note import Ed25519Signer, Verifier, parse_verifier

NOW: Final = ("checkpoint.key", "checkpoint.label")
"""Where the key that signs lies: in a file, or as its label in a token."""
NEXT: Final = ("next.key", "next.label")
TRUST: Final = "trust"
HANDOVERS: Final = "handovers"
_KEY, _LABEL = NOW


def kept_in(directory: Path) -> str | None:
    """Where the key of a directory is, ``file`` or ``token``; None when it holds none yet."""
    if (directory / _LABEL).exists():
        return "token"
    return "file" if (directory / _KEY).exists() else None


def lies_ready(directory: Path) -> bool:
    """Whether a rotation was begun and not finished."""
    return any((directory / name).exists() for name in NEXT)


def take_over(directory: Path, keeper: Keeper | None) -> None:
    """Put the next key in its place if it was handed over to; one that was not never signed, and goes.

    Nobody else may sign meanwhile.
    """
    for ready, name, other in zip(NEXT, NOW, NOW[::-1], strict=True):
        if not (directory / ready).exists():
            continue
        told = parse_handovers(split_handovers(read_handovers(directory)))
        if told and told[-1].new.public_key == _public_key(directory / ready):
            former = _label_in(directory / _LABEL)
            (directory / ready).replace(directory / name)
            (directory / other).unlink(missing_ok=True)
            sync_folder(directory)
        else:
            former = _label_in(directory / ready)
            (directory / ready).unlink()
        if former is not None and keeper is not None:
            keeper.destroy(former)


def _public_key(path: Path) -> bytes:
    """Give the public key that a file of a key, or of a label, names."""
    if path.suffix == ".label":
        return parse_verifier(path.read_text().splitlines()[1]).public_key
    return _read_key(path).public_key().public_bytes_raw()


def _label_in(path: Path) -> str | None:
    return path.read_text().split("\n")[0] if path.suffix == ".label" and path.exists() else None


def read_handovers(directory: Path) -> str:
    """Give the file of handovers; empty before the first."""
    try:
        return (directory / HANDOVERS).read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def make_key(directory: Path, origin: str, keeper: Keeper | None, names: tuple[str, str] = NOW) -> Verifier:
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
    write_down(directory, verifier)
    replace_file(directory / names[keeper is not None], content)
    return verifier


def write_down(directory: Path, verifier: Verifier) -> None:
    """Keep the line of a key among those whose checkpoints count."""
    path = directory / TRUST / f"{verifier.key_id.hex()}.vkey"
    if not path.exists():
        path.parent.mkdir(mode=0o700, exist_ok=True)
        replace_file(path, f"{verifier.line}\n".encode())


def load_key(
    directory: Path, origin: str, keeper: Keeper | None, names: tuple[str, str] = NOW
) -> Ed25519Signer:
    """Load the key that the directory names.

    Raises
    ------
    Unavailable
        Others may read it, it is none, or the token is not named that keeps it.
    """
    if directory.stat().st_mode & 0o077:
        raise Unavailable(
            f"Others may read the ledger's key; run: chmod -R go-rwx {directory}", code="keys-not-private"
        )
    file, label_file = (directory / name for name in names)
    if label_file.exists():
        if keeper is None:
            raise Unavailable(
                f"The ledger's key of {directory} is kept in a token; name it (CADASTRE_KEYS).",
                code="keys-unreadable",
            )
        label, line = label_file.read_text().splitlines()
        public = Ed25519PublicKey.from_public_bytes(parse_verifier(line).public_key)
        return Ed25519Signer(origin, keeper.ed25519(label, public))
    return Ed25519Signer(origin, _read_key(file))


def _read_key(path: Path) -> Ed25519PrivateKey:
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise Unavailable(f"{path} is no Ed25519 key.", code="keys-damaged")
    return key


@contextmanager
def explained(directory: Path) -> Iterator[None]:
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


__all__ = [
    "HANDOVERS",
    "NEXT",
    "NOW",
    "TRUST",
    "explained",
    "kept_in",
    "lies_ready",
    "load_key",
    "make_key",
    "read_handovers",
    "take_over",
    "write_down",
]
