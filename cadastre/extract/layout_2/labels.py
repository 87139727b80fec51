"""Where words go on a plan: none covers a line, another word, or what else is drawn there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import shapely
from shapely.geometry.base import BaseGeometry

TEXT_HEIGHT_MM: Final = 2.3
CHAR_WIDTH_MM: Final = 1.25
"""Of figures at 6.2 pt; bold ones are a little narrower than that with their spacing."""
_GAP_MM: Final = 0.5
_TURNS_DEG: Final = (0, 30, -30, 60, -60, 90, -90, 180, 135, -135)
_NEAR_MM: Final = (0.0, 0.8)
_FAR_MM: Final = (2.2, 4.5, 7.0, 10.0)
_NAMES_MM: Final = (4.0, 6.0, 9.0)
_CELL_MM: Final = 8

Xy = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Label:
    """A text centred at x, y (mm, y down), turned clockwise by ``angle_deg``."""

    x: float
    y: float
    angle_deg: float
    text: str


@dataclass(frozen=True, slots=True)
class Corner:
    """A turning point on paper, with those beside it; ``hole`` when the land is outside of its ring."""

    at: Xy
    before: Xy
    after: Xy
    text: str
    hole: bool = False

    @property
    def outward_deg(self) -> float:
        """Direction away from the land, degrees clockwise from east."""
        into = math.atan2(self.at[1] - self.before[1], self.at[0] - self.before[0])
        out = math.atan2(self.after[1] - self.at[1], self.after[0] - self.at[0])
        x, y = math.sin(into) + math.sin(out), -math.cos(into) - math.cos(out)
        away = math.degrees(math.atan2(y, x) if math.hypot(x, y) > 1e-9 else into)
        return away + 180 if self.hole else away


@dataclass(slots=True)
class Board:
    """A frame, the lines that words must not cover, and the room that is taken already."""

    frame: shapely.Polygon
    lines: BaseGeometry
    _taken: dict[tuple[int, int], list[BaseGeometry]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make asking fast."""
        shapely.prepare(self.frame)
        shapely.prepare(self.lines)

    def take(self, room: BaseGeometry) -> None:
        """Keep room free of words."""
        for cell in _cells(room):
            self._taken.setdefault(cell, []).append(room)

    def is_free(self, room: BaseGeometry) -> bool:
        """Tell whether nothing that was written reaches into room."""
        return not any(room.intersects(other) for cell in _cells(room) for other in self._taken.get(cell, ()))

    def try_place(self, label: Label) -> bool:
        """Take the room for a label, or say that there is none."""
        room = _room(label)
        if not self.frame.contains(room) or self.lines.intersects(room) or not self.is_free(room):
            return False
        self.take(room)
        return True


def place_numbers(board: Board, corners: Sequence[Corner]) -> tuple[list[Label], list[Corner]]:
    """Write numbers beside their corners, outside of the land if possible; gives also who found no room."""
    placed: list[Label] = []
    left: list[Corner] = []
    for corner in corners:
        label = next(filter(board.try_place, _beside(corner, _NEAR_MM)), None)
        if label is None:
            left.append(corner)
        else:
            placed.append(label)
    return placed, left


def place_far(board: Board, corners: Sequence[Corner]) -> tuple[list[Label], list[tuple[Xy, Xy]]]:
    """Write numbers farther away, each with a line that leads to its corner and crosses nothing."""
    placed: list[Label] = []
    leaders: list[tuple[Xy, Xy]] = []
    for corner in corners:
        for label in _beside(corner, _FAR_MM):
            leader = _leader(corner.at, label)
            line = shapely.LineString(leader)
            if board.lines.intersects(line) or not board.is_free(line):
                continue
            if board.try_place(label):
                board.take(line)
                placed.append(label)
                leaders.append(leader)
                break
    return placed, leaders


