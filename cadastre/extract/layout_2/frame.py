"""Where ground lies on paper: frames of A4 and A3 sheets, and the series that covers a long boundary.

Grid north is up; within a sheet the grid's scale error (0.04 %) is far below the width of a pen line.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, NamedTuple

import shapely
from shapely.geometry.base import BaseGeometry

SCALES: Final = (
    50,
    100,
    200,
    250,
    500,
    1_000,
    2_000,
    2_500,
    5_000,
    10_000,
    20_000,
    25_000,
    50_000,
    100_000,
    200_000,
    500_000,
    1_000_000,
)
MARGIN_MM: Final = 14.0
"""Room for numbers between a boundary and the frame."""
OVERLAP_MM: Final = 10.0
"""What a sheet of a series shows beyond its part: as much stands on the next sheet too."""
MOST_SHEETS: Final = 12
"""A longer series would be drawn at a scale at which nobody looks for a corner on paper."""
MIN_HEIGHT_MM: Final = 70.0

Xy = tuple[float, float]


class Paper(Enum):
    """A sheet of paper with the frame of a plan on it: name, turned, width and height in millimetres."""

    A4 = ("a4", False, 174.0, 195.0)
    A3_WIDE = ("a3", True, 384.0, 210.0)
    A3_TALL = ("a3", False, 261.0, 333.0)

    @property
    def size(self) -> str:
        """Name of the format."""
        return self.value[0]

    @property
    def flipped(self) -> bool:
        """Whether it lies on its long side."""
        return self.value[1]

    @property
    def width_mm(self) -> float:
        """Width of the frame."""
        return self.value[2]

    @property
    def height_mm(self) -> float:
        """Height of the frame, the most it may have."""
        return self.value[3]


class Extent(NamedTuple):
    """Grid coordinates in metres that hold all of something."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True, slots=True)
class Sheet:
    """Ground on paper; eastings and northings in metres, x right and y down in millimetres."""

    paper: Paper
    scale: int
    west: float
    north: float
    width_mm: float
    height_mm: float
    column: int = 0  # of a series, from the west
    row: int = 0  # of a series, from the north

    @property
    def per_metre(self) -> float:
        """Millimetres of paper for a metre of ground."""
        return 1000.0 / self.scale

    def at(self, northing: float, easting: float) -> Xy:
        """Place a grid coordinate on the paper."""
        return ((easting - self.west) * self.per_metre, (self.north - northing) * self.per_metre)


def fitting_scale(extent: Extent, width_mm: float, height_mm: float) -> int:
    """Give the largest scale at which an extent fits into a frame with its margins.

    Examples
    --------
    >>> fitting_scale(Extent(0, 0, 30, 40), 174, 138), fitting_scale(Extent(0, 0, 3_000, 4_000), 174, 138)
    (500, 50000)
    """
    room_x, room_y = width_mm - 2 * MARGIN_MM, height_mm - 2 * MARGIN_MM
    needed = 1000 * max((extent.east - extent.west) / room_x, (extent.north - extent.south) / room_y)
    fitting = next((scale for scale in SCALES if scale >= needed), None)
    return fitting or math.ceil(needed / SCALES[-1]) * SCALES[-1]


def single_sheet(extent: Extent, paper: Paper, *, max_height_mm: float | None = None) -> Sheet:
    """Put an extent into the middle of one sheet; on A4 the frame is no higher than needed."""
    most = max_height_mm or paper.height_mm
    scale = fitting_scale(extent, paper.width_mm, most)
    needed = (extent.north - extent.south) * 1000 / scale + 2 * MARGIN_MM
    height = min(most, max(MIN_HEIGHT_MM, needed)) if paper is Paper.A4 else most
    metres = scale / 1000.0
    return Sheet(
        paper,
        scale,
        west=(extent.east + extent.west) / 2 - paper.width_mm / 2 * metres,
        north=(extent.north + extent.south) / 2 + height / 2 * metres,
        width_mm=paper.width_mm,
        height_mm=height,
    )


def series(lines: BaseGeometry, scale: int) -> list[Sheet]:
    """Cover lines (x easting, y northing, metres) by A3 sheets of a scale: as few as a grid of them can be.

    Sheets are ordered as one reads: row by row from the north, in a row from the west.
    """
    grids = [
        _grid(lines, paper, scale, shift)
        for paper in (Paper.A3_WIDE, Paper.A3_TALL)
        for shift in ((0.5, 0.5), (0.0, 0.5), (0.5, 0.0), (0.0, 0.0))
    ]
    return min(grids, key=len)


def coarsest_series(lines: BaseGeometry, wanted: float, *, below: int) -> list[Sheet]:
    """Give the series at ``wanted``, or at the first coarser scale that takes MOST_SHEETS at most.

    Empty when only ``below`` and coarser scales would do: one sheet shows as much.
    """
    finest = max((scale for scale in SCALES if scale <= wanted), default=SCALES[0])
    west, south, east, north = lines.bounds
    for tried in (scale for scale in SCALES if finest <= scale < below):
        if max(east - west, north - south) * 1000 / tried > MOST_SHEETS * Paper.A3_WIDE.width_mm:
            continue  # a row of sheets alone would be too long
        sheets = series(lines, tried)
        if len(sheets) <= MOST_SHEETS:
            return sheets
    return []


def _grid(lines: BaseGeometry, paper: Paper, scale: int, shift: Xy) -> list[Sheet]:
    metres = scale / 1000.0
    wide, high = (paper.width_mm - 2 * OVERLAP_MM) * metres, (paper.height_mm - 2 * OVERLAP_MM) * metres
    west, south, east, north = lines.bounds
    columns, slack_x = _cells(east - west, wide, shift[0])
    rows, slack_y = _cells(north - south, high, shift[1])
    left, top = west - slack_x, north + slack_y
    places = [(column, row) for row in range(rows) for column in range(columns)]
    boxes = [
        shapely.box(left + c * wide, top - (r + 1) * high, left + (c + 1) * wide, top - r * high)
        for c, r in places
    ]
    shapely.prepare(lines)
    touched = shapely.intersects(lines, boxes)
    return [
        Sheet(
            paper,
            scale,
            west=left + column * wide - OVERLAP_MM * metres,
            north=top - row * high + OVERLAP_MM * metres,
            width_mm=paper.width_mm,
            height_mm=paper.height_mm,
            column=column,
            row=row,
        )
        for (column, row), here in zip(places, touched, strict=True)
        if here
    ]


def _cells(extent: float, cell: float, shift: float) -> tuple[int, float]:
    """How many cells in a row, and how far the first begins before the extent."""
    count = max(1, math.ceil(extent / cell))
    if shift == 0.5:
        return count, (count * cell - extent) / 2
    return count + 1, cell / 2 if count * cell - extent < cell / 2 else (count * cell - extent)


def readable_scale(
    sides_m: Sequence[float], mean_width_m: float, *, side_mm: float, width_mm: float
) -> float:
    """Give the coarsest scale at which half of the sides, and the width of the land, have so much paper."""
    if not sides_m:
        return math.inf
    median = sorted(sides_m)[len(sides_m) // 2]
    return 1000 * min(median / side_mm, mean_width_m / width_mm)


__all__ = [
    "MARGIN_MM",
    "MOST_SHEETS",
    "OVERLAP_MM",
    "SCALES",
    "Extent",
    "Paper",
    "Sheet",
    "coarsest_series",
    "fitting_scale",
    "readable_scale",
    "series",
    "single_sheet",
]
