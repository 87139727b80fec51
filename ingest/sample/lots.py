"""Blocks divided into parcels: two rows back to back, every vertex made once and shared by index."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.sample.streets import Blocks, Bools, Floats, Ints
from ingest.sample.town import LOT_WIDTH_M, SINGLE_PARCEL, Use

_SNAP_M = 3.0


@dataclass(slots=True)
class Lots:
    """Parcels of all blocks as pieces of one pool of vertices.

    ``pool`` (v, 2) vertices on the sheet. A ring is the concatenation of five pieces:
    ``begin``, ``count`` and ``step`` (n, 5). ``front`` (n, 2) the vertices at the ends of the
    side towards the street; the inside lies on its left where ``inside_left``. ``side`` (n,) the
    side of the block that the parcel faces; ``flip`` whether the ring runs clockwise; ``hole``
    (n,) the first of the four vertices of the parcel cut out of its middle, or -1.
    """

    pool: Floats
    begin: NDArray[np.int32]
    count: NDArray[np.int16]
    step: NDArray[np.int8]
    front: Ints
    inside_left: Bools
    side: Ints
    flip: Bools
    block: Ints
    use: Ints
    hole: Ints

    def __len__(self) -> int:
        return len(self.block)

    def take(self, index: Ints | Bools) -> Lots:
        """Give the lots at ``index``, in that order, over the same pool."""
        return Lots(
            self.pool,
            self.begin[index],
            self.count[index],
            self.step[index],
            self.front[index],
            self.inside_left[index],
            self.side[index],
            self.flip[index],
            self.block[index],
            self.use[index],
            self.hole[index],
        )

    def ring_indices(self, index: slice) -> tuple[Ints, Ints]:
        """Give pool indices of the open rings of the lots in ``index``, and the ring of each."""
        begin, count, step = self.begin[index].ravel(), self.count[index].ravel(), self.step[index].ravel()
        total = int(count.sum())
        within = np.arange(total) - np.repeat(np.cumsum(count) - count, count)
        vertices = np.repeat(begin, count) + within * np.repeat(step, count)
        sizes = self.count[index].sum(axis=1)
        return vertices, np.repeat(np.arange(len(sizes)), sizes)


@dataclass(slots=True)
class _Rows:
    """Two rows per block, row ``2b`` along side 0 and ``2b + 1`` along side 2."""

    block: Ints
    far: Bools
    lots: Ints
    single: Bools


@dataclass(slots=True)
class _Cuts:
    """Boundaries between neighbours of a row, from the street to the back line."""

    row: Ints
    front_u: Floats
    back_u: Floats
    bends: Ints
    bend_uv: Floats


def divide_blocks(blocks: Blocks, use: Ints, rng: np.random.Generator) -> Lots:
    """Divide blocks into parcels.

    Parameters
    ----------
    blocks
        Convex quadrilaterals, counter-clockwise, side 0 the long one; metres on the sheet.
    use
        (n,) the use of each block.
    """
    length, _ = blocks.lengths()
    rows = _plan_rows(length, use, rng)
    cuts = _place_cuts(rows, length, rng)
    middle = np.clip(rng.normal(0.5, 0.045, len(blocks)), 0.4, 0.6)
    _place_bends(cuts, rows, middle, rng)
    back_block, back_u, cut_back = _back_line(cuts, rows, length, len(blocks))
    inner = (back_u > 0) & (back_u < 1)
    back_v = middle[back_block] + inner * rng.uniform(-0.03, 0.03, len(back_u))
    fronts, front_start = _fronts(blocks, rows, cuts, rng)
    bends = _bilinear(blocks, np.repeat(rows.block[cuts.row], 2), cuts.bend_uv.reshape(-1, 2))
    pool = np.concatenate([fronts, bends, _bilinear(blocks, back_block, np.column_stack([back_u, back_v]))])
    ends = _back_ends(back_block, len(blocks))
    offsets = (front_start, len(fronts), len(fronts) + len(bends))
    return _cut_out_substations(_assemble(pool, rows, cuts, cut_back, ends, offsets, use, rng), blocks, rng)


def _plan_rows(length: Floats, use: Ints, rng: np.random.Generator) -> _Rows:
    block = np.repeat(np.arange(len(use)), 2)
    single = SINGLE_PARCEL[use][block]
    width = np.where(single, 32.0, LOT_WIDTH_M[use][block]) * rng.uniform(0.85, 1.2, len(block))
    lots = np.maximum(1, np.rint(length[block] / width)).astype(np.int64)
    return _Rows(block, np.arange(len(block)) % 2 == 1, lots, single)


def _place_cuts(rows: _Rows, length: Floats, rng: np.random.Generator) -> _Cuts:
    number = rows.lots - 1
    row = np.repeat(np.arange(len(number)), number)
    nth = np.arange(len(row)) - np.repeat(np.cumsum(number) - number, number) + 1
    n = rows.lots[row]
    front = (nth + rng.uniform(-0.2, 0.2, len(row))) / n
    back = front + rng.normal(0, 0.02, len(row)).clip(-0.05, 0.05) / n
    bends = rng.choice(3, len(row), p=[0.74, 0.15, 0.11])
    jog = np.where(bends == 2, rng.uniform(0.08, 0.22, len(row)) * rng.choice([-1, 1], len(row)), 0.0) / n
    back = _snap(back + jog, row, rows, length)
    return _Cuts(row, front, back, bends, np.zeros((len(row), 2, 2)))


def _snap(back: Floats, row: Ints, rows: _Rows, length: Floats) -> Floats:
    """Let cuts of the far row end where a cut of the near row does, when that is close by."""
    far = rows.far[row]
    block = rows.block[row]
    key = block + back * 0.999
    near_at, far_at = np.flatnonzero(~far), np.flatnonzero(far)
    if not len(near_at) or not len(far_at):
        return back
    place = np.searchsorted(key[near_at], key[far_at])
    best = np.full(len(far_at), -1)
    gap = np.full(len(far_at), np.inf)
    for candidate in (np.clip(place - 1, 0, len(near_at) - 1), np.clip(place, 0, len(near_at) - 1)):
        near = near_at[candidate]
        d = np.where(block[near] == block[far_at], np.abs(back[near] - back[far_at]), np.inf)
        best, gap = np.where(d < gap, near, best), np.minimum(gap, d)
    close = gap * length[block[far_at]] < _SNAP_M
    out = back.copy()
    out[far_at[close]] = back[best[close]]
    return out


def _place_bends(cuts: _Cuts, rows: _Rows, middle: Floats, rng: np.random.Generator) -> None:
    """Set the inner vertices of bent (1) and stepped (2) boundaries."""
    row = cuts.row
    depth = np.where(rows.far[row], 1 - middle[rows.block[row]], middle[rows.block[row]])
    at = rng.uniform(0.35, 0.65, len(row))
    lean = np.where(cuts.bends == 1, rng.uniform(-0.07, 0.07, len(row)) / rows.lots[row], 0.0)
    along = cuts.front_u + (cuts.back_u - cuts.front_u) * np.where(cuts.bends == 1, at, 0.0) + lean
    v = depth * at
    v2 = v + depth * np.where(cuts.bends == 2, rng.uniform(-0.04, 0.04, len(row)), 0.0)
    far = rows.far[row]
    cuts.bend_uv[:, 0, 0], cuts.bend_uv[:, 1, 0] = along, cuts.back_u
    cuts.bend_uv[:, 0, 1], cuts.bend_uv[:, 1, 1] = np.where(far, 1 - v, v), np.where(far, 1 - v2, v2)


def _back_line(cuts: _Cuts, rows: _Rows, length: Floats, blocks: int) -> tuple[Ints, Floats, Ints]:
    """Give the vertices of all back lines in order, and the vertex at which each cut ends."""
    single = rows.single[cuts.row]
    owner = np.where(single, -1, rows.block[cuts.row])
    block = np.concatenate([np.arange(blocks), owner, np.arange(blocks)])
    u = np.concatenate([np.zeros(blocks), cuts.back_u, np.ones(blocks)])
    order = np.lexsort((u, block))
    sorted_block, sorted_u = block[order], u[order]
    fresh = np.ones(len(order), bool)
    fresh[1:] = (sorted_block[1:] != sorted_block[:-1]) | (sorted_u[1:] != sorted_u[:-1])
    fresh &= sorted_block >= 0
    number = np.empty(len(order), np.int64)
    number[order] = np.cumsum(fresh) - 1
    return sorted_block[fresh], sorted_u[fresh], number[blocks : blocks + len(owner)]


def _back_ends(back_block: Ints, blocks: int) -> Ints:
    """Give the first and last vertex of each block's back line, (n, 2)."""
    first = np.searchsorted(back_block, np.arange(blocks))
    last = np.searchsorted(back_block, np.arange(blocks), side="right") - 1
    return np.column_stack([first, last])


