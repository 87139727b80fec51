"""The plan of the second pass: which rows stand on which ground, cut into units of similar size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from ingest.bulk_plan import ChunkResult, UnitJob

IntArray = npt.NDArray[np.int64]
UNIT_ROWS: Final = 30_000


@dataclass(frozen=True, slots=True)
class TileIndex:
    """All (tile, row) entries sorted by tile: which chunk and position, and whether the tile owns the row."""

    tile: IntArray
    chunk: npt.NDArray[np.int32]
    position: npt.NDArray[np.int32]
    owned: npt.NDArray[np.bool_]

    def save(self, folder: Path) -> None:
        """Write the index where workers map it."""
        for name in ("tile", "chunk", "position", "owned"):
            np.save(folder / f"index-{name}.npy", getattr(self, name))

    @classmethod
    def load(cls, folder: Path) -> TileIndex:
        """Map an index written by :meth:`save`."""
        parts = {
            name: np.load(folder / f"index-{name}.npy", mmap_mode="r")
            for name in ("tile", "chunk", "position", "owned")
        }
        return cls(**parts)


def build_index(results: Sequence[ChunkResult], kept: Sequence[npt.NDArray[np.bool_]]) -> TileIndex:
    """Join the tiles of all chunks, leaving out the rows that are no longer kept."""
    tile, chunk, position, owned = [], [], [], []
    for result, keep in zip(results, kept, strict=True):
        entry = keep[result.tile_of]
        owner = result.tile_of[entry]
        first = np.ones(len(owner), dtype=np.bool_)
        first[1:] = owner[1:] != owner[:-1]
        tile.append(result.tiles[entry])
        chunk.append(np.full(len(owner), result.chunk, dtype=np.int32))
        position.append(owner.astype(np.int32))
        owned.append(first)
    if not tile:
        none = np.empty(0, dtype=np.int32)
        return TileIndex(np.empty(0, dtype=np.int64), none, none, np.empty(0, dtype=np.bool_))
    tiles = np.concatenate(tile)
    order = np.argsort(tiles, kind="stable")
    return TileIndex(
        tiles[order],
        np.concatenate(chunk)[order],
        np.concatenate(position)[order],
        np.concatenate(owned)[order],
    )


def plan_units(index: TileIndex, unit_rows: int = UNIT_ROWS) -> list[UnitJob]:
    """Cut the index between tiles into units of about ``unit_rows`` owned rows."""
    if not len(index.tile):
        return []
    ends = np.flatnonzero(np.append(index.tile[1:] != index.tile[:-1], True)) + 1
    owned = np.cumsum(index.owned)[ends - 1]
    units: list[UnitJob] = []
    start = done = 0
    for end, total in zip(ends.tolist(), owned.tolist(), strict=True):
        if total - done >= unit_rows or end == len(index.tile):
            units.append(UnitJob(len(units), start, end, done))
            start, done = end, total
    return units


__all__ = ["UNIT_ROWS", "TileIndex", "build_index", "plan_units"]
