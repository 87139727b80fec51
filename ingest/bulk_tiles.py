"""The plan of the second pass: which rows stand on which ground, cut into units of similar size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from ingest.arrow_files import append_file, write_file
from ingest.bulk_keys import count_parts, read_tiles
from ingest.bulk_plan import ChunkResult, LoadPlan, UnitJob

IntArray = npt.NDArray[np.int64]
UNIT_ROWS: Final = 30_000


@dataclass(frozen=True, slots=True)
class TileIndex:
    """All (tile, row) entries sorted by tile: which chunk and position, and whether the tile owns the row."""

    tile: IntArray
    chunk: npt.NDArray[np.int32]
    position: npt.NDArray[np.int32]
    owned: npt.NDArray[np.bool_]

    @classmethod
    def load(cls, folder: Path) -> TileIndex:
        """Map the index that :func:`build_index` wrote."""
        parts = {
            name: np.memmap(path, kind, mode="r") if path.stat().st_size else np.empty(0, kind)
            for name, kind, path in _list_files(folder)
        }
        return cls(**parts)


def build_index(
    plan: LoadPlan, results: Sequence[ChunkResult], kept: Sequence[npt.NDArray[np.bool_]]
) -> list[UnitJob]:
    """Write the index of the rows that are still kept; return the units into which it is cut."""
    units: list[UnitJob] = []
    start = before = 0
    for _, _, path in _list_files(plan.folder):
        write_file(path, b"")
    for low, high in _cut_ground(results):
        entries = _gather(plan, results, kept, low, high)
        for name, _, path in _list_files(plan.folder):
            append_file(path, entries[name].tobytes())
        units += _plan_units(entries["tile"], entries["owned"], start, before, len(units))
        start += len(entries["tile"])
        before += int(entries["owned"].sum())
    return units


def _list_files(folder: Path) -> list[tuple[str, str, Path]]:
    kinds = {"tile": "<i8", "chunk": "<i4", "position": "<i4", "owned": "?"}
    return [(name, kind, folder / f"index-{name}.bin") for name, kind in kinds.items()]


def _cut_ground(results: Sequence[ChunkResult]) -> Iterator[tuple[int, int]]:
    """Cut the curve of tiles into stretches ``[low, high)`` with similar numbers of rows."""
    some = np.sort(np.concatenate([np.empty(0, dtype=np.int64), *(r.some_tiles for r in results)]))
    parts = count_parts(sum(result.ready for result in results))
    inner = {int(some[len(some) * part // parts]) for part in range(1, parts)}
    edges = [0, *sorted(inner), np.iinfo(np.int64).max]
    return pairwise(edges)


def _gather(
    plan: LoadPlan,
    results: Sequence[ChunkResult],
    kept: Sequence[npt.NDArray[np.bool_]],
    low: int,
    high: int,
) -> dict[str, npt.NDArray[np.generic]]:
    """Collect and sort the entries of one stretch."""
    tile, chunk, position, owned = [np.empty(0, dtype=np.int64)], [], [], []
    for result, keep in zip(results, kept, strict=True):
        tiles, owner = read_tiles(plan, result.chunk)
        first = np.ones(len(owner), dtype=np.bool_)
        first[1:] = owner[1:] != owner[:-1]
        entry = np.flatnonzero(keep[owner] & (tiles >= low) & (tiles < high))
        tile.append(tiles[entry])
        chunk.append(np.full(entry.size, result.chunk, dtype=np.int32))
        position.append(owner[entry].astype(np.int32))
        owned.append(first[entry])
    tiles = np.concatenate(tile)
    order = np.argsort(tiles, kind="stable")
    none = np.empty(0, dtype=np.int32)
    return {
        "tile": tiles[order],
        "chunk": np.concatenate([none, *chunk])[order],
        "position": np.concatenate([none, *position])[order],
        "owned": np.concatenate([none.astype(np.bool_), *owned])[order],
    }


def _plan_units(
    tile: npt.NDArray[np.generic], owned: npt.NDArray[np.generic], start: int, before: int, number: int
) -> list[UnitJob]:
    """Cut a stretch between tiles into units of about :data:`UNIT_ROWS` owned rows."""
    if not len(tile):
        return []
    ends = np.flatnonzero(np.append(tile[1:] != tile[:-1], True)) + 1
    counted = np.cumsum(owned)[ends - 1]
    units: list[UnitJob] = []
    begun = done = 0
    for end, total in zip(ends.tolist(), counted.tolist(), strict=True):
        if total - done >= UNIT_ROWS or end == len(tile):
            units.append(UnitJob(number + len(units), start + begun, start + end, before + done))
            begun, done = end, total
    return units


__all__ = ["UNIT_ROWS", "TileIndex", "build_index"]
