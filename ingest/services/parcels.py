"""Loading parcels: the processes that check them start first, and import while this one does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from ingest.pool import WorkerPool
from ingest.report import LoadReport
from ingest.services.options import LoadOptions, Progress

_SMALL_FILE: Final = 6 << 20


def load_parcels(
    options: LoadOptions,
    admin_url: str,
    *,
    now: Callable[[], datetime],
    progress: Progress | None = None,
) -> LoadReport:
    """Load a parcel file into a district of the register, in one transaction.

    Raises
    ------
    UnreadableInput, InvalidInput
        The file, or an option, is unusable; nothing was read into the register.
    Unavailable
        The database, the disk or a worker was lost; nothing was changed.
    """
    with WorkerPool(_count_workers(options)) as pool:
        from ingest.bulk_load import load_with

        return load_with(pool, options, admin_url, now, progress)


def _count_workers(options: LoadOptions) -> int:
    """Use one process, this one, for what others would not have begun before it is done."""
    try:
        small = options.path.stat().st_size <= _SMALL_FILE
    except OSError:
        small = True
    return 1 if small else max(1, options.workers)


__all__ = ["load_parcels"]
