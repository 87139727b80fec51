"""Each rule on the shape: what passes, what fails, and where it says the fault is."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from cadastre.rules.catalogue import RULES, get_rule
from cadastre.rules.finding import Severity
from cadastre.rules.measure import check_area, check_country, check_documentary_area, check_spacing
from cadastre.rules.shape import check_shapes

SQUARE = shapely.box(0, 0, 10, 10)
BOW = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
FAR = shapely.box(20, 0, 30, 10)
NAN = shapely.set_coordinates(shapely.box(0, 0, 10, 10), [[0, 0], [1, math.nan], [1, 1], [0, 1], [0, 0]])
INF = shapely.set_coordinates(shapely.box(0, 0, 10, 10), [[0, 0], [math.inf, 0], [1, 1], [0, 1], [0, 0]])
LONG = SQUARE.segmentize(0.1)


def check(
    geometry: BaseGeometry | None, *, missing: bool = False
) -> tuple[bool, list[str], shapely.Polygon | None]:
    shapes = np.array([geometry], dtype=object)
    checked = check_shapes(shapes, np.array([missing]), most_vertices=100)
    return bool(checked.passed[0]), [found.rule.id for found in checked.findings], checked.polygons[0]


@pytest.mark.parametrize(
    ("geometry", "rules"),
    [
        (shapely.Polygon(), ["geometry-empty"]),
        (shapely.MultiPolygon(), ["geometry-empty"]),
        (shapely.Point(1, 1), ["geometry-wrong-type"]),
        (shapely.LineString([(0, 0), (1, 1)]), ["geometry-wrong-type"]),
        (shapely.GeometryCollection([SQUARE]), ["geometry-wrong-type"]),
        (NAN, ["geometry-not-finite"]),
        (INF, ["geometry-not-finite"]),
        (LONG, ["geometry-vertices"]),
        (BOW, ["geometry-invalid"]),
        (shapely.MultiPolygon([SQUARE, FAR]), ["geometry-multipart"]),
        (shapely.MultiPolygon([SQUARE, SQUARE]), ["geometry-multipart", "geometry-invalid"]),
        (None, ["geometry-unreadable"]),
    ],
)
def test_what_fails(geometry: BaseGeometry | None, rules: list[str]) -> None:
    passed, found, polygon = check(geometry)
    assert (passed, found, polygon) == (False, rules, None)


def test_a_missing_geometry_is_not_an_unreadable_one() -> None:
    assert check(None, missing=True)[1] == ["geometry-null"]


@pytest.mark.parametrize(
    ("geometry", "rules"),
    [
        (SQUARE, []),
        (SQUARE.difference(shapely.box(2, 2, 3, 3)), []),
        (shapely.MultiPolygon([SQUARE]), ["geometry-part-unwrapped"]),
        (shapely.force_3d(SQUARE, 7.0), ["geometry-z-dropped"]),
    ],
)
def test_what_passes_is_said_too(geometry: BaseGeometry, rules: list[str]) -> None:
    passed, found, polygon = check(geometry)
    assert (passed, found) == (True, rules)
    assert isinstance(polygon, shapely.Polygon)
    assert not polygon.has_z
    assert all(RULES[rule].severity is Severity.INFO for rule in found)


def test_an_invalid_polygon_says_why_and_where() -> None:
    checked = check_shapes(np.array([BOW]), np.array([False]), most_vertices=9)
    (finding,) = checked.findings
    assert finding.details == [{"reason": "Self-intersection"}]
    assert finding.xy is not None
    assert finding.xy.tolist() == [[1, 1]]


def test_a_district_may_have_parts() -> None:
    both = shapely.MultiPolygon([SQUARE, FAR])
    checked = check_shapes(np.array([both]), np.array([False]), most_vertices=99, many_parts=True)
    assert checked.passed.tolist() == [True]
    assert checked.polygons[0].equals(both)


def test_the_order_of_rows_is_kept() -> None:
    rows = np.array([None, SQUARE, BOW, shapely.MultiPolygon([FAR])], dtype=object)
    checked = check_shapes(rows, np.array([True, False, False, False]), most_vertices=99)
    assert checked.passed.tolist() == [False, True, False, True]
    assert checked.polygons[3].equals(FAR)


def test_country() -> None:
    lon_lat = np.array([[49.8, 40.4], [49.9, 40.4], [49.8, 40.5], [40.4, 49.8], [40.5, 49.9]])
    assert check_country(lon_lat, np.array([0, 3])).tolist() == [True, False]
    assert check_country(np.empty((0, 2)), np.array([], dtype=np.int64)).size == 0


@pytest.mark.parametrize(
    ("area", "found"), [(0.5, True), (0.994, True), (0.996, False), (1.0, False), (9.0, False)]
)
def test_least_area(area: float, found: bool) -> None:
    assert (check_area(np.array([area]), 1.0) is not None) == found


@pytest.mark.parametrize(
    ("surveyed", "paper", "found"),
    [
        (100, 100, False),
        (101.5, 100, True),
        (101, 100, False),
        (5.9, 5, False),
        (1010.5, 1000, True),
        (7, math.nan, False),
    ],
)
def test_documentary_area(surveyed: float, paper: float, found: bool) -> None:
    result = check_documentary_area(np.array([surveyed], float), np.array([paper], float), 0.01, 1.0)
    assert (result is not None) == found


def test_spacing_looks_at_holes_and_never_across_rings() -> None:
    holed = shapely.box(0, 0, 9, 9).difference(shapely.Polygon([(2, 2), (3, 2), (3, 2.001), (3, 3), (2, 3)]))
    touching = shapely.Polygon([(0, 0), (9, 0), (9, 9)], [[(5, 1), (6, 1), (6, 2)]])
    found = check_spacing(np.array([touching, holed]), 0.002)
    assert found is not None
    assert found.rows.tolist() == [1]
    assert check_spacing(np.array([touching]), 0.002) is None


def test_every_rule_speaks_three_languages_and_names_its_source() -> None:
    for rule in RULES.values():
        assert all(rule.text(language) for language in ("az", "en", "ru"))
        assert rule.source
        assert rule.id == rule.id.lower()
    with pytest.raises(KeyError):
        get_rule("no-such-rule")
