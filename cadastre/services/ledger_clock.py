"""The register's clock: gives every finished event its place."""

from __future__ import annotations

from cadastre.db.unit_of_work import Database, Isolation
from cadastre.store.ledger import sequence_leaves


def sequence(database: Database) -> int:
    """Number all leaves whose place is final; give the size of the tree."""
    return database.run(lambda uow: sequence_leaves(uow.connection), isolation=Isolation.READ_COMMITTED)


__all__ = ["sequence"]
