"""The public log's tree: grown behind the numbering, and asked for roots and paths."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from cadastre.db.unit_of_work import Database, Isolation, UnitOfWork
from cadastre.ledger.merkle import consistency_path, inclusion_path, tree_root
from cadastre.ledger.tiles import HEIGHT, WIDTH, Tile, nodes_in_tiles, tiles_on_way
from cadastre.store.ledger_tree import grow_tree, read_tiles

BATCH = 10_000
"""Leaves entered in one transaction: what a crash throws away is soon done again."""


def grow(database: Database) -> int:
    """Enter every numbered leaf into the log, in batches; give the size of the tree.

    Several may call it at once: one grows the tree, the others wait for it. A leaf that binds the rows of a
    whole load takes long, so this is not done where somebody waits for a number.
    """
    while True:
        size, numbered = database.run(_grow_once, isolation=Isolation.READ_COMMITTED)
        if size >= numbered:
            return size


def _grow_once(uow: UnitOfWork) -> tuple[int, int]:
    uow.connection.exec_driver_sql("SET LOCAL statement_timeout = '15min'")
    return grow_tree(uow.connection, BATCH)


class TreeReader:
    """The tree of a certain size as one transaction sees it; each tile is read once.

    Parameters
    ----------
    size
        No larger than the log is.
    """

    def __init__(self, connection: Connection, size: int) -> None:
        self.size = size
        self._connection = connection
        self._tiles: dict[tuple[int, int], list[bytes]] = {}
        self._node = nodes_in_tiles(self._hashes)

    def root(self) -> bytes:
        """Root of the tree."""
        return tree_root(self.size, self._node)

    def root_of(self, smaller: int) -> bytes:
        """Root of the smaller tree that this one grew from."""
        return tree_root(smaller, self._node)

    def path_to(self, index: int) -> list[bytes]:
        """Audit path of the entry at ``index``."""
        self._read(tiles_on_way(index, self.size))
        return inclusion_path(index, self.size, self._node)

    def path_from(self, smaller: int) -> list[bytes]:
        """Proof that this tree begins with the smaller one."""
        self._read(tiles_on_way(max(smaller - 1, 0), self.size))
        return consistency_path(smaller, self.size, self._node)

    def _hashes(self, level: int, index: int) -> list[bytes]:
        key = (level, index)
        if key not in self._tiles:
            self._read([Tile(level, index, min(WIDTH, (self.size >> (HEIGHT * level)) - index * WIDTH))])
        return self._tiles[key]

    def _read(self, tiles: Iterable[Tile]) -> None:
        missing = [tile for tile in tiles if (tile.level, tile.index) not in self._tiles]
        if missing:
            self._tiles.update(read_tiles(self._connection, missing))


__all__ = ["BATCH", "TreeReader", "grow"]
