"""Identifiers of the register: how each is written, read and checked.

``parse_`` gives the one canonical spelling or raises :class:`InvalidInput`;
``check_`` never raises and gives the codes of everything doubtful, also of
patterns that no published source proves and that are therefore warned about
and not refused.

References
----------
Law 713-IIQ of 29.06.2004 on the state register of immovable property, 1.0.2
(register number); decree of 18.08.2020 on the electronic extract.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, NewType

from cadastre.kernel.errors import InvalidInput
from cadastre.kernel.id_source import IdSource, SequentialIds, TimeOrderedIds
from cadastre.kernel.person_numbers import (
    FIN,
    VOEN,
    Fin,
    Voen,
    check_fin,
    check_voen,
    compute_voen_check_digit,
    parse_fin,
    parse_voen,
    read_fin,
)
from cadastre.kernel.spelling import Reading, lost_zero_hint, malformed, normalise_identifier

CadastralNumber = NewType("CadastralNumber", str)
RegisterNumber = NewType("RegisterNumber", str)
RegistrationNumber = NewType("RegistrationNumber", str)
PaperSeriesNumber = NewType("PaperSeriesNumber", str)


CADASTRAL_NUMBER: Final = re.compile(r"[0-9A-Z][0-9A-Z .,/_()*+>-]{0,39}")
REGISTER_NUMBER: Final = re.compile(r"[0-9]{12}(?:-[0-9]{5})?")
_NEARLY_REGISTER_NUMBER: Final = re.compile(r"[0-9]+|[0-9]{10,14}-[0-9]*")
REGISTRATION_NUMBER: Final = re.compile(r"[0-9]{10}")
PAPER_SERIES: Final = re.compile(r"([A-Z]{2})[ №Nº-]{0,3}([0-9]{7})")

_KNOWN_PAPER_SERIES: Final = frozenset({"RX"})


@dataclass(frozen=True, slots=True)
class RegistrationParts:
    """The three parts of a registration number (qeydiyyat nömrəsi)."""

    office: str
    year: str
    serial: str


def parse_cadastral_number(text: str) -> CadastralNumber:
    """Read the number of a parcel (kadastr nömrəsi).

    Its structure is not published, so any short code is taken: Latin letters, digits and
    ``. , / _ ( ) * + > -`` (real registers name ranges and shares so: ``525-01-00-017->19*``).

    Examples
    --------
    >>> parse_cadastral_number(" 585-03-36-001a ")
    '585-03-36-001A'
    >>> parse_cadastral_number("12№7")
    Traceback (most recent call last):
        ...
    cadastre.kernel.errors.InvalidInput: The cadastral number '12№7' has '№' at character 3; use digits, \
Latin letters and . , / _ ( ) * + > - only, 40 characters at most, beginning with a digit or a letter.
    """
    value = normalise_identifier(text)
    if CADASTRAL_NUMBER.fullmatch(value):
        return CadastralNumber(value)
    raise malformed(
        "cadastral-number-malformed",
        "cadastral number",
        value,
        CADASTRAL_NUMBER,
        "use digits, Latin letters and . , / _ ( ) * + > - only, 40 characters at most, "
        "beginning with a digit or a letter",
    )


def check_cadastral_number(text: str) -> tuple[str, ...]:
    """Give what is doubtful about a cadastral number; empty when nothing is.

    Examples
    --------
    >>> check_cadastral_number("585-03-36-001")
    ()
    >>> check_cadastral_number("203015000123")
    ('cadastral-number-shaped-like-register-number',)
    >>> check_cadastral_number("")
    ('cadastral-number-malformed',)
    """
    value = normalise_identifier(text)
    if not CADASTRAL_NUMBER.fullmatch(value):
        return ("cadastral-number-malformed",)
    if REGISTER_NUMBER.fullmatch(value):
        return ("cadastral-number-shaped-like-register-number",)
    return ()


def parse_register_number(text: str) -> RegisterNumber:
    """Read the number of a property (reyestr nömrəsi): 12 digits, for a part ``-`` and 5 more.

    Examples
    --------
    >>> parse_register_number(" 203015000123-00017 ")
    '203015000123-00017'
    """
    value = normalise_identifier(text)
    if REGISTER_NUMBER.fullmatch(value):
        return RegisterNumber(value)
    raise malformed(
        "register-number-malformed",
        "register number",
        value,
        re.compile(r"[0-9-]+"),
        "write 12 digits, or 12 digits, a hyphen and 5 digits",
    )


def parse_property_number(text: str) -> RegisterNumber | CadastralNumber:
    """Read the number that somebody names a property by: its register number, or its parcel's.

    The two are never mistaken for each other: no parcel may be numbered like a property.

    Examples
    --------
    >>> parse_property_number("203015000123"), parse_property_number("bak-xez-s00003-015")
    ('203015000123', 'BAK-XEZ-S00003-015')
    >>> parse_property_number("12№7")
    Traceback (most recent call last):
        ...
    cadastre.kernel.errors.InvalidInput: The number '12№7' has '№' at character 3; write a register number \
