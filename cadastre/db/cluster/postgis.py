"""Provide PostgreSQL with PostGIS: found on the machine, installed by root, or unpacked by a user."""

from __future__ import annotations

from pathlib import Path

from cadastre.db import system_packages
from cadastre.db.cluster.binaries import PostgresBinaries, find_binaries
from cadastre.kernel.errors import Unavailable


def require_postgis(*, major: int | None = None) -> PostgresBinaries:
    """Give PostgreSQL 15+ with PostGIS 3.3+, preferably of ``major``, installing it when it is missing."""
    if system_packages.chosen_way() != "unpack":
        found = find_binaries(Path("/"), major=major)
        if found is not None:
            return found
    provided = system_packages.require("postgis")
    found = find_binaries(provided.root, major=major, extra_env=provided.extra_env)
    if found is None:
        raise Unavailable("PostGIS was installed but is older than 3.3", code="old-postgis")
    return found


__all__ = ["require_postgis"]
