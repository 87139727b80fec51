"""What the printed page says, line by line: statement in, plain strings out.

The template only lays these out.  Everything printed comes from the statement,
so a verifier who holds it can print the same page again.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from cadastre.extract.plan import draw_plan
from cadastre.extract.text import fixed, grouped, printed_instant
from cadastre.extract.view_description import (
    NOT_RECORDED,
    describe_parcel,
    describe_property,
    label,
    print_field,
    print_row,
)
from cadastre.extract.view_entries import print_restriction, print_right, print_servitude
from cadastre.extract.view_forms import FORMS, print_existence, print_terminated, told
from cadastre.extract.view_state import (
    print_absence,
    print_closing,
    print_historic,
    print_number_name,
    print_state,
)
from cadastre.extract.view_translation import translate
from cadastre.kernel.text import az_lower

Row = dict[str, str]
Json = dict[str, Any]

MOST_PRINTED_CORNERS = 6_000
"""A longer table (some 45 pages) is left to the embedded statement, and the page says so."""


def build_view(statement: Json, *, digest: str) -> Json:
    """Give every string and drawing of the printed document."""
    kind = statement["kind"]
    form = FORMS[kind]
    return {
        "kind": kind,
        "title_lead": form.lead,
        "title": form.title,
        "short_title": form.short,
        "sections": list(form.sections),
        "authority": statement["registrar"]["authority"]["az"],
        "registrar": statement["registrar"]["name"]["az"],
        "office": statement["office"]["name"]["az"],
        "id": statement["id"],
        "number": _printed_number(statement["number"]),
        "issued_at": printed_instant(statement["issued_at"]),
        "register_number": statement["register_number"],
        "number_name": print_number_name(statement["register_number"]),
        "synthetic": statement["synthetic"],
        "description": list(describe_property(statement)),
        "parcels": [_parcel(parcel, statement) for parcel in told(statement, "parcels")],
        "rights": [print_right(right) for right in told(statement, "rights")],
        "restrictions": [
            print_restriction(entry, i) for i, entry in enumerate(told(statement, "restrictions"), 1)
        ],
        "servitudes": [print_servitude(borne) for borne in told(statement, "servitudes")],
        "terminated": print_terminated(statement),
        "existence": print_existence(statement),
        "book": _book(statement),
        "absent": print_absence(statement),
        "request": list(_request(statement)),
        "state": print_state(statement["state"]),
        "historic": print_historic(statement["state"]),
        "closing": print_closing(statement),
        "signatories": list(_signatories(statement)),
        "validity": (statement["validity"] or {}).get("az", ""),
        "verify_url": statement["verification"]["url"],
        "digest": digest,
        "translations": translate(statement),
    }


def _printed_number(number: str) -> str:
    """Write the number of the document as paper forms have it: series, then digits."""
    return f"{number[:2]} № {number[2:]}"


def _parcel(parcel: Json, statement: Json) -> Json:
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


def _book(statement: Json) -> str:
    section = statement["property"]
    if section is None or not told(statement, "rights"):
        return ""
    if not (section["book"] and section["sheet"]):
        return f"Reyestr kitabının və vərəqinin nömrəsi: {NOT_RECORDED}."
    return (
        f"Daşınmaz əmlak üzərində hüquqlar daşınmaz əmlakın dövlət reyestrində {section['book']} nömrəli "
        f"reyestr kitabının {section['sheet']} nömrəli vərəqində qeydiyyata alınmışdır."
    )


def _request(statement: Json) -> Iterable[Row]:
    request = statement["request"]
    yield from print_field("Ərizənin nömrəsi", request["number"])
    yield from print_field("Ərizəçi", request["name"])
    yield from print_field("Hansı sifətlə", label(request["capacity"]))
    yield from print_row("Kimin adından", request["acting_for"])
    yield from print_field("Müraciətin əsası", request["basis"])
    yield from print_field("Məqsəd", request["purpose"])
    yield from print_field("Müraciət vaxtı", printed_instant(request["requested_at"]))


def _signatories(statement: Json) -> Iterable[Row]:
    yield from print_field("Ərazi İdarəsinin rəisi", statement["office"]["head"])
    yield from print_field("Qeydiyyat icraçısı", statement["office"]["executor"])
