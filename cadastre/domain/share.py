"""Shares of a right: fractions as they are printed (2/4 stays 2/4), never a float."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from cadastre.kernel.errors import InvalidInput

MAX_DENOMINATOR: Final = 10**12
"""No real title comes near; it bounds the common denominator that the database computes with."""


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a right as printed (2/4 stays 2/4), greater than 0 and at most 1."""

    numerator: int
    denominator: int

    def __post_init__(self) -> None:
        if not 0 < self.numerator <= self.denominator <= MAX_DENOMINATOR:
            raise InvalidInput(
                f"The share {self.numerator}/{self.denominator} is not greater than 0 and at most 1.",
                code="share-out-of-range",
            )

    @property
    def value(self) -> Fraction:
        """Its exact value."""
        return Fraction(self.numerator, self.denominator)

    def __str__(self) -> str:
        return f"{self.numerator}/{self.denominator}"


WHOLE: Final = Share(1, 1)


def parse_share(numerator: str, denominator: str = "") -> Share:
    """Read a share from two columns, or from one written as ``1/2``.

    Examples
    --------
    >>> str(parse_share("1", "3")), str(parse_share("2/4")), str(parse_share("1"))
    ('1/3', '2/4', '1/1')
    >>> parse_share("0.5", "1")
    Traceback (most recent call last):
        ...
    cadastre.kernel.errors.InvalidInput: The share '0.5/1' is not a fraction of whole numbers; \
write numerator and denominator, such as 1 and 2.
    """
    shown = f"{numerator}/{denominator}" if denominator else numerator
    upper, slash, lower = shown.partition("/")
    upper, lower = upper.strip(), lower.strip() if slash else "1"
    if not all(part.isascii() and part.isdecimal() and len(part) <= 18 for part in (upper, lower)):
        raise InvalidInput(
            f"The share {shown[:40]!r} is not a fraction of whole numbers; "
            "write numerator and denominator, such as 1 and 2.",
            code="share-malformed",
        )
    return Share(int(upper), int(lower))


def is_whole_ownership(shares: Sequence[Share | None]) -> bool:
    """Tell whether holders own all of a thing: shares that sum to 1, or two and more jointly (``None``).

    Examples
    --------
    >>> is_whole_ownership([Share(1, 3), Share(2, 3)]), is_whole_ownership([None, None])
    (True, True)
    >>> is_whole_ownership([WHOLE, WHOLE]), is_whole_ownership([WHOLE, None]), is_whole_ownership([None])
    (False, False, False)
    """
    parts = [share.value for share in shares if share is not None]
    if len(parts) < len(shares):
        return not parts and len(shares) > 1
    return sum(parts) == 1


__all__ = ["MAX_DENOMINATOR", "WHOLE", "Share", "is_whole_ownership", "parse_share"]
