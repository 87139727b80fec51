"""The working folder of a load: taken away at its end, and after a crash by the next load."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ingest.arrow_files import spill_failed

_PREFIX: Final = "cadastre-load-"
_LOCK: Final = "in-use"


@contextmanager
def open_spill(parent: Path | None = None) -> Iterator[Path]:
    """Make a working folder under ``parent`` (``CADASTRE_SPILL_DIR``, else the system's)."""
    root = parent or Path(os.environ.get("CADASTRE_SPILL_DIR") or tempfile.gettempdir())
    try:
        root.mkdir(parents=True, exist_ok=True)
        _sweep(root)
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=root))
        lock = (folder / _LOCK).open("wb")
    except OSError as error:
        raise spill_failed(root / "x", error) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder
    finally:
        lock.close()
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(root: Path) -> None:
    """Remove what killed loads left behind: folders whose lock nobody holds."""
    for folder in root.glob(f"{_PREFIX}*"):
        try:
            with (folder / _LOCK).open("rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:  # in use, just being made, or somebody else's
            continue


__all__ = ["open_spill"]
