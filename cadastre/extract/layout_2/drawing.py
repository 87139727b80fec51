"""One sheet of a plan: what stands on it, in millimetres from the top left of its frame."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import shapely

from cadastre.extract.layout_2.frame import Sheet
from cadastre.extract.layout_2.ground import Beyond, Ground, Marked, Place, Point
from cadastre.extract.layout_2.labels import (
    TEXT_HEIGHT_MM,
    Board,
    Corner,
    Label,
    place_far,
    place_length,
    place_name,
    place_numbers,
)
from cadastre.extract.text import grouped

Json = dict[str, Any]
Xy = tuple[float, float]

STEPS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)
NUMBER_EVERY_MM: Final = 3.4
_MOST_LEADERS: Final = 150
_DOT_EVERY_MM: Final = 1.3
_MARK_WIDTH_MM: Final = 1.7  # a letter of 6.5 pt, bold
_TICK_TARGET_MM: Final = 45.0
_NAMED_SIDES: Final = 6
"""On so many sides room is sought for the number of a neighbour."""
_RIM_MM: Final = 4.4
"""Where coordinates stand, inside the frame."""
_CROSS_MM: Final = 1.0
_NORTH_MM: Final = (13.0, 19.0)
"""Width and height of the arrow in the top right corner."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A sheet as the template wants it, and the numbers of the points that found room on it."""

    view: Json
    numbered: frozenset[int]
    measured: frozenset[int]
    marked: int


def number_step(ground: Ground, scale: int) -> int:
    """Give n when every n-th corner can be numbered; 1 when nearly all can."""
    side_mm = ground.median_side_m() * 1000 / scale
    needed = NUMBER_EVERY_MM / side_mm if side_mm else math.inf
    return next((step for step in STEPS if step >= needed), STEPS[-1]) if needed > 1.4 else 1


def draw_sheet(ground: Ground, sheet: Sheet, *, step: int, clipped: bool = False) -> Drawn:
    """Draw the ground with its numbers and lengths; ``clipped`` where it reaches beyond the frame."""
    rings = [[sheet.at(*point.at) for point in ring] for ring in ground.rings]
    boundary = shapely.MultiLineString([[*ring, ring[0]] for ring in rings])
    board = _board(sheet, boundary)
    marks = _mark_all(board, sheet, ground)
    numbers, far, leaders, measured = _write(board, ground, rings, step)
    placed = [*numbers, *far]
    names = [label for one in ground.neighbours if (label := _name(board, ground, rings, one))]
    view = (
        _base(sheet, ground, rings, clipped=clipped)
        | marks
        | {
            "numbers": [_label(label) for label in placed],
            "leaders": [[_mm(value) for end in leader for value in end] for leader in leaders],
            "lengths": [_label(label) for label in measured.values()],
            "names": [_label(label) for label in names],
            "dots": _dots(sheet, ground, rings),
        }
    )
    return Drawn(
        view,
        frozenset(int(label.text) for label in placed),
        frozenset(measured),
        sum(bool(building["text"]) for building in marks["buildings"]),
    )


def draw_key(ground: Ground, sheet: Sheet) -> Json:
    """Draw the ground without numbers: the key to a series of sheets."""
    rings = [[sheet.at(*point.at) for point in ring] for ring in ground.rings]
    none: Json = {"numbers": [], "leaders": [], "lengths": [], "names": [], "dots": []}
    bare: Json = {"buildings": [], "parts": []}
    return _base(sheet, ground, rings, clipped=False) | bare | none


def _base(sheet: Sheet, ground: Ground, rings: list[list[Xy]], *, clipped: bool) -> Json:
    frame = (-5.0, -5.0, sheet.width_mm + 5.0, sheet.height_mm + 5.0)
    return {
        "paper": sheet.paper.size,
        "flipped": sheet.paper.flipped,
        "width": sheet.width_mm,
        "height": _mm(sheet.height_mm),
        "scale": sheet.scale,
        "fill": _clip_fill(rings, frame) if clipped else [_xys(ring) for ring in rings],
        "lines": _clip_lines(rings, frame) if clipped else [_xys([*ring, ring[0]]) for ring in rings],
        "others": [[_on(sheet, ring) for ring in other] for other in ground.others],
        "ticks": _ticks(sheet),
        "bar": _scale_bar(sheet.scale),
    }


