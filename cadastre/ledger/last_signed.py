"""The memory of the newest checkpoint, beside the key that signed it."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cadastre.kernel.errors import Unavailable
from cadastre.ledger.durable_files import sync_folder, write_private

_LAST = "last-checkpoint"


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
            write_private(draft, note.encode())
            draft.replace(self._path)
            sync_folder(self._path.parent)
        except OSError as error:
            raise Unavailable(
                f"{self._path} cannot be written, so no checkpoint is signed: {error.strerror}.",
                code="keys-unwritable",
            ) from None


__all__ = ["LastSigned"]
