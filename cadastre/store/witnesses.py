"""Reads how far witnesses have cosigned the log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from cadastre.db.prepared import fetch, prepared

_NEWEST_OF = prepared("""
    SELECT c.witness, c.tree_size, c.received_at FROM ledger.cosignature c
     WHERE c.witness = :witness ORDER BY c.tree_size DESC LIMIT 1
""")
_WITNESSED = prepared("""
    SELECT s.tree_size FROM ledger.cosignature s WHERE s.witness = ANY (CAST(:names AS text[]))
     GROUP BY s.tree_size HAVING count(*) >= :quorum ORDER BY s.tree_size DESC LIMIT 1
""")


@dataclass(frozen=True, slots=True)
class Cosigned:
    """The newest head that a witness cosigned, as far as this register has its line."""

    tree_size: int
    received_at: datetime


def find_newest_cosigned(connection: Connection, witness: str) -> Cosigned | None:
    """Newest head under which a witness's line is kept, or None."""
    rows = fetch(connection, _NEWEST_OF, {"witness": witness})
    return Cosigned(rows[0].tree_size, rows[0].received_at) if rows else None


def find_witnessed_size(connection: Connection, names: list[str], quorum: int) -> int | None:
    """Size of the newest head that enough of these witnesses cosigned, or None."""
    rows = fetch(connection, _WITNESSED, {"names": names, "quorum": quorum})
    return int(rows[0].tree_size) if rows else None


__all__ = ["Cosigned", "find_newest_cosigned", "find_witnessed_size"]
