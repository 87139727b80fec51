"""Synthetic rows of a rights file, and what a database holds after a load."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from cadastre.store.ledger import append_leaf
from ingest.report import LoadReport
from ingest.rights_file import OPTIONAL, REQUIRED
from ingest.services import TableOptions, load_rights
from tests.database import Database

COLUMNS = (*REQUIRED, *OPTIONAL)
NOW = datetime(2026, 3, 3, 8, 0, tzinfo=UTC)


def right(parcel: str, name: str, share: tuple[int, int] | None = (1, 1), **other: str) -> dict[str, str]:
    """Row of an ownership; ``share=None`` is joint."""
    row = {
        "cadastral_number": parcel,
        "object_kind": "land_parcel",
        "party_kind": "natural",
        "party_name": name,
        "right_kind": "ownership",
        "share_numerator": "" if share is None else str(share[0]),
        "share_denominator": "" if share is None else str(share[1]),
        "joint": "true" if share is None else "false",
        "registration_number": "2325000001",
        "registration_date": "2025-01-31",
    }
    return row | other


def restriction(parcel: str, kind: str, **other: str) -> dict[str, str]:
    """Row of a restriction without a right."""
    row = {
        "cadastral_number": parcel,
        "object_kind": "land_parcel",
        "registration_number": "2325000002",
        "registration_date": "2025-02-28",
        "restriction_kind": kind,
    }
    return row | other


def write_csv(path: Path, rows: Iterable[Mapping[str, str]]) -> Path:
    """Write rows as CSV with every known column."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def load(database: Database, path: Path, sheet: str | None = None) -> LoadReport:
    """Load a file as the command does."""
    return load_rights(TableOptions(path=path, sheet=sheet), database.admin_url, now=lambda: NOW)


def query(database: Database, statement: str) -> list[tuple[Any, ...]]:
    """Ask as the owner, in a transaction that may read parties and is undone."""
    engine = create_engine(database.admin_url, poolclass=NullPool)
    with engine.connect() as connection:
        append_leaf(connection, kind="access.test", actor="test", payload={})
        found = [tuple(row) for row in connection.execute(text(statement))]
        connection.rollback()
    engine.dispose()
    return found


def add_parcels(database: Database, *numbers: str, district: str = "BAK-XEZ") -> None:
    """Register parcels without geometry (the rights file knows only their numbers)."""
    engine = create_engine(database.admin_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO cadastre.parcel (cadastral_number, district_code) VALUES (:number, :district)"),
            [{"number": number, "district": district} for number in numbers],
        )
    engine.dispose()
