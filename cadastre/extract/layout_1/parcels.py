"""The plan of a parcel and the tables of its turning points as layout 1 prints them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cadastre.extract.layout_1.plan import draw_plan
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

MOST_PRINTED_CORNERS = 6_000
"""A longer table (some 45 pages) is left to the embedded statement, and the page says so."""


def print_parcel(parcel: Json, statement: Json) -> Json:
    """Give the block of a parcel: rows of its description, plan, notes and tables."""
    others = [p for p in told(statement, "parcels") if p is not parcel]
    plan = draw_plan(parcel, others, numbered_parts(statement))
    return {
        "number": parcel["cadastral_number"],
        "rows": list(describe_parcel(parcel, statement)),
        "plan": plan,
        "plan_notes": list(_plan_notes(parcel, plan)) if plan else [],
        "rings": _vertex_tables(parcel),
    }


def _vertex_tables(parcel: Json) -> list[Json]:
    if corner_count(parcel) > MOST_PRINTED_CORNERS:
        return []
    return [
        {"title": ring_title(ring, i), "rows": [print_vertex(point) for point in ring["points"]]}
        for i, ring in enumerate(parcel["rings"])
    ]


def _plan_notes(parcel: Json, plan: Json) -> Iterable[str]:
    yield from describe_survey(parcel)
    if plan["parts"]:
        yield describe_parts(part["text"] for part in plan["parts"])
    corners = corner_count(parcel)
    if corners > MOST_PRINTED_CORNERS:
        yield left_to_statement(corners)
    elif not (plan["all_numbered"] and plan["all_measured"] and plan["all_marked"]):
        yield "Yer çatmayan nömrə, işarə və uzunluqlar planda yazılmayıb; tam siyahı cədvəldədir."


__all__ = ["print_parcel"]
