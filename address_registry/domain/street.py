"""Streets: their kinds, and reading kind and name out of one text in whatever language it is written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from cadastre.kernel.folding import fold
from cadastre.kernel.text import nfc

MAX_NAME_WORDS: Final = 3
"""A new street name has at most three words (rules of the address register); loaded ones are warned about."""


@dataclass(frozen=True, slots=True)
class StreetKind:
    """One kind: its code, how it stands after a name, in English and Russian, and how people write it."""

    code: str
    az: str
    en: str
    ru: str
    words: tuple[str, ...]


_KINDS: Final = (
    StreetKind(
        "kuce", "küçəsi", "Street", "улица", ("küçəsi", "küçə", "küç", "k", "улица", "ул", "street", "st")
    ),
    StreetKind(
        "prospekt",
        "prospekti",
        "Avenue",
        "проспект",
        ("prospekti", "prospekt", "prosp", "pr", "проспект", "просп", "пр", "avenue", "ave"),
    ),
    StreetKind(
        "donge", "döngəsi", "Lane", "переулок", ("döngəsi", "döngə", "döng", "dön", "переулок", "пер", "lane")
    ),
    StreetKind("dalan", "dalanı", "Dead End", "тупик", ("dalanı", "dalan", "тупик", "туп")),
    StreetKind("kecid", "keçidi", "Passage", "проезд", ("keçidi", "keçid", "проезд", "passage")),
    StreetKind(
        "bulvar", "bulvarı", "Boulevard", "бульвар", ("bulvarı", "bulvar", "бульвар", "б-р", "boulevard")
    ),
    StreetKind("sose", "şossesi", "Highway", "шоссе", ("şossesi", "şosse", "шоссе", "highway")),
    StreetKind("meydan", "meydanı", "Square", "площадь", ("meydanı", "meydan", "площадь", "пл", "square")),
    StreetKind("xiyaban", "xiyabanı", "Alley", "аллея", ("xiyabanı", "xiyaban", "аллея", "alley")),
    StreetKind("yol", "yolu", "Road", "дорога", ("yolu", "yol", "дорога", "road")),
    StreetKind("sahe", "sahəsi", "Area", "участок", ("sahəsi", "sahə")),
    StreetKind("massiv", "massivi", "Tract", "массив", ("massivi", "massiv", "массив")),
    StreetKind(
        "mikrorayon",
        "mikrorayonu",
        "Microdistrict",
        "микрорайон",
        ("mikrorayonu", "mikrorayon", "mkr", "микрорайон", "мкр"),
    ),
    StreetKind("mehelle", "məhəlləsi", "Quarter", "квартал", ("məhəlləsi", "məhəllə", "квартал")),
)
KINDS: Final = MappingProxyType({kind.code: kind for kind in _KINDS})
_ABBREVIATION: Final = re.compile(r"^(\w+\.)(?=\w)")
_BY_WORD: Final = MappingProxyType(
    {fold(word): kind.code for kind in _KINDS for word in (*kind.words, kind.code)}
)


@dataclass(frozen=True, slots=True)
class StreetName:
    """A name without the word of its kind; ``kind`` is None when the text names none."""

    name: str
    kind: str | None

    @property
    def key(self) -> str:
        """Search key of the name: one key for its usual spellings."""
        return fold(self.name)

    @property
    def is_long(self) -> bool:
        """Tell whether a new street could not be named so."""
        return len(self.name.split()) > MAX_NAME_WORDS


def parse_street(text: str, kind: str | None = None) -> StreetName:
    """Read a street's name and kind.

    The word of the kind stands last (Azerbaijani, English) or first (Russian). A ``kind`` given
    beside the name decides, and its word in the name is still taken off.

    Examples
    --------
    >>> parse_street("Nərgiz küçəsi")
    StreetName(name='Nərgiz', kind='kuce')
    >>> parse_street("3-cü Aşıq döng."), parse_street("ул. Низами")
    (StreetName(name='3-cü Aşıq', kind='donge'), StreetName(name='Низами', kind='kuce'))
    >>> parse_street("Dyredvej"), parse_street("Nərgiz", "prospekt")
    (StreetName(name='Dyredvej', kind=None), StreetName(name='Nərgiz', kind='prospekt'))
    >>> parse_street("")
    StreetName(name='', kind=None)
    """
    words = _ABBREVIATION.sub(_part_abbreviation, nfc(text).replace(",", " ")).split()
    found = None
    if len(words) > 1:
        found = _BY_WORD.get(fold(words[-1]))
        if found is not None and (kind is None or kind == found):
            words = words[:-1]
        elif found is None and not words[0].isascii():
            found = _BY_WORD.get(fold(words[0]))
            words = words if found is None else words[1:]
    return StreetName(" ".join(words), kind or found)


def _part_abbreviation(found: re.Match[str]) -> str:
    """Part ул.Низами into two words, and leave the initial of C.Cabbarlı where it stands."""
    return f"{found[1]} " if not found[1].isascii() and fold(found[1]) in _BY_WORD else found[1]


def find_kind(text: str) -> str | None:
    """Give the code of a kind written as code or word, or None.

    Examples
    --------
    >>> find_kind("prospekt"), find_kind("Küçə"), find_kind("пр."), find_kind("river")
    ('prospekt', 'kuce', 'prospekt', None)
    """
    return _BY_WORD.get(fold(text))


__all__ = ["KINDS", "MAX_NAME_WORDS", "StreetKind", "StreetName", "find_kind", "parse_street"]