def _fronts(blocks: Blocks, rows: _Rows, cuts: _Cuts, rng: np.random.Generator) -> tuple[Floats, Ints]:
    """Make the vertices along the streets; block corners are cut off by a few metres.

    Per row: a vertex on the cross side, the corner, one per cut, the other corner, cross side.
    """
    size = rows.lots + 3
    start = np.cumsum(size) - size
    u, v = np.zeros(int(size.sum())), np.zeros(int(size.sum()))
    length, depth = blocks.lengths()
    chamfer = rng.uniform(1.6, 4.2, (len(size), 2))
    along = np.minimum(chamfer / length[rows.block][:, None], 0.1)
    across = np.minimum(chamfer / depth[rows.block][:, None], 0.15)
    u[start + 1], v[start] = along[:, 0], across[:, 0]
    stop = start + size
    u[stop - 2], u[stop - 1], v[stop - 1] = 1 - along[:, 1], 1.0, across[:, 1]
    number = rows.lots - 1
    nth = np.arange(len(cuts.row)) - np.repeat(np.cumsum(number) - number, number)
    place = start[cuts.row] + 2 + nth
    u[place] = cuts.front_u
    v[place] = rng.uniform(0.0, 0.006, len(place))
    row = np.repeat(np.arange(len(size)), size)
    v = np.where(rows.far[row], 1 - v, v)
    return _bilinear(blocks, rows.block[row], np.column_stack([u, v])), start


