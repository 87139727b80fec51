"""The plan of a parcel and the tables of its turning points as layout 2 prints them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from cadastre.extract.layout_2.plan import draw_plan
from cadastre.extract.text import grouped
from cadastre.extract.view_description import describe_parcel
from cadastre.extract.view_forms import told
from cadastre.extract.view_parcels import (
    corner_count,
    describe_parts,
    describe_survey,
    left_to_statement,
    numbered_parts,
    print_vertex,
    ring_title,
)

Json = dict[str, Any]

MOST_PRINTED_CORNERS: Final = 6_000
"""A longer table (some 35 pages) is left to the embedded statement, and the page says so."""
_ONE_COLUMN: Final = 30
_TWO_COLUMNS: Final = 600
_PAGE_MM: Final = 256.0
_WITHOUT_FRAME_MM: Final = 51.0
"""Heading, scale and notes of a page with a plan."""
_NEIGHBOURS_ONE_COLUMN: Final = 12
_ROW_MM: Final = 4.4
_HEADED_MM: Final = 9.0 + 2 * _ROW_MM
"""What a table takes besides its rows."""
_MOST_FRAME_MM, _LEAST_FRAME_MM = 195.0, 100.0


def print_parcel(parcel: Json, statement: Json) -> Json:
    """Give the block of a parcel: rows of its description, plan, notes and tables."""
    plan = draw_plan(
        parcel,
        [other for other in told(statement, "parcels") if other is not parcel],
        numbered_parts(statement),
        detailed=statement["kind"] == "plan",
        room_mm=_room_mm(parcel),
    )
    return {
        "number": parcel["cadastral_number"],
        "rows": list(describe_parcel(parcel, statement)),
        "plan": plan,
        "plan_notes": list(_plan_notes(parcel, plan)) if plan else [],
        "rings": _vertex_tables(parcel),
        "neighbours": _neighbours(parcel),
    }


def _neighbours(parcel: Json) -> Json | None:
    """Give the table of neighbours; None where the product does not name them."""
    found = parcel.get("neighbours")
    if found is None:
        return None
    return {
        "columns": 1 if len(found) <= _NEIGHBOURS_ONE_COLUMN else 2,
        "rows": [[f"{one['first']}–{one['last']}", one["cadastral_number"]] for one in found],
    }


def _room_mm(parcel: Json) -> float:
    """Height of a frame on A4 that leaves room for short tables on the same page."""
    rings, neighbours = len(parcel["rings"]), parcel.get("neighbours")
    rows = corner_count(parcel) + len(neighbours or ())
    tables = rings + (neighbours is not None)
    left = _PAGE_MM - _WITHOUT_FRAME_MM - tables * _HEADED_MM - rows * _ROW_MM
    fits = rows <= _ONE_COLUMN and left >= _LEAST_FRAME_MM
    return min(left, _MOST_FRAME_MM) if fits else _MOST_FRAME_MM


def _vertex_tables(parcel: Json) -> list[Json]:
    """Give a table for each ring, and how many columns of the page it takes; the narrowest say no sides."""
    count = corner_count(parcel)
    if count > MOST_PRINTED_CORNERS:
        return []
    columns = 1 if count <= _ONE_COLUMN else 2 if count <= _TWO_COLUMNS else 3
    return [
        {
            "title": ring_title(ring, i),
            "columns": columns,
            "rows": [print_vertex(point, sides=columns < 3) for point in ring["points"]],
        }
        for i, ring in enumerate(parcel["rings"])
    ]


def _plan_notes(parcel: Json, plan: Json) -> Iterable[str]:
    yield from describe_survey(parcel)
    if plan["parts"]:
        yield describe_parts(plan["parts"])
    if plan["key"]:
        yield (
            f"Plan 1:{grouped(str(plan['scale']))} miqyasında {len(plan['key']['cells'])} A3 vərəqdə "
            "çəkilib; qonşu vərəqlər bir-birini 20 mm örtür. Sxemdə vərəqlərin nömrələri göstərilib."
        )
    corners, step = corner_count(parcel), plan["step"]
    if step > 1:
        yield f"Planda hər nöqtə deyil, yalnız 1, {step}, {2 * step} və s. nömrəli nöqtələr nömrələnib."
    if corners > MOST_PRINTED_CORNERS:
        yield left_to_statement(corners)
    elif not (plan["all_numbered"] and plan["all_measured"] and plan["all_marked"]):
        yield "Yer çatmayan nömrə, işarə və uzunluqlar planda yazılmayıb; tam siyahı cədvəldədir."


__all__ = ["MOST_PRINTED_CORNERS", "print_parcel"]
