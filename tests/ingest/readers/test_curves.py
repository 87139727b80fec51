"""Curves become chords within the stated distance, and end where they ended."""

from __future__ import annotations

import math
import struct

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.readers.curves import BrokenWkbError, get_wkb_type, linearise


def circular(*points: tuple[float, float]) -> bytes:
    flat = [value for point in points for value in point]
    return struct.pack(f"<BII{len(flat)}d", 1, 8, len(points), *flat)


def in_polygon(*rings: bytes) -> bytes:
    return struct.pack("<BII", 1, 10, len(rings)) + b"".join(rings)


@settings(deadline=None, max_examples=50)
@given(st.floats(1, 1000), st.floats(0.0005, 0.01))
def test_a_circle_loses_no_more_than_the_sagitta(radius: float, sagitta: float) -> None:
    wkb = in_polygon(circular((radius, 0), (-radius, 0), (radius, 0)))
    circle = shapely.from_wkb(linearise(wkb, sagitta))
    assert circle.is_valid
    assert (
        shapely.hausdorff_distance(circle, shapely.Point(0, 0).buffer(radius, quad_segs=2000))
        <= sagitta * 1.05
    )
    assert circle.area <= math.pi * radius**2


def test_an_arc_keeps_its_ends_and_its_side() -> None:
    arc = shapely.from_wkb(linearise(circular((0, 0), (1, 1), (2, 0)), 0.001))
    assert arc.coords[0] == (0, 0)
    assert arc.coords[-1] == (2, 0)
    assert arc.bounds[3] == pytest.approx(1, abs=0.001)
    clockwise = shapely.from_wkb(linearise(circular((0, 0), (1, -1), (2, 0)), 0.001))
    assert clockwise.bounds[1] == pytest.approx(-1, abs=0.001)


def test_three_points_on_a_line_stay_a_line() -> None:
    assert shapely.from_wkb(linearise(circular((0, 0), (1, 0), (2, 0)), 0.001)).length == 2


def test_straight_geometry_is_only_flattened() -> None:
    flat = linearise(shapely.to_wkb(shapely.Polygon([(0, 0, 5), (1, 0, 5), (0, 1, 5)]), flavor="iso"), 1)
    assert shapely.from_wkb(flat).equals(shapely.Polygon([(0, 0), (1, 0), (0, 1)]))
    assert not shapely.from_wkb(flat).has_z


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_noise_is_broken_not_a_crash(noise: bytes) -> None:
    get_wkb_type(noise)
    try:
        linearise(noise, 1.0)
    except BrokenWkbError:
        return
