"""The description block of the page: every field of the form, said to be missing when it is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cadastre.extract.text import grouped, printed_date

Row = dict[str, str]
Json = dict[str, Any]

NOT_RECORDED = "qeyd edilməyib"
"""What stands in a field of the form that the register does not hold; a blank would look like a slip."""
_AREAS = {"total": "Ümumi sahəsi", "living": "Yaşayış sahəsi", "auxiliary": "Köməkçi sahəsi"}
_DIVISIBLE = {True: "bölünən", False: "bölünməz"}


def print_row(name: str, value: str | None) -> Iterable[Row]:
    """Give a row, or none when there is nothing to say."""
    if value:
        yield {"name": name, "value": value}


def print_field(name: str, value: str | None) -> Iterable[Row]:
    """Give a row of the form; what the register does not hold is said to be not recorded."""
    yield {"name": name, "value": value or NOT_RECORDED}


def label(coded: Json | None) -> str:
    """Azerbaijani name of a code, empty for none."""
    return coded["label"]["az"] if coded else ""


def count(number: int | None) -> str | None:
    """Write a count."""
    return None if number is None else str(number)


def describe_property(statement: Json, *, most_names: int | None = None) -> Iterable[Row]:
    """Rows of the register section (bölmə).

    ``most_names``: of more holders only so many are named here; the table of rights has them all.
    """
    section = statement["property"]
    if section is None:
        return
    owners = [holder["party"]["name"] for right in _main_rights(statement) for holder in right["holders"]]
    says_rights = statement["rights"] is not None
    if says_rights:
        yield from print_field("Hüququ rəsmiləşdirilən şəxs", _names(owners, most_names))
    yield from print_field("Daşınmaz əmlakın növü", label(section["object_kind"]))
    yield from print_field("Ünvanı (olduğu yer)", (section["address"] or {}).get("az"))
    yield from print_field("Əvvəlki ünvanı", (section["former_address"] or {}).get("az"))
    yield from _unit(section)
    yield from print_field("Daşınmaz əmlakın mülkiyyət növü", label(section["ownership_form"]))
    if says_rights:
        yield from print_field("Daşınmaz əmlak üzərində hüququn növü", _kinds_of_rights(statement))
    yield from _construction(section, statement)
    yield from print_field("Bölünmə", _DIVISIBLE.get(section["divisible"]))
    yield from print_field("Daşınmaz əmlakın reyestr nömrəsi", section["register_number"])
    yield from print_field("Reyestrdə bölmənin açıldığı tarix", printed_date(section["opened"]))
    yield from print_field("Kağız çıxarışın seriyası və №-si", _paper(section))
    yield from print_row("Araşdırılan məlumatlar", _flags(section))


def _names(owners: list[str], most: int | None) -> str:
    names = list(dict.fromkeys(owners))
    if most is None or len(names) <= most:
        return "; ".join(names)
    return f"{'; '.join(names[:most])} və daha {len(names) - most} şəxs (hüquq sahiblərinin cədvəlində)"


def _flags(section: Json) -> str:
    """Say what is under investigation; nothing is printed while nothing is."""
    return "; ".join(
        f"{label(flag['attribute'])}{_of(flag)}, {printed_date(flag['since'])} tarixindən"
        for flag in section.get("flags", ())
    )


def _of(flag: Json) -> str:
    number = flag["number"]
    if not number:
        return ""
    return f" (kadastr nömrəsi {number})" if flag["subject"] == "parcel" else f" (qeydiyyat nömrəsi {number})"


def _unit(section: Json) -> Iterable[Row]:
    unit = section["unit"]
    if unit is None:
        return
    yield from print_field("İnzibati ərazi vahidi", _district(unit["district"]))
    yield from print_field("Binanın nömrəsi", unit["building_number"])
    yield from print_field("Binanın yerləşdiyi torpaq sahəsinin kadastr nömrəsi", unit["cadastral_number"])
    yield from print_field("Girişi (bloku)", count(unit["building_entrance"]))
    yield from print_field("Mənzilin (sahənin) nömrəsi", unit["number"])


def _construction(section: Json, statement: Json) -> Iterable[Row]:
    """Areas, rooms and storeys of what is built; bare land has none of these fields."""
    areas = section["unit_areas"]
    own = [b for parcel in statement["parcels"] or () for b in parcel["buildings"] if b.get("belongs")]
    if not areas and not own:
        return
    for area in areas:
        name = f"{_AREAS.get(area['kind'], area['kind'])} (kvadratmetrlə)"
        value = by_document_and_fact(area["documentary_m2"], area["factual_m2"], "m²")
        yield from print_field(name, value)
    if any(area["kind"] == "living" for area in areas):
        yield from print_field("Otaqların sayı", count(section["room_count"]))
    if section["unit"] is not None:
        yield from print_field("Mərtəbəsi", count(section["floor"]))
    if not own:
        yield from print_field("Binanın mərtəbələrinin sayı", count(section["storeys"]))
    for building in own:
        yield from print_field(_name_of(building), _describe_building(building))


def _name_of(building: Json) -> str:
    name = label(building["kind"]) or "Bina"
    return f"{name} {building['number']}" if building["number"] else name


def _describe_building(building: Json) -> str:
    footprint, storeys = building["footprint_m2"], building["storeys"]
    parts = [f"tikili altında qalan sahə {grouped(footprint)} m²"] if footprint else []
    parts += [f"mərtəbələrin sayı {storeys}"] if storeys is not None else []
    return "; ".join(parts)


def _main_rights(statement: Json) -> list[Json]:
    rights = statement["rights"] or []
    return [right for right in rights if not right["encumbers"]] or rights


def _kinds_of_rights(statement: Json) -> str:
    return "; ".join(dict.fromkeys(label(right["kind"]) for right in _main_rights(statement)))


def by_document_and_fact(document: str | None, fact: str | None, unit: str) -> str:
    """Write an area by its title document and as measured."""
    parts = [
        f"{words} {grouped(value)} {unit}"
        for words, value in (("sənəd üzrə", document), ("faktiki", fact))
        if value is not None
    ]
    return "; ".join(parts)


def _paper(section: Json) -> str | None:
    return " № ".join(part for part in (section["paper_series"], section["paper_number"]) if part) or None


def describe_parcel(parcel: Json, statement: Json) -> Iterable[Row]:
    """Rows of one parcel of the property."""
    yield from print_field("İnzibati ərazi vahidi", _district(parcel["district"]))
    yield from print_field("Kadastr zonası", parcel["cadastral_zone"])
    yield from print_field("Torpaq sahəsinin mülkiyyət növü", label(parcel["ownership_form"]))
    if statement["rights"] is not None:
        yield from print_field("Torpaq sahəsi üzərində hüququn növü", _kinds_of_rights(statement))
    yield from print_field("Kateqoriyası", label(parcel["land_category"]))
    yield from print_field("Məqsədli təyinatı", parcel["purpose"])
    yield from print_row("Keyfiyyət qrupu", parcel["quality_group"])
    yield from print_field("Ölçüsü (hektarla)", _land_area(parcel, "ha", "ha"))
    yield from print_field("Ölçüsü (kvadratmetrlə)", _land_area(parcel, "m2", "m²"))


def _land_area(parcel: Json, key: str, unit: str) -> str:
    document, surveyed = parcel["documentary_area"], parcel["surveyed_area"]
    return by_document_and_fact(document and document[key], surveyed and surveyed[key], unit)


def _district(district: Json) -> str:
    name = district["name"]["az"]
    parent = (district["parent_name"] or {}).get("az")
    return f"{parent}, {name} ({district['code']})" if parent else f"{name} ({district['code']})"


__all__ = [
    "NOT_RECORDED",
    "by_document_and_fact",
    "count",
    "describe_parcel",
    "describe_property",
    "label",
    "print_field",
    "print_row",
]
