"""Where numbers and lengths go on a plan without covering a line or one another."""

from __future__ import annotations

import math
from dataclasses import dataclass

import shapely
from shapely import affinity

TEXT_HEIGHT_MM = 2.1
CHAR_WIDTH_MM = 1.15
MOST_NUMBERS = 500  # more do not fit on a sheet; a longer boundary has every n-th corner numbered
_GAP_MM = 0.45
_TURNS_DEG = (0, 30, -30, 60, -60, 90, -90, 180, 135, -135)

Xy = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Label:
    """A text centred at x, y (mm, y down), turned clockwise by ``angle_deg``."""

    x: float
    y: float
    angle_deg: float
    text: str


class LabelSheet:
    """The drawn rings and the labels placed so far.

    Parameters
    ----------
    rings
        Rings in paper millimetres (x right, y down), clockwise as seen, open.
    width_mm, height_mm
        The frame that labels must stay inside of.
    """

    def __init__(self, rings: list[list[Xy]], *, width_mm: float, height_mm: float) -> None:
        self.rings = rings
        self._frame = shapely.box(1.0, 1.0, width_mm - 1.0, height_mm - 1.0)
        self._lines = shapely.MultiLineString([[*ring, ring[0]] for ring in rings])
        shapely.prepare(self._frame)
        shapely.prepare(self._lines)
        self._taken: dict[tuple[int, int], list[shapely.Polygon]] = {}

    def try_place(self, label: Label) -> bool:
        """Take the room for a label, or say that there is none."""
        half_w = len(label.text) * CHAR_WIDTH_MM / 2 + _GAP_MM / 2
        half_h = TEXT_HEIGHT_MM / 2
        room = shapely.box(label.x - half_w, label.y - half_h, label.x + half_w, label.y + half_h)
        if label.angle_deg:
            room = affinity.rotate(room, label.angle_deg, origin=(label.x, label.y))
        if not self._frame.contains(room) or self._lines.intersects(room):
            return False
        cells = self._cells(room)
        if any(room.intersects(other) for cell in cells for other in self._taken.get(cell, ())):
            return False
        for cell in cells:
            self._taken.setdefault(cell, []).append(room)
        return True

    @staticmethod
    def _cells(room: shapely.Polygon) -> list[tuple[int, int]]:
        x0, y0, x1, y1 = room.bounds
        return [
            (i, j)
            for i in range(int(x0 // 10), int(x1 // 10) + 1)
            for j in range(int(y0 // 10), int(y1 // 10) + 1)
        ]


def number_labels(sheet: LabelSheet, texts: list[str]) -> list[Label]:
    """Write the numbers of turning points, outside the corner if possible; one without room is left out."""
    placed: list[Label] = []
    index = 0
    step = math.ceil(len(texts) / MOST_NUMBERS)
    for hole, ring in enumerate(sheet.rings):
        for i, corner in enumerate(ring):
            if index % step == 0:
                outward = _outward_deg(ring[i - 1], corner, ring[(i + 1) % len(ring)])
                label = _place_number(sheet, corner, outward + (180 if hole else 0), texts[index])
                placed += [label] if label is not None else []
            index += 1
    return placed


def length_labels(sheet: LabelSheet, texts: list[str]) -> list[Label]:
    """Write side lengths along the sides that are long enough, outside first."""
    placed: list[Label] = []
    index = 0
    for hole, ring in enumerate(sheet.rings):
        for i, start in enumerate(ring):
            label = _place_length(sheet, start, ring[(i + 1) % len(ring)], texts[index], inward=bool(hole))
            if label is not None:
                placed.append(label)
            index += 1
    return placed


def _place_number(sheet: LabelSheet, corner: Xy, outward_deg: float, text: str) -> Label | None:
    reach = TEXT_HEIGHT_MM / 2 + 0.6
    for distance in (reach, reach + 1.0, reach + 2.2):
        for turn in _TURNS_DEG:
            angle = math.radians(outward_deg + turn)
            stretch = 1.0 + (len(text) - 1) * 0.45 * abs(math.cos(angle))
            label = Label(
                corner[0] + distance * stretch * math.cos(angle),
                corner[1] + distance * math.sin(angle),
                0.0,
                text,
            )
            if sheet.try_place(label):
                return label
    return None


def _place_length(sheet: LabelSheet, start: Xy, end: Xy, text: str, *, inward: bool) -> Label | None:
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dy)
    if length < len(text) * CHAR_WIDTH_MM + 1.0:
        return None
    angle = math.degrees(math.atan2(dy, dx))
    readable = angle - 180 if angle > 90 else angle + 180 if angle <= -90 else angle
    first = -1.0 if inward else 1.0
    for side in (first, -first):
        offset = side * (TEXT_HEIGHT_MM / 2 + 0.35)
        for along in (0.5, 0.35, 0.65):
            label = Label(
                start[0] + along * dx + offset * dy / length,
                start[1] + along * dy - offset * dx / length,
                readable,
                text,
            )
            if sheet.try_place(label):
                return label
    return None


def _outward_deg(before: Xy, corner: Xy, after: Xy) -> float:
    """Direction away from a clockwise ring (as seen, y down) at a corner, degrees clockwise from east."""
    into = math.atan2(corner[1] - before[1], corner[0] - before[0])
    out = math.atan2(after[1] - corner[1], after[0] - corner[0])
    left_of_into = (math.sin(into), -math.cos(into))
    left_of_out = (math.sin(out), -math.cos(out))
    x, y = left_of_into[0] + left_of_out[0], left_of_into[1] + left_of_out[1]
    return math.degrees(math.atan2(y, x) if math.hypot(x, y) > 1e-9 else into)
