"""The tree as the published entries give it, in a memory that the number of tiles needs, not of entries."""

from __future__ import annotations

from collections.abc import Sequence

from cadastre.ledger.merkle import compute_root, tree_root
from cadastre.ledger.tiles import WIDTH, nodes_in_tiles


class PublishedTree:
    """The tree that entries give: roots of all full tiles, and the leaf hashes of the tiles that are needed.

    Parameters
    ----------
    kept_sizes
        Sizes, beside ``size``, whose root will be asked for.

    Attributes
    ----------
    missing
        Tiles of which nothing was there to add.
    """

    def __init__(self, size: int, kept_sizes: set[int]) -> None:
        self.size = size
        self.missing = 0
        self._levels: list[list[bytes]] = [[]]
        self._kept = {kept // WIDTH for kept in {size, *kept_sizes}}
        self._tiles: dict[int, list[bytes]] = {}

    def add(self, index: int, hashes: list[bytes]) -> None:
        """Add the leaf hashes of a tile, in order of the tiles."""
        if index in self._kept:
            self._tiles[index] = hashes
        self.missing += not hashes
        if len(hashes) < WIDTH:
            return
        root, level = compute_root(hashes), 0
        while True:
            self._levels[level].append(root)
            if len(self._levels[level]) % WIDTH:
                return
            root, level = compute_root(self._levels[level][-WIDTH:]), level + 1
            if level == len(self._levels):
                self._levels.append([])

    def root(self, size: int) -> bytes:
        """Root of the tree of the first ``size`` entries."""
        return tree_root(size, nodes_in_tiles(self.hashes))

    def hashes(self, level: int, index: int) -> Sequence[bytes]:
        """Hashes of a tile; of the lowest level only those that were kept."""
        if level == 0:
            return self._tiles.get(index, [])
        above = self._levels[level - 1] if level <= len(self._levels) else []
        return above[index * WIDTH : (index + 1) * WIDTH]


__all__ = ["PublishedTree"]
