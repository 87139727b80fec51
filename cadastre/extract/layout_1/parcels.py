"""The plan of a parcel and the tables of its turning points as layout 1 prints them."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from cadastre.extract.layout_1.plan import draw_plan
from cadastre.extract.text import fixed, grouped
from cadastre.extract.view_description import describe_parcel, label
from cadastre.extract.view_forms import told
from cadastre.kernel.text import az_lower

Json = dict[str, Any]

MOST_PRINTED_CORNERS = 6_000
"""A longer table (some 45 pages) is left to the embedded statement, and the page says so."""


def print_parcel(parcel: Json, statement: Json) -> Json:
    """Give the block of a parcel: rows of its description, plan, notes and tables."""
    others = [p for p in told(statement, "parcels") if p is not parcel]
    plan = draw_plan(parcel, others, _parts(statement))
    return {
        "number": parcel["cadastral_number"],
        "rows": list(describe_parcel(parcel, statement)),
        "plan": plan,
        "plan_notes": list(_plan_notes(parcel, plan)) if plan else [],
        "rings": _vertex_tables(parcel),
    }


def _parts(statement: Json) -> list[tuple[str, Json]]:
    """List the parts that entries are about, each by the number of its row among the restrictions."""
    numbered = [(str(i), entry.get("part")) for i, entry in enumerate(told(statement, "restrictions"), 1)]
    other = [("", right.get("part")) for right in told(statement, "rights") if not right["encumbers"]]
    return [(mark, part) for mark, part in (*numbered, *other) if part]


def _vertex_tables(parcel: Json) -> list[Json]:
    if _corner_count(parcel) > MOST_PRINTED_CORNERS:
        return []
    return [
        {"title": _ring_title(ring, i), "rows": [_vertex(point) for point in ring["points"]]}
        for i, ring in enumerate(parcel["rings"])
    ]


def _corner_count(parcel: Json) -> int:
    return sum(len(ring["points"]) for ring in parcel["rings"])


def _plan_notes(parcel: Json, plan: Json) -> Iterable[str]:
    crs = parcel["crs"]
    zone = crs["srid"] - 32600
    surveyed = parcel["surveyed_area"]
    if surveyed:
        yield f"Ellipsoid üzərində sahəsi: {grouped(surveyed['m2'])} m² ({grouped(surveyed['ha'])} ha)."
    yield f"Perimetri: {grouped(fixed(Decimal(parcel['perimeter_m']), 2))} m."
    yield f"Koordinat sistemi: WGS 84 / UTM {zone}N (EPSG:{crs['srid']}); X — şimala, Y — şərqə, metrlə."
    yield "Tərəflərin uzunluqları WGS 84 ellipsoidi üzərində üfüqi uzunluqlardır (proyeksiya üzrə deyil)."
    if crs["operation"]:
        accuracy = crs["operation_accuracy_m"]
        tail = f", dəqiqliyi {grouped(accuracy)} m" if accuracy else ""
        yield f"Koordinatlar EPSG:{crs['source_srid']} sistemindən çevrilib: {crs['operation']}{tail}."
    if parcel["survey"]["accuracy_m"]:
        yield f"Ölçmənin dəqiqliyi: {grouped(parcel['survey']['accuracy_m'])} m."
    marks = _building_marks(parcel)
    if marks:
        yield f"Binalar: {marks}."
    if plan["parts"]:
        marked = [part["text"] for part in plan["parts"] if part["text"]]
        tail = f" (məhdudiyyətlərin cədvəlində sıra №-si: {', '.join(marked)})" if marked else ""
        yield f"Qırıq xətlə ştrixlənib: qeydin aid olduğu hissələr{tail}."
    corners = _corner_count(parcel)
    if corners > MOST_PRINTED_CORNERS:
        yield (
            f"Dönüş nöqtələrinin sayı {corners} olduğundan cədvəl çap edilmir; tam siyahı sənədə əlavə "
            "edilmiş statement.json faylındadır."
        )
    elif not (plan["all_numbered"] and plan["all_measured"] and plan["all_marked"]):
        yield "Yer çatmayan nömrə, işarə və uzunluqlar planda yazılmayıb; tam siyahı cədvəldədir."


def _building_marks(parcel: Json) -> str:
    """What the marks drawn on buildings mean."""
    marks = {}
    for building in parcel["buildings"]:
        if building["label"]:
            storeys = building["storeys"]
            kind = az_lower(label(building["kind"]) or "bina")
            marks[building["label"]] = kind if storeys is None else f"{kind}, mərtəbələrin sayı {storeys}"
    return "; ".join(f"{mark} — {meaning}" for mark, meaning in sorted(marks.items()))


def _ring_title(ring: Json, index: int) -> str:
    return "Xarici sərhəd" if ring["role"] == "outer" else f"Daxili kontur {index} (sahəyə daxil deyil)"


def _vertex(point: Json) -> list[str]:
    return [
        str(point["number"]),
        grouped(point["northing"]),
        grouped(point["easting"]),
        f"{point['number']}–{point['next']}",
        grouped(fixed(Decimal(point["side_m"]), 2)),
    ]


__all__ = ["print_parcel"]
