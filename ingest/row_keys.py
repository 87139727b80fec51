"""128-bit keys of numbers and shapes, computed for whole columns: equal values, equal keys.

Two independent multilinear hashes with random factors drawn once per load, so that
nobody can make two different values meet on purpose (the chance is below 1e-12 for
five million rows).

References
----------
Lemire and Kaser, Strongly universal string hashing is fast, 2014.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import shapely

KeyArray = npt.NDArray[np.uint64]
_MIX: Final = np.uint64(0x9E3779B97F4A7C15)


def hash_texts(values: pa.Array, seed: int) -> KeyArray:
    """Return ``(n, 2)`` keys of texts; null and the empty text are zero.

    Examples
    --------
    >>> keys = hash_texts(pa.array(["a", "b", "a", "", None]), 7)
    >>> bool((keys[0] == keys[2]).all()), bool((keys[0] == keys[1]).any()), keys[3:].any().item()
    (True, False, False)
    """
    raw = values.cast(pa.binary()).fill_null(b"")
    lengths = pc.binary_length(raw).to_numpy().astype(np.int64)
    buffers = raw.buffers()
    data = np.frombuffer(buffers[2] or b"", np.uint8)
    if len(raw):
        first = int(np.frombuffer(buffers[1], np.int32, 1, raw.offset * 4)[0])
        data = data[first : first + int(lengths.sum())]
    return _hash_ragged(data.astype(np.uint64), lengths, seed)


def hash_shapes(polygons: npt.NDArray[np.object_], seed: int) -> KeyArray:
    """Return ``(n, 2)`` keys of geometries without None: equal when all coordinates are, in order."""
    xy = shapely.get_coordinates(polygons)
    lengths = shapely.get_num_coordinates(polygons).astype(np.int64) * 2
    return _hash_ragged(xy.reshape(-1).view(np.uint64), lengths, seed)


def mix_rows(values: npt.NDArray[np.float64]) -> KeyArray:
    """Return ``(n,)`` keys of the rows of ``(n, k)`` numbers: equal rows have equal keys, others may.

    Only for what is compared in full wherever two keys are equal.

    Examples
    --------
    >>> keys = mix_rows(np.array([[1.0, 2.0], [2.0, 1.0], [1.0, 2.0]]))
    >>> bool(keys[0] == keys[2]), bool(keys[0] == keys[1])
    (True, False)
    """
    bits = np.ascontiguousarray(values + 0.0).view(np.uint64)  # no negative zero
    key = np.zeros(len(bits), dtype=np.uint64)
    for column in range(bits.shape[1]):
        key = (key ^ bits[:, column]) * _MIX
        key ^= key >> np.uint64(29)
    return key


def find_repeats(keys: KeyArray) -> npt.NDArray[np.int64]:
    """Return the positions of the keys that stand there more than once.

    Examples
    --------
    >>> sorted(find_repeats(np.array([7, 5, 7, 8], dtype=np.uint64)).tolist())
    [0, 2]
    """
    order = np.argsort(keys)
    same = np.zeros(len(keys) + 1, dtype=np.bool_)
    same[1:-1] = keys[order[1:]] == keys[order[:-1]]
    return order[same[1:] | same[:-1]]


def find_distinct_points(
    xy: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Find the distinct points of a list, so that what is dear is done once for each.

    Parameters
    ----------
    xy
        ``(n, 2)`` finite coordinates.

    Returns
    -------
    single, of
        ``(m,)`` position of one of each, and ``(n,)`` which of these each point is:
        ``xy[single][of]`` is ``xy``.

    Examples
    --------
    >>> single, of = find_distinct_points(np.array([[1.0, 2.0], [3.0, 4.0], [1.0, 2.0]]))
    >>> len(single), bool(of[0] == of[2] != of[1])
    (2, True)
    >>> find_distinct_points(np.empty((0, 2)))[0].size
    0
    """
    keys = mix_rows(xy)
    order = np.argsort(keys)
    head = np.ones(len(order), dtype=np.bool_)
    head[1:] = keys[order[1:]] != keys[order[:-1]]
    single = order[head]
    of = np.empty(len(order), dtype=np.int64)
    of[order] = np.cumsum(head) - 1
    if not np.array_equal(xy[single][of], xy):  # two points met in one key
        return np.arange(len(xy)), np.arange(len(xy))
    return single, of


def _hash_ragged(words: KeyArray, lengths: npt.NDArray[np.int64], seed: int) -> KeyArray:
    keys = np.zeros((len(lengths), 2), dtype=np.uint64)
    there = np.flatnonzero(lengths)
    if not there.size:
        return keys
    starts = (np.cumsum(lengths) - lengths)[there]
    place = np.arange(len(words)) - np.repeat(starts, lengths[there])
    factors = _draw_factors(seed, 1 << int(lengths.max() + 1).bit_length())
    for half in (0, 1):
        terms = words * factors[half][place + 1]
        total = np.add.reduceat(terms, starts) + lengths[there].astype(np.uint64) * factors[half][0]
        keys[there, half] = total ^ (total >> np.uint64(32))
    return keys


@lru_cache(maxsize=4)
def _draw_factors(seed: int, count: int) -> tuple[KeyArray, KeyArray]:
    """Draw the factors; a longer table begins with the shorter one."""
    tables = []
    for half in (0, 1):
        generator = np.random.Generator(np.random.PCG64([seed, half]))
        tables.append(generator.integers(0, 1 << 64, count, dtype=np.uint64, endpoint=False) | np.uint64(1))
    return tables[0], tables[1]


__all__ = ["find_distinct_points", "find_repeats", "hash_shapes", "hash_texts", "mix_rows"]
