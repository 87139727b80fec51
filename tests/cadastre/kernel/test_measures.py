"""Measures: exact units and shares, and the ellipsoidal area against two independent references."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS, Geod, Proj, Transformer

from cadastre.kernel import measures
from cadastre.kernel.errors import InvalidInput
from cadastre.kernel.measures import compute_geodesic_area_m2

GEOD = Geod(ellps="WGS84")
TO_DEGREES = Transformer.from_crs(32639, 4326, always_xy=True)
ZONE_39 = Proj(CRS.from_epsg(32639))


def area(polygon: shapely.Geometry) -> float:
    return float(compute_geodesic_area_m2(np.array([polygon]))[0])


def geodesic_area(polygon: shapely.Polygon, *, step_m: float) -> float:
    """Densify straight grid edges, carry them to the ellipsoid, and let GeographicLib add up."""

    def ring(line: shapely.LinearRing) -> float:
        points = shapely.get_coordinates(shapely.segmentize(line, step_m))
        return abs(float(GEOD.polygon_area_perimeter(*TO_DEGREES.transform(*points.T))[0]))

    return ring(polygon.exterior) - sum(ring(hole) for hole in polygon.interiors)


@pytest.mark.parametrize("easting", [230_000, 300_000, 430_000, 500_000, 640_000, 770_000])
@pytest.mark.parametrize("size_m", [1_000, 10_000, 60_000])
@pytest.mark.parametrize("northing", [4_250_000, 4_640_000])
def test_agrees_with_geodesic_area_of_a_densified_ring(easting: int, size_m: int, northing: int) -> None:
    unit = shapely.Polygon(
        [(0, 0), (1, 0.2), (0.8, 1), (0.1, 0.7)], holes=[[(0.3, 0.3), (0.5, 0.3), (0.4, 0.5)]]
    )
    polygon = shapely.transform(unit, lambda p: p * size_m + (easting, northing))
    expected = geodesic_area(polygon, step_m=size_m / 1500)
    assert area(polygon) == pytest.approx(expected, rel=1e-8)


@given(
    easting=st.floats(230_000, 770_000),
    northing=st.floats(4_240_000, 4_650_000),
    angle=st.floats(0, 360),
    width=st.floats(1, 60),
    depth=st.floats(1, 60),
)
def test_agrees_with_the_areal_scale_for_a_small_parcel(
    easting: float, northing: float, angle: float, width: float, depth: float
) -> None:
    turned = np.deg2rad(angle)
    axes = np.array([[np.cos(turned), np.sin(turned)], [-np.sin(turned), np.cos(turned)]])
    corners = np.array([[-width, -depth], [width, -depth], [width, depth], [-width, depth]]) / 2
    polygon = shapely.Polygon(corners @ axes + (easting, northing))
    scale = ZONE_39.get_factors(*ZONE_39(easting, northing, inverse=True)).areal_scale
    assert area(polygon) == pytest.approx(polygon.area / scale, rel=1e-8)


def test_orientation_start_and_height_do_not_matter() -> None:
    polygon = shapely.Polygon([(410000, 447e4), (410050, 447e4), (410060, 4470040), (410010, 4470030)])
    turned = shapely.Polygon(np.roll(shapely.get_coordinates(polygon)[:-1], 1, axis=0)[::-1])
    assert area(turned) == pytest.approx(area(polygon), rel=1e-13)
    assert area(shapely.force_3d(polygon, 99.0)) == area(polygon)


def test_parts_of_a_divided_parcel_add_up() -> None:
    whole = shapely.box(740000, 4470000, 741000, 4471000)
    left, right = shapely.box(740000, 4470000, 740333, 4471000), shapely.box(740333, 4470000, 741000, 4471000)
    multi = shapely.MultiPolygon([left, shapely.box(745000, 4470000, 745010, 4470010)])
    assert area(left) + area(right) == pytest.approx(area(whole), rel=1e-12)
    assert area(multi) == pytest.approx(area(left) + area(multi.geoms[1]), rel=1e-12)


def test_order_is_kept_and_the_unusable_stay_alone() -> None:
    good, holed = shapely.box(410000, 4470000, 410010, 4470010), shapely.box(410000, 4470000, 410020, 4470010)
    holed = holed.difference(shapely.box(410001, 4470001, 410002, 4470002))
    with np.errstate(invalid="ignore"):
        broken = shapely.Polygon([(410000, 4470000), (np.inf, 4470000), (410000, 4470010)])
        nan = shapely.Polygon([(410000, 4470000), (np.nan, 4470000), (410000, 4470010)])
    empty = shapely.MultiPolygon()
    rows = np.array([None, good, broken, holed, empty, nan, good], dtype=object)
    result = compute_geodesic_area_m2(rows)
    assert np.isnan(result[[0, 2, 4, 5]]).all()
    assert result[1] == result[6] == pytest.approx(area(good), rel=1e-13)
    assert result[3] == pytest.approx(area(holed), rel=1e-13)


def test_chunks_join_without_a_seam() -> None:
    count = 7000
    grid = np.arange(count)
    polygons = shapely.box(410000 + 20 * grid, 4470000, 410010 + 20 * grid, 4470010)
    together = compute_geodesic_area_m2(polygons)
    assert np.allclose(together, [area(p) for p in polygons], rtol=1e-12)


@pytest.mark.parametrize("other", [shapely.Point(0, 0), shapely.LineString(), shapely.GeometryCollection()])
def test_what_has_no_area_is_refused(other: shapely.Geometry) -> None:
    with pytest.raises(InvalidInput, match="Geometry 1 is"):
        compute_geodesic_area_m2(np.array([shapely.Polygon(), other]))


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        ("612.5", "m2", "612.5"),
        ("1 000 000", "m2", "1000000"),
        ("12,5", "ha", "125000.0"),
        ("10 ft²", "ha", "0.9290304"),
        ("1e3", "m2", "1000"),
        ("0.25 acre", "m2", "1011.71410560"),
    ],
)
def test_areas_are_read_exactly(text: str, unit: str, expected: str) -> None:
    assert measures.parse_area(text, unit) == Decimal(expected)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "area-empty"),
        ("-5", "area-malformed"),
        ("nan", "area-malformed"),
        ("1.2.3", "area-malformed"),
        ("12 34", "area-malformed"),
        ("1,000,000", "area-malformed"),
        ("٣", "area-malformed"),
        ("1e50", "area-out-of-range"),
    ],
)
def test_unusable_areas(text: str, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        measures.parse_area(text)
    assert caught.value.code == code


def test_unknown_unit_and_unusable_numbers() -> None:
    for value, unit in ((1, "sotka"), (float("nan"), "m2"), (float("inf"), "m2"), (-1, "m2"), ("a", "m2")):
        with pytest.raises(InvalidInput):
            measures.to_square_metres(value, unit)


@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=40))
def test_shares_of_a_divided_whole_sum_to_exactly_one(weights: list[int]) -> None:
    total = sum(weights)
    shares = [measures.share(weight, total) for weight in weights]
    assert measures.sum_shares(shares) == measures.WHOLE
    assert [measures.parse_share(measures.format_share(s)) for s in shares] == shares


@pytest.mark.parametrize("text", ["", "0", "0/3", "4/3", "1/0", "-1/2", "1/3/4", "0.0", "½", "a"])
def test_unusable_shares(text: str) -> None:
    with pytest.raises(InvalidInput):
        measures.parse_share(text)


def test_a_share_with_blanks() -> None:
    assert measures.parse_share(" 1 / 3 ") == Fraction(1, 3)
