"""The plan of a parcel as marks on paper: true to a stated scale, north up, millimetres from the top left.

Pure geometry: it reads a parcel of a statement (grid coordinates, legal zone)
and gives numbers that the template draws.  Grid north is up; within a parcel the
grid's scale error (0.04 %) is far below the width of a pen line.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import shapely

from cadastre.extract.layout_1.plan_labels import Label, LabelSheet, length_labels, number_labels
from cadastre.extract.text import fixed

SCALES = (
    50,
    100,
    200,
    500,
    1_000,
    2_000,
    5_000,
    10_000,
    20_000,
    50_000,
    100_000,
    200_000,
    500_000,
    1_000_000,
)
WIDTH_MM = 174.0
MAX_HEIGHT_MM = 138.0
TALL_HEIGHT_MM = 195.0  # a whole page, for boundaries with many corners
_MANY_CORNERS = 60
MIN_HEIGHT_MM = 70.0
MARGIN_MM = 14.0
_TICK_TARGET_MM = 45.0
_MAX_DOTS = 1_500
_MARK_WIDTH_MM = 1.5  # a letter of 6 pt, bold
_MARK_HEIGHT_MM = 2.2

Xy = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Where the ground lies on the paper; eastings and northings in metres, x right and y down in mm."""

    scale: int
    west: float
    north: float
    width_mm: float
    height_mm: float

    def at(self, northing: float, easting: float) -> Xy:
        """Place a grid coordinate on the paper."""
        per_metre = 1000.0 / self.scale
        return ((easting - self.west) * per_metre, (self.north - northing) * per_metre)


def choose_sheet(
    northings: list[float], eastings: list[float], *, max_height_mm: float = MAX_HEIGHT_MM
) -> Sheet:
    """Choose the largest scale at which the extent fits, and centre it.

    Examples
    --------
    >>> choose_sheet([0.0, 40.0], [0.0, 30.0]).scale
    500
    >>> choose_sheet([0.0, 4000.0], [0.0, 3000.0]).scale
    50000
    """
    high, wide = max(northings) - min(northings), max(eastings) - min(eastings)
    room_x, room_y = WIDTH_MM - 2 * MARGIN_MM, max_height_mm - 2 * MARGIN_MM
    fitting = (s for s in SCALES if wide * 1000 / s <= room_x and high * 1000 / s <= room_y)
    scale = next(fitting, None)
    if scale is None:
        needed = max(wide * 1000 / room_x, high * 1000 / room_y)
        scale = math.ceil(needed / SCALES[-1]) * SCALES[-1]
    height = min(max_height_mm, max(MIN_HEIGHT_MM, high * 1000 / scale + 2 * MARGIN_MM))
    metres = scale / 1000.0
    return Sheet(
        scale=scale,
        west=(max(eastings) + min(eastings)) / 2 - WIDTH_MM / 2 * metres,
        north=(max(northings) + min(northings)) / 2 + height / 2 * metres,
        width_mm=WIDTH_MM,
        height_mm=height,
    )


