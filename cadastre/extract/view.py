"""What the printed page says, line by line: statement in, plain strings out.

The template only lays these out.  Everything printed comes from the statement,
so a verifier who holds it can print the same page again.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from cadastre.extract.plan import draw_plan
from cadastre.extract.text import fixed, grouped, printed_date, printed_instant
from cadastre.extract.view_state import print_absence, print_historic, print_number_name, print_state

Row = dict[str, str]
Json = dict[str, Any]

TITLES = {
    "extract": (
        "Hüquqların dövlət qeydiyyatı haqqında daşınmaz əmlakın dövlət reyestrindən",
        "ÇIXARIŞ",
    ),
    "certificate": (
        "Daşınmaz əmlakın təsviri, onun üzərində qeydiyyata alınmış hüquqlar və "
        "onların məhdudlaşdırılması (yüklülüyü) barədə",
        "ARAYIŞ",
    ),
    "plan": ("Torpaq sahəsinin", "PLANI VƏ ÖLÇÜSÜ"),
    "not-in-register": ("Daşınmaz əmlakın dövlət reyestri üzrə", "ARAYIŞ"),
}
SHORT_TITLES = {
    "extract": "Daşınmaz əmlakın dövlət reyestrindən çıxarış",
    "certificate": "Daşınmaz əmlak barədə arayış",
    "plan": "Torpaq sahəsinin planı və ölçüsü",
    "not-in-register": "Arayış: reyestrdə yoxdur",
}
MOST_PRINTED_CORNERS = 3_000
"""A longer table (some 30 pages) is left to the embedded statement, and the page says so."""
_UNIT_AREAS = {"total": "Ümumi sahəsi", "living": "Yaşayış sahəsi", "auxiliary": "Köməkçi sahəsi"}


def build_view(statement: Json, *, digest: str) -> Json:
    """Give every string and drawing of the printed document."""
    kind = statement["kind"]
    lead, title = TITLES[kind]
    return {
        "kind": kind,
        "title_lead": lead,
        "title": title,
        "short_title": SHORT_TITLES[kind],
        "office": statement["office"]["name"]["az"],
        "id": statement["id"],
        "issued_at": printed_instant(statement["issued_at"]),
        "register_number": statement["register_number"],
        "number_name": print_number_name(statement["register_number"]),
        "synthetic": statement["synthetic"],
        "description": list(_description(statement)),
        "parcels": [_parcel(parcel, statement) for parcel in statement["parcels"]],
        "rights": [_right(right) for right in statement["rights"]],
        "restrictions": [_restriction(entry, i) for i, entry in enumerate(statement["restrictions"], 1)],
        "book": _book(statement),
        "absent": print_absence(statement),
        "request": list(_request(statement)),
        "state": print_state(statement["state"]),
        "historic": print_historic(statement["state"]),
        "signatories": list(_signatories(statement)),
        "validity": (statement["validity"] or {}).get("az", ""),
        "verify_url": statement["verification"]["url"],
        "digest": digest,
    }


def _row(name: str, value: str | None) -> Iterable[Row]:
    if value:
        yield {"name": name, "value": value}


def _label(coded: Json | None) -> str:
    return coded["label"]["az"] if coded else ""


def _description(statement: Json) -> Iterable[Row]:
    section = statement["property"]
    if section is None:
        return
    owners = [holder["party"]["name"] for right in _main_rights(statement) for holder in right["holders"]]
    yield from _row("Hüququ rəsmiləşdirilən şəxs", "; ".join(dict.fromkeys(owners)))
    yield from _row("Daşınmaz əmlakın növü", _label(section["object_kind"]))
    yield from _row("Ünvanı (olduğu yer)", (section["address"] or {}).get("az"))
    yield from _row("Əvvəlki ünvanı", (section["former_address"] or {}).get("az"))
    yield from _unit(section)
    yield from _row("Daşınmaz əmlakın mülkiyyət növü", _label(section["ownership_form"]))
    kinds = dict.fromkeys(_label(right["kind"]) for right in _main_rights(statement))
    yield from _row("Daşınmaz əmlak üzərində hüququn növü", "; ".join(kinds))
    for area in section["unit_areas"]:
        name = f"{_UNIT_AREAS.get(area['kind'], area['kind'])} (kvadratmetrlə)"
        yield from _row(name, _by_document_and_fact(area["documentary_m2"], area["factual_m2"], "m²"))
    yield from _row("Otaqların sayı", _count(section["room_count"]))
    yield from _row("Mərtəbəsi", _count(section["floor"]))
    yield from _row("Binanın mərtəbələrinin sayı", _count(section["storeys"]))
    yield from _row("Bölünmə", {True: "bölünən", False: "bölünməz"}.get(section["divisible"]))
    yield from _row("Daşınmaz əmlakın reyestr nömrəsi", section["register_number"])
    yield from _row("Reyestrdə bölmənin açıldığı tarix", printed_date(section["opened"]))
    yield from _row("Əvəz edilmiş kağız çıxarış (seriya, №)", _paper(section))


def _unit(section: Json) -> Iterable[Row]:
    unit = section["unit"]
    if unit is None:
        return
    yield from _row("İnzibati ərazi vahidi", _district(unit["district"]))
    yield from _row("Binanın nömrəsi", unit["building_number"])
    yield from _row("Binanın yerləşdiyi torpaq sahəsinin kadastr nömrəsi", unit["cadastral_number"])
    yield from _row("Girişi (bloku)", _count(unit["building_entrance"]))
    yield from _row("Mənzilin (sahənin) nömrəsi", unit["number"])


def _main_rights(statement: Json) -> list[Json]:
    main = [right for right in statement["rights"] if not right["encumbers"]]
    return main or statement["rights"]


def _by_document_and_fact(document: str | None, fact: str | None, unit: str) -> str:
    parts = [
        f"{words} {grouped(value)} {unit}"
        for words, value in (("sənəd üzrə", document), ("faktiki", fact))
        if value is not None
    ]
    return "; ".join(parts)


def _count(number: int | None) -> str | None:
    return None if number is None else str(number)


def _paper(section: Json) -> str | None:
    return " № ".join(part for part in (section["paper_series"], section["paper_number"]) if part) or None


def _parcel(parcel: Json, statement: Json) -> Json:
    others = [p for p in statement["parcels"] if p is not parcel]
    plan = draw_plan(parcel, others)
    return {
        "number": parcel["cadastral_number"],
        "rows": list(_parcel_rows(parcel, statement)),
        "plan": plan,
        "plan_notes": list(_plan_notes(parcel, plan)) if plan else [],
        "rings": _vertex_tables(parcel),
    }


def _vertex_tables(parcel: Json) -> list[Json]:
    if _corner_count(parcel) > MOST_PRINTED_CORNERS:
        return []
    return [
        {"title": _ring_title(ring, i), "rows": [_vertex(point) for point in ring["points"]]}
        for i, ring in enumerate(parcel["rings"])
    ]


def _corner_count(parcel: Json) -> int:
    return sum(len(ring["points"]) for ring in parcel["rings"])


def _parcel_rows(parcel: Json, statement: Json) -> Iterable[Row]:
    yield from _row("İnzibati ərazi vahidi", _district(parcel["district"]))
    yield from _row("Kadastr zonası", parcel["cadastral_zone"])
    yield from _row("Torpaq sahəsinin mülkiyyət növü", _label(parcel["ownership_form"]))
    kinds = dict.fromkeys(_label(right["kind"]) for right in _main_rights(statement))
    yield from _row("Torpaq sahəsi üzərində hüququn növü", "; ".join(kinds))
    yield from _row("Kateqoriyası", _label(parcel["land_category"]))
    yield from _row("Məqsədli təyinatı", parcel["purpose"])
    yield from _row("Keyfiyyət qrupu", parcel["quality_group"])
    yield from _row("Kadastr nömrəsi", parcel["cadastral_number"])
    yield from _row("Ölçüsü (hektarla)", _land_area(parcel, "ha", "ha"))
    yield from _row("Ölçüsü (kvadratmetrlə)", _land_area(parcel, "m2", "m²"))


def _land_area(parcel: Json, key: str, unit: str) -> str:
    document, surveyed = parcel["documentary_area"], parcel["surveyed_area"]
    return _by_document_and_fact(document and document[key], surveyed and surveyed[key], unit)


def _district(district: Json) -> str:
    name = district["name"]["az"]
    parent = (district["parent_name"] or {}).get("az")
    return f"{parent}, {name} ({district['code']})" if parent else f"{name} ({district['code']})"


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
    count = _corner_count(parcel)
    if count > MOST_PRINTED_CORNERS:
        yield (
            f"Dönüş nöqtələrinin sayı {count} olduğundan cədvəl çap edilmir; tam siyahı sənədə əlavə edilmiş "
            "statement.json faylındadır."
        )
    elif not (plan["all_numbered"] and plan["all_measured"]):
        yield "Yer çatmayan nömrə və uzunluqlar planda yazılmayıb; tam siyahı cədvəldədir."


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


def _right(right: Json) -> Json:
    return {
        "kind": _label(right["kind"]),
        "bases": "; ".join(_basis(basis) for basis in right["bases"]),
        "until": f"Müddəti: {printed_date(right['until'])} tarixinədək" if right["until"] else "",
        "scope": right["scope"] or "",
        "holders": [
            [
                str(i),
                _party(holder["party"]),
                _share(holder),
                holder["registration_number"],
                printed_date(holder["registration_date"]),
            ]
            for i, holder in enumerate(right["holders"], 1)
        ],
    }


def _share(holder: Json) -> str:
    if holder["joint"]:
        return "ümumi birgə"
    share = holder["share"]
    if share is None:
        return "—"
    if share["numerator"] == share["denominator"]:
        return "tam (1/1)"
    return f"{share['numerator']}/{share['denominator']}"


def _party(party: Json) -> str:
    identifier = party["identifier"]
    if identifier is None:
        return str(party["name"])
    scheme = {"FIN": "FİN", "VOEN": "VÖEN"}[identifier["scheme"]]
    return f"{party['name']} ({scheme}: {identifier['value']})"


def _basis(basis: Json) -> str:
    parts = [_label(basis["kind"])]
    if basis["number"]:
        parts.append(f"№ {basis['number']}")
    if basis["date"]:
        parts.append(printed_date(basis["date"]))
    text = " ".join(parts)
    return f"{text} ({basis['issuer']})" if basis["issuer"] else text


def _restriction(entry: Json, index: int) -> Json:
    facts: list[Row] = []
    facts += _row("Xeyrinə", "; ".join(_party(party) for party in entry["beneficiaries"]))
    if entry["amount"]:
        facts += _row("Məbləğ", f"{grouped(entry['amount']['value'])} {entry['amount']['currency']}")
    facts += _row("Növbəlik", _count(entry["rank"]))
    facts += _row("Əsas", "; ".join(_basis(basis) for basis in entry["bases"]))
    facts += _row("Müddəti", f"{printed_date(entry['until'])} tarixinədək" if entry["until"] else None)
    facts += _row("Əhatəsi", entry["scope"])
    return {
        "index": str(index),
        "kind": _label(entry["kind"]),
        "number": entry["registration_number"],
        "date": printed_date(entry["registration_date"]),
        "facts": facts,
    }


def _book(statement: Json) -> str:
    section = statement["property"]
    if section is None or not (section["book"] and section["sheet"]):
        return ""
    return (
        f"Daşınmaz əmlak üzərində hüquqlar daşınmaz əmlakın dövlət reyestrində {section['book']} nömrəli "
        f"reyestr kitabının {section['sheet']} nömrəli vərəqində qeydiyyata alınmışdır."
    )


def _request(statement: Json) -> Iterable[Row]:
    request = statement["request"]
    yield from _row("Ərizənin nömrəsi", request["number"])
    yield from _row("Ərizəçi", request["name"])
    yield from _row("Hansı sifətlə", _label(request["capacity"]))
    yield from _row("Müraciətin əsası", request["basis"])
    yield from _row("Məqsəd", request["purpose"])
    yield from _row("Müraciət vaxtı", printed_instant(request["requested_at"]))


def _signatories(statement: Json) -> Iterable[Row]:
    yield from _row("Ərazi İdarəsinin rəisi", statement["office"]["head"])
    yield from _row("Qeydiyyat icraçısı", statement["office"]["executor"])
