"""The street plan: a town cut again and again by avenues, streets and lanes until blocks are left.

Everything lies on a flat sheet: metres, x east and y north of the town's
middle, before :mod:`ingest.sample.warp` bends it.  On the sheet each street is
a straight directed line and each block a convex quadrilateral, counter-clockwise.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

AVENUE, STREET, LANE = 0, 1, 2
_WIDTH_M: Final = {AVENUE: 26.0, STREET: 12.5, LANE: 7.0}


@dataclass(slots=True)
class Blocks:
    """Quadrilaterals with what bounds them.

    ``corners`` (n, 4, 2) metres on the sheet; side ``i`` runs from corner ``i`` to ``i + 1``.
    ``street`` (n, 4) the street along each side; ``left`` (n, 4) whether the block is on its left.
    ``quarter`` (n,) the neighbourhood.
    """

    corners: Floats
    street: Ints
    left: Bools
    quarter: Ints

    def __len__(self) -> int:
        return len(self.corners)

    def take(self, index: Ints | Bools) -> Blocks:
        """Give the blocks at ``index``, in that order."""
        return Blocks(self.corners[index], self.street[index], self.left[index], self.quarter[index])

    def lengths(self) -> tuple[Floats, Floats]:
        """Give the mean length of sides 0 and 2, and of sides 1 and 3, in metres."""
        side = np.linalg.norm(np.roll(self.corners, -1, axis=1) - self.corners, axis=2)
        return (side[:, 0] + side[:, 2]) / 2, (side[:, 1] + side[:, 3]) / 2


@dataclass(slots=True)
class StreetPlan:
    """Directed centre lines on the sheet; row ``i`` is street ``i``.

    ``parent`` is the street at the start, -1 for none: a lane is numbered along it.
    """

    start: Floats
    end: Floats
    level: Ints
    parent: Ints
    pieces: list[tuple[Floats, Floats, Ints, Ints]] = field(default_factory=list)
    count: int = 0

    def append(self, start: Floats, end: Floats, level: int, parent: Ints) -> Ints:
        """Add streets and give their numbers."""
        ids = np.arange(self.count, self.count + len(start))
        self.pieces.append((start, end, np.full(len(start), level), parent))
        self.count += len(start)
        self.start, self.end, self.level, self.parent = (
            np.concatenate(part) for part in zip(*self.pieces, strict=True)
        )
        return ids


def concatenate(parts: list[Blocks]) -> Blocks:
    """Put blocks one after another."""
    return Blocks(
        np.concatenate([p.corners for p in parts]),
        np.concatenate([p.street for p in parts]),
        np.concatenate([p.left for p in parts]),
        np.concatenate([p.quarter for p in parts]),
    )


def turn(blocks: Blocks, mask: Bools) -> Blocks:
    """Renumber the sides of the blocks under ``mask`` by one, so that side 1 becomes side 0."""
    order = np.where(mask[:, None], np.array([1, 2, 3, 0]), np.array([0, 1, 2, 3]))
    return replace(
        blocks,
        corners=np.take_along_axis(blocks.corners, order[:, :, None], axis=1),
        street=np.take_along_axis(blocks.street, order, axis=1),
        left=np.take_along_axis(blocks.left, order, axis=1),
    )


def outline(side_m: float, plan: StreetPlan) -> Blocks:
    """Make the whole town one block within four avenues."""
    h = side_m / 2
    square = np.array([[-h, -h], [h, -h], [h, h], [-h, h]])
    ends = np.roll(square, -1, axis=0)
    ids = plan.append(square, ends, AVENUE, np.full(4, -1))
    inside = square * (1 - _WIDTH_M[AVENUE] / side_m)
    return Blocks(inside[None], ids[None], np.ones((1, 4), bool), np.zeros(1, np.int64))


def cut(
    blocks: Blocks, parts: Ints, level: int, jitter: float, plan: StreetPlan, rng: np.random.Generator
) -> Blocks:
    """Cut each block into ``parts`` pieces by streets from side 0 to side 2.

    Parameters
    ----------
    jitter
        How far a cut may stray from an even division, as a part of a piece's width.
    """
    n = len(blocks)
    owner = np.repeat(np.arange(n), parts - 1)
    nth = _positions(parts - 1) + 1
    k = parts[owner]
    near = (nth + rng.uniform(-jitter, jitter, len(owner))) / k
    far = np.clip(
        near + rng.normal(0, jitter / 3, len(owner)) / k,
        (nth - 0.9 * jitter - 0.05) / k,
        (nth + 0.9 * jitter + 0.05) / k,
    )
    c = blocks.corners[owner]
    base, top = c[:, 1] - c[:, 0], c[:, 2] - c[:, 3]
    p, q = c[:, 0] + near[:, None] * base, c[:, 3] + far[:, None] * top
    ids, outward = _lay_streets(p, q, blocks.street[owner][:, [0, 2]], level, plan)
    half = _WIDTH_M[level] / 2
    gap0, gap2 = half / np.linalg.norm(base, axis=1), half / np.linalg.norm(top, axis=1)
    return _pieces(blocks, parts, (near, far, gap0, gap2, ids, outward))


def _lay_streets(p: Floats, q: Floats, bounding: Ints, level: int, plan: StreetPlan) -> tuple[Ints, Bools]:
    """Lay streets p → q out to the centre lines they meet, starting towards the middle of the town."""
    start = _meet(p, q, plan.start[bounding[:, 0]], plan.end[bounding[:, 0]])
    end = _meet(p, q, plan.start[bounding[:, 1]], plan.end[bounding[:, 1]])
    outward = np.hypot(*start.T) <= np.hypot(*end.T)
    first = np.where(outward[:, None], start, end)
    last = np.where(outward[:, None], end, start)
    parent = np.where(outward, bounding[:, 0], bounding[:, 1])
    return plan.append(first, last, level, parent), outward


def _meet(p: Floats, q: Floats, a: Floats, b: Floats) -> Floats:
    """Give where the line p-q meets the line a-b."""
    d, e = q - p, b - a
    t = ((a - p)[:, 0] * e[:, 1] - (a - p)[:, 1] * e[:, 0]) / (d[:, 0] * e[:, 1] - d[:, 1] * e[:, 0])
    return p + t[:, None] * d


def _pieces(blocks: Blocks, parts: Ints, cuts: tuple[Floats, Floats, Floats, Floats, Ints, Bools]) -> Blocks:
    near, far, gap0, gap2, ids, outward = cuts
    owner = np.repeat(np.arange(len(blocks)), parts)
    j = _positions(parts)
    first_cut = (np.cumsum(parts - 1) - (parts - 1))[owner]
    has_low, has_high = j > 0, j < parts[owner] - 1
    low = np.where(has_low, first_cut + j - 1, 0)
    high = np.where(has_high, first_cut + j, 0)
    pad = (lambda a: a) if len(near) else (lambda a: np.zeros(1, a.dtype))
    near, far, gap0, gap2, ids, outward = (pad(a) for a in (near, far, gap0, gap2, ids, outward))
    l0, l2 = np.where(has_low, (near + gap0)[low], 0.0), np.where(has_low, (far + gap2)[low], 0.0)
    h0, h2 = np.where(has_high, (near - gap0)[high], 1.0), np.where(has_high, (far - gap2)[high], 1.0)
    c = blocks.corners[owner]
    base, top = c[:, 1] - c[:, 0], c[:, 2] - c[:, 3]
    corners = np.stack(
        [
            c[:, 0] + l0[:, None] * base,
            c[:, 0] + h0[:, None] * base,
            c[:, 3] + h2[:, None] * top,
            c[:, 3] + l2[:, None] * top,
        ],
        axis=1,
    )
    street, left = blocks.street[owner].copy(), blocks.left[owner].copy()
    street[:, 3] = np.where(has_low, ids[low], street[:, 3])
    left[:, 3] = np.where(has_low, ~outward[low], left[:, 3])
    street[:, 1] = np.where(has_high, ids[high], street[:, 1])
    left[:, 1] = np.where(has_high, outward[high], left[:, 1])
    return Blocks(corners, street, left, blocks.quarter[owner])


def _positions(counts: Ints) -> Ints:
    """Give 0 .. count - 1 for each count, one after another.

    Examples
    --------
    >>> _positions(np.array([2, 0, 3])).tolist()
    [0, 1, 0, 1, 2]
    """
    total = int(counts.sum())
    return np.arange(total) - np.repeat(np.cumsum(counts) - counts, counts)


def halve_until(
    blocks: Blocks, limit_m: float, level: int, jitter: float, plan: StreetPlan, rng: np.random.Generator
) -> Blocks:
    """Halve every block across its longer side until no side is longer than ``limit_m``."""
    done: list[Blocks] = []
    while len(blocks):
        length, depth = blocks.lengths()
        blocks = turn(blocks, depth > length)
        large = np.maximum(length, depth) > limit_m
        done.append(blocks.take(~large))
        blocks = blocks.take(large)
        if len(blocks):
            blocks = cut(blocks, np.full(len(blocks), 2), level, jitter, plan, rng)
    return concatenate(done)


def empty_plan() -> StreetPlan:
    """Give a plan without streets."""
    return StreetPlan(np.empty((0, 2)), np.empty((0, 2)), np.empty(0, np.int64), np.empty(0, np.int64))
