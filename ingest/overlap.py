"""Overlaps of a set of parcels: found by set, in one zone, by the register's own definition.

Two parcels overlap when the intersection of their interiors, eroded by half of
the tolerated width, is not empty (it is *wider* than the width). ``ST_Overlaps``
and its like miss duplicates and containment, and a bare intersection test
counts the rounding of shared edges.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from cadastre.kernel.overlay import intersections_of
from cadastre.kernel.width import is_wider
from ingest.blocks import join_blocks
from ingest.row_keys import find_repeats, mix_rows
from ingest.shrink import shrink_polygons

Geometries = npt.NDArray[np.object_]
IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
_QUERY_ROWS = 8192


@dataclass(frozen=True, slots=True)
class OverlapPairs:
    """Overlapping pairs of positions, ``first`` before ``second``; area in m2 and a point of each."""

    first: IntArray
    second: IntArray
    area_m2: FloatArray
    xy: FloatArray

    def __len__(self) -> int:
        return len(self.first)


def find_overlaps(polygons: Geometries, width_m: float) -> OverlapPairs:
    """Find all pairs of parcels that overlap by more than a width.

    Identical parcels are compared once: of ``k`` stacked copies each later one is
    paired with the first (``k - 1`` pairs), and only the first meets the others.

    Parameters
    ----------
    polygons
        ``(n,)`` valid Polygons of one projected system, metres, easting, northing.
    width_m
        Tolerated width of an overlap, metres, positive.

    Returns
    -------
    OverlapPairs
        Sorted by ``second``, then ``first``.

    References
    ----------
    DECISIONS.md, "No two registered parcels overlap".

    Examples
    --------
    >>> row = [shapely.box(0, 0, 10, 10), shapely.box(9, 0, 20, 10), shapely.box(20, 0, 30, 10)]
    >>> pairs = find_overlaps(np.array(row), 0.002)
    >>> pairs.first.tolist(), pairs.second.tolist(), pairs.area_m2.tolist()
    ([0], [1], [10.0])
    >>> thin = [shapely.box(0, 0, 10, 10), shapely.box(9.998, 0, 20, 10)]
    >>> len(find_overlaps(np.array(thin), 0.002)), len(find_overlaps(np.array(thin), 0.0019))
    (0, 1)
    >>> len(find_overlaps(np.array([], dtype=object), 0.002))
    0
    """
    if len(polygons) == 0:
        return _no_pairs()
    leader, copies = _collapse_copies(polygons)
    single = np.flatnonzero(leader == np.arange(len(polygons)))
    found = _find_distinct(polygons[single], width_m)
    first, second = single[found.first], single[found.second]
    area, xy = found.area_m2, found.xy
    if copies.size:
        heads = leader[copies]
        wide = is_wider(polygons[heads], width_m)
        copies, heads = copies[wide], heads[wide]
        first, second = np.concatenate((first, heads)), np.concatenate((second, copies))
        area = np.concatenate((area, shapely.area(polygons[heads])))
        xy = np.concatenate((xy, _get_places(polygons[heads])))
    order = np.lexsort((first, second))
    return OverlapPairs(first[order], second[order], area[order], xy[order])


def find_overlaps_with(polygons: Geometries, others: Geometries, width_m: float) -> OverlapPairs:
    """Find the pairs of one set with another: ``first`` counts ``others``, ``second`` ``polygons``."""
    if len(polygons) == 0 or len(others) == 0:
        return _no_pairs()
    tree = shapely.STRtree(others)
    second, first = tree.query(polygons)
    first, second = _keep_wide(shapely.bounds(others), shapely.bounds(polygons), first, second, width_m)
    pairs = _measure(others, polygons, first, second, width_m)
    order = np.lexsort((pairs.first, pairs.second))
    return OverlapPairs(pairs.first[order], pairs.second[order], pairs.area_m2[order], pairs.xy[order])


def resolve(count: int, first: IntArray, second: IntArray) -> npt.NDArray[np.bool_]:
    """Decide in file order who loses: a row that overlaps an earlier row which itself stands.

    Parameters
    ----------
    count
        Number of rows.
    first, second
        ``(m,)`` positions of the pairs, ``first < second``, in any order.

    Returns
    -------
    numpy.ndarray
        ``(count,)`` mask of the losers. A loser rejects nobody.

    Examples
    --------
    >>> resolve(3, np.array([0, 1]), np.array([1, 2])).tolist()
    [False, True, False]
    >>> resolve(0, np.array([], dtype=int), np.array([], dtype=int)).tolist()
    []
    """
    lost = np.zeros(count, dtype=np.bool_)
    order = np.lexsort((first, second))
    for earlier, later in zip(first[order].tolist(), second[order].tolist(), strict=True):
        if not lost[earlier]:
            lost[later] = True
    return lost


def _collapse_copies(polygons: Geometries) -> tuple[IntArray, IntArray]:
    """Return for each polygon the first identical one, and the positions of the copies."""
    xy, owners = shapely.get_coordinates(polygons, return_index=True)
    counts = np.bincount(owners, minlength=len(polygons))
    starts = np.concatenate(([0], np.cumsum(counts)[:-1]))
    low, high = np.minimum.reduceat(xy, starts), np.maximum.reduceat(xy, starts)
    leader = np.arange(len(polygons))
    suspects = np.sort(find_repeats(mix_rows(np.column_stack((low, high, counts)))))
    if suspects.size:
        seen: dict[bytes, int] = {}
        forms = shapely.to_wkb(shapely.normalize(polygons[suspects]))
        for row, form in zip(suspects.tolist(), forms, strict=True):
            leader[row] = seen.setdefault(form, row)
    return leader, np.flatnonzero(leader != np.arange(len(polygons)))


def _find_distinct(polygons: Geometries, width_m: float) -> OverlapPairs:
    """Compare the blocks that the polygons form; only where two overlap, the polygons themselves."""
    blocks = join_blocks(polygons)
    met = _find_pairwise(blocks.outline, width_m)
    suspects = np.flatnonzero(np.isin(blocks.block, np.concatenate((met.first, met.second))))
    found = _find_pairwise(polygons[suspects], width_m)
    return OverlapPairs(suspects[found.first], suspects[found.second], found.area_m2, found.xy)


def _find_pairwise(polygons: Geometries, width_m: float) -> OverlapPairs:
    if not len(polygons):
        return _no_pairs()
    tree = shapely.STRtree(polygons)
    boxes = shapely.bounds(polygons)
    parts = []
    for start in range(0, len(polygons), _QUERY_ROWS):
        block, other = tree.query(polygons[start : start + _QUERY_ROWS])
        block = block + start
        later = block < other
        first, second = _keep_wide(boxes, boxes, block[later], other[later], width_m)
        parts.append(_measure(polygons, polygons, first, second, width_m))
    return _join(parts)


def _measure(
    left: Geometries, right: Geometries, first: IntArray, second: IntArray, width_m: float
) -> OverlapPairs:
    """Keep the candidate pairs that overlap: shrunk neighbours first, then the exact test."""
    if first.size == 0:
        return _no_pairs()
    used, place = np.unique(second, return_inverse=True)
    shrunk, _ = shrink_polygons(right[used], width_m / 4)
    order = np.argsort(first, kind="stable")
    first, second, place = first[order], second[order], place[order]
    shapely.prepare(left[np.unique(first)])
    near = shapely.intersects(left[first], shrunk[place])
    first, second = first[near], second[near]
    inside = ~shapely.touches(left[first], right[second])
    first, second = first[inside], second[inside]
    shared = intersections_of(left[first], right[second])
    wide = is_wider(shared, width_m)
    first, second, shared = first[wide], second[wide], shared[wide]
    return OverlapPairs(
        first.astype(np.int64), second.astype(np.int64), shapely.area(shared), _get_places(shared)
    )


def _keep_wide(
    left: FloatArray, right: FloatArray, first: IntArray, second: IntArray, width_m: float
) -> tuple[IntArray, IntArray]:
    """Keep the pairs whose boxes share more than the width both ways."""
    a, b = left[first], right[second]
    wide = np.minimum(a[:, 2], b[:, 2]) - np.maximum(a[:, 0], b[:, 0]) > width_m
    wide &= np.minimum(a[:, 3], b[:, 3]) - np.maximum(a[:, 1], b[:, 1]) > width_m
    return first[wide], second[wide]


def _get_places(geometries: Geometries) -> FloatArray:
    return np.asarray(shapely.get_coordinates(shapely.point_on_surface(geometries)), dtype=np.float64)


def _join(parts: list[OverlapPairs]) -> OverlapPairs:
    return OverlapPairs(
        np.concatenate([part.first for part in parts]),
        np.concatenate([part.second for part in parts]),
        np.concatenate([part.area_m2 for part in parts]),
        np.concatenate([part.xy for part in parts]),
    )


def _no_pairs() -> OverlapPairs:
    none = np.empty(0, dtype=np.int64)
    return OverlapPairs(none, none, np.empty(0), np.empty((0, 2)))


__all__ = ["OverlapPairs", "find_overlaps", "find_overlaps_with", "resolve"]
