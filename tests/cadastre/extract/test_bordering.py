"""Which parcels lie beyond which sides."""

from __future__ import annotations

import pytest
import shapely

from cadastre.extract.bordering import find_neighbours
from cadastre.extract.neighbour import NeighbourRecord
from tests.cadastre.extract.builders import E0, N0, ring

SQUARE = ring((0, 0), (0, 20), (20, 20), (20, 0))
"""Numbered from the north-western corner, clockwise: 1 north-west, 2 north-east, 3 south-east, 4 south-west."""


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    return shapely.box(E0 + west, N0 + south, E0 + east, N0 + north)


@pytest.mark.parametrize(
    ("other", "runs"),
    [
        (box(20, 0, 40, 20), [(2, 3)]),
        (box(-10, 20, 30, 30), [(1, 2)]),
        (box(20, -30, 40, 10), [(2, 3)]),  # half of a side
        (box(20.09, 0, 40, 20), [(2, 3)]),  # a gap within the tolerance of the survey
        (box(20.2, 0, 40, 20), []),
        (box(20, 20, 40, 40), []),  # meets it at a corner
        (shapely.union_all([box(20, -10, 40, 20), box(-10, -10, 20, 0)]), [(2, 4)]),
        (box(-10, -10, 30, 30).difference(box(0, 0, 20, 20)), [(1, 1)]),  # all around
        (shapely.union_all([box(-10, 0, 0, 30), box(-10, 20, 20, 30)]), [(4, 2)]),  # over the first corner
        (
            shapely.union_all([box(-10, 0, 0, 20), box(20, 0, 30, 20), box(-10, -10, 30, -5)]).union(
                box(-10, -10, -5, 0).union(box(25, -10, 30, 0))
            ),
            [(2, 3), (4, 1)],
        ),  # embraces it on two sides
    ],
)
def test_sides_are_named_by_their_corners(other: shapely.Polygon, runs: list[tuple[int, int]]) -> None:
    found = find_neighbours((SQUARE,), [("0108-X", other)], srid=32639)
    assert found == tuple(NeighbourRecord("0108-X", *run) for run in runs)


def test_a_parcel_in_the_hole_borders_on_it() -> None:
    hole = ring((5, 5), (5, 10), (10, 10), (10, 5))
    found = find_neighbours((SQUARE, hole), [("0108-X", box(5, 5, 10, 10))], srid=32639)
    assert found == (NeighbourRecord("0108-X", 5, 5),)


def test_neighbours_are_ordered_along_the_boundary() -> None:
    around = [("C", box(-9, 0, 0, 20)), ("B", box(0, -9, 20, 0)), ("A", box(20, 0, 29, 20))]
    assert [one.cadastral_number for one in find_neighbours((SQUARE,), around, srid=32639)] == ["A", "B", "C"]
