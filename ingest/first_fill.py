"""The first large load of an empty register: its indexes are built once, sorted, at the end.

Growing the indexes of a million parcels row by row takes the server three times as long
as building them from the finished tables. Taking them away locks readers out until the
commit, so this is done only while there is nothing to read; the same transaction puts
them back, constraints by their names and definitions, and a load that ends in any other
way leaves them where they were. Keys that foreign keys lean on stay.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from ingest.load_transaction import LoadTransaction

WORTH_IT_ROWS: Final = 50_000
_INDEXES: Final = """
    SELECT i.indrelid::regclass::text, i.indexrelid::regclass::text, quote_ident(c.conname),
           pg_get_constraintdef(c.oid), pg_get_indexdef(i.indexrelid)
      FROM pg_index i
      LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype IN ('p', 'u')
     WHERE i.indrelid IN ('cadastre.parcel'::regclass, 'cadastre.parcel_version'::regclass)
       AND NOT EXISTS (SELECT FROM pg_constraint f WHERE f.conindid = i.indexrelid AND f.contype = 'f')
     ORDER BY i.indexrelid
"""
_BUILD_MEMORY: Final = "SET LOCAL maintenance_work_mem = '256MB'"


@contextmanager
def indexes_set_aside(transaction: LoadTransaction, rows: int) -> Iterator[bool]:
    """Run a block without the indexes of parcels where that is worth it; tell whether it was."""
    if rows < WORTH_IT_ROWS or _is_filled(transaction):
        yield False
        return
    rebuild = [_take_away(transaction, *map(_text, found)) for found in transaction.fetch(_INDEXES)]
    yield True
    transaction.execute(_BUILD_MEMORY)
    for statement in rebuild:
        transaction.execute(statement)


def _take_away(
    transaction: LoadTransaction, table: str, index: str, constraint: str, rule: str, definition: str
) -> str:
    """Drop one index, or the constraint that it serves; return the statement that restores it."""
    if not constraint:
        transaction.execute(f"DROP INDEX {index}")
        return definition
    transaction.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")
    return f"ALTER TABLE {table} ADD CONSTRAINT {constraint} {rule}"


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _is_filled(transaction: LoadTransaction) -> bool:
    return bool(
        transaction.fetch(
            "SELECT EXISTS (SELECT FROM cadastre.parcel) OR EXISTS (SELECT FROM cadastre.parcel_version)"
        )[0][0]
    )


__all__ = ["WORTH_IT_ROWS", "indexes_set_aside"]
