"""Entrance numbers: how they are written, compared and ordered."""

from __future__ import annotations

import re
from typing import Final

from cadastre.kernel.errors import InvalidInput
from cadastre.kernel.ids import normalise_identifier

MAX_DISTANCE_FROM_STREET_M: Final = 150.0
_PART: Final = r"[0-9]{1,4}(?: ?[A-ZƏÖÜÇĞİŞ])?"
_NUMBER: Final = re.compile(rf"({_PART})(?: ?([/-]) ?({_PART}|[A-ZƏÖÜÇĞİŞ]))?")
_DIGITS: Final = re.compile(r"([0-9]+)")


def parse_entrance_number(text: str) -> str:
    """Read the number of an entrance: 12, 12A, 12/3, 12-1, without inner blanks, letters in capitals.

    Examples
    --------
    >>> [parse_entrance_number(text) for text in ("12", "12 a", "12/3", "12-1", "45A/2")]
    ['12', '12A', '12/3', '12-1', '45A/2']
    >>> parse_entrance_number("b. 12")
    Traceback (most recent call last):
        ...
    cadastre.kernel.errors.InvalidInput: 'B. 12' is not the number of an entrance; \
write 12, 12A, 12/3 or 12-1.
    """
    value = normalise_identifier(text)
    if not _NUMBER.fullmatch(value) or value.startswith("0"):
        raise InvalidInput(
            f"{value[:40]!r} is not the number of an entrance; write 12, 12A, 12/3 or 12-1.",
            code="entrance-number-malformed",
        )
    return value.replace(" ", "")


def order_entrance_number(number: str) -> tuple[tuple[int, str], ...]:
    """Give a key that puts entrance numbers into the order in which they stand along a street.

    Examples
    --------
    >>> sorted(["100", "12/3", "12", "2", "12A"], key=order_entrance_number)
    ['2', '12', '12/3', '12A', '100']
    """
    parts = _DIGITS.split(number)
    return tuple((int(part), "") if part.isdecimal() else (-1, part) for part in parts if part)


__all__ = ["MAX_DISTANCE_FROM_STREET_M", "order_entrance_number", "parse_entrance_number"]
