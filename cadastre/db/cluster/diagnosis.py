"""Say in one plain sentence why the embedded database cannot be created or started."""

from __future__ import annotations

import re
import shutil

from cadastre.db.cluster.binaries import PostgresBinaries
from cadastre.db.cluster.layout import ClusterState, Layout
from cadastre.kernel.errors import InvalidInput, Unavailable

LEAST_FREE_BYTES = 120 * 1024 * 1024
FULL_BYTES = 1024 * 1024

_SENTENCES = (
    (
        r"No space left on device",
        "the disk under {base} is full: free some room and start again",
        "disk-full",
    ),
    (
        r"could not bind .*Address already in use|could not create any TCP/IP sockets",
        "port {port} is in use by another program: stop it or set CADASTRE_DATABASE_PORT",
        "port-in-use",
    ),
    (
        r"could not map anonymous shared memory|could not resize shared memory|Cannot allocate memory",
        "there is not enough memory to start the embedded database",
        "no-memory",
    ),
    (
        r"database files are incompatible with server",
        "the data directory {base}/data was made by another PostgreSQL version",
        "wrong-data-version",
    ),
)


def explain(layout: Layout, state: ClusterState, said: str, otherwise: str) -> Unavailable:
    """Turn what PostgreSQL said into one plain sentence."""
    if shutil.disk_usage(layout.base).free < FULL_BYTES:
        said = f"{said}\nNo space left on device"
    for pattern, sentence, code in _SENTENCES:
        if re.search(pattern, said):
            return Unavailable(sentence.format(base=layout.base, port=state.port), code=code)
    last = [line for line in said.splitlines() if re.search(r"FATAL|PANIC|error", line)]
    detail = f": {last[-1].strip()}" if last else ""
    return Unavailable(f"{otherwise}{detail} (log: {layout.log_file})", code="cluster-start")


def require_same_version(layout: Layout, binaries: PostgresBinaries) -> None:
    """Refuse a data directory that another major version wrote."""
    try:
        written_by = (layout.data_dir / "PG_VERSION").read_text().strip()
    except OSError as error:
        raise InvalidInput(
            f"{layout.data_dir} is not a PostgreSQL data directory: move it away and start again",
            code="not-a-data-directory",
        ) from error
    if written_by != str(binaries.major):
        raise InvalidInput(
            f"the data directory {layout.data_dir} was written by PostgreSQL {written_by}, this machine has "
            f"{binaries.major}: install postgresql-{written_by} or upgrade the data with pg_upgrade",
            code="wrong-data-version",
        )


def require_room(layout: Layout) -> None:
    """Refuse to begin on a disk that cannot hold an empty cluster."""
    free = shutil.disk_usage(layout.base).free
    if free < LEAST_FREE_BYTES:
        raise Unavailable(
            f"the disk under {layout.base} is full: {free // 2**20} MB are free, an empty database needs "
            f"{LEAST_FREE_BYTES // 2**20} MB",
            code="disk-full",
        )


__all__ = ["explain", "require_room", "require_same_version"]