def _board(sheet: Sheet, boundary: shapely.MultiLineString) -> Board:
    rim, wide, high = _RIM_MM, sheet.width_mm, sheet.height_mm
    board = Board(shapely.box(rim, rim, wide - rim, high - rim), boundary)
    board.take(shapely.box(wide - _NORTH_MM[0], 0.0, wide, _NORTH_MM[1]))
    ticks = _ticks(sheet)
    for x, y in ((x["at"], y["at"]) for x in ticks["x"] for y in ticks["y"]):
        board.take(shapely.box(x - _CROSS_MM, y - _CROSS_MM, x + _CROSS_MM, y + _CROSS_MM))
    return board


def _mark_all(board: Board, sheet: Sheet, ground: Ground) -> Json:
    """Draw buildings and parts, and keep the room of their marks."""
    drawn = {
        "buildings": [_mark(sheet, building) for building in ground.buildings],
        "parts": [_mark(sheet, part) for part in ground.parts],
    }
    for one in (*drawn["buildings"], *drawn["parts"]):
        half = len(one["text"]) * _MARK_WIDTH_MM / 2
        if one["text"]:
            board.take(
                shapely.box(
                    one["x"] - half,
                    one["y"] - TEXT_HEIGHT_MM / 2,
                    one["x"] + half,
                    one["y"] + TEXT_HEIGHT_MM / 2,
                )
            )
    return drawn


def _mark(sheet: Sheet, marked: Marked) -> Json:
    rings = [_on(sheet, ring) for ring in marked.rings]
    outline = shapely.Polygon(rings[0], rings[1:])
    inside = outline.representative_point()
    west, top, east, bottom = outline.bounds
    fits = east - west >= _MARK_WIDTH_MM * len(marked.mark) and bottom - top >= TEXT_HEIGHT_MM
    return {
        "rings": rings,
        "text": marked.mark if fits else "",
        "x": _mm(inside.x),
        "y": _mm(inside.y),
    }


def _write(
    board: Board, ground: Ground, rings: list[list[Xy]], step: int
) -> tuple[list[Label], list[Label], list[tuple[Xy, Xy]], dict[int, Label]]:
    """Write numbers beside corners, lengths along sides, then numbers that need a line to their corner."""
    corners = [
        corner
        for hole, (ring, points) in enumerate(zip(rings, ground.rings, strict=True))
        for corner in _corners(board, ring, points, step, hole=bool(hole))
    ]
    numbers, left = place_numbers(board, corners)
    measured = {
        point.number: label
        for hole, (ring, points) in enumerate(zip(rings, ground.rings, strict=True))
        for point, (start, end) in zip(points, pairwise((*ring, ring[0])), strict=True)
        if (label := place_length(board, start, end, point.length, hole=bool(hole)))
    }
    far, leaders = place_far(board, left[:_MOST_LEADERS])
    return numbers, far, leaders, measured


def _name(board: Board, ground: Ground, rings: list[list[Xy]], beyond: Beyond) -> Label | None:
    """Write the number of a neighbour beyond one of its sides, the longest that the sheet shows first."""
    west, top, east, bottom = board.frame.bounds
    for hole, (ring, points) in enumerate(zip(rings, ground.rings, strict=True)):
        first = points[0].number
        if not first <= beyond.first < first + len(points):
            continue
        count = (beyond.last - beyond.first - 1) % len(points) + 1
        starts = [(beyond.first - first + i) % len(points) for i in range(count)]
        sides = [(ring[i], ring[(i + 1) % len(ring)]) for i in starts]
        seen = [
            (a, b) for a, b in sides if west < (a[0] + b[0]) / 2 < east and top < (a[1] + b[1]) / 2 < bottom
        ]
        for start, end in sorted(seen, key=lambda side: -math.dist(*side))[:_NAMED_SIDES]:
            label = place_name(board, start, end, beyond.number, hole=bool(hole))
            if label is not None:
                return label
    return None


