"""The translation page: what the document says, in English and Russian, for information only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from cadastre.extract.text import grouped, printed_date, printed_instant

Json = dict[str, Any]
Row = dict[str, str]

_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "heading": "Translation into English",
        "note": "For information only: the Azerbaijani text and the embedded statement are authentic.",
        "extract": "Extract from the State Register of Real Estate",
        "certificate": "Certificate on the description, rights and encumbrances of real estate",
        "plan": "Plan and size of the land parcel",
        "reference-description": "Reference on the description of real estate",
        "reference-rights": "Reference on registered rights",
        "reference-encumbrances": "Reference on restrictions and encumbrances",
        "archive": "Archival extract of terminated rights",
        "existence": "Certificate of existence of registered real estate",
        "not-in-register": "Certificate: not in the register",
        "document": "Document",
        "number": "Number",
        "about": "Register or cadastral number",
        "issued": "Issued at",
        "applicant": "Applicant",
        "capacity": "In the capacity of",
        "state": "State of the register",
        "index": "ledger index",
        "historic": "Past state: does not show today's rights, restrictions and encumbrances",
        "closed": "Section closed",
        "object": "Kind of real estate",
        "address": "Address",
        "ownership_form": "Form of ownership",
        "parcel": "Land parcel, cadastral number",
        "category": "category",
        "surveyed": "surveyed",
        "documentary": "by document",
        "rights": "Rights",
        "restrictions": "Restrictions and encumbrances",
        "terminated": "Terminated rights and restrictions",
        "none": "None registered in the state shown.",
        "right": "Right",
        "holder": "Holder or beneficiary",
        "share": "Share or amount",
        "registration": "Registration",
        "joint": "joint",
        "ended": "ended",
        "until": "until",
        "exists": "A right, or a restriction in favour of the person of this number, is registered",
        "exists-not": "No right, and no restriction in favour of the person of this number, is registered",
        "absent": "Not in the register: neither the real estate nor a right in it is registered under this "
        "number. This does not certify that it is free of encumbrances.",
    },
    "ru": {
        "heading": "Перевод на русский язык",
        "note": "Только для сведения: подлинными являются азербайджанский текст и вложенное заявление.",
        "extract": "Выписка из государственного реестра недвижимости",
        "certificate": "Справка об описании, правах и обременениях недвижимости",
        "plan": "План и размер земельного участка",
        "reference-description": "Справка об описании недвижимости",
        "reference-rights": "Справка о зарегистрированных правах",
        "reference-encumbrances": "Справка об ограничениях и обременениях",
        "archive": "Архивная выписка о прекращённых правах",
        "existence": "Справка о наличии зарегистрированной недвижимости",
        "not-in-register": "Справка: в реестре не значится",
        "document": "Документ",
        "number": "Номер",
        "about": "Реестровый или кадастровый номер",
        "issued": "Выдан",
        "applicant": "Заявитель",
        "capacity": "В качестве",
        "state": "Состояние реестра",
        "index": "индекс журнала",
        "historic": "Прошлое состояние: не показывает сегодняшних прав, ограничений и обременений",
        "closed": "Раздел закрыт",
        "object": "Вид недвижимости",
        "address": "Адрес",
        "ownership_form": "Форма собственности",
        "parcel": "Земельный участок, кадастровый номер",
        "category": "категория",
        "surveyed": "по съёмке",
        "documentary": "по документу",
        "rights": "Права",
        "restrictions": "Ограничения и обременения",
        "terminated": "Прекращённые права и ограничения",
        "none": "В показанном состоянии не зарегистрированы.",
        "right": "Право",
        "holder": "Обладатель или выгодоприобретатель",
        "share": "Доля или сумма",
        "registration": "Регистрация",
        "joint": "совместная",
        "ended": "прекращено",
        "until": "до",
        "exists": "На лицо с этим номером, или в его пользу, зарегистрировано право или ограничение",
        "exists-not": "На лицо с этим номером, или в его пользу, не зарегистрировано прав и ограничений",
        "absent": "В реестре не значится: под этим номером не зарегистрированы ни недвижимость, ни право "
        "на неё. Это не удостоверяет отсутствия обременений.",
    },
}


def translate(statement: Json, *, by_holder: bool = False) -> list[Json]:
    """Give the page in each language: facts, then tables; what a statement is not about is left out.

    ``by_holder`` gives every holder a row of his own: a cell with all co-owners of a house is unreadable.
    """
    return [_page(statement, language, words, by_holder) for language, words in _WORDS.items()]


def _page(statement: Json, language: str, words: Mapping[str, str], by_holder: bool) -> Json:
    return {
        "language": language,
        "heading": words["heading"],
        "note": words["note"],
        "title": words[statement["kind"]],
        "facts": [row for row in _facts(statement, language, words) if row["value"]],
        "head": [words["right"], words["holder"], words["share"], words["registration"]],
        "none": words["none"],
        "tables": list(_tables(statement, language, words, by_holder)),
        "text": _text(statement, language, words),
    }


def _facts(statement: Json, language: str, words: Mapping[str, str]) -> Iterable[Row]:
    request, state, section = statement["request"], statement["state"], statement["property"]
    yield _row(words["number"], statement["number"])
    yield _row(words["about"], statement["register_number"])
    yield _row(words["issued"], printed_instant(statement["issued_at"]))
    yield _row(words["applicant"], request["name"])
    yield _row(words["capacity"], _name(request["capacity"], language))
    moment = (
        printed_date(state["valid_time"][:10]) if state["historic"] else printed_instant(state["valid_time"])
    )
    yield _row(words["state"], f"{moment}; {words['index']} {state['ledger_index']}")
    if state["historic"]:
        yield _row("!", words["historic"])
    if section is None:
        return
    if section.get("closing"):
        closing = section["closing"]
        yield _row(
            words["closed"], f"{printed_date(closing['closed_on'])}; {_name(closing['reason'], language)}"
        )
    yield _row(words["object"], _name(section["object_kind"], language))
    yield _row(words["address"], (section["address"] or {}).get(language) or "")
    yield _row(words["ownership_form"], _name(section["ownership_form"], language))
    for parcel in statement["parcels"] or ():
        yield _row(words["parcel"], _parcel(parcel, language, words))


def _parcel(parcel: Json, language: str, words: Mapping[str, str]) -> str:
    areas = [
        f"{words[word]} {grouped(parcel[key]['m2'])} m²"
        for word, key in (("documentary", "documentary_area"), ("surveyed", "surveyed_area"))
        if parcel[key]
    ]
    category = _name(parcel["land_category"], language)
    told = [parcel["cadastral_number"], f"{words['category']}: {category}" if category else "", *areas]
    return "; ".join(part for part in told if part)


def _tables(statement: Json, language: str, words: Mapping[str, str], by_holder: bool) -> Iterable[Json]:
    if statement["kind"] == "not-in-register":
        return
    if statement["rights"] is not None:
        told = [each for right in statement["rights"] for each in (_each(right) if by_holder else [right])]
        rows = [_right(right, language, words, "") for right in told]
        yield {"title": words["rights"], "rows": rows}
    if statement["restrictions"] is not None:
        rows = [_restriction(entry, language, words, "") for entry in statement["restrictions"]]
        yield {"title": words["restrictions"], "rows": rows}
    if statement.get("terminated") is not None:
        yield {
            "title": words["terminated"],
            "rows": [_ended(e, language, words) for e in statement["terminated"]],
        }


def _each(right: Json) -> list[Json]:
    """Give a right once for each of its holders, with the number and day that he is registered by."""
    numbers = ("registration_number", "registration_date")
    return [
        right | {"holders": [holder]} | {name: holder[name] for name in numbers}
        for holder in right["holders"]
    ] or [right]


def _ended(one: Json, language: str, words: Mapping[str, str]) -> list[str]:
    end = f"{words['ended']} {printed_date(one['ended_on'])}"
    if one["right"]:
        return _right(one["right"], language, words, end)
    return _restriction(one["restriction"], language, words, end)


def _right(right: Json, language: str, words: Mapping[str, str], end: str) -> list[str]:
    return [
        _kind(right, language, words, end),
        "; ".join(_party(holder["party"]) for holder in right["holders"]),
        "; ".join(_share(holder, words) for holder in right["holders"]),
        f"{right['registration_number']}, {printed_date(right['registration_date'])}",
    ]


def _restriction(entry: Json, language: str, words: Mapping[str, str], end: str) -> list[str]:
    amount = entry["amount"]
    return [
        _kind(entry, language, words, end),
        "; ".join(_party(party) for party in entry["beneficiaries"]),
        f"{grouped(amount['value'])} {amount['currency']}" if amount else "",
        f"{entry['registration_number']}, {printed_date(entry['registration_date'])}",
    ]


def _kind(entry: Json, language: str, words: Mapping[str, str], end: str) -> str:
    until = f"{words['until']} {printed_date(entry['until'])}" if entry["until"] else ""
    return "; ".join(part for part in (_name(entry["kind"], language), until, end) if part)


def _text(statement: Json, language: str, words: Mapping[str, str]) -> str:
    if statement["kind"] == "not-in-register":
        return words["absent"]
    found = statement.get("existence")
    if not found:
        return ""
    number = found["identifier"]
    said = words["exists" if found["exists"] else "exists-not"]
    held = ", ".join(one["register_number"] for one in found["holdings"] or ())
    return f"{number['scheme']} {number['value']}: {said}." + (f" {held}." if held else "")


def _share(holder: Json, words: Mapping[str, str]) -> str:
    if holder["joint"]:
        return words["joint"]
    share = holder["share"]
    return "" if share is None else f"{share['numerator']}/{share['denominator']}"


def _party(party: Json) -> str:
    number = party["identifier"]
    return party["name"] if number is None else f"{party['name']} ({number['scheme']} {number['value']})"


def _name(coded: Json | None, language: str) -> str:
    return coded["label"][language] if coded else ""


def _row(name: str, value: str) -> Row:
    return {"name": name, "value": value}


__all__ = ["translate"]
