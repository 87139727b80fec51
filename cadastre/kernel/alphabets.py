"""Azerbaijani between its alphabets: Latin, official English spelling, the Cyrillic of 1958, old fonts."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_ENGLISH: Final = {
    "c": "j",
    "ç": "ch",
    "ə": "a",
    "ğ": "gh",
    "x": "kh",
    "ı": "i",
    "ö": "o",
    "q": "g",
    "ş": "sh",
    "ü": "u",
    "İ": "I",
}
_LATIN_1991: Final = "abcçdeəfgğhxıijkqlmnoöprsştuüvyzABCÇDEƏFGĞHXIİJKQLMNOÖPRSŞTUÜVYZ"
_CYRILLIC_1958: Final = "абҹчдеәфҝғһхыижкглмноөпрсштуүвјзАБҸЧДЕӘФҜҒҺХЫИЖКГЛМНОӨПРСШТУҮВЈЗ"

_TO_CYRILLIC: Final = str.maketrans(_LATIN_1991, _CYRILLIC_1958)
_FROM_CYRILLIC: Final = str.maketrans(_CYRILLIC_1958, _LATIN_1991)

# The fonts that drew Azerbaijani letters in the places of Windows-1251.
_FONT_CYRILLIC: Final = "абъчдеяфэьщхыижкглмноюпрсштуцвйзАБЪЧДЕЯФЭЬЩХЫИЖКГЛМНОЮПРСШТУЦВЙЗ"
_FROM_FONT: Final = str.maketrans(_FONT_CYRILLIC, _LATIN_1991)

_AZERBAIJANI_CYRILLIC: Final = re.compile("[әғҝөүһҹјӘҒҜӨҮҺҸЈ]")
_FONT_IN_LATIN_WORD: Final = re.compile(
    "[A-Za-zçğöşüÇĞÖŞÜ][яыщцюъэьЯЫЩЦЮЪЭЬ]|[яыщцюъэьЯЫЩЦЮЪЭЬ][A-Za-zçğöşüÇĞÖŞÜ]"
)
# What Russian never writes: a sign first, after a vowel or before the wrong letter, soft vowels after
# hushing consonants, щ and ц between the wrong consonants, э before a rounded vowel, endings of our plural.
_NOT_RUSSIAN: Final = re.compile(
    r"\b[ъь]|[аеёиоуыэюя][ъь]|ъ(?![еёюяи])|[йцщ]й|яйя|щ[лмрсзш]|[жчшщц]я|[цщ]ц|э[юця]"
    r"|[лмрдгбкс]ц[лмрзстнкд]|\wляр(?:и|ин|дя|дян)\b"
)


def to_english(text: str) -> str:
    """Spell Azerbaijani in the official English way: c→j, q→g, x→kh, ş→sh, ç→ch, ğ→gh, ə→a.

    Examples
    --------
    >>> to_english("Xaçmaz"), to_english("ŞƏKİ"), to_english("Qobustan, Cəlilabad"), to_english("")
    ('Khachmaz', 'SHAKI', 'Gobustan, Jalilabad', '')
    """
    letters = unicodedata.normalize("NFC", text)
    return "".join(_english(letters, place) for place in range(len(letters)))


def to_cyrillic(text: str) -> str:
    """Spell Azerbaijani in the Cyrillic alphabet of 1958, letter for letter.

    Examples
    --------
    >>> to_cyrillic("Ağcabədi"), to_cyrillic("Göyçay")
    ('Ағҹабәди', 'Ҝөјчај')
    """
    return unicodedata.normalize("NFC", text).translate(_TO_CYRILLIC)


def from_cyrillic(text: str) -> str:
    """Spell Azerbaijani of the Cyrillic alphabet of 1958 in the Latin one; :func:`to_cyrillic` undoes it.

    Examples
    --------
    >>> from_cyrillic("Ағҹабәди"), from_cyrillic("ИСМАЈЫЛЛЫ")
    ('Ağcabədi', 'İSMAYILLI')
    """
    return unicodedata.normalize("NFC", text).translate(_FROM_CYRILLIC)


def is_legacy_font(text: str) -> bool:
    """Tell whether a text is Latin Azerbaijani typed with an old Cyrillic font.

    A guess from sequences that neither Russian nor the Cyrillic of 1958 writes; short texts may
    escape it.

    Examples
    --------
    >>> is_legacy_font("идентикляшдирмяйя"), is_legacy_font("Azяrbaycan")
    (True, True)
    >>> is_legacy_font("улица Низами"), is_legacy_font("Низами күчәси"), is_legacy_font("")
    (False, False, False)
    """
    letters = unicodedata.normalize("NFC", text)
    if _AZERBAIJANI_CYRILLIC.search(letters):
        return False
    return bool(_FONT_IN_LATIN_WORD.search(letters) or _NOT_RUSSIAN.search(letters.lower()))


def read_legacy_font(text: str) -> str:
    """Give the Latin letters that a text typed with an old Cyrillic font showed on paper.

    Examples
    --------
    >>> read_legacy_font("идентикляшдирмяйя"), read_legacy_font("Azяrbaycan")
    ('identikləşdirməyə', 'Azərbaycan')
    """
    return unicodedata.normalize("NFC", text).translate(_FROM_FONT)


def _english(letters: str, place: int) -> str:
    """Spell one letter; two for one stay in upper case where a neighbour is."""
    letter = letters[place]
    if letter in _ENGLISH:
        return _ENGLISH[letter]
    lower = "ı" if letter == "I" else letter.lower()
    spelled = _ENGLISH.get(lower)
    if spelled is None or lower == letter:
        return letter
    neighbours = letters[max(place - 1, 0) : place] + letters[place + 1 : place + 2]
    return spelled.upper() if len(spelled) == 1 or neighbours.isupper() else spelled.capitalize()


__all__ = ["from_cyrillic", "is_legacy_font", "read_legacy_font", "to_cyrillic", "to_english"]
