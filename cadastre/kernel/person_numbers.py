"""Numbers of persons: the personal code (FİN) and the taxpayer's number (VÖEN).

References
----------
The VÖEN check digit as published by the State Tax Service and verified on issued numbers.
"""

from __future__ import annotations

import re
from typing import Final, NewType

from cadastre.kernel.errors import InvalidInput
from cadastre.kernel.spelling import Reading, lost_zero_hint, malformed, normalise_identifier

Fin = NewType("Fin", str)
Voen = NewType("Voen", str)

FIN: Final = re.compile(r"[0-9A-HJ-NP-Z]{7}")
VOEN: Final = re.compile(r"[0-9]{10}")

_VOEN_WEIGHTS: Final = (4, 1, 8, 6, 2, 7, 5, 3)


def parse_fin(text: str) -> Fin:
    """Read a personal code (FİN): 7 digits or Latin letters, never O and never I.

    Examples
    --------
    >>> parse_fin("5zk1m0a")
    '5ZK1M0A'
    >>> parse_fin("5ZK1MOA")
    Traceback (most recent call last):
        ...
    cadastre.kernel.errors.InvalidInput: The FIN has the letter 'O' at character 6, which no FIN has; \
type the digit 0.
    """
    value = normalise_identifier(text)
    if FIN.fullmatch(value):
        return Fin(value)
    raise _fin_error(value)


def read_fin(text: str) -> Reading[Fin]:
    """Read a FİN from paper, taking a printed letter O for the digit 0 and saying so.

    Examples
    --------
    >>> read_fin("5ZK1MOA")
    Reading(value='5ZK1M0A', warnings=('fin-letter-o-read-as-zero',))
    """
    value = normalise_identifier(text)
    corrected = value.replace("O", "0")
    warnings = ("fin-letter-o-read-as-zero",) if corrected != value else ()
    return Reading(parse_fin(corrected), warnings)


def check_fin(text: str) -> tuple[str, ...]:
    """Give what is wrong with a FİN as codes; empty when nothing is.

    Examples
    --------
    >>> check_fin("5ZK1M0A"), check_fin("5ZK1MOA"), check_fin("")
    ((), ('fin-letter-o',), ('fin-malformed',))
    """
    value = normalise_identifier(text)
    return () if FIN.fullmatch(value) else (_fin_error(value).code,)


def parse_voen(text: str) -> Voen:
    """Read a taxpayer's number (VÖEN) and verify its check digit.

    Examples
    --------
    >>> parse_voen("1401555071")
    '1401555071'
    >>> parse_voen("1401555081")
    Traceback (most recent call last):
        ...
    cadastre.kernel.errors.InvalidInput: The VOEN 1401555081 fails its check digit (the ninth is 8, \
the first eight give 7); compare it with the tax certificate.
    """
    value = normalise_identifier(text)
    if not VOEN.fullmatch(value):
        hint = "write 10 digits" + lost_zero_hint(value, 10)
        raise malformed("voen-malformed", "VOEN", value, re.compile(r"[0-9]+"), hint)
    expected = compute_voen_check_digit(value[:8])
    if str(expected) != value[8]:
        shown = "none, so it was never issued" if expected == 10 else str(expected)
        raise InvalidInput(
            f"The VOEN {value} fails its check digit (the ninth is {value[8]}, "
            f"the first eight give {shown}); compare it with the tax certificate.",
            code="voen-check-digit",
        )
    return Voen(value)


def check_voen(text: str) -> tuple[str, ...]:
    """Give what is wrong or unproven about a VÖEN as codes; empty when nothing is.

    The last digit (1 legal, 2 natural person) is known from practice only, so another one is a warning.

    Examples
    --------
    >>> check_voen("1401555071"), check_voen("1401555075"), check_voen("1401555081")
    ((), ('voen-unknown-kind',), ('voen-check-digit',))
    """
    try:
        value = parse_voen(text)
    except InvalidInput as error:
        return (error.code,)
    return () if value[9] in "12" else ("voen-unknown-kind",)


def compute_voen_check_digit(first_eight: str) -> int:
    """Compute the ninth digit of a VÖEN; 10 means that no number begins so.

    Examples
    --------
    >>> compute_voen_check_digit("99000036")
    1
    """
    return sum(int(d) * w for d, w in zip(first_eight, _VOEN_WEIGHTS, strict=True)) % 11


def _fin_error(value: str) -> InvalidInput:
    """Say what is wrong with a FİN, without repeating the whole of it: it is personal data."""
    for letter, digit in (("O", "0"), ("I", "1")):
        if letter in value and FIN.fullmatch(value.replace("O", "0").replace("I", "1")):
            place = value.index(letter) + 1
            return InvalidInput(
                f"The FIN has the letter {letter!r} at character {place}, which no FIN has; "
                f"type the digit {digit}.",
                code=f"fin-letter-{letter.lower()}",
            )
    return InvalidInput(
        f"The FIN has {len(value)} characters or one that is not allowed; "
        "write exactly 7 digits and Latin letters, without O and I.",
        code="fin-malformed",
    )


__all__ = [
    "FIN",
    "VOEN",
    "Fin",
    "Voen",
    "check_fin",
    "check_voen",
    "compute_voen_check_digit",
    "parse_fin",
    "parse_voen",
    "read_fin",
]
