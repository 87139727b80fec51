"""The search key of Azerbaijani text: one key for the spellings that people use for one name.

The same key arises from the Latin alphabet, from plain ASCII typing, from the
Cyrillic alphabet of 1958-1991, from Russian spelling where it is letter for
letter, and from text whose letters merely look right (Cyrillic а in a Latin
word, zero-width blanks, old fonts). ``cadastre.fold_text`` in SQL is its twin;
both are held to one table of examples.

Libraries of "unaccenting" do not serve here: one turns ə into ``@``, another
leaves it and nearly all of Cyrillic as they are.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

INVISIBLE: Final = (
    "\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff"
)
"""Characters without a glyph: they are dropped from a key."""

APOSTROPHES: Final = "'`´ʹʻʼʾʿ‘’‛′"
"""Marks that the spelling of 1992 wrote and today's omits: they are dropped from a key."""

LOOKALIKES: Final = (
    "аеікорсухһјѕәԁԛԝАВЕІКМНОРСТУХҺЈЅӘящцюъэьыЯЩЦЮЪЭЬЫ",
    "aeikopcyxhjsədqwABEIKMHOPCTYXHJSƏəhüöcgğıƏHÜÖCGĞI",
)
"""Cyrillic letters inside a Latin word, and what was meant: the same shape, or the old font's letter."""

CYRILLIC: Final = (
    "абвгғдежзиыјкҝлмноөпрстуүфхһчҹшәэіАБВГҒДЕЖЗИЫЈКҜЛМНОӨПРСТУҮФХҺЧҸШӘЭІ",
    "abvqgdejziiykglmnooprstuufxhccseei" * 2,
)
"""The alphabet of 1958 and the Russian letters that stand for one sound, to the letters of the key."""

CYRILLIC_PAIRS: Final = (("я", "ya"), ("ю", "yu"), ("ц", "ts"), ("щ", "s"), ("ъ", ""), ("ь", ""))
LATIN: Final = ("əƏǝƎıß", "eeeeis")
"""Latin letters that no decomposition leads to ASCII."""

_WORD: Final = re.compile("[0-9A-Za-zəƏǝƎıЀ-ԯ]+")
_HAS_LATIN: Final = re.compile("[A-Za-zəƏǝƎı]")
_HAS_CYRILLIC: Final = re.compile("[Ѐ-ԯ]")
_MARKS: Final = re.compile("[\u0300-\u036f]+")
_GAPS: Final = re.compile("[\x00-/:-@\\[-`{-¿\u2000-\u206f\u2e00-\u2e7f\u3000-\u303f]+")

_DROPPED: Final = re.compile(f"[{INVISIBLE}{APOSTROPHES}]+")
_LOOKALIKE_MAP: Final = str.maketrans(*LOOKALIKES)
_KEY_MAP: Final = str.maketrans(
    dict(zip(CYRILLIC[0], CYRILLIC[1], strict=True))
    | dict(zip(LATIN[0], LATIN[1], strict=True))
    | dict(CYRILLIC_PAIRS)
    | {letter.upper(): pair for letter, pair in CYRILLIC_PAIRS}
)
_ASCII_LOWER: Final = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


def fold(text: str) -> str:
    """Give the search key of a text: letters of ASCII in lower case, digits, single blanks between words.

    ə becomes e, ı and i become i, ç ğ ö ş ü lose their marks, punctuation becomes a blank
    ("12/3" stays apart from "123"), apostrophes and invisible characters vanish. Letters of other
    alphabets stay as they are. Folding a key changes nothing.

    Examples
    --------
    >>> fold("Əliağa Vahid küçəsi"), fold("eliaga vahid kucesi"), fold("Әлиаға Ваһид күчәси")
    ('eliaga vahid kucesi', 'eliaga vahid kucesi', 'eliaga vahid kucesi')
    >>> fold("Джавид пр."), fold("CAVİD PR")
    ('cavid pr', 'cavid pr')
    >>> fold("12/3"), fold("  "), fold("")
    ('12 3', '', '')
    """
    if text.isascii():
        key = text.replace("'", "").replace("`", "")
    else:
        visible = unicodedata.normalize("NFKC", _DROPPED.sub("", text))
        key = _to_ascii_letters(_DROPPED.sub("", visible))
    key = (key.lower() if key.isascii() else key.translate(_ASCII_LOWER)).replace("dj", "c")
    return _GAPS.sub(" ", key).strip(" ")


def _to_ascii_letters(text: str) -> str:
    """Strip marks and give every known letter its ASCII one; й first, for its mark is part of it."""
    text = text.replace("й", "ј").replace("Й", "Ј")
    bare = _MARKS.sub("", unicodedata.normalize("NFD", text))
    if _HAS_CYRILLIC.search(bare):
        bare = _WORD.sub(lambda match: unmix(match[0]), bare)
        bare = _MARKS.sub("", unicodedata.normalize("NFD", bare))
    return bare.translate(_KEY_MAP)


def unmix(word: str) -> str:
    """Give a word that mixes alphabets in Latin letters; one of a single alphabet as it is.

    Examples
    --------
    >>> unmix("Bаkı"), unmix("Azяrbaycan"), unmix("Бакы")
    ('Bakı', 'Azərbaycan', 'Бакы')
    """
    if _HAS_LATIN.search(word) and _HAS_CYRILLIC.search(word):
        return word.translate(_LOOKALIKE_MAP)
    return word


__all__ = [
    "APOSTROPHES",
    "CYRILLIC",
    "CYRILLIC_PAIRS",
    "INVISIBLE",
    "LATIN",
    "LOOKALIKES",
    "fold",
    "unmix",
]
