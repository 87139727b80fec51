"""The first large load of an empty register: its spatial index is built once, sorted, at the end.

Inserting a million rows into a GiST index one by one takes the server about nine seconds,
building it from the finished table two. Taking it away locks readers out until the commit,
so this is done only while there is nothing to read; the same transaction puts it back, and
a load that ends in any other way leaves it where it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from ingest.load_transaction import LoadTransaction

WORTH_IT_ROWS: Final = 50_000
_INDEX: Final = "cadastre.ix_parcel_version_geom"
_BUILD_MEMORY: Final = "SET LOCAL maintenance_work_mem = '256MB'"


@contextmanager
def spatial_index_set_aside(transaction: LoadTransaction, rows: int) -> Iterator[bool]:
    """Run a block without the spatial index of parcels where that is worth it; tell whether it was."""
    if rows < WORTH_IT_ROWS or _is_filled(transaction):
        yield False
        return
    definition = str(transaction.fetch("SELECT pg_get_indexdef(%s::regclass)", (_INDEX,))[0][0])
    transaction.execute(f"DROP INDEX {_INDEX}")
    yield True
    transaction.execute(_BUILD_MEMORY)
    transaction.execute(definition)


def _is_filled(transaction: LoadTransaction) -> bool:
    return bool(transaction.fetch("SELECT EXISTS (SELECT FROM cadastre.parcel_version)")[0][0])


__all__ = ["WORTH_IT_ROWS", "spatial_index_set_aside"]