def _bilinear(blocks: Blocks, block: Ints, uv: Floats) -> Floats:
    """Place (u, v) of the unit square in its block: metres on the sheet, rounded to the millimetre."""
    u, v = uv[:, :1], uv[:, 1:]
    c = blocks.corners
    out = np.empty((len(block), 2))
    step = 500_000
    for i in range(0, len(block), step):
        s = slice(i, i + step)
        b, us, vs = c[block[s]], u[s], v[s]
        out[s] = (
            (1 - us) * (1 - vs) * b[:, 0]
            + us * (1 - vs) * b[:, 1]
            + us * vs * b[:, 2]
            + (1 - us) * vs * b[:, 3]
        )
    return np.rint(out * 1000.0) / 1000.0


def _assemble(
    pool: Floats,
    rows: _Rows,
    cuts: _Cuts,
    cut_back: Ints,
    ends: Ints,
    offsets: tuple[Ints, int, int],
    use: Ints,
    rng: np.random.Generator,
) -> Lots:
    """List each lot's ring: street side, right cut, back line reversed, left cut reversed."""
    front_start, bend_offset, back_offset = offsets
    lots = np.where(rows.single, np.where(rows.far, 0, 1), rows.lots)
    row = np.repeat(np.arange(len(lots)), lots)
    nth = np.arange(len(row)) - np.repeat(np.cumsum(lots) - lots, lots)
    single = rows.single[row]
    block = rows.block[row]
    first, last = nth == 0, (nth == lots[row] - 1) | single
    cut_start = (np.cumsum(rows.lots - 1) - (rows.lots - 1))[row]
    left_cut, right_cut = cut_start + nth - 1, cut_start + nth
    safe_left, safe_right = np.where(first, 0, left_cut), np.where(last, 0, right_cut)
    bends = cuts.bends if len(cuts.bends) else np.zeros(1, np.int64)
    backs = cut_back if len(cut_back) else np.zeros(1, np.int64)
    back_left = np.where(first, ends[block, 0], backs[safe_left])
    back_right = np.where(last, ends[block, 1], backs[safe_right])
    bend_left = np.where(first, 0, bends[safe_left])
    bend_right = np.where(last, 0, bends[safe_right])
    n = len(row)
    begin, count, step = np.zeros((n, 5), np.int32), np.zeros((n, 5), np.int16), np.ones((n, 5), np.int8)
    begin[:, 0] = front_start[row] + nth + np.where(first, 0, 1)
    count[:, 0] = 2 + first + last
    begin[:, 1], count[:, 1] = bend_offset + 2 * safe_right, bend_right
    begin[:, 2], count[:, 2], step[:, 2] = back_offset + back_right, back_right - back_left + 1, -1
    begin[:, 3], count[:, 3], step[:, 3] = bend_offset + 2 * safe_left + bend_left - 1, bend_left, -1
    at = np.flatnonzero(single)
    both = rows.lots[row[at]], rows.lots[row[at] + 1]
    count[at, 0], count[at, 1:4] = both[0] + 3, 0
    begin[at, 4], count[at, 4], step[at, 4] = front_start[row[at] + 1] + both[1] + 2, both[1] + 3, -1
    front = front_start[row] + 1 + nth
    front = np.column_stack([front, front + 1])
    front[at, 1] = front_start[row[at]] + both[0] + 1
    far = rows.far[row]
    result = Lots(
        pool, begin, count, step, front, ~far, np.where(far, 2, 0), far, block, use[block], np.full(n, -1)
    )
    _face_cross_streets(
        result,
        (first & ~single, last & ~single),
        (front_start[row], rows.lots[row]),
        (back_left + back_offset, back_right + back_offset),
        rng,
    )
    return result


