"""Marks of buildings on the plan: drawn where they can be read, explained below it."""

from __future__ import annotations

from typing import Any

import pytest

from cadastre.extract.layout_2.plan import draw_plan
from cadastre.extract.statement import build_statement
from tests.cadastre.extract.builders import CASES, LABELS


def plain_parcel() -> dict[str, Any]:
    parcel: dict[str, Any] = build_statement(CASES["plain"], LABELS, rendering="test")["parcels"][0]
    return parcel


@pytest.mark.parametrize(("scale", "mark"), [(1.0, "2YE"), (0.1, "")])
def test_a_mark_is_drawn_only_where_it_fits(scale: float, mark: str) -> None:
    parcel = plain_parcel()
    (building,) = parcel["buildings"]
    north, east = (float(value) for value in building["rings"][0][0])
    building["rings"] = [
        [
            [f"{north + (float(n) - north) * scale:.3f}", f"{east + (float(e) - east) * scale:.3f}"]
            for n, e in ring
        ]
        for ring in building["rings"]
    ]
    plan = draw_plan(parcel, [])
    assert plan is not None
    assert plan["sheets"][0]["buildings"][0]["text"] == mark
    assert plan["all_marked"] is bool(mark)


def test_a_building_without_an_outline_is_no_fault_of_the_plan() -> None:
    parcel = plain_parcel()
    parcel["buildings"][0]["rings"] = []
    plan = draw_plan(parcel, [])
    assert plan is not None
    assert plan["sheets"][0]["buildings"] == []
    assert plan["all_marked"]
