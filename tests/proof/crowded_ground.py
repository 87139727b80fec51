"""A crowded quarter: rows of plots without a gap, narrow streets between them, all on the millimetre grid.

Every plot is a quadrangle between the two straight sides of its row, so that a cut from one side to the
other, and a boundary that is moved along them, loses nothing: areas balance exactly, whatever is done.
"""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass

import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

WEST, SOUTH = 425_250.0, 4_480_320.0
"""South-west corner, EPSG:32639; a corner of the cells that writers meet in lies within the quarter."""
ROWS, PLOTS = 16, 8
PLOT_M, DEPTH_M, STREET_M = 40.0, 30.0, 10.0
LENGTH_M = PLOTS * PLOT_M
LEAST_M = 2.0
"""No side of a plot on its street is shorter."""
_MISFITS_M = (0.0, 0.0, 0.001, -0.001, 0.002, -0.002, 0.003, -0.003)
"""How far a drawn parcel misses its neighbours' line: up to two millimetres are tolerated, three are not."""

Side = tuple[float, float]
"""Where a boundary meets the south and the north side of its row: metres east of the row's end."""


@dataclass(frozen=True, slots=True)
class Plot:
    """A registered plot of a row, between its western and its eastern boundary."""

    row: int
    property_id: int
    parcel_id: int
    west: Side
    east: Side

    @property
    def width_m(self) -> float:
        """Its shorter side on a street."""
        return min(self.east[0] - self.west[0], self.east[1] - self.west[1])


def south_of(row: int) -> float:
    """Northing of the south side of a row."""
    return SOUTH + row * (DEPTH_M + STREET_M)


def row_outline(row: int) -> Polygon:
    """All land of a row."""
    return outline(row, (0.0, 0.0), (LENGTH_M, LENGTH_M))


def outline(row: int, west: Side, east: Side) -> Polygon:
    """Quadrangle between two boundaries of a row."""
    south, north = south_of(row), south_of(row) + DEPTH_M
    return Polygon(
        [
            (_east_of(west[0]), south),
            (_east_of(east[0]), south),
            (_east_of(east[1]), north),
            (_east_of(west[1]), north),
        ]
    )


def read_plot(row: int, property_id: int, parcel_id: int, shape: BaseGeometry) -> Plot:
    """The plot that has this outline."""
    corners = shapely.get_coordinates(shape)
    south, north = (
        sorted({round(x - WEST, 3) for x, y in corners if y == side})
        for side in (south_of(row), south_of(row) + DEPTH_M)
    )
    return Plot(row, property_id, parcel_id, (south[0], north[0]), (south[-1], north[-1]))


def cut_sides(dice: random.Random, west: Side, east: Side, pieces: int) -> list[Side]:
    """Boundaries that cut the land between two others into pieces, west to east, the outer ones included."""
    cuts = [
        sorted(round(dice.uniform(west[at] + LEAST_M, east[at] - LEAST_M), 3) for _ in range(pieces - 1))
        for at in (0, 1)
    ]
    return [west, *zip(*cuts, strict=True), east]


def are_broad(sides: list[Side]) -> bool:
    """Whether each piece between these boundaries is broad enough."""
    return all(
        after[at] - before[at] >= LEAST_M for before, after in itertools.pairwise(sides) for at in (0, 1)
    )


def draw_parcel(dice: random.Random, rows: int = ROWS) -> Polygon:
    """A small rectangle, mostly in a street, flush with its neighbours or a little off."""
    row = dice.randrange(rows)
    south = south_of(row) + (DEPTH_M if dice.random() < 0.8 else dice.choice((0.0, 5.0, 25.0)))
    west = WEST + 2.0 * dice.randrange(int(LENGTH_M / 2)) + dice.choice(_MISFITS_M)
    south += 2.0 * dice.randrange(4) + dice.choice(_MISFITS_M)
    width, height = 2.0 * dice.randint(1, 5), 2.0 * dice.randint(1, 4)
    return shapely.box(_mm(west), _mm(south), _mm(west + width), _mm(south + height))


def _east_of(offset_m: float) -> float:
    return _mm(WEST + offset_m)


def _mm(metres: float) -> float:
    return round(metres, 3)
