"""The forms of the products: their titles and sections, and the sections that only some of them have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from cadastre.extract.text import printed_date
from cadastre.extract.view_description import label
from cadastre.extract.view_entries import print_restriction, print_right

Json = dict[str, Any]
Section = tuple[str, str]

_REFERENCE: Final = "Daşınmaz əmlakın dövlət reyestrindən"


@dataclass(frozen=True, slots=True)
class Form:
    """How a product is titled, and which blocks it prints, each under its heading."""

    lead: str
    title: str
    short: str
    sections: tuple[Section, ...]


FORMS: Final[Mapping[str, Form]] = MappingProxyType(
    {
        "extract": Form(
            "Hüquqların dövlət qeydiyyatı haqqında daşınmaz əmlakın dövlət reyestrindən",
            "ÇIXARIŞ",
            "Daşınmaz əmlakın dövlət reyestrindən çıxarış",
            (
                ("description", "Daşınmaz əmlakın təsviri"),
                ("rights", "Hüquq sahibləri"),
                ("restrictions", "Məhdudiyyətlər (yüklülük)"),
            ),
        ),
        "certificate": Form(
            "Daşınmaz əmlakın təsviri, onun üzərində qeydiyyata alınmış hüquqlar və "
            "onların məhdudlaşdırılması (yüklülüyü) barədə",
            "ARAYIŞ",
            "Daşınmaz əmlak barədə arayış",
            (
                ("description", "1. Daşınmaz əmlakın təsviri"),
                ("rights", "2. Qeydiyyata alınmış hüquqlar"),
                ("restrictions", "3. Hüquqların məhdudlaşdırılması (yüklülüyü)"),
            ),
        ),
        "plan": Form(
            "Torpaq sahəsinin",
            "PLANI VƏ ÖLÇÜSÜ",
            "Torpaq sahəsinin planı və ölçüsü",
            (
                ("description", "Torpaq sahəsinin təsviri"),
                ("rights", "Hüquq sahibləri"),
                ("restrictions", "Məhdudiyyətlər (yüklülük)"),
            ),
        ),
        "reference-description": Form(
            f"{_REFERENCE} daşınmaz əmlakın təsviri barədə",
            "ARAYIŞ",
            "Daşınmaz əmlakın təsviri barədə arayış",
            (("description", "Daşınmaz əmlakın təsviri"),),
        ),
        "reference-rights": Form(
            f"{_REFERENCE} daşınmaz əmlak üzərində qeydiyyata alınmış hüquqlar barədə",
            "ARAYIŞ",
            "Qeydiyyata alınmış hüquqlar barədə arayış",
            (("description", "Daşınmaz əmlak"), ("rights", "Qeydiyyata alınmış hüquqlar")),
        ),
        "reference-encumbrances": Form(
            f"{_REFERENCE} hüquqların məhdudlaşdırılması (yüklülüyü) barədə",
            "ARAYIŞ",
            "Hüquqların məhdudlaşdırılması (yüklülüyü) barədə arayış",
            (("description", "Daşınmaz əmlak"), ("restrictions", "Məhdudiyyətlər (yüklülük)")),
        ),
        "archive": Form(
            f"{_REFERENCE} xitam verilmiş hüquqlar və məhdudiyyətlər barədə",
            "ARXİV ÇIXARIŞI",
            "Xitam verilmiş hüquqlar barədə arxiv çıxarışı",
            (("description", "Daşınmaz əmlak"), ("terminated", "Xitam verilmiş hüquqlar və məhdudiyyətlər")),
        ),
        "existence": Form(
            "Şəxsin adına qeydiyyata alınmış daşınmaz əmlakın olub-olmaması barədə",
            "ARAYIŞ",
            "Daşınmaz əmlakın olub-olmaması barədə arayış",
            (("existence", "Məlumat"),),
        ),
        "not-in-register": Form(
            "Daşınmaz əmlakın dövlət reyestri üzrə", "ARAYIŞ", "Arayış: reyestrdə yoxdur", ()
        ),
    }
)


def told(statement: Json, part: str) -> list[Json]:
    """Give a part of a statement; nothing where the product is not about it, or its form did not know it."""
    return statement.get(part) or []


def print_terminated(statement: Json) -> Json:
    """Give the entries that have ended: rights as blocks, restrictions as rows of a table."""
    ended = told(statement, "terminated")
    rights = [(one["right"], one["ended_on"]) for one in ended if one["right"]]
    restrictions = [(one["restriction"], one["ended_on"]) for one in ended if one["restriction"]]
    return {
        "rights": [_ended_right(right, day) for right, day in rights],
        "restrictions": [_ended_restriction(*each, i) for i, each in enumerate(restrictions, 1)],
    }


def _ended_right(right: Json, ended_on: str) -> Json:
    block = print_right(right)
    terms = f"Xitam verildiyi tarix: {printed_date(ended_on)}"
    return block | {"terms": f"{terms}; {block['terms']}" if block["terms"] else terms}


def _ended_restriction(entry: Json, ended_on: str, index: int) -> Json:
    row = print_restriction(entry, index)
    end = {"name": "Xitam verildiyi tarix", "value": printed_date(ended_on)}
    return row | {"facts": [end, *row["facts"]]}


def print_existence(statement: Json) -> Json | None:
    """Give the sentence of a certificate of existence, and the sections that may be named."""
    found = statement.get("existence")
    if found is None:
        return None
    number = found["identifier"]
    scheme = {"FIN": "FİN", "VOEN": "VÖEN"}[number["scheme"]]
    answer = "qeydiyyata alınmışdır" if found["exists"] else "qeydiyyata alınmamışdır"
    held = found["holdings"]
    return {
        "title": "QEYDİYYATA ALINIB" if found["exists"] else "QEYDİYYATA ALINMAYIB",
        "text": f"{scheme} {number['value']} olan şəxsin adına daşınmaz əmlak üzərində hüquq və ya onun "
        f"xeyrinə məhdudiyyət daşınmaz əmlakın dövlət reyestrində {answer}.",
        "hidden": held is None and found["exists"],
        "rows": [
            [
                str(i),
                one["register_number"],
                label(one["object_kind"]),
                "; ".join(label(kind) for kind in one["kinds"]),
            ]
            for i, one in enumerate(held or (), 1)
        ],
    }


__all__ = ["FORMS", "Form", "print_existence", "print_terminated", "told"]