(12 digits, or 12 digits, a hyphen and 5 digits) or a cadastral number.
    """
    value = normalise_identifier(text)
    if REGISTER_NUMBER.fullmatch(value):
        return RegisterNumber(value)
    if CADASTRAL_NUMBER.fullmatch(value):
        return CadastralNumber(value)
    raise malformed(
        "property-number-malformed",
        "number",
        value,
        CADASTRAL_NUMBER,
        "write a register number (12 digits, or 12 digits, a hyphen and 5 digits) or a cadastral number",
    )


def is_register_number(number: str) -> bool:
    """Whether a number is written as a property's, and not as a parcel's.

    Examples
    --------
    >>> is_register_number("203015000123"), is_register_number("585-03-36-001")
    (True, False)
    """
    return REGISTER_NUMBER.fullmatch(number) is not None


def resembles_register_number(number: str) -> bool:
    """Whether a number is rather a mistyped register number than a parcel's: all digits, or nearly.

    Examples
    --------
    >>> resembles_register_number("20301500012"), resembles_register_number("203015000123-0017")
    (True, True)
    >>> resembles_register_number("585-03-36-001"), resembles_register_number("203015000123")
    (False, False)
    """
    return _NEARLY_REGISTER_NUMBER.fullmatch(number) is not None and not is_register_number(number)


def parse_registration_number(text: str) -> RegistrationNumber:
    """Read the number of an entry (qeydiyyat nömrəsi): 10 digits.

    Examples
    --------
    >>> parse_registration_number("0126000417")
    '0126000417'
    """
    value = normalise_identifier(text)
    if REGISTRATION_NUMBER.fullmatch(value):
        return RegistrationNumber(value)
    raise malformed(
        "registration-number-malformed",
        "registration number",
        value,
        re.compile(r"[0-9]+"),
        "write 10 digits: office (2), year (2), serial (6)" + lost_zero_hint(value, 10),
    )


def split_registration_number(number: RegistrationNumber) -> RegistrationParts:
    """Take a registration number apart.

    Examples
    --------
    >>> split_registration_number(parse_registration_number("0126000417"))
    RegistrationParts(office='01', year='26', serial='000417')
    """
    return RegistrationParts(office=number[:2], year=number[2:4], serial=number[4:])


def parse_paper_series(text: str) -> PaperSeriesNumber:
    """Read the series and number of a paper extract, such as ``RX 0123456``.

    Examples
    --------
    >>> parse_paper_series("rx № 0123456")
    'RX0123456'
    """
    value = normalise_identifier(text)
    match = PAPER_SERIES.fullmatch(value)
    if match:
        return PaperSeriesNumber(match[1] + match[2])
    raise InvalidInput(
        f"The series {value!r} is not one of a paper extract; write two Latin letters and 7 digits, "
        "such as RX 0123456.",
        code="paper-series-malformed",
    )


def check_paper_series(text: str) -> tuple[str, ...]:
    """Give what is wrong or unproven about a paper series as codes; only series RX has been seen.

    Examples
    --------
    >>> check_paper_series("RX 0123456"), check_paper_series("RB 0123456")
    ((), ('paper-series-unknown',))
    """
    try:
        value = parse_paper_series(text)
    except InvalidInput as error:
        return (error.code,)
    return () if value[:2] in _KNOWN_PAPER_SERIES else ("paper-series-unknown",)


__all__ = [
    "CADASTRAL_NUMBER",
    "FIN",
    "PAPER_SERIES",
    "REGISTER_NUMBER",
    "REGISTRATION_NUMBER",
    "VOEN",
    "CadastralNumber",
    "Fin",
    "IdSource",
    "PaperSeriesNumber",
    "Reading",
    "RegisterNumber",
    "RegistrationNumber",
    "RegistrationParts",
    "SequentialIds",
    "TimeOrderedIds",
    "Voen",
    "check_cadastral_number",
    "check_fin",
    "check_paper_series",
    "check_voen",
    "compute_voen_check_digit",
    "is_register_number",
    "normalise_identifier",
    "parse_cadastral_number",
    "parse_fin",
    "parse_paper_series",
    "parse_property_number",
    "parse_register_number",
    "parse_registration_number",
    "parse_voen",
    "read_fin",
    "resembles_register_number",
    "split_registration_number",
]
