"""What every layout says about a parcel's plan and turning points, whatever way it draws them."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from cadastre.extract.text import fixed, grouped
from cadastre.extract.view_description import label
from cadastre.extract.view_forms import told
from cadastre.kernel.text import az_lower

Json = dict[str, Any]


def numbered_parts(statement: Json) -> list[tuple[str, Json]]:
    """List the parts that entries are about, each by the number of its row among the restrictions."""
    numbered = [(str(i), entry.get("part")) for i, entry in enumerate(told(statement, "restrictions"), 1)]
    other = [("", right.get("part")) for right in told(statement, "rights") if not right["encumbers"]]
    return [(mark, part) for mark, part in (*numbered, *other) if part]


def corner_count(parcel: Json) -> int:
    """How many turning points all rings have."""
    return sum(len(ring["points"]) for ring in parcel["rings"])


def describe_survey(parcel: Json) -> Iterable[str]:
    """Say below a plan what was measured, in which system, how well, and what the marks of buildings mean."""
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


def describe_parts(marks: Iterable[str]) -> str:
    """Say what is hatched, and by which rows of the table of restrictions."""
    marked = [mark for mark in marks if mark]
    tail = f" (məhdudiyyətlərin cədvəlində sıra №-si: {', '.join(marked)})" if marked else ""
    return f"Qırıq xətlə ştrixlənib: qeydin aid olduğu hissələr{tail}."


def left_to_statement(corners: int) -> str:
    """Say why a table is not printed, and where it is."""
    return (
        f"Dönüş nöqtələrinin sayı {corners} olduğundan cədvəl çap edilmir; tam siyahı sənədə əlavə "
        "edilmiş statement.json faylındadır."
    )


def _building_marks(parcel: Json) -> str:
    """What the marks drawn on buildings mean."""
    marks = {}
    for building in parcel["buildings"]:
        if building["label"]:
            storeys = building["storeys"]
            kind = az_lower(label(building["kind"]) or "bina")
            marks[building["label"]] = kind if storeys is None else f"{kind}, mərtəbələrin sayı {storeys}"
    return "; ".join(f"{mark} — {meaning}" for mark, meaning in sorted(marks.items()))


def ring_title(ring: Json, index: int) -> str:
    """Name a ring."""
    return "Xarici sərhəd" if ring["role"] == "outer" else f"Daxili kontur {index} (sahəyə daxil deyil)"


def print_vertex(point: Json, *, sides: bool = True) -> list[str]:
    """Give the row of a corner; without ``sides`` it is left unsaid which one the length is of: the next."""
    number = str(point["number"])
    side = [f"{number}–{point['next']}"] if sides else []
    length = grouped(fixed(Decimal(point["side_m"]), 2))
    return [number, grouped(point["northing"]), grouped(point["easting"]), *side, length]


__all__ = [
    "corner_count",
    "describe_parts",
    "describe_survey",
    "left_to_statement",
    "numbered_parts",
    "print_vertex",
    "ring_title",
]
