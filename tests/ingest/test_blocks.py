"""Blocks prove what they claim: checked against every pair of parcels, on ground that is cut, stacked and shifted."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely
from hypothesis import given
from hypothesis import strategies as st

from ingest.blocks import join_blocks
from ingest.overlap import find_overlaps

Geometries = npt.NDArray[np.object_]
WIDTH_M = 0.002


def cut(columns: int, rows: int, corners: list[tuple[int, int]]) -> list[shapely.Polygon]:
    """Cut a field of 10 m cells into parcels that share exact edges, inner corners moved."""
    shift = {(i % (columns + 1), i // (columns + 1)): move for i, move in enumerate(corners)}

    def at(column: int, row: int) -> tuple[float, float]:
        dx, dy = shift.get((column, row), (0, 0))
        return 400_000 + 10 * column + dx / 10, 4_470_000 + 10 * row + dy / 10

    return [
        shapely.Polygon([at(c, r), at(c + 1, r), at(c + 1, r + 1), at(c, r + 1)])
        for r in range(rows)
        for c in range(columns)
    ]


def list_wide_pairs(polygons: Geometries) -> set[tuple[int, int]]:
    """Compare every pair, the slow and plain way."""
    found = set()
    for second in range(len(polygons)):
        for first in range(second):
            shared = shapely.intersection(polygons[first], polygons[second])
            if not shapely.is_empty(shapely.buffer(shared, -(WIDTH_M / 2 + 1e-6))):
                found.add((first, second))
    return found


def list_block_pairs(polygons: Geometries) -> set[tuple[int, int]]:
    block = join_blocks(polygons).block
    return {(a, b) for b in range(len(block)) for a in range(b) if block[a] == block[b]}


moves = st.lists(st.tuples(st.integers(-30, 30), st.integers(-30, 30)), max_size=20)
strays = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 60), st.integers(1, 30), st.integers(1, 30)), max_size=3
)


@given(st.integers(1, 5), st.integers(1, 4), moves, strays, st.lists(st.integers(0, 19), max_size=4))
def test_no_two_parcels_of_a_block_overlap(
    columns: int,
    rows: int,
    corners: list[tuple[int, int]],
    strangers: list[tuple[int, int, int, int]],
    missing: list[int],
) -> None:
    parcels = [p for i, p in enumerate(cut(columns, rows, corners)) if p.is_valid and i not in missing]
    parcels += [
        shapely.box(400_000 + x, 4_470_000 + y, 400_000 + x + w, 4_470_000 + y + h)
        for x, y, w, h in strangers
    ]
    polygons = np.array(parcels, dtype=object)
    if not len(polygons):
        return
    wide = list_wide_pairs(polygons)
    assert not wide & list_block_pairs(polygons)
    pairs = find_overlaps(polygons, WIDTH_M)
    distinct = len({shapely.to_wkb(shapely.normalize(p)) for p in parcels}) == len(parcels)
    if distinct:
        assert set(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)) == wide


def test_a_field_of_parcels_is_one_block() -> None:
    polygons = np.array(cut(5, 4, [(3, -2)] * 12), dtype=object)
    blocks = join_blocks(polygons)
    assert blocks.block.tolist() == [0] * 20
    assert shapely.equals(blocks.outline[0], shapely.union_all(polygons))


def test_a_courtyard_is_a_hole_of_the_block_and_what_stands_in_it_another_block() -> None:
    parcels = cut(3, 3, [])
    yard = parcels.pop(4)
    x, y = yard.bounds[:2]
    polygons = np.array([*parcels, shapely.box(x + 1, y + 1, x + 2, y + 2)], dtype=object)
    blocks = join_blocks(polygons)
    assert blocks.block.tolist() == [0] * 8 + [1]
    assert shapely.get_num_interior_rings(blocks.outline).tolist() == [1, 0]


def test_clockwise_parcels_join_as_well() -> None:
    polygons = np.array([p if i % 2 else p.reverse() for i, p in enumerate(cut(4, 2, []))], dtype=object)
    assert set(join_blocks(polygons).block.tolist()) == {0}


def test_a_parcel_laid_over_its_block_is_found() -> None:
    parcels = cut(4, 4, [])
    x, y = parcels[0].bounds[:2]
    polygons = np.array([*parcels, shapely.box(x + 5, y + 5, x + 15, y + 15)], dtype=object)
    assert join_blocks(polygons).block.tolist() == [0] * 16 + [1]
    pairs = find_overlaps(polygons, WIDTH_M)
    assert list(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)) == [
        (0, 16),
        (1, 16),
        (4, 16),
        (5, 16),
    ]


def test_a_parcel_moved_within_its_block_breaks_it_up() -> None:
    parcels = cut(4, 1, [])
    parcels[1] = shapely.transform(parcels[1], lambda xy: xy + np.array([1.0, 0.0]))
    polygons = np.array(parcels, dtype=object)
    assert not list_block_pairs(polygons) & {(0, 1), (1, 2)}
    pairs = find_overlaps(polygons, WIDTH_M)
    assert list(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)) == [(1, 2)]


def test_two_blocks_that_meet_in_a_corner_stay_two() -> None:
    parcels = cut(2, 2, [])
    blocks = join_blocks(np.array([parcels[0], parcels[3]], dtype=object))
    assert blocks.block.tolist() == [0, 1]


def test_a_block_that_meets_itself_in_a_corner_proves_nothing() -> None:
    ring = [p for i, p in enumerate(cut(3, 3, [])) if i in (0, 1, 3, 5, 6, 7, 8)]
    polygons = np.array(ring, dtype=object)
    assert len(find_overlaps(polygons, WIDTH_M)) == 0
