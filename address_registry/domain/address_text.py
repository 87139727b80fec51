"""An address as one line, in Azerbaijani, English and Russian."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from address_registry.domain.street import KINDS
from cadastre.domain.codelist import Codelist, Entry, Language
from cadastre.domain.unit import UnitPlace, format_unit
from cadastre.kernel.text import nfc, to_english

_RUSSIAN: Final = {
    **dict(
        zip(
            "abcçdeəfgğhxıijkqlmnoöprsştuüvyz",
            (*"аб", "дж", *"чдеафггххыижкглмноопрсштуувйз"),
            strict=True,
        )
    ),
    "ya": "я",
    "yu": "ю",
    "yo": "ё",
    "ye": "е",
}
_CITY_WORDS: Final = {"az": " şəhəri", "en": " City", "ru": "город "}


@dataclass(frozen=True, slots=True)
class EntranceAddress:
    """What an address line is made of."""

    street_name: str
    street_kind: str
    number: str
    district_code: str
    building_entrance: int | None = None


def format_address(
    address: EntranceAddress, districts: Codelist, language: Language, unit: UnitPlace | None = None
) -> str:
    """Write an address on one line: street and number, unit if any, district, city.

    Examples
    --------
    >>> from cadastre.domain.codelist import load_codelist
    >>> here = EntranceAddress("Nərgiz", "kuce", "12", "BAK-XEZ")
    >>> format_address(here, load_codelist("districts"), "az")
    'Nərgiz küçəsi 12, Xəzər rayonu, Bakı'
    >>> format_address(here, load_codelist("districts"), "en")
    'Nargiz Street 12, Khazar District, Baku'
    >>> format_address(here, load_codelist("districts"), "ru")
    'улица Наргиз, 12, Хазарский район, Баку'
    >>> format_address(here, load_codelist("districts"), "az", UnitPlace("flat", "45"))
    'Nərgiz küçəsi 12, mənzil 45, Xəzər rayonu, Bakı'
    """
    kind = KINDS[address.street_kind]
    match language:
        case "az":
            street = f"{address.street_name} {kind.az} {address.number}"
        case "en":
            street = f"{to_english(address.street_name)} {kind.en} {address.number}"
        case "ru":
            street = f"{kind.ru} {transcribe_russian(address.street_name)}, {address.number}"
    inside = () if unit is None else (format_unit(unit, language),)
    return ", ".join(
        (street, *inside, *_list_units(districts.latest(address.district_code), districts, language))
    )


def _list_units(entry: Entry, districts: Codelist, language: Language) -> list[str]:
    """Name the district and what it lies in, without the state; a city above it by its bare name."""
    names = [entry.name(language)]
    parent = entry.find_text("parent")
    while parent is not None:
        above = districts.latest(parent)
        if above.text("kind") == "state":
            break
        names.append(above.name(language).replace(_CITY_WORDS[language], ""))
        parent = above.find_text("parent")
    return names


def transcribe_russian(text: str) -> str:
    """Spell an Azerbaijani name in Russian letters, as maps do; a name already in Cyrillic stays.

    Examples
    --------
    >>> transcribe_russian("Nərgiz"), transcribe_russian("Cavid"), transcribe_russian("3-cü Yasamal")
    ('Наргиз', 'Джавид', '3-джу Ясамал')
    """
    letters, composed, at = [], nfc(text), 0
    while at < len(composed):
        size = 2 if composed[at : at + 2].lower() in _RUSSIAN else 1
        piece = composed[at : at + size]
        plain = {"I": "ı", "İ": "i"}.get(piece, piece.lower())
        spelled = _RUSSIAN.get(plain, piece)
        letters.append(spelled.capitalize() if piece[:1].isupper() and plain in _RUSSIAN else spelled)
        at += size
    return "".join(letters)


__all__ = ["EntranceAddress", "format_address", "transcribe_russian"]
