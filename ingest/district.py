"""The district that a file is loaded into, by its code; whoever gives another is told which are near it."""

from __future__ import annotations

from cadastre.kernel.errors import InvalidInput
from ingest.load_transaction import LoadTransaction

_NEAREST = 5
_FIND = "SELECT legal_srid FROM cadastre.district WHERE code = %s"
_LIKE = """
    SELECT code || ' ' || name_az FROM cadastre.district
     ORDER BY least(lower(code) <-> lower(%(given)s),
                    cadastre.fold_text(%(given)s) <<-> cadastre.fold_text(name_az)), code
     LIMIT %(nearest)s
"""


def require_district(transaction: LoadTransaction, code: str) -> int:
    """Give the SRID of the district's legal geometries.

    Raises
    ------
    InvalidInput
        There is no district with this code.
    """
    found = transaction.fetch(_FIND, (code,))
    if not found:
        raise unknown_district(transaction, code)
    return int(found[0][0])


def unknown_district(transaction: LoadTransaction, given: str) -> InvalidInput:
    """Say that a code is unknown, and which districts are nearest to it by code or by name."""
    like = transaction.fetch(_LIKE, {"given": given, "nearest": _NEAREST})
    nearest = ", ".join(str(row[0]) for row in like)
    return InvalidInput(
        f"There is no district {given!r}; the nearest codes are {nearest}.", code="district-unknown"
    )


__all__ = ["require_district", "unknown_district"]
