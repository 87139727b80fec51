"""Parcels joined to the blocks that they form without a gap: proof that inside a block nothing overlaps.

The number of parcels that cover a point is the winding number of all their rings
around it. Where two parcels share an edge they run along it in opposite directions
and cancel out; when what remains of a block's edges is one simple outline (and
holes), every point is covered at most once. A street block of thirty parcels is
so checked as one polygon, and only blocks are compared with each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from ingest.row_keys import mix_rows
from ingest.shrink import is_ccw

Geometries = npt.NDArray[np.object_]
IntArray = npt.NDArray[np.int64]
KeyArray = npt.NDArray[np.uint64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
_MIX: Final = np.uint64(0xC2B2AE3D27D4EB4F)


@dataclass(frozen=True, slots=True)
class Blocks:
    """``outline`` of each block, and for each parcel the position of its block there."""

    outline: Geometries
    block: IntArray


@dataclass(frozen=True, slots=True)
class _Edges:
    """Directed edges, each with its parcel to the left; ``start`` and ``stop`` are keys of the points."""

    xy: FloatArray
    start: KeyArray
    stop: KeyArray
    owner: IntArray

    def take(self, which: npt.NDArray[np.generic]) -> _Edges:
        return _Edges(self.xy[which], self.start[which], self.stop[which], self.owner[which])


def join_blocks(polygons: Geometries) -> Blocks:
    """Join parcels with exactly equal edges to blocks; one whose block proves nothing stays alone.

    Parameters
    ----------
    polygons
        ``(n,)`` valid Polygons of one projected system, metres, easting, northing; none
        missing or empty.

    Returns
    -------
    Blocks
        The interiors of two parcels of one block never meet.

    References
    ----------
    The winding number of a sum of cycles is the sum of the winding numbers.

    Examples
    --------
    >>> row = np.array([shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10), shapely.box(30, 0, 40, 10)])
    >>> blocks = join_blocks(row)
    >>> blocks.block.tolist(), shapely.area(blocks.outline).tolist()
    ([0, 0, 1], [200.0, 100.0])
    >>> stacked = np.array([shapely.box(0, 0, 10, 10), shapely.box(0, 0, 10, 10)])
    >>> join_blocks(stacked).block.tolist()
    [0, 1]
    >>> join_blocks(np.array([], dtype=object)).block.size
    0
    """
    alone: BoolArray = shapely.get_num_interior_rings(polygons) > 0
    edges = _list_edges(polygons, np.flatnonzero(~alone))
    left, right, unsound = _match(edges)
    alone[unsound] = True
    kept = ~alone[edges.owner[left]] & ~alone[edges.owner[right]]
    left, right = left[kept], right[kept]
    label = _connect(len(polygons), edges.owner[left], edges.owner[right])
    remains = ~alone[edges.owner]
    remains[left] = remains[right] = False
    outline, of_label, sound = _trace(edges.take(np.flatnonzero(remains)), label)
    alone |= ~np.isin(label, of_label[sound])
    outline, of_label = outline[sound], of_label[sound]
    place = np.empty(len(polygons), dtype=np.int64)
    place[of_label] = np.arange(len(of_label))
    block = np.where(alone, 0, place[label])
    block[alone] = len(outline) + np.arange(int(alone.sum()))
    return Blocks(np.concatenate((outline, polygons[alone])), block)


def _list_edges(polygons: Geometries, rows: IntArray) -> _Edges:
    xy = shapely.get_coordinates(polygons[rows])
    counts = shapely.get_num_coordinates(polygons[rows])
    starts = np.concatenate(([0], np.cumsum(counts)))
    owner = np.repeat(rows, counts)
    key = mix_rows(xy)
    inner = np.ones(len(xy), dtype=np.bool_)
    inner[starts[1:] - 1] = False
    at = np.flatnonzero(inner)
    at = at[key[at] != key[at + 1]]
    turned = ~np.repeat(is_ccw(xy, starts), counts)[at] if len(rows) else np.empty(0, dtype=np.bool_)
    start, stop = at + turned, at + ~turned
    return _Edges(np.hstack((xy[start], xy[stop])), key[start], key[stop], owner[at])


def _match(edges: _Edges) -> tuple[IntArray, IntArray, IntArray]:
    """Return the edges that two parcels share in opposite directions, and the parcels of odder meetings."""
    low, high = np.minimum(edges.start, edges.stop), np.maximum(edges.start, edges.stop)
    key = low * _MIX + high
    order = np.argsort(key)
    same = np.zeros(len(order) + 1, dtype=np.bool_)
    same[1:-1] = key[order[1:]] == key[order[:-1]]
    in_group = same[1:] | same[:-1]
    pair = np.flatnonzero(same[1:-1] & ~same[:-2] & ~same[2:])
    left, right = order[pair], order[pair + 1]
    opposite = (edges.xy[left] == edges.xy[right][:, [2, 3, 0, 1]]).all(axis=1)
    opposite &= edges.owner[left] != edges.owner[right]
    in_group[pair[opposite]] = in_group[pair[opposite] + 1] = False
    return left[opposite], right[opposite], np.unique(edges.owner[order[in_group]])


def _connect(count: int, left: IntArray, right: IntArray) -> IntArray:
    """Return for each of ``count`` parcels the lowest one that it is joined to, over any number of others."""
    label = np.arange(count)
    while True:
        low, high = np.minimum(label[left], label[right]), np.maximum(label[left], label[right])
        apart = low != high
        if not apart.any():
            return label
        np.minimum.at(label, high[apart], low[apart])
        while (label != label[label]).any():
            label = label[label]


def _trace(edges: _Edges, label: IntArray) -> tuple[Geometries, IntArray, BoolArray]:
    """Chain the remaining edges of each block to rings: outline, label, whether it proves the block."""
    of = label[edges.owner]
    nothing = np.empty(0, dtype=np.int64)
    if not of.size:
        return np.empty(0, dtype=object), nothing, np.empty(0, dtype=np.bool_)
    salt = of.astype(np.uint64) * _MIX
    order = np.argsort(edges.start ^ salt)
    sorted_start = (edges.start ^ salt)[order]
    at = np.minimum(np.searchsorted(sorted_start, edges.stop ^ salt), len(order) - 1)
    after = order[at]
    broken = ~((edges.xy[:, 2:] == edges.xy[after, :2]).all(axis=1) & (of == of[after]))
    twice = np.flatnonzero(sorted_start[1:] == sorted_start[:-1])
    bad = np.unique(np.concatenate((of[broken], of[order[twice]], of[order[twice + 1]])))
    good = np.flatnonzero(~np.isin(of, bad))
    place = np.empty(len(of), dtype=np.int64)
    place[good] = np.arange(good.size)
    walk, starts = _walk(place[after[good]].tolist())
    return _build(edges.xy[good[walk], :2], starts, of[good[walk[starts[:-1]]]])


def _walk(after: list[int]) -> tuple[IntArray, IntArray]:
    """Follow a permutation round its cycles; return the visits in order and where each cycle starts."""
    seen = bytearray(len(after))
    walk: list[int] = []
    starts = [0]
    for first in range(len(after)):
        if seen[first]:
            continue
        at = first
        while not seen[at]:
            seen[at] = 1
            walk.append(at)
            at = after[at]
        starts.append(len(walk))
    return np.array(walk, dtype=np.int64), np.array(starts, dtype=np.int64)


def _build(xy: FloatArray, starts: IntArray, of: IntArray) -> tuple[Geometries, IntArray, BoolArray]:
    """Build outlines from rings without closing points; the one counter-clockwise ring is the shell."""
    if not of.size:
        return np.empty(0, dtype=object), of, np.empty(0, dtype=np.bool_)
    sizes = np.diff(starts)
    closed = np.insert(np.arange(len(xy)), starts[1:], starts[:-1])
    ring_starts = np.concatenate(([0], np.cumsum(sizes + 1)))
    shell = is_ccw(xy[closed], ring_starts)
    order = np.lexsort((~shell, of))
    label, first, rings = np.unique(of[order], return_index=True, return_counts=True)
    shells = np.add.reduceat(shell[order].astype(np.int64), first)
    long = np.minimum.reduceat(sizes[order], first) >= 3
    within = np.repeat(ring_starts[order], sizes[order] + 1)
    offsets = np.concatenate(([0], np.cumsum(sizes[order] + 1)))
    taken = within + np.arange(offsets[-1]) - np.repeat(offsets[:-1], sizes[order] + 1)
    outlines = shapely.from_ragged_array(
        shapely.GeometryType.POLYGON,
        xy[closed][taken],
        (offsets, np.concatenate(([0], np.cumsum(rings)))),
    )
    sound = (shells == 1) & long
    sound[sound] = shapely.is_valid(outlines[sound])
    return outlines, label, sound


__all__ = ["Blocks", "join_blocks"]
