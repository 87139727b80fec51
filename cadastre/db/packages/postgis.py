"""Provide PostgreSQL with PostGIS: found on the machine, installed by root, or unpacked by a user."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from cadastre.db.cluster.binaries import PostgresBinaries, find_binaries
from cadastre.kernel.errors import Unavailable


def require_postgis(*, major: int | None = None) -> PostgresBinaries:
    """Give PostgreSQL 15+ with PostGIS 3.3+ on this machine, installing it when it is missing."""
    found = find_binaries(Path("/"), major=major)
    if found is None and os.geteuid() == 0:
        subprocess.run(
            ["apt-get", "install", "-y", "--no-install-recommends", "postgresql-15-postgis-3"],
            check=False,
            capture_output=True,
        )
        found = find_binaries(Path("/"), major=major)
    if found is None:
        raise Unavailable("there is no PostgreSQL 15 with PostGIS 3.3 on this machine", code="no-postgis")
    return found


__all__ = ["require_postgis"]