def draw_plan(
    parcel: dict[str, Any],
    others: list[dict[str, Any]],
    parts: Sequence[tuple[str, dict[str, Any]]] = (),
) -> dict[str, Any] | None:
    """Draw a statement's parcel; ``others`` of the same property appear as grey context.

    ``parts`` are those that entries are about, each with the mark to be drawn in it.

    Returns
    -------
    dict or None
        Marks in millimetres, or None when the parcel has no registered geometry.
    """
    rings = [[_grid(point) for point in ring["points"]] for ring in parcel["rings"]]
    if not rings:
        return None
    tall = sum(map(len, rings)) > _MANY_CORNERS
    sheet = choose_sheet(
        [p[0] for p in rings[0]],
        [p[1] for p in rings[0]],
        max_height_mm=TALL_HEIGHT_MM if tall else MAX_HEIGHT_MM,
    )
    drawn = [[sheet.at(*point) for point in ring] for ring in rings]
    labels = LabelSheet(drawn, width_mm=sheet.width_mm, height_mm=sheet.height_mm)
    points = [point for ring in parcel["rings"] for point in ring["points"]]
    numbers = number_labels(labels, [str(point["number"]) for point in points])
    lengths = length_labels(labels, [_printed_length(point["side_m"]) for point in points])
    buildings = [_building(sheet, building) for building in parcel["buildings"]]
    marked = sum(bool(building["label"]) for building in parcel["buildings"])
    same_zone = [o for o in others if o["crs"]["srid"] == parcel["crs"]["srid"]]
    return {
        "width": sheet.width_mm,
        "height": _mm(sheet.height_mm),
        "scale": sheet.scale,
        "rings": [_xys(ring) for ring in drawn],
        "others": [
            [_xys([sheet.at(*_grid(p)) for p in ring["points"]]) for ring in other["rings"]]
            for other in same_zone
            if other["rings"]
        ],
        "buildings": buildings,
        "parts": [
            _building(sheet, {"rings": _on(parcel, part), "label": mark})
            for mark, part in parts
            if part["srid"] == parcel["crs"]["srid"] and _on(parcel, part)
        ],
        "numbers": [_label(label) for label in numbers],
        "lengths": [_label(label) for label in lengths],
        "dots": len(points) <= _MAX_DOTS,
        "all_numbered": len(numbers) == len(points),
        "all_marked": sum(bool(building["text"]) for building in buildings) == marked,
        "all_measured": len(lengths) == len(points),
        "ticks": _ticks(sheet),
        "bar": _scale_bar(sheet.scale),
    }


def _on(parcel: dict[str, Any], part: dict[str, Any]) -> list[list[list[str]]]:
    """Give the rings of a part that lies on this parcel, none when it lies on another one of the property."""
    corners = [_grid(point) for point in parcel["rings"][0]["points"]]
    ground = shapely.Polygon(corners)
    outline = shapely.Polygon([(float(n), float(e)) for n, e in part["rings"][0]])
    rings: list[list[list[str]]] = part["rings"]
    return rings if outline.representative_point().intersects(ground) else []


def _grid(point: dict[str, Any]) -> Xy:
    return float(point["northing"]), float(point["easting"])


def _printed_length(side_m: str) -> str:
    return fixed(Decimal(side_m), 2).replace(".", ",")


def _building(sheet: Sheet, building: dict[str, Any]) -> dict[str, Any]:
    rings = [[sheet.at(float(n), float(e)) for n, e in ring] for ring in building["rings"]]
    outline = shapely.Polygon(rings[0], rings[1:]) if rings else shapely.Polygon()
    inside = outline.representative_point() if rings else shapely.Point(0, 0)
    return {
        "rings": [_xys(ring) for ring in rings],
        "text": _fitting(building["label"] or "", outline),
        "x": _mm(inside.x),
        "y": _mm(inside.y),
    }


def _fitting(mark: str, outline: shapely.Polygon) -> str:
    """Give the mark of a building when it can be read inside it."""
    west, top, east, bottom = outline.bounds if not outline.is_empty else (0.0, 0.0, 0.0, 0.0)
    fits = east - west >= _MARK_WIDTH_MM * len(mark) and bottom - top >= _MARK_HEIGHT_MM
    return mark if fits else ""


def _ticks(sheet: Sheet) -> dict[str, Any]:
    """Round grid coordinates inside the frame, with the numbers printed on its edges."""
    step = _round_step(_TICK_TARGET_MM * sheet.scale / 1000.0)
    metres = sheet.scale / 1000.0
    east = _multiples(sheet.west, sheet.west + sheet.width_mm * metres, step)
    north = _multiples(sheet.north - sheet.height_mm * metres, sheet.north, step)
    return {
        "x": [{"at": _mm(sheet.at(0, e)[0]), "text": str(e)} for e in east],
        "y": [{"at": _mm(sheet.at(n, 0)[1]), "text": str(n)} for n in north],
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


def _scale_bar(scale: int) -> dict[str, Any]:
    step = _round_step(20.0 * scale / 1000.0)
    return {"step": _mm(step * 1000.0 / scale), "labels": [str(step * i) for i in range(4)]}


def _label(label: Label) -> dict[str, Any]:
    return {"x": _mm(label.x), "y": _mm(label.y), "angle": round(label.angle_deg, 2), "text": label.text}


def _xys(points: list[Xy]) -> list[list[float]]:
    return [[_mm(x), _mm(y)] for x, y in points]


def _mm(value: float) -> float:
    return round(value, 3)
