"""The files of a signing directory: which keys are in use, written whole or not at all, by one at a time."""

from __future__ import annotations

import fcntl
import json
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cadastre.extract.jws import public_jwk, thumbprint
from cadastre.kernel.errors import Unavailable
from cadastre.pki.authority import write_private

MANIFEST, UNFINISHED, LOCK, REQUEST = "keys.json", "unfinished", "lock", "requested.json"


def read_manifest(directory: Path) -> dict[str, Any]:
    """Read which keys are in use.

    Raises
    ------
    Unavailable
        It cannot be read, or is damaged.
    """
    try:
        manifest = json.loads((directory / MANIFEST).read_bytes())
        labels = [
            manifest["kept"],
            manifest["seal"]["label"],
            *(manifest["jws"][n] for n in ("label", "kid")),
        ]
    except OSError as error:
        raise Unavailable(f"The signing keys cannot be read: {error}.", code="keys-unreadable") from None
    except (ValueError, TypeError, KeyError):
        raise Unavailable(f"{directory / MANIFEST} is damaged.", code="keys-damaged") from None
    if not all(isinstance(label, str) and re.fullmatch(r"[\w-]{1,100}", label) for label in labels):
        raise Unavailable(f"{directory / MANIFEST} is damaged.", code="keys-damaged")
    return dict(manifest)


def published_jwk(public: Ed25519PublicKey) -> dict[str, Any]:
    """Write a key of statements as it is published."""
    return {**public_jwk(public), "kid": thumbprint(public), "alg": "EdDSA", "use": "sig"}


def next_label(label: str) -> str:
    """Give the label after one: ``seal-2`` after ``seal-1``."""
    name, _, number = label.rpartition("-")
    return f"{name}-{int(number) + 1}"


def replace_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a JSON file whole or not at all."""
    replace_bytes(path, json.dumps(content, indent=2).encode())


def replace_bytes(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    write_private(draft, content)
    draft.replace(path)


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Let nobody else change the directory until the block ends."""
    with (directory / LOCK).open("a") as stream:
        (directory / LOCK).chmod(0o600)
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def require_private(directory: Path) -> None:
    """Raise when others may read the keys of a directory."""
    if directory.is_dir() and directory.stat().st_mode & 0o077:
        raise Unavailable(
            f"Others may read the signing keys; run: chmod -R go-rwx {directory}", code="keys-not-private"
        )


__all__ = [
    "LOCK",
    "MANIFEST",
    "REQUEST",
    "UNFINISHED",
    "locked",
    "next_label",
    "published_jwk",
    "read_manifest",
    "replace_bytes",
    "replace_json",
    "require_private",
]
