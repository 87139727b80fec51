"""Between the passes: numbers given twice, numbers already registered, and stacked copies of one shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ingest.arrow_files import read_batch
from ingest.bulk_keys import count_parts, read_keys, read_ready_rows
from ingest.bulk_plan import NUMBER, ChunkResult, LoadPlan
from ingest.load_transaction import LoadTransaction
from ingest.row_keys import find_repeats

IntArray = npt.NDArray[np.int64]
KeyArray = npt.NDArray[np.uint64]
_NO_KEYS: Final = np.empty((0, 2), dtype=np.uint64)
_NO_ROWS: Final = np.empty(0, dtype=np.int64)
_REGISTERED: Final = "SELECT cadastral_number FROM cadastre.parcel WHERE cadastral_number = ANY(%s)"


@dataclass(slots=True)
class Duplicates:
    """Which ready rows are kept for the second pass, and why the others are not.

    ``repeated``: file row to the first row with its number; ``registered``: rows whose
    number the register has; ``copies``: file row to the earlier row of the same shape.
    """

    kept: list[npt.NDArray[np.bool_]]
    repeated: dict[int, int]
    registered: list[int]
    copies: dict[int, int]


def find_duplicates(
    plan: LoadPlan, results: Sequence[ChunkResult], transaction: LoadTransaction
) -> Duplicates:
    """Judge all rows of the file at once, by 128-bit keys, a part of all keys after the other."""
    parts = count_parts(sum(result.rows_read for result in results))
    repeated: dict[int, int] = {}
    kept = [np.ones(result.ready, dtype=np.bool_) for result in results]
    if not plan.mints_numbers:
        for part in range(parts):
            repeated |= _find_repeated(plan, results, part, parts)
    _drop(plan, results, kept, np.array(sorted(repeated), dtype=np.int64))
    registered = [] if plan.mints_numbers else _find_registered(plan, results, transaction)
    _drop(plan, results, kept, np.array(registered, dtype=np.int64))
    copies: dict[int, int] = {}
    for part in range(parts):
        copies |= _find_copies(plan, results, kept, part, parts)
    _drop(plan, results, kept, np.array(sorted(copies), dtype=np.int64))
    return Duplicates(kept, repeated, registered, copies)


def _find_repeated(plan: LoadPlan, results: Sequence[ChunkResult], part: int, parts: int) -> dict[int, int]:
    """Find rows whose number an earlier row of the file has, whatever else is wrong with either."""
    keys, rows = [_NO_KEYS], [_NO_ROWS]
    first_row = 1
    for result in results:
        key = read_keys(plan, result.chunk, "number")
        mine = np.flatnonzero((key[:, 0] % np.uint64(parts) == part) & ((key[:, 0] != 0) | (key[:, 1] != 0)))
        keys.append(key[mine])
        rows.append(mine + first_row)
        first_row += result.rows_read
    return _pair_equal(np.concatenate(keys), np.concatenate(rows))


def _find_registered(
    plan: LoadPlan, results: Sequence[ChunkResult], transaction: LoadTransaction
) -> list[int]:
    if not transaction.fetch("SELECT EXISTS (SELECT FROM cadastre.parcel)")[0][0]:
        return []
    rows: list[int] = []
    first_row = 1
    for result in results:
        batch = read_batch(plan.raw_path(result.chunk))
        numbers = plan.attributes.read_one(batch, NUMBER)
        known = transaction.fetch(_REGISTERED, ([n for n in numbers.to_pylist() if n],))
        if known:
            hits = pc.is_in(numbers, pa.array([str(r[0]) for r in known], pa.string()))
            rows.extend((np.flatnonzero(hits.to_numpy(zero_copy_only=False)) + first_row).tolist())
        first_row += result.rows_read
    return rows


def _find_copies(
    plan: LoadPlan,
    results: Sequence[ChunkResult],
    kept: Sequence[npt.NDArray[np.bool_]],
    part: int,
    parts: int,
) -> dict[int, int]:
    keys, rows = [_NO_KEYS], [_NO_ROWS]
    for result, keep in zip(results, kept, strict=True):
        key = read_keys(plan, result.chunk, "shape")
        mine = np.flatnonzero(keep & (key[:, 0] % np.uint64(parts) == part))
        keys.append(key[mine])
        rows.append(read_ready_rows(plan, result.chunk)[mine])
    return _pair_equal(np.concatenate(keys), np.concatenate(rows))


def _pair_equal(key: KeyArray, row: IntArray) -> dict[int, int]:
    """Map each row to the first row with an equal key, leaving those first ones out."""
    rare = find_repeats(key[:, 0])  # nearly all keys stand alone: only the others are sorted in full
    key, row = key[rare], row[rare]
    order = np.lexsort((row, key[:, 0], key[:, 1]))
    key, row = key[order], row[order]
    same = np.zeros(len(row), dtype=np.bool_)
    same[1:] = (key[1:] == key[:-1]).all(axis=1)
    heads = np.flatnonzero(~same)
    head = heads[np.searchsorted(heads, np.arange(len(row)), side="right") - 1] if len(row) else heads
    return dict(zip(row[same].tolist(), row[head[same]].tolist(), strict=True))


def _drop(
    plan: LoadPlan,
    results: Sequence[ChunkResult],
    kept: Sequence[npt.NDArray[np.bool_]],
    rows: IntArray,
) -> None:
    first_row = 1
    for result, keep in zip(results, kept, strict=True):
        mine = rows[(rows >= first_row) & (rows < first_row + result.rows_read)]
        if mine.size:
            keep[np.isin(read_ready_rows(plan, result.chunk), mine)] = False
        first_row += result.rows_read


__all__ = ["Duplicates", "find_duplicates"]
