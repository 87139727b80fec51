"""What is asked about every row of a file: kept in files, so that memory does not grow with it."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from ingest.arrow_files import read_batch, write_file
from ingest.bulk_plan import LoadPlan

IntArray = npt.NDArray[np.int64]
KeyArray = npt.NDArray[np.uint64]
Name = Literal["number", "shape", "tile", "owner"]
PART_ROWS: Final = 1_000_000
"""How many rows are held at a time where all rows of a file are compared."""


def write_keys(plan: LoadPlan, chunk: int, keys: dict[Name, npt.NDArray[np.generic]]) -> None:
    """Spill the arrays of a chunk.

    ``number``: ``(rows read, 2)`` keys of the numbers of all its rows; ``shape``: ``(ready, 2)`` keys of
    the ready rows in their spilled order; ``tile`` and ``owner``: the tiles that ready rows touch.
    """
    for name, values in keys.items():
        write_file(plan.key_path(chunk, name), np.ascontiguousarray(values).tobytes())


def read_keys(plan: LoadPlan, chunk: int, name: Literal["number", "shape"]) -> KeyArray:
    """Read the keys of a chunk."""
    return np.fromfile(plan.key_path(chunk, name), np.uint64).reshape(-1, 2)


def read_tiles(plan: LoadPlan, chunk: int) -> tuple[IntArray, IntArray]:
    """Read the tiles that the ready rows of a chunk touch, and the position of the row of each."""
    tiles, owners = (np.fromfile(plan.key_path(chunk, name), np.int64) for name in ("tile", "owner"))
    return tiles, owners


def read_ready_rows(plan: LoadPlan, chunk: int) -> IntArray:
    """Read the file rows of the ready rows of a chunk, in their spilled order."""
    rows: IntArray = read_batch(plan.ready_path(chunk)).column("row").to_numpy()
    return rows


def count_parts(rows: int) -> int:
    """Tell into how many parts so many rows are cut."""
    return max(1, -(-rows // PART_ROWS))


__all__ = ["PART_ROWS", "count_parts", "read_keys", "read_ready_rows", "read_tiles", "write_keys"]
