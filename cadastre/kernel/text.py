"""Azerbaijani text, handled once: composed form, case, order, search key, alphabets.

The database keeps a neutral locale, in which neither ``upper`` nor ``lower``
knows that i and I are two letters here (i with İ, ı with I). Everything that
changes the case of words, sorts or compares them goes through this module or
through its twins in SQL, which are held to the same table of examples.
"""

from __future__ import annotations

import unicodedata
from typing import Final

from cadastre.kernel.alphabets import (
    from_cyrillic,
    is_legacy_font,
    read_legacy_font,
    to_cyrillic,
    to_english,
)
from cadastre.kernel.errors import InvalidInput
from cadastre.kernel.folding import INVISIBLE, fold, unmix

ALPHABET: Final = "abcçdeəfgğhxıijkqlmnoöprsştuüvyz"
"""The 32 letters in their order."""

SortKey = tuple[tuple[tuple[int, int], ...], tuple[bool, ...], str]

_TO_LOWER: Final = str.maketrans({"İ": "i", "I": "ı"})
_TO_UPPER: Final = str.maketrans({"i": "İ", "ı": "I"})
_RANK: Final = {letter: rank for rank, letter in enumerate(ALPHABET + "w")}
_REFUSED_CATEGORIES: Final = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
_DIRECTION: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LINE_BREAKS: Final = frozenset("\n\r\t")
_WORD_JOINERS: Final = frozenset("'’ʼ")


NFC_MAY_CHANGE: Final = r"[^\x{0}-\x{2FF}\x{400}-\x{482}\x{48A}-\x{52F}\x{2010}-\x{2027}\x{2116}\x{20BC}]"
"""Pattern (RE2) of the characters that composing may change or move; a text without them is composed."""


def nfc(text: str) -> str:
    """Give a text in composed form (Unicode NFC), in which it is stored and signed.

    Examples
    --------
    >>> len(nfc("I" + chr(0x307))), nfc("I" + chr(0x307)) == "İ"
    (1, True)
    """
    return unicodedata.normalize("NFC", text)


def az_lower(text: str) -> str:
    """Give a text in Azerbaijani lower case, composed.

    Examples
    --------
    >>> az_lower("İSMAYILLI"), az_lower("ŞƏKİ"), az_lower("")
    ('ismayıllı', 'şəki', '')
    """
    return nfc(nfc(text).translate(_TO_LOWER).lower())


def az_upper(text: str) -> str:
    """Give a text in Azerbaijani upper case, composed.

    Examples
    --------
    >>> az_upper("ismayıllı"), az_upper("Səbail")
    ('İSMAYILLI', 'SƏBAİL')
    """
    return nfc(nfc(text).translate(_TO_UPPER).upper())


def az_title(text: str) -> str:
    """Give every word a capital and the rest of it small letters; an apostrophe does not end a word.

    Examples
    --------
    >>> az_title("ISMAYIL BƏY qutqaşınlı"), az_title("əli-bayramlı"), az_title("12-ci")
    ('Ismayıl Bəy Qutqaşınlı', 'Əli-Bayramlı', '12-Ci')
    """
    letters, inside = [], False
    for letter in nfc(text):
        letters.append(az_lower(letter) if inside else az_upper(letter))
        inside = letter.isalnum() or (
            inside and (letter in _WORD_JOINERS or unicodedata.combining(letter) > 0)
        )
    return nfc("".join(letters))


def clean_text(text: str, *, field: str = "text", multiline: bool = False, max_length: int = 4000) -> str:
    """Give a text fit to be stored: composed, without outer blanks and invisible characters.

    Parameters
    ----------
    text
        Anything that a person or file sent.
    field
        What the text is, for the message.
    multiline
        Allow line feeds and tabs; a carriage return before a line feed is dropped.
    max_length
        Most characters allowed.

    Raises
    ------
    InvalidInput
        Control characters, changes of writing direction, characters that Unicode does not assign,
        or too long. Nothing of this is repaired: it is refused.

    Examples
    --------
    >>> clean_text(" Ələsgər" + chr(0x200B) + " İbrahimov ")
    'Ələsgər İbrahimov'
    >>> clean_text("Əli" + chr(0x202E) + "ilƏ", field="name")
    Traceback (most recent call last):
        ...
    cadastre.kernel.errors.InvalidInput: The name has U+202E (RIGHT-TO-LEFT OVERRIDE) at character 4; \
delete it.
    >>> clean_text("")
    ''
    """
    if multiline:
        text = text.replace("\r\n", "\n")
    if not text.isprintable():
        _require_storable(text, field, allowed="\n\t" if multiline else "")
        text = "".join(c for c in text if c not in INVISIBLE)
    cleaned = nfc(text).strip()
    if len(cleaned) > max_length:
        raise InvalidInput(
            f"The {field} has {len(cleaned)} characters; at most {max_length} are allowed.",
            code="text-too-long",
            field=field,
        )
    return cleaned


