"""The plan of a parcel on sheets of paper: true to a stated scale, north up.

A parcel that can be read on A4 gets a frame there, else a sheet of A3; "plan and size" of a boundary that is
too long for that gets a key on A4 and a series of A3 sheets that overlap.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import shapely

from cadastre.extract.layout_2.drawing import draw_key, draw_sheet, number_step
from cadastre.extract.layout_2.frame import (
    OVERLAP_MM,
    Paper,
    Sheet,
    coarsest_series,
    readable_scale,
    single_sheet,
)
from cadastre.extract.layout_2.ground import Ground, read_ground

Json = dict[str, Any]

_PLAN_SIDE_MM: Final = 10.0
_PLAN_WIDTH_MM: Final = 2.0
"""What "plan and size" gives the middle side, so that its length can be written, and the width of a strip."""
_OTHER_SIDE_MM: Final = 2.0
_OTHER_WIDTH_MM: Final = 0.8
"""What any other document gives them before it takes a sheet of A3."""
_KEY_MM: Final = (64.0, 27.0)
"""The small key on every sheet of a series."""


def draw_plan(
    parcel: Json,
    others: Sequence[Json] = (),
    parts: Sequence[tuple[str, Json]] = (),
    *,
    detailed: bool = False,
    room_mm: float = Paper.A4.height_mm,
) -> Json | None:
    """Draw a statement's parcel; ``others`` of the same property appear as grey context.

    Parameters
    ----------
    parcel, others
        Parcels of a statement.
    parts
        What entries are about, each with the mark to be drawn in it.
    detailed
        Whether a series of sheets may be drawn.
    room_mm
        Height of the frame on A4 that leaves room for the table below it.

    Returns
    -------
    dict or None
        Sheets with their marks, or None when the parcel has no registered geometry.
    """
    ground = read_ground(parcel, others, parts)
    if ground is None:
        return None
    first, more = choose_sheets(ground, detailed=detailed, room_mm=room_mm)
    step = number_step(ground, (more or [first])[0].scale)
    drawn = [draw_sheet(ground, sheet, step=step, clipped=bool(more)) for sheet in more or [first]]
    sheets = [one.view for one in drawn]
    if more:
        for sheet, view in zip(more, sheets, strict=True):
            view["links"] = _links(sheet, more)
        key = draw_key(ground, first) | {"cells": _cells(first, more)}
        sheets = [key | {"links": []}, *sheets]
    return {
        "sheets": [{"links": [], "cells": []} | sheet for sheet in sheets],
        "key": _small_key(ground, more) if more else None,
        "scale": (more or [first])[0].scale,
        "step": step,
        "parts": [part.mark for part in ground.parts],
        "all_numbered": len(frozenset().union(*(one.numbered for one in drawn))) == ground.count,
        "all_measured": len(frozenset().union(*(one.measured for one in drawn))) == ground.count,
        "all_marked": max(one.marked for one in drawn) == sum(bool(b.mark) for b in ground.buildings),
    }


def choose_sheets(
    ground: Ground, *, detailed: bool, room_mm: float = Paper.A4.height_mm
) -> tuple[Sheet, list[Sheet]]:
    """Choose paper and scale: a sheet, or the sheet of the key with a series."""
    extent, sides, width_m = ground.extent, ground.sides_m(), ground.mean_width_m()
    small = single_sheet(extent, Paper.A4, max_height_mm=room_mm)
    side_mm, width_mm = (_PLAN_SIDE_MM, _PLAN_WIDTH_MM) if detailed else (_OTHER_SIDE_MM, _OTHER_WIDTH_MM)
    wanted = readable_scale(sides, width_m, side_mm=side_mm, width_mm=width_mm)
    if small.scale <= wanted:
        return small, []
    large = min(
        (single_sheet(extent, paper) for paper in (Paper.A3_WIDE, Paper.A3_TALL)), key=lambda s: s.scale
    )
    if detailed and large.scale > wanted:
        more = coarsest_series(ground.outline(), wanted, below=large.scale)
        if more:
            return small, more
    return (large, []) if large.scale < small.scale else (small, [])


def _links(sheet: Sheet, sheets: Sequence[Sheet]) -> list[Json]:
    """Say at which edges which sheets go on."""
    steps = {"top": (0, -1), "right": (1, 0), "bottom": (0, 1), "left": (-1, 0)}
    places = {(one.column, one.row): str(i) for i, one in enumerate(sheets, 1)}
    found = {edge: places.get((sheet.column + dx, sheet.row + dy)) for edge, (dx, dy) in steps.items()}
    return [{"edge": edge, "text": text} for edge, text in found.items() if text]


def _cells(key: Sheet, sheets: Sequence[Sheet]) -> list[Json]:
    """Draw what each sheet is for, without the overlap, on the key."""
    found = []
    for i, sheet in enumerate(sheets, 1):
        metres = sheet.scale / 1000.0
        x, y = key.at(sheet.north - OVERLAP_MM * metres, sheet.west + OVERLAP_MM * metres)
        shrunk = sheet.scale / key.scale
        found.append(
            {
                "x": round(x, 3),
                "y": round(y, 3),
                "width": round((sheet.width_mm - 2 * OVERLAP_MM) * shrunk, 3),
                "height": round((sheet.height_mm - 2 * OVERLAP_MM) * shrunk, 3),
                "text": str(i),
            }
        )
    return found


def _small_key(ground: Ground, sheets: Sequence[Sheet]) -> Json:
    """Draw the key once more, as small as it stands beside the scale of every sheet."""
    metres = [sheet.scale / 1000.0 for sheet in sheets]
    west = min(sheet.west for sheet in sheets)
    north = max(sheet.north for sheet in sheets)
    east = max(s.west + s.width_mm * m for s, m in zip(sheets, metres, strict=True))
    south = min(s.north - s.height_mm * m for s, m in zip(sheets, metres, strict=True))
    scale = 1000 * max((east - west) / _KEY_MM[0], (north - south) / _KEY_MM[1])
    small = Sheet(Paper.A4, round(scale) + 1, west, north, *_KEY_MM)
    lines = shapely.get_parts(ground.outline().simplify(0.15 * small.scale / 1000.0))
    return {
        "width": round((east - west) * small.per_metre, 3),
        "height": round((north - south) * small.per_metre, 3),
        "lines": [
            [[round(v, 3) for v in small.at(n, e)] for e, n in line.coords]
            for line in shapely.get_parts(lines)
        ],
        "cells": _cells(small, sheets),
    }


__all__ = ["choose_sheets", "draw_plan"]
