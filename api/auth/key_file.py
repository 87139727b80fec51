"""The provider's signing key: one file that only the service can read, made once and never half."""

from __future__ import annotations

import json
import os
import stat
import tempfile
from pathlib import Path

from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from cadastre.kernel.errors import InvalidInput

FILE_NAME = "identity-ed25519.json"


def read_or_create_key(folder: Path) -> OKPKey:
    """Give the Ed25519 key of ``folder``, made at the first call; concurrent first calls agree on one.

    Raises
    ------
    InvalidInput
        The file is readable by others than its owner, or is no such key.
    """
    path = folder / FILE_NAME
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _create(path)
    return _read(path)


def _create(path: Path) -> None:
    """Write a whole file beside ``path`` and link it into place; whoever comes second keeps the first."""
    content = json.dumps(OKPKey.generate_key("Ed25519").as_dict(private=True))
    handle, name = tempfile.mkstemp(prefix=".identity-", dir=path.parent)  # created with mode 0600
    draft = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        draft.unlink()


def _read(path: Path) -> OKPKey:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise InvalidInput(
            f"{path} can be read by others (mode {mode:04o}): run chmod 600 on it, and renew the key "
            "if anybody may have copied it.",
            code="key-file-open",
        )
    try:
        key = OKPKey.import_key(json.loads(path.read_text(encoding="utf-8")))
    except (JoseError, ValueError, TypeError, AttributeError):
        raise _unusable(path) from None
    if key.curve_name != "Ed25519" or not key.is_private:
        raise _unusable(path)
    return key


def _unusable(path: Path) -> InvalidInput:
    return InvalidInput(
        f"{path} holds no private Ed25519 key; move it away and a new one is made.", code="key-file-unusable"
    )


__all__ = ["FILE_NAME", "read_or_create_key"]
