"""The drawing of the plan: scale, numbers, lengths, and what gives way on a dense boundary."""

import pytest

from cadastre.extract import build_statement
from cadastre.extract.layout_1.plan import SCALES, choose_sheet, draw_plan
from tests.cadastre.extract.builders import (
    E0,
    HOLE,
    LABELS,
    N0,
    PLOT,
    circle_ring,
    parcel,
    record,
)


@pytest.mark.parametrize(
    ("metres", "scale"),
    [(1, 50), (5, 50), (10, 100), (20, 200), (50, 500), (100, 1000), (1000, 10_000), (9_000, 100_000)],
)
def test_the_scale_is_the_largest_that_fits(metres: float, scale: int):
    sheet = choose_sheet([N0, N0 + metres], [E0, E0 + metres])
    assert sheet.scale == scale
    assert sheet.scale in SCALES
    x, y = sheet.at(N0, E0)
    other_x, other_y = sheet.at(N0 + metres, E0 + metres)
    assert other_x - x == pytest.approx(metres * 1000 / scale)
    assert y - other_y == pytest.approx(metres * 1000 / scale)
    assert 0 < x < other_x < sheet.width_mm
    assert 0 < other_y < y < sheet.height_mm


def test_a_huge_extent_still_gets_a_stated_scale():
    assert choose_sheet([0.0, 600_000.0], [0.0, 10.0]).scale == 6_000_000


def statement_parcel(*rings) -> dict:
    return build_statement(record(parcels=(parcel(rings=rings),)), LABELS, rendering="t")["parcels"][0]


def test_the_drawing_is_true_to_scale():
    drawn = statement_parcel(PLOT, HOLE)
    plan = draw_plan(drawn, [])
    assert plan is not None
    points = drawn["rings"][0]["points"]
    for a, b, p, q in zip(points, points[1:], plan["rings"][0], plan["rings"][0][1:], strict=False):
        paper = ((q[0] - p[0]) ** 2 + (q[1] - p[1]) ** 2) ** 0.5 * plan["scale"] / 1000
        ground = (
            (float(b["northing"]) - float(a["northing"])) ** 2
            + (float(b["easting"]) - float(a["easting"])) ** 2
        ) ** 0.5
        assert paper == pytest.approx(ground, abs=0.002 * plan["scale"] / 1000 * 2)
    assert len(plan["rings"]) == 2
    assert plan["all_numbered"]


def test_every_corner_of_a_plain_plot_is_numbered_and_measured():
    plan = draw_plan(statement_parcel(PLOT), [])
    assert plan is not None
    assert [n["text"] for n in plan["numbers"]] == ["1", "2", "3", "4", "5"]
    assert [n["text"] for n in plan["lengths"]] == ["14,56", "12,66", "24,56", "21,51", "28,17"]


def test_labels_of_a_dense_boundary_do_not_overlap():
    plan = draw_plan(statement_parcel(circle_ring(400)), [])
    assert plan is not None
    assert not plan["all_numbered"]
    assert len(plan["numbers"]) > 100
    boxes = [
        (n["x"] - len(n["text"]) * 0.57, n["y"] - 1.05, n["x"] + len(n["text"]) * 0.57, n["y"] + 1.05)
        for n in plan["numbers"]
    ]
    for i, a in enumerate(boxes):
        assert not any(a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3] for b in boxes[i + 1 :])


def test_no_geometry_no_plan():
    assert draw_plan(statement_parcel(), []) is None
