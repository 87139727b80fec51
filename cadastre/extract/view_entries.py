"""What the page says of each right and restriction: kind, holder, terms, document, part, registration."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from cadastre.extract.text import grouped, printed_date, printed_instant
from cadastre.extract.view_description import NOT_RECORDED, count, label, print_field, print_row

Row = dict[str, str]
Json = dict[str, Any]


def print_right(right: Json) -> Json:
    """Give the block of a right: its terms in one line, its holders as rows of a table."""
    numbers = sorted({holder.get("journal_number") for holder in right["holders"]} - {None})
    terms = [f"{row['name']}: {row['value']}" for row in _terms(right)]
    if numbers:
        name = "nömrəsi" if len(numbers) == 1 else "nömrələri"
        terms.append(f"Qeydiyyat jurnalının {name}: {', '.join(map(str, numbers))}")
    return {
        "kind": label(right["kind"]),
        "bases": "; ".join(_basis(basis) for basis in right["bases"]) or NOT_RECORDED,
        "terms": "; ".join(terms),
        "holders": [
            [
                str(i),
                _holder(holder),
                _share(holder),
                holder["registration_number"],
                printed_date(holder["registration_date"]),
            ]
            for i, holder in enumerate(right["holders"], 1)
        ],
    }


def print_restriction(entry: Json, index: int) -> Json:
    """Give the row of a restriction: what is recorded of it, the document always."""
    return {
        "index": str(index),
        "kind": label(entry["kind"]),
        "number": entry["registration_number"],
        "date": printed_date(entry["registration_date"]),
        "facts": list(_facts(entry)),
    }


def print_servitude(borne: Json) -> Row:
    """Give the row of what another section bears for this one."""
    tail = f"; müddəti {printed_date(borne['until'])} tarixinədək" if borne["until"] else ""
    return {
        "name": f"{label(borne['kind'])}, yüklü əmlakın reyestr nömrəsi {borne['register_number']}",
        "value": (
            f"qeydiyyat nömrəsi {borne['registration_number']}, "
            f"{printed_date(borne['registration_date'])}{tail}"
        ),
    }


def _facts(entry: Json) -> Iterable[Row]:
    yield from print_row("Xeyrinə", "; ".join(_party(party) for party in entry["beneficiaries"]))
    yield from print_row("Xeyrinə olan əmlakın reyestr nömrəsi", entry.get("benefits"))
    burdened = entry.get("burdened")
    yield from print_row("Kimin hüququna aiddir", None if burdened is None else _party(burdened))
    yield from print_row("Kim tərəfindən qoyulub", entry.get("authority"))
    if entry["amount"]:
        yield from print_row("Məbləğ", f"{grouped(entry['amount']['value'])} {entry['amount']['currency']}")
    yield from print_row("Faiz dərəcəsi", _rate(entry.get("interest_rate")))
    yield from print_row("Növbəlik", count(entry["rank"]))
    yield from print_row("İpoteka kağızı", _note(entry.get("note")))
    yield from print_field("Əsas", "; ".join(_basis(basis) for basis in entry["bases"]))
    yield from _terms(entry)
    if entry.get("confirm_by"):
        yield from print_row(
            "Məhkəmənin təsdiqi gözlənilir", f"{printed_instant(entry['confirm_by'])} anınadək"
        )
    yield from print_row("Qeydiyyat jurnalının nömrəsi", count(entry.get("journal_number")))


def _terms(entry: Json) -> Iterable[Row]:
    """Say until when, for what rent, and about which part."""
    yield from print_row("Müddəti", f"{printed_date(entry['until'])} tarixinədək" if entry["until"] else None)
    rent = entry.get("rent")
    if rent:
        amount = f"{grouped(rent['value'])} {rent['currency']}"
        yield from print_row("Haqqı", f"{label(rent['period'])} {amount}")
    yield from print_row("Əhatəsi", entry["scope"])
    part = entry.get("part")
    if part:
        yield from print_row("Aid olduğu hissənin sahəsi", f"{grouped(part['area_m2'])} m²")


def _rate(percent: str | None) -> str | None:
    if percent is None:
        return None
    shortest = Decimal(percent).normalize()
    return f"illik {grouped(format(shortest, 'f'))} %"


def _note(note: Json | None) -> str | None:
    if note is None:
        return None
    return f"№ {note['number']}" + (f", {printed_date(note['date'])}" if note["date"] else "")


def _share(holder: Json) -> str:
    if holder["joint"]:
        return "ümumi birgə"
    share = holder["share"]
    if share is None:
        return "—"
    if share["numerator"] == share["denominator"]:
        return "tam (1/1)"
    return f"{share['numerator']}/{share['denominator']}"


def _holder(holder: Json) -> str:
    name = _party(holder["party"])
    if not holder.get("dispose_by"):
        return name
    return f"{name}; torpağı {printed_date(holder['dispose_by'])} tarixinədək özgəninkiləşdirməlidir"


def _party(party: Json) -> str:
    identifier = party["identifier"]
    if identifier is None:
        return str(party["name"])
    scheme = {"FIN": "FİN", "VOEN": "VÖEN"}[identifier["scheme"]]
    return f"{party['name']} ({scheme}: {identifier['value']})"


def _basis(basis: Json) -> str:
    parts = [label(basis["kind"])]
    numbered = " ".join(part for part in (basis.get("series"), basis["number"]) if part)
    if numbered:
        parts.append(f"№ {numbered}")
    if basis["date"]:
        parts.append(printed_date(basis["date"]))
    text = " ".join(parts)
    return f"{text}, {basis['issuer']}" if basis["issuer"] else text


__all__ = ["print_restriction", "print_right", "print_servitude"]