def place_length(board: Board, start: Xy, end: Xy, text: str, *, hole: bool) -> Label | None:
    """Write a length along its side, outside of the land first; None where the side is too short."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dy)
    if length < len(text) * CHAR_WIDTH_MM + 0.6:
        return None
    angle = math.degrees(math.atan2(dy, dx))
    readable = angle - 180 if angle > 90 else angle + 180 if angle <= -90 else angle
    first = -1.0 if hole else 1.0
    for side in (first, -first):
        offset = side * (TEXT_HEIGHT_MM / 2 + 0.35)
        for along in (0.5, 0.35, 0.65):
            x = start[0] + along * dx + offset * dy / length
            label = Label(x, start[1] + along * dy - offset * dx / length, readable, text)
            if board.try_place(label):
                return label
    return None


def place_name(board: Board, start: Xy, end: Xy, text: str, *, hole: bool) -> Label | None:
    """Write the name of what lies beyond a side, level and clear of its length."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dy) or 1.0
    side = -1.0 if hole else 1.0
    half = len(text) * CHAR_WIDTH_MM / 2
    for distance in _NAMES_MM:
        reach_x = (distance + half * abs(dy) / length) * side * dy / length
        reach_y = -distance * side * dx / length
        for along in (0.5, 0.3, 0.7):
            label = Label(start[0] + along * dx + reach_x, start[1] + along * dy + reach_y, 0.0, text)
            if board.try_place(label):
                return label
    return None


def _beside(corner: Corner, distances: Sequence[float]) -> list[Label]:
    outward, text = corner.outward_deg, corner.text
    found = []
    for more in distances:
        reach = TEXT_HEIGHT_MM / 2 + 0.7 + more
        for turn in _TURNS_DEG:
            angle = math.radians(outward + turn)
            x = corner.at[0] + (reach + (len(text) - 1) * 0.5 * CHAR_WIDTH_MM) * math.cos(angle)
            found.append(Label(x, corner.at[1] + reach * math.sin(angle), 0.0, text))
    return found


def _leader(corner: Xy, label: Label) -> tuple[Xy, Xy]:
    """Give the line from just off a corner to just off its number."""
    dx, dy = label.x - corner[0], label.y - corner[1]
    length = math.hypot(dx, dy)
    half_w = len(label.text) * CHAR_WIDTH_MM / 2 + _GAP_MM
    half_h = TEXT_HEIGHT_MM / 2 + _GAP_MM / 2
    inside = min(half_w / abs(dx) if dx else math.inf, half_h / abs(dy) if dy else math.inf)
    begin, end = 0.6 / length, max(0.0, 1.0 - inside)
    return (
        (corner[0] + begin * dx, corner[1] + begin * dy),
        (corner[0] + end * dx, corner[1] + end * dy),
    )


def _room(label: Label) -> shapely.Polygon:
    half_w, half_h = len(label.text) * CHAR_WIDTH_MM / 2 + _GAP_MM / 2, TEXT_HEIGHT_MM / 2
    if not label.angle_deg:
        return shapely.box(label.x - half_w, label.y - half_h, label.x + half_w, label.y + half_h)
    turn = math.radians(label.angle_deg)
    cos, sin = math.cos(turn), math.sin(turn)
    corners = ((-half_w, -half_h), (half_w, -half_h), (half_w, half_h), (-half_w, half_h))
    return shapely.Polygon([(label.x + x * cos - y * sin, label.y + x * sin + y * cos) for x, y in corners])


def _cells(room: BaseGeometry) -> list[tuple[int, int]]:
    x0, y0, x1, y1 = room.bounds
    return [
        (i, j)
        for i in range(int(x0 // _CELL_MM), int(x1 // _CELL_MM) + 1)
        for j in range(int(y0 // _CELL_MM), int(y1 // _CELL_MM) + 1)
    ]


__all__ = [
    "CHAR_WIDTH_MM",
    "TEXT_HEIGHT_MM",
    "Board",
    "Corner",
    "Label",
    "place_far",
    "place_length",
    "place_name",
    "place_numbers",
]
