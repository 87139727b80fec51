"""Overlaps against exact arithmetic and an independent brute force; who loses, in file order."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.overlap import find_overlaps, find_overlaps_with, resolve
from ingest.shrink import shrink_polygons

WIDTH = 0.002
MM = 1000
ORIGIN = (420_000.0, 4_470_000.0)

# Boxes whose edges lie on a 1 mm grid, so that every width is an exact number of millimetres.
boxes = st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(3, 25), st.integers(3, 25))


def to_box(box: tuple[int, int, int, int]) -> shapely.Polygon:
    x, y, width, height = (Fraction(value, MM) for value in box)
    low = float(x) + ORIGIN[0], float(y) + ORIGIN[1]
    return shapely.box(low[0], low[1], float(x + width) + ORIGIN[0], float(y + height) + ORIGIN[1])


def is_wider_exactly(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> bool:
    """The common rectangle of two boxes, in whole millimetres: wider than 2 mm both ways."""
    across = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    along = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    return across > 2 and along > 2


@settings(max_examples=150, deadline=None)
@given(st.lists(boxes, max_size=12, unique=True))
def test_boxes_on_the_grid_agree_with_exact_arithmetic(drawn: list[tuple[int, int, int, int]]) -> None:
    exact = {(i, j) for (i, a), (j, b) in combinations(enumerate(drawn), 2) if is_wider_exactly(a, b)}
    pairs = find_overlaps(np.array([to_box(box) for box in drawn], dtype=object), WIDTH)
    assert set(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)) == exact


def draw_star(centre: tuple[float, float], radii: list[float]) -> shapely.Polygon:
    angle = np.linspace(0, 2 * np.pi, len(radii), endpoint=False)
    x, y = centre[0] + np.cos(angle) * radii, centre[1] + np.sin(angle) * radii
    return shapely.Polygon(np.column_stack((x, y)).round(3))


stars = st.builds(
    draw_star,
    st.tuples(st.floats(0, 40), st.floats(0, 40)).map(lambda c: (c[0] + ORIGIN[0], c[1] + ORIGIN[1])),
    st.lists(st.floats(3, 15), min_size=3, max_size=9),
).filter(lambda star: star.is_valid)


@settings(max_examples=150, deadline=None)
@given(st.lists(stars, min_size=2, max_size=10))
def test_any_polygons_agree_with_brute_force(drawn: list[shapely.Polygon]) -> None:
    brute = {
        (i, j)
        for (i, a), (j, b) in combinations(enumerate(drawn), 2)
        if not a.intersection(b).buffer(-WIDTH / 2 - 1e-6).is_empty
    }
    pairs = find_overlaps(np.array(drawn, dtype=object), WIDTH)
    found = set(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True))
    copies = {(i, j) for i, j in brute - found if any(drawn[j].equals(drawn[k]) for k in range(j))}
    assert found <= brute
    assert brute - found <= copies | {
        (i, j) for i, j in brute if any(drawn[i].equals(drawn[k]) for k in range(i))
    }


@settings(max_examples=100, deadline=None)
@given(st.lists(stars, min_size=1, max_size=8))
def test_shrinking_keeps_the_core_and_stays_inside(drawn: list[shapely.Polygon]) -> None:
    polygons = np.array(drawn, dtype=object)
    shrunk, exact = shrink_polygons(polygons, WIDTH / 4)
    for before, after, done in zip(polygons, shrunk, exact, strict=True):
        core = before.buffer(-WIDTH / 2)
        assert after.buffer(1e-6).covers(core)
        assert done or after.equals(before)


@pytest.mark.parametrize(
    ("name", "a", "b", "overlaps"),
    [
        ("shared edge", (0, 0, 10, 10), (10, 0, 20, 10), False),
        ("corner only", (0, 0, 10, 10), (10, 10, 20, 20), False),
        ("apart", (0, 0, 10, 10), (30, 0, 40, 10), False),
        ("contained", (0, 0, 10, 10), (3, 3, 5, 5), True),
        ("containing", (3, 3, 5, 5), (0, 0, 10, 10), True),
        ("equal", (0, 0, 10, 10), (0, 0, 10, 10), True),
        ("crossing", (0, 4, 10, 6), (4, 0, 6, 10), True),
        ("2 mm", (0, 0, 10, 10), (9.998, 0, 20, 10), False),
        ("3 mm", (0, 0, 10, 10), (9.997, 0, 20, 10), True),
    ],
)
def test_named_cases(name: str, a: tuple[float, ...], b: tuple[float, ...], overlaps: bool) -> None:
    del name
    pair = np.array([shapely.box(*a), shapely.box(*b)], dtype=object)
    assert len(find_overlaps(pair, WIDTH)) == overlaps
    assert len(find_overlaps_with(pair[1:], pair[:1], WIDTH)) == overlaps


def test_a_hole_is_not_the_parcel() -> None:
    ring = shapely.box(0, 0, 30, 30).difference(shapely.box(10, 10, 20, 20))
    filled, larger = shapely.box(10, 10, 20, 20), shapely.box(9.9, 10, 20, 20)
    assert len(find_overlaps(np.array([ring, filled], dtype=object), WIDTH)) == 0
    assert len(find_overlaps(np.array([ring, larger], dtype=object), WIDTH)) == 1


def test_stacked_copies_cost_one_pair_each() -> None:
    stack = np.array([shapely.box(0, 0, 10, 10)] * 400, dtype=object)
    pairs = find_overlaps(stack, WIDTH)
    assert len(pairs) == 399
    assert pairs.first.tolist() == [0] * 399
    assert resolve(400, pairs.first, pairs.second).sum() == 399


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 14), st.integers(0, 14)).filter(lambda p: p[0] < p[1]), max_size=30))
def test_resolution_is_the_greedy_one(pairs: list[tuple[int, int]]) -> None:
    lost: set[int] = set()
    for row in range(15):
        if any(second == row and first not in lost for first, second in pairs):
            lost.add(row)
    first = np.array([pair[0] for pair in pairs], dtype=np.int64)
    second = np.array([pair[1] for pair in pairs], dtype=np.int64)
    assert set(np.flatnonzero(resolve(15, first, second)).tolist()) == lost
