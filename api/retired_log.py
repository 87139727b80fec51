"""Puts keys and memories of a log aside whose register was deleted: it signs nothing any more."""

from __future__ import annotations

from datetime import datetime

from api.settings import ApiSettings
from api.witness_processes import NAMES
from cadastre.kernel.errors import Unavailable


def retire_log(settings: ApiSettings, at: datetime) -> None:
    """Rename the folders of the log's key and of the demonstration's witnesses; others are made when needed.

    Whoever kept the old key goes on to believe what the old log signed, and nothing of the new one.

    Raises
    ------
    Unavailable
        A folder cannot be renamed.
    """
    for folder in (settings.ledger_dir, *(settings.home / name for name in NAMES)):
        if folder.is_dir():
            try:
                folder.rename(folder.with_name(f"{folder.name}.until-{at:%Y%m%dT%H%M%S%f}"))
            except OSError as error:
                raise Unavailable(f"{folder} cannot be put aside: {error.strerror}.") from None


__all__ = ["retire_log"]
