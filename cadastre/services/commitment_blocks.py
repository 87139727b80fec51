"""One block of commitments at a time, for auditors who read over HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Connection

from cadastre.db.unit_of_work import Database, Role, UnitOfWork
from cadastre.kernel.errors import NotFound, Unavailable
from cadastre.ledger.commitment import write_block
from cadastre.ledger.tiles import WIDTH, Tile
from cadastre.store.ledger_rows import count_strays, list_bound_leaves
from cadastre.store.ledger_tree import find_newest_checkpoint

PATIENCE_S = 10.0


@dataclass(frozen=True, slots=True)
class CommitmentDesk:
    """Computes commitments from the rows as they stand when somebody asks; one answer at a time."""

    database: Database
    _one_computes: threading.Lock = field(default_factory=threading.Lock)

    def read_block(self, block: Tile) -> bytes:
        """Give the commitments of up to 256 leaves that lie under a signed head.

        Raises
        ------
        NotFound
            The signed tree does not reach so far.
        Unavailable
            Others are being answered.
        """

        def read(connection: Connection) -> bytes:
            newest = find_newest_checkpoint(connection)
            if newest is None or block.needed_size > newest.tree_size:
                raise NotFound("The signed ledger does not reach so far (yet).", code="tile-not-found")
            start = block.index * WIDTH
            return write_block(leaf for _, leaf in list_bound_leaves(connection, start, start + block.width))

        return self._read(read)

    def read_strays(self) -> bytes:
        """Give how many rows no leaf answers for, by table, as JSON."""
        return self._read(lambda connection: json.dumps(count_strays(connection), sort_keys=True).encode())

    def _read(self, work: Callable[[Connection], bytes]) -> bytes:
        if not self._one_computes.acquire(timeout=PATIENCE_S):
            raise Unavailable("Others are being answered; try again shortly.", code="auditors-wait")
        try:
            return self.database.read(lambda uow: _within_time(uow, work), role=Role.WRITE)
        finally:
            self._one_computes.release()


def _within_time(uow: UnitOfWork, work: Callable[[Connection], bytes]) -> bytes:
    uow.connection.exec_driver_sql("SET LOCAL statement_timeout = '2min'")
    return work(uow.connection)


__all__ = ["CommitmentDesk"]
