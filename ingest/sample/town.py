"""A town of a wanted size: its blocks with their use, kept from the middle outwards."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np

from ingest.sample.streets import (
    AVENUE,
    LANE,
    STREET,
    Blocks,
    Bools,
    Floats,
    Ints,
    StreetPlan,
    concatenate,
    cut,
    empty_plan,
    halve_until,
    outline,
    turn,
)


class Use(IntEnum):
    """What a block is used for; it decides the width of its parcels and what stands on them."""

    HOUSES = 0
    OLD_TOWN = 1
    FLATS = 2
    TRADE = 3
    PARK = 4
    SCHOOL = 5
    INDUSTRY = 6
    GARDENS = 7
    FIELDS = 8
    SUBSTATION = 9


LOT_WIDTH_M: Final = np.array([17.0, 13.0, 64.0, 34.0, 0.0, 0.0, 62.0, 23.0, 95.0, 0.0])
STRIP_DEPTH_M: Final = np.array([55.0, 44.0, 76.0, 62.0, 60.0, 70.0, 108.0, 64.0, 150.0, 60.0])
SINGLE_PARCEL: Final = np.array([False, False, False, False, True, True, False, False, False, False])


@dataclass(slots=True)
class Town:
    """Streets and blocks of a synthetic town on the flat sheet.

    ``use`` (n,) a :class:`Use` per block; ``distance`` (n,) metres from the middle, with
    the noise that frays the edge of the town.
    """

    streets: StreetPlan
    blocks: Blocks
    use: Ints
    distance: Floats
    radius_m: float


def build_town(side_m: float, rng: np.random.Generator) -> Town:
    """Lay out a square of ``side_m`` metres; its corners are cut off later, when blocks are kept."""
    plan = empty_plan()
    quarters = halve_until(outline(side_m, plan), 1150.0, AVENUE, 0.3, plan, rng)
    quarters = halve_until(quarters, 430.0, STREET, 0.32, plan, rng)
    quarters.quarter = np.arange(len(quarters))
    middle = quarters.corners.mean(axis=1)
    radius = side_m / 2
    quarter_use = _choose_uses(np.hypot(*middle.T) / radius, rng)
    fray = rng.normal(1.0, 0.13, len(quarters))
    blocks = _cut_into_blocks(quarters, quarter_use, plan, rng)
    use = quarter_use[blocks.quarter]
    use = _sprinkle_public_blocks(use, rng)
    distance = np.hypot(*blocks.corners.mean(axis=1).T) * fray[blocks.quarter]
    return Town(plan, blocks, use, distance, radius)


def _choose_uses(part_of_radius: Floats, rng: np.random.Generator) -> Ints:
    """Draw a use per quarter: dense in the middle, gardens, works and fields outside."""
    weights = np.array(
        [
            [24, 30, 18, 14, 4, 3, 0, 0, 0],
            [62, 10, 11, 6, 2, 2, 3, 4, 0],
            [60, 3, 6, 3, 1, 1, 8, 16, 2],
            [38, 0, 2, 1, 1, 0, 9, 36, 13],
        ],
        dtype=float,
    )
    ring = np.searchsorted([0.16, 0.45, 0.75], part_of_radius)
    limits = np.cumsum(weights / weights.sum(axis=1, keepdims=True), axis=1)[ring]
    use: Ints = np.minimum((rng.random(len(ring))[:, None] > limits).sum(axis=1), int(Use.FIELDS))
    return use


def _cut_into_blocks(quarters: Blocks, use: Ints, plan: StreetPlan, rng: np.random.Generator) -> Blocks:
    length, depth = quarters.lengths()
    quarters = turn(quarters, depth > length)
    use = use[quarters.quarter]
    length, depth = quarters.lengths()
    wanted = np.where(np.isin(use, (Use.FIELDS, Use.INDUSTRY, Use.PARK)), 420.0, 185.0)
    crossings = np.maximum(1, np.rint(length / wanted * rng.uniform(0.8, 1.15, len(use)))).astype(np.int64)
    halves = cut(quarters, crossings, STREET, 0.22, plan, rng)
    use = np.repeat(use, crossings)
    upright = rng.random(len(halves)) < 0.8
    width, depth = halves.lengths()
    halves = turn(halves, upright & (depth > 0))
    width, _ = halves.lengths()
    strips = np.maximum(1, np.rint(width / (STRIP_DEPTH_M[use] + 7.0))).astype(np.int64)
    single = SINGLE_PARCEL[use]
    strips[single] = np.minimum(strips[single], 2)
    blocks = cut(halves, strips, LANE, 0.1, plan, rng)
    length, depth = blocks.lengths()
    return _divide_long(turn(blocks, depth > length), plan, rng)


def _divide_long(blocks: Blocks, plan: StreetPlan, rng: np.random.Generator) -> Blocks:
    """Open a passage through some blocks that are longer than anybody would walk around."""
    length, _ = blocks.lengths()
    long = (length > 215.0) & (rng.random(len(blocks)) < 0.6)
    if not long.any():
        return blocks
    halves = cut(blocks.take(long), np.full(int(long.sum()), 2), LANE, 0.3, plan, rng)
    joined = concatenate([blocks.take(~long), halves])
    order = np.argsort(joined.quarter, kind="stable")
    joined = joined.take(order)
    length, depth = joined.lengths()
    return turn(joined, depth > length)


def _sprinkle_public_blocks(use: Ints, rng: np.random.Generator) -> Ints:
    """Give a few residential blocks to a park, a school or the trade."""
    draw = rng.random(len(use))
    home = np.isin(use, (Use.HOUSES, Use.OLD_TOWN, Use.FLATS, Use.GARDENS))
    out = use.copy()
    out[home & (draw < 0.022)] = Use.PARK
    out[home & (draw >= 0.022) & (draw < 0.036)] = Use.SCHOOL
    out[home & (draw >= 0.036) & (draw < 0.060)] = Use.TRADE
    return out


def keep_streets(town: Town, kept: Bools) -> tuple[Ints, Floats, Floats]:
    """Shorten the streets to where kept blocks stand along them.

    Returns
    -------
    tuple
        Numbers of the streets that remain, their start and end on the sheet, metres.
    """
    plan, blocks = town.streets, town.blocks.take(kept)
    span = plan.end - plan.start
    length = np.linalg.norm(span, axis=1)
    unit = span / length[:, None]
    low, high = np.full(plan.count, np.inf), np.full(plan.count, -np.inf)
    for side in range(4):
        street = blocks.street[:, side]
        for corner in (side, (side + 1) % 4):
            along = ((blocks.corners[:, corner] - plan.start[street]) * unit[street]).sum(axis=1)
            np.minimum.at(low, street, along)
            np.maximum.at(high, street, along)
    remaining = np.flatnonzero(high > low)
    reach = 16.0
    first = np.where(low[remaining] < 2 * reach, 0.0, low[remaining] - reach / 2)
    last = np.where(
        high[remaining] > length[remaining] - 2 * reach, length[remaining], high[remaining] + reach / 2
    )
    start = plan.start[remaining]
    return remaining, start + first[:, None] * unit[remaining], start + last[:, None] * unit[remaining]
