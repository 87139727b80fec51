"""Find PostgreSQL 15 or newer with PostGIS 3.3 or newer: on the machine, or unpacked beside the project."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

OLDEST_POSTGRES = 15
OLDEST_POSTGIS = (3, 3)
_DEFAULT_VERSION = re.compile(r"default_version\s*=\s*'(\d+)\.(\d+)")


@dataclass(frozen=True, slots=True)
class PostgresBinaries:
    """One installed server: its major version, programs and the environment they need."""

    major: int
    bin_dir: Path
    extra_env: dict[str, str] = field(default_factory=dict)

    def program(self, name: str) -> str:
        """Full path of a server program."""
        return str(self.bin_dir / name)

    def environment(self) -> dict[str, str]:
        """Environment for the server and its tools: neutral locale, no inherited ``PG*`` settings."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
        return {**kept, "LC_ALL": "C.UTF-8", "TZ": "UTC", **self.extra_env}


def find_binaries(
    root: Path, *, major: int | None = None, extra_env: dict[str, str] | None = None
) -> PostgresBinaries | None:
    """Newest suitable server under ``root`` (or the one of ``major``), None when there is none."""
    found = []
    for bin_dir in (root / "usr/lib/postgresql").glob("*/bin"):
        version = bin_dir.parent.name
        if not version.isdigit() or int(version) < OLDEST_POSTGRES:
            continue
        if (bin_dir / "postgres").exists() and _has_postgis(root, version):
            found.append(PostgresBinaries(int(version), bin_dir, extra_env or {}))
    if major is not None and any(one.major == major for one in found):
        found = [one for one in found if one.major == major]
    return max(found, key=lambda one: one.major, default=None)


def _has_postgis(root: Path, version: str) -> bool:
    control = root / "usr/share/postgresql" / version / "extension" / "postgis.control"
    try:
        match = _DEFAULT_VERSION.search(control.read_text())
    except OSError:
        return False
    return match is not None and (int(match[1]), int(match[2])) >= OLDEST_POSTGIS


__all__ = ["OLDEST_POSTGIS", "OLDEST_POSTGRES", "PostgresBinaries", "find_binaries"]