def _face_cross_streets(
    lots: Lots,
    corner: tuple[Bools, Bools],
    fronts: tuple[Ints, Ints],
    back: tuple[Ints, Ints],
    rng: np.random.Generator,
) -> None:
    """Turn some corner lots towards the street at the end of their block."""
    chosen = (rng.random(len(lots)) < 0.38) & ~np.isin(lots.use, (Use.FLATS, Use.FIELDS))
    far = lots.flip
    low, high = chosen & corner[0], chosen & corner[1] & ~corner[0]
    start, number = fronts
    lots.front[low] = np.column_stack([start, back[0]])[low]
    lots.side[low] = 3
    lots.inside_left[low] = far[low]
    lots.front[high] = np.column_stack([start + number + 2, back[1]])[high]
    lots.side[high] = 1
    lots.inside_left[high] = ~far[high]


def _cut_out_substations(lots: Lots, blocks: Blocks, rng: np.random.Generator) -> Lots:
    """Cut a transformer's small parcel out of the middle of some parks, schools and yards."""
    large = SINGLE_PARCEL[lots.use] & (rng.random(len(lots)) < 0.6)
    hosts = np.flatnonzero(large)
    if not len(hosts):
        return lots
    middle = blocks.corners[lots.block[hosts]].mean(axis=1)
    half = np.array([[-3.5, -2.5], [3.5, -2.5], [3.5, 2.5], [-3.5, 2.5]])
    corners = np.rint((middle[:, None] + half) * 1000.0) / 1000.0
    first = len(lots.pool) + 4 * np.arange(len(hosts))
    lots.hole[hosts] = first
    k = len(hosts)
    begin, count = np.zeros((k, 5), np.int32), np.zeros((k, 5), np.int16)
    begin[:, 0], count[:, 0] = first, 4
    small = Lots(
        lots.pool,
        begin,
        count,
        np.ones((k, 5), np.int8),
        np.column_stack([first, first + 1]),
        np.ones(k, bool),
        lots.side[hosts],
        np.zeros(k, bool),
        lots.block[hosts],
        np.full(k, Use.SUBSTATION),
        np.full(k, -1),
    )
    return _join(lots, small, np.concatenate([lots.pool, corners.reshape(-1, 2)]))


def _join(lots: Lots, more: Lots, pool: Floats) -> Lots:
    order = np.argsort(np.concatenate([lots.block, more.block]), kind="stable")
    names = ("begin", "count", "step", "front", "inside_left", "side", "flip", "block", "use", "hole")
    fields = (np.concatenate([getattr(lots, name), getattr(more, name)])[order] for name in names)
    return Lots(pool, *fields)
