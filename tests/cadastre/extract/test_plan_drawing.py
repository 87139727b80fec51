"""The drawing of the plan: paper and scale, numbers, lengths, and what gives way on a dense boundary."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import shapely
from shapely import affinity

from cadastre.extract import build_statement
from cadastre.extract.layout_2.frame import (
    MOST_SHEETS,
    OVERLAP_MM,
    SCALES,
    Extent,
    Paper,
    Sheet,
    single_sheet,
)
from cadastre.extract.layout_2.ground import Ground, read_ground
from cadastre.extract.layout_2.labels import CHAR_WIDTH_MM, TEXT_HEIGHT_MM
from cadastre.extract.layout_2.plan import choose_sheets, draw_plan
from cadastre.extract.record import Ring, TurningPoint
from tests.cadastre.extract.builders import E0, HOLE, LABELS, N0, PLOT, circle_ring, parcel, record, ring

SLIVER = ring((0, 0), (0.05, 41), (0.6, 41.02), (0.62, 20), (0.5, 0.02))


def strip(length_m: float = 20_000.0, width_m: float = 30.0, bends: int = 60) -> Ring:
    """A canal that winds: two banks, from the south-west to the north-east."""
    middle = [(s := length_m * i / bends, 500 * math.sin(s / 2_500)) for i in range(bends + 1)]
    banks = [[(n * 0.5 + o + width_m * side, n * 0.87) for n, o in middle] for side in (0.5, -0.5)]
    return tuple(TurningPoint(N0 + n, E0 + e) for n, e in (*banks[0], *reversed(banks[1])))


def statement_parcel(*rings: Ring) -> dict[str, Any]:
    return build_statement(record(parcels=(parcel(rings=rings),)), LABELS, rendering="t")["parcels"][0]


def drawn(*rings: Ring, **named: Any) -> dict[str, Any]:
    plan = draw_plan(statement_parcel(*rings), **named)
    assert plan is not None
    return plan


def ground(*rings: Ring) -> Ground:
    found = read_ground(statement_parcel(*rings), [], [])
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("metres", "scale"),
    [(1, 50), (5, 50), (10, 100), (20, 200), (50, 500), (100, 1000), (1000, 10_000), (9_000, 100_000)],
)
def test_the_scale_is_the_largest_that_fits(metres: float, scale: int) -> None:
    extent = Extent(E0, N0, E0 + metres, N0 + metres)
    sheet = single_sheet(extent, Paper.A4, max_height_mm=138.0)
    assert sheet.scale == scale
    assert sheet.scale in SCALES
    x, y = sheet.at(N0, E0)
    other_x, other_y = sheet.at(N0 + metres, E0 + metres)
    assert other_x - x == pytest.approx(metres * 1000 / scale)
    assert y - other_y == pytest.approx(metres * 1000 / scale)
    assert 0 < x < other_x < sheet.width_mm
    assert 0 < other_y < y < sheet.height_mm


def test_a_huge_extent_still_gets_a_stated_scale() -> None:
    assert single_sheet(Extent(0.0, 0.0, 10.0, 600_000.0), Paper.A4, max_height_mm=138.0).scale == 6_000_000


def test_the_drawing_is_true_to_scale() -> None:
    points = statement_parcel(PLOT, HOLE)["rings"][0]["points"]
    plan = drawn(PLOT, HOLE)
    (sheet,) = plan["sheets"]
    for (a, b), (p, q) in zip(pairwise(points), pairwise(sheet["lines"][0]), strict=False):
        paper = math.dist(p, q) * plan["scale"] / 1000
        grid = math.hypot(*(float(b[axis]) - float(a[axis]) for axis in ("northing", "easting")))
        assert paper == pytest.approx(grid, abs=0.004 * plan["scale"] / 1000)
    assert len(sheet["fill"]) == 2
    assert plan["all_numbered"]


def test_every_corner_of_a_plain_plot_is_numbered_and_measured() -> None:
    plan = drawn(PLOT)
    (sheet,) = plan["sheets"]
    assert [n["text"] for n in sheet["numbers"]] == ["1", "2", "3", "4", "5"]
    assert [n["text"] for n in sheet["lengths"]] == ["14,56", "12,66", "24,56", "21,51", "28,17"]
    assert plan["all_numbered"]
    assert plan["all_measured"]
    assert sheet["leaders"] == []


def rooms(sheet: dict[str, Any]) -> list[shapely.Polygon]:
    found = []
    for label in (*sheet["numbers"], *sheet["lengths"]):
        half_w, half_h = len(label["text"]) * CHAR_WIDTH_MM / 2, TEXT_HEIGHT_MM / 2
        flat = shapely.box(label["x"] - half_w, label["y"] - half_h, label["x"] + half_w, label["y"] + half_h)
        found.append(affinity.rotate(flat, label["angle"], origin=(label["x"], label["y"])))
    return found


SHAPES: dict[str, tuple[Ring, ...]] = {
    "plot": (PLOT, HOLE),
    "dense": (circle_ring(400),),
    "sliver": (SLIVER,),
    "strip": (strip(),),
    "very dense": (circle_ring(5_000, 900.0),),
}


@pytest.mark.parametrize("detailed", [False, True])
@pytest.mark.parametrize("name", SHAPES)
def test_no_word_covers_a_line_or_another_word(name: str, detailed: bool) -> None:
    plan = drawn(*SHAPES[name], detailed=detailed)
    for sheet in plan["sheets"]:
        words = np.array(rooms(sheet), dtype=object)
        inside = shapely.box(0, 0, sheet["width"], sheet["height"])
        assert all(inside.contains(word) for word in words)
        tree = shapely.STRtree(words)
        first, second = tree.query(words, predicate="intersects")
        assert not [pair for pair in zip(first, second, strict=True) if pair[0] < pair[1]]
        lines = shapely.MultiLineString([line for line in sheet["lines"] if len(line) > 1])
        assert not shapely.intersects(lines, words).any()
        leaders = [shapely.LineString([leader[:2], leader[2:]]) for leader in sheet["leaders"]]
        assert not [leader for leader in leaders if leader.intersects(lines)]


def test_a_dense_boundary_has_every_so_many_corners_numbered() -> None:
    plan = drawn(circle_ring(400))
    (sheet,) = plan["sheets"]
    assert not plan["all_numbered"]
    assert plan["step"] > 1
    numbers = [int(label["text"]) for label in sheet["numbers"]]
    assert numbers[0] == 1
    assert all(number % plan["step"] == 0 for number in numbers[1:])
    assert len(numbers) > 300 / plan["step"]


def test_a_number_without_room_beside_its_corner_is_led_to_it() -> None:
    steps = [(0.08 * (i // 2), 10 + 0.08 * ((i + 1) // 2)) for i in range(10)]
    round_about = [(12, 24), (13, 18), (12, 12), (13, 6), (12, 0), (8, -1), (4, 1), (3, 0), (2, 1)]
    (sheet,) = drawn(ring((0, 0), *steps, (0.45, 24), *round_about))["sheets"]
    assert 0 < len(sheet["leaders"]) < len(sheet["numbers"])


@pytest.mark.parametrize(
    ("rings", "detailed", "paper", "count"),
    [
        ((PLOT, HOLE), True, Paper.A4, 0),
        ((SLIVER,), False, Paper.A4, 0),
        ((circle_ring(60, 500.0),), False, Paper.A4, 0),
        ((circle_ring(60, 500.0),), True, Paper.A3_TALL, 0),
        ((strip(),), False, Paper.A3_WIDE, 0),
        ((strip(),), True, Paper.A4, 9),
    ],
    ids=["plot", "sliver", "field", "field-plan", "canal", "canal-plan"],
)
def test_paper_is_chosen_by_what_can_be_read(
    rings: tuple[Ring, ...], detailed: bool, paper: Paper, count: int
) -> None:
    first, more = choose_sheets(ground(*rings), detailed=detailed)
    assert (first.paper, len(more)) == (paper, pytest.approx(count, abs=3 if count else 0))


@pytest.mark.parametrize("name", ["dense", "strip", "very dense"])
def test_a_series_shows_all_of_the_boundary_and_overlaps(name: str) -> None:
    land = ground(*SHAPES[name])
    _, sheets = choose_sheets(land, detailed=True)
    assert 1 < len(sheets) <= MOST_SHEETS
    assert len({sheet.scale for sheet in sheets}) == 1
    frames = [_ground_of(sheet) for sheet in sheets]
    own = [_ground_of(sheet, inset_mm=OVERLAP_MM) for sheet in sheets]
    assert shapely.union_all(own).buffer(0.001).contains(land.outline())
    for one, other in pairwise(own):
        assert one.intersection(other).area < 1e-3 * one.area
    for sheet, frame in zip(sheets, frames, strict=True):
        beside = [
            other
            for other, near in zip(sheets, frames, strict=True)
            if abs(other.column - sheet.column) + abs(other.row - sheet.row) == 1
            and frame.intersection(near).area == 0
        ]
        assert not beside, "neighbours share their overlap"


def _ground_of(sheet: Sheet, inset_mm: float = 0.0) -> shapely.Polygon:
    metres = sheet.scale / 1000
    return shapely.box(
        sheet.west + inset_mm * metres,
        sheet.north - (sheet.height_mm - inset_mm) * metres,
        sheet.west + (sheet.width_mm - inset_mm) * metres,
        sheet.north - inset_mm * metres,
    )


def test_sheets_of_a_series_name_each_other() -> None:
    plan = drawn(strip(), detailed=True)
    key, *sheets = plan["sheets"]
    assert [cell["text"] for cell in key["cells"]] == [str(i) for i in range(1, len(sheets) + 1)]
    assert plan["key"]["cells"][0]["text"] == "1"
    opposite = {"left": "right", "right": "left", "top": "bottom", "bottom": "top"}
    links = {(i, link["edge"]): int(link["text"]) for i, s in enumerate(sheets, 1) for link in s["links"]}
    assert links
    for (sheet, edge), other in links.items():
        assert links[other, opposite[edge]] == sheet
    assert plan["all_numbered"]


def test_a_series_is_no_plan_of_anything_but_plan_and_size() -> None:
    assert len(drawn(strip())["sheets"]) == 1


def test_no_geometry_no_plan() -> None:
    assert draw_plan(statement_parcel()) is None


NEIGHBOURS = [
    {"cadastral_number": number, "first": first, "last": last}
    for number, first, last in (("0108-A", 1, 2), ("0108-B", 2, 4), ("0108-C", 4, 1))
]


def test_neighbours_are_named_beyond_their_sides() -> None:
    plan = draw_plan(statement_parcel(PLOT) | {"neighbours": NEIGHBOURS}, detailed=True)
    assert plan is not None
    (sheet,) = plan["sheets"]
    land = shapely.Polygon(sheet["fill"][0])
    named = {name["text"]: shapely.Point(name["x"], name["y"]) for name in sheet["names"]}
    assert sorted(named) == ["0108-A", "0108-B", "0108-C"]
    assert not any(land.contains(place) for place in named.values())
    start, end, *_ = (shapely.Point(place) for place in sheet["lines"][0])
    assert named["0108-A"].distance(shapely.LineString([start, end])) < 12


def test_a_canal_names_its_neighbours_on_the_sheets_that_show_them() -> None:
    many = [{"cadastral_number": f"N-{i}", "first": i, "last": i + 2} for i in range(1, 60, 3)]
    plan = draw_plan(statement_parcel(strip()) | {"neighbours": many}, detailed=True)
    assert plan is not None
    named = {name["text"] for sheet in plan["sheets"] for name in sheet["names"]}
    assert len(named) >= len(many) - 2
