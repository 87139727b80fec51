"""What the printed page says, line by line: statement in, plain strings out.

Templates only lay these out.  Everything printed comes from the statement,
so a verifier who holds it can print the same page again.  Layouts share what
stands here; what each of them draws itself is in its own folder.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cadastre.extract.text import printed_instant
from cadastre.extract.view_description import NOT_RECORDED, describe_property, label, print_field, print_row
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

Row = dict[str, str]
Json = dict[str, Any]

_MOST_NAMES = 12


def build_view(statement: Json, *, digest: str, parcels: list[Json], by_holder: bool = False) -> Json:
    """Give every string of the printed document, with the parcels as a layout has drawn them.

    ``by_holder``: the translation has a row for each holder, and the description does not name hundreds.
    """
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
        "description": list(describe_property(statement, most_names=_MOST_NAMES if by_holder else None)),
        "parcels": parcels,
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
        "translations": translate(statement, by_holder=by_holder),
    }


def _printed_number(number: str) -> str:
    """Write the number of the document as paper forms have it: series, then digits."""
    return f"{number[:2]} № {number[2:]}"


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
