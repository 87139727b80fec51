"""The files that shape the schema: revisions, routines, and the lists copied into the database."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from importlib.resources import files
from pathlib import Path


def migration_sources() -> list[Path]:
    """Every file that shapes the schema or its lists, in the order it is applied."""
    lists = Path(str(files("cadastre"))) / "codelists"
    return [*sorted(_versions().glob("*.sql")), *routine_files(), *sorted(lists.glob("*.toml"))]


def routine_files() -> list[Path]:
    """Files that every migration applies whole."""
    return sorted((Path(str(files("cadastre.db"))) / "routines").glob("*.sql"))


@cache
def newest_revision() -> str:
    """Newest revision that this program ships, by the names of its files."""
    return max(path.name[:4] for path in _versions().glob("*.py") if re.match(r"\d{4}_", path.name))


@cache
def schema_digest() -> str:
    """Digest of everything that a migration applies; the database keeps it as a comment."""
    digest = hashlib.sha256()
    for path in migration_sources():
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _versions() -> Path:
    return Path(str(files("cadastre.db"))) / "migrations" / "versions"


__all__ = ["migration_sources", "newest_revision", "routine_files", "schema_digest"]
