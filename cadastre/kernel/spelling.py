"""How identifiers are spelled: one canonical form, and refusals that point at the character to blame."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from cadastre.kernel.errors import InvalidInput

T = TypeVar("T")

_ASCII_UPPER: Final = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """A value read from somebody's spelling, with the codes of what had to be assumed."""

    value: T
    warnings: tuple[str, ...] = ()


def normalise_identifier(text: str) -> str:
    """Give an identifier in NFC, without outer blanks, its ASCII letters in upper case.

    Only ASCII letters change case: a code is not a word, so neither ı nor İ may arise from it.

    Examples
    --------
    >>> normalise_identifier("  ab-12/i ")
    'AB-12/I'
    >>> normalise_identifier("")
    ''
    """
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return text.strip().translate(_ASCII_UPPER)


def malformed(code: str, name: str, value: str, allowed: re.Pattern[str], instruction: str) -> InvalidInput:
    """Say what is wrong with a number, and at which character when one is to blame."""
    if not value:
        return InvalidInput(f"The {name} is empty; {instruction}.", code=code)
    shown = value if len(value) <= 48 else value[:45] + "..."
    for place, character in enumerate(value, start=1):
        if not allowed.fullmatch("0" + character):
            return InvalidInput(
                f"The {name} {shown!r} has {show_character(character)} at character {place}; {instruction}.",
                code=code,
            )
    return InvalidInput(f"The {name} {shown!r} is not well formed; {instruction}.", code=code)


def show_character(character: str) -> str:
    """Show a character, by name when it could be taken for another one.

    Examples
    --------
    >>> show_character("№"), show_character("А")
    ("'№'", "'А' (CYRILLIC CAPITAL LETTER A)")
    """
    if character.isalpha() or not character.isprintable() or character.isspace():
        return f"{character!r} ({unicodedata.name(character, 'unnamed character')})"
    return repr(character)


def lost_zero_hint(value: str, length: int) -> str:
    """Hint at the usual reason for a number that is one digit short."""
    if value.isdecimal() and len(value) == length - 1:
        return " (a spreadsheet may have dropped a leading zero)"
    return ""


__all__ = ["Reading", "lost_zero_hint", "malformed", "normalise_identifier", "show_character"]
