"""Which office answers for a document: that of the district, unless a deployment names one for all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection

from cadastre.domain.codelist import load_codelist
from cadastre.extract.record import IssuingOffice, Registrar, Text3
from cadastre.store.offices import find_district_of_number

_STATE: Final = "AZ"
_HEAD_OFFICE: Final = Text3("Mərkəzi aparat", "Head office", "Центральный аппарат")


@dataclass(frozen=True, slots=True)
class Officials:
    """Who is named under a document, whichever office issues it."""

    head: str | None = None
    executor: str | None = None


SYNTHETIC_OFFICIALS: Final = Officials("R. S. Nümunəyev (sintetik)", "N. Ə. Sınaqova (sintetik)")
"""Named under documents of a synthetic register when the deployment names nobody."""


def office_of_district(code: str | None, on: date, officials: Officials) -> IssuingOffice:
    """Give the territorial office of a district; what lies in none is answered for by the head office.

    Examples
    --------
    >>> office_of_district("GA", date(2026, 1, 1), Officials()).name.az
    'Gəncə Ərazi İdarəsi'
    """
    districts = load_codelist("districts")
    entry = districts.find_entry(code or _STATE, on) or districts.latest(code or _STATE)
    name = _HEAD_OFFICE
    if entry.code != _STATE:
        name = Text3(
            f"{entry.text('short_az')} Ərazi İdarəsi",
            f"{entry.en} Territorial Office",
            f"Территориальное управление ({entry.ru})",
        )
    return IssuingOffice(entry.text("office_code"), name, officials.head, officials.executor)


def office_of_number(connection: Connection, number: str, on: date, officials: Officials) -> IssuingOffice:
    """Give the office that a number belongs to when no property does."""
    return office_of_district(find_district_of_number(connection, number), on, officials)


def registrar_at(on: date) -> Registrar:
    """Who keeps the register on a day."""
    (entry,) = load_codelist("registrars").entries_at(on)
    authority = Text3(*(entry.text(f"authority_{language}") for language in ("az", "en", "ru")))
    return Registrar(Text3(entry.az, entry.en, entry.ru), authority)


__all__ = ["SYNTHETIC_OFFICIALS", "Officials", "office_of_district", "office_of_number", "registrar_at"]