def _require_storable(text: str, field: str, *, allowed: str) -> None:
    for place, character in enumerate(text, start=1):
        if character not in allowed and is_refused(character):
            name = unicodedata.name(character, "a control character")
            raise InvalidInput(
                f"The {field} has U+{ord(character):04X} ({name}) at character {place}; delete it.",
                code="text-control-character",
                field=field,
            )


def is_refused(character: str) -> bool:
    """Tell whether a character may never be stored: control, direction, private, unassigned.

    Examples
    --------
    >>> is_refused(chr(0)), is_refused("ə"), is_refused(chr(0x200B))
    (True, False, False)
    """
    return character in _DIRECTION or unicodedata.category(character) in _REFUSED_CATEGORIES


def check_text(text: str) -> tuple[str, ...]:
    """Give what is doubtful about a text as codes, for findings; empty when nothing is.

    Examples
    --------
    >>> check_text("Nizami küçəsi"), check_text("Bаkı"), check_text("идентикляшдирмяйя")
    ((), ('text-mixed-alphabets',), ('text-legacy-font',))
    """
    composed = nfc(text)
    found = {
        "text-control-character": any(is_refused(c) and c not in _LINE_BREAKS for c in text),
        "text-line-break": any(c in _LINE_BREAKS for c in text),
        "text-not-composed": composed != text,
        "text-invisible-characters": any(c in INVISIBLE and c not in _DIRECTION for c in text),
        "text-legacy-font": is_legacy_font(composed),
        "text-double-blank": "  " in text.strip(),
    }
    if not found["text-legacy-font"]:
        found["text-mixed-alphabets"] = any(unmix(word) != word for word in composed.split())
    return tuple(code for code, present in found.items() if present)


def sort_key(text: str) -> SortKey:
    """Give a key that puts texts into the order of the Azerbaijani alphabet.

    Blanks and marks come before digits, digits before letters; small letters before capitals of
    the same word. PostgreSQL's ``az-x-icu`` gives the same order.

    Examples
    --------
    >>> sorted(["Zərdab", "İmişli", "Çin", "Xızı", "Isa", "Cəbrayıl", "Həsən", "Qax", "Kür"], key=sort_key)
    ['Cəbrayıl', 'Çin', 'Həsən', 'Xızı', 'Isa', 'İmişli', 'Kür', 'Qax', 'Zərdab']
    """
    composed = nfc(text)
    lowered = az_lower(composed)
    return (
        tuple(weight for letter in lowered for weight in _weights(letter)),
        tuple(upper != lower for upper, lower in zip(composed, lowered, strict=False)),
        composed,
    )


def _weights(letter: str) -> tuple[tuple[int, int], ...]:
    """Rank one letter: marks, digits, the alphabet, then everything else; foreign accents do not count."""
    if letter in _RANK:
        return ((2, _RANK[letter]),)
    base = unicodedata.normalize("NFKD", letter)[:1]
    if base != letter and base in _RANK:
        return ((2, _RANK[base]),)
    if unicodedata.combining(letter):
        return ()
    if base.isdecimal():
        return ((1, unicodedata.decimal(base)),)
    return ((3 if letter.isalpha() else 0, ord(letter)),)


__all__ = [
    "ALPHABET",
    "NFC_MAY_CHANGE",
    "SortKey",
    "az_lower",
    "az_title",
    "az_upper",
    "check_text",
    "clean_text",
    "fold",
    "from_cyrillic",
    "is_legacy_font",
    "is_refused",
    "nfc",
    "read_legacy_font",
    "sort_key",
    "to_cyrillic",
    "to_english",
    "unmix",
]