def _corners(
    board: Board, ring: Sequence[Xy], points: Sequence[Point], step: int, *, hole: bool
) -> Iterable[Corner]:
    west, top, east, bottom = board.frame.bounds
    for i, (xy, point) in enumerate(zip(ring, points, strict=True)):
        chosen = point.number == 1 or point.number % step == 0
        if chosen and west <= xy[0] <= east and top <= xy[1] <= bottom:
            yield Corner(xy, ring[i - 1], ring[(i + 1) % len(ring)], str(point.number), hole)


def _dots(sheet: Sheet, ground: Ground, rings: list[list[Xy]]) -> list[list[float]]:
    """Give the corners on the sheet, none where they would run into one another."""
    if ground.median_side_m() * sheet.per_metre < _DOT_EVERY_MM:
        return []
    wide, high = sheet.width_mm, sheet.height_mm
    return _xys([(x, y) for ring in rings for x, y in ring if -1 <= x <= wide + 1 and -1 <= y <= high + 1])


def _clip_fill(rings: list[list[Xy]], frame: tuple[float, float, float, float]) -> list[list[list[float]]]:
    shown = shapely.clip_by_rect(shapely.Polygon(rings[0], rings[1:]), *frame)
    return [
        _xys(ring.coords)
        for part in shapely.get_parts(shown)
        if part.geom_type == "Polygon"
        for ring in (part.exterior, *part.interiors)
    ]


def _clip_lines(rings: list[list[Xy]], frame: tuple[float, float, float, float]) -> list[list[list[float]]]:
    lines = shapely.MultiLineString([[*ring, ring[0]] for ring in rings])
    shown = shapely.get_parts(shapely.clip_by_rect(lines, *frame))
    return [_xys(part.coords) for part in shown if part.geom_type == "LineString"]


def _ticks(sheet: Sheet) -> Json:
    """Round grid coordinates inside the frame, with the numbers printed on its edges."""
    step = _round_step(_TICK_TARGET_MM * sheet.scale / 1000.0)
    metres = sheet.scale / 1000.0
    east = _multiples(sheet.west, sheet.west + sheet.width_mm * metres, step)
    north = _multiples(sheet.north - sheet.height_mm * metres, sheet.north, step)
    return {
        "x": [{"at": _mm(sheet.at(0, e)[0]), "text": grouped(str(e))} for e in east],
        "y": [{"at": _mm(sheet.at(n, 0)[1]), "text": grouped(str(n))} for n in north],
    }


def _multiples(low: float, high: float, step: int) -> list[int]:
    pad = 0.04 * (high - low)
    return list(range(math.ceil((low + pad) / step) * step, math.floor(high - pad) + 1, step))


def _round_step(metres: float) -> int:
    """Give the largest of 1, 2, 5 times a power of ten that is not above ``metres``.

    >>> [_round_step(m) for m in (0.7, 4.5, 9.0, 45.0, 220.0)]
    [1, 2, 5, 20, 200]
    """
    power = 10 ** max(0, math.floor(math.log10(metres)))
    return max((m * power for m in (1, 2, 5) if m * power <= metres), default=1)


def _scale_bar(scale: int) -> Json:
    step = _round_step(20.0 * scale / 1000.0)
    return {"step": _mm(step * 1000.0 / scale), "labels": [grouped(str(step * i)) for i in range(4)]}


def _on(sheet: Sheet, ring: Sequence[Place]) -> list[list[float]]:
    return _xys([sheet.at(*place) for place in ring])


def _label(label: Label) -> Json:
    return {"x": _mm(label.x), "y": _mm(label.y), "angle": round(label.angle_deg, 2), "text": label.text}


def _xys(points: Iterable[Sequence[float]]) -> list[list[float]]:
    return [[_mm(x), _mm(y)] for x, y in points]


def _mm(value: float) -> float:
    return round(value, 3)


__all__ = ["Drawn", "draw_key", "draw_sheet", "number_step"]
