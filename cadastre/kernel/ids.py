"""Identifiers of the register: how each is written, read and checked.

``parse_`` gives the one canonical spelling or raises :class:`InvalidInput`;
``check_`` never raises and gives the codes of everything doubtful, also of
patterns that no published source proves and that are therefore warned about
and not refused.

References
----------
Law 713-IIQ of 29.06.2004 on the state register of immovable property, 1.0.2
(register number); decree of 18.08.2020 on the electronic extract; the VÖEN
check digit as published by the State Tax Service and verified on issued numbers.
"""

from __future__ import annotations

import re
import secrets
import threading
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, NewType, Protocol, TypeVar
from uuid import UUID

from cadastre.kernel.clock import Clock, SystemClock
from cadastre.kernel.errors import InvalidInput

CadastralNumber = NewType("CadastralNumber", str)
RegisterNumber = NewType("RegisterNumber", str)
RegistrationNumber = NewType("RegistrationNumber", str)
Fin = NewType("Fin", str)
Voen = NewType("Voen", str)
PaperSeriesNumber = NewType("PaperSeriesNumber", str)

T = TypeVar("T")

CADASTRAL_NUMBER: Final = re.compile(r"[0-9A-Z][0-9A-Z .,/_()*+>-]{0,39}")
REGISTER_NUMBER: Final = re.compile(r"[0-9]{12}(?:-[0-9]{5})?")
REGISTRATION_NUMBER: Final = re.compile(r"[0-9]{10}")
FIN: Final = re.compile(r"[0-9A-HJ-NP-Z]{7}")
VOEN: Final = re.compile(r"[0-9]{10}")
PAPER_SERIES: Final = re.compile(r"([A-Z]{2})[ №Nº-]{0,3}([0-9]{7})")

_VOEN_WEIGHTS: Final = (4, 1, 8, 6, 2, 7, 5, 3)
_KNOWN_PAPER_SERIES: Final = frozenset({"RX"})
_ASCII_UPPER: Final = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """A value read from somebody's spelling, with the codes of what had to be assumed."""

    value: T
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RegistrationParts:
    """The three parts of a registration number (qeydiyyat nömrəsi)."""

    office: str
    year: str
    serial: str


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
    raise _malformed(
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
    raise _malformed(
        "register-number-malformed",
        "register number",
        value,
        re.compile(r"[0-9-]+"),
        "write 12 digits, or 12 digits, a hyphen and 5 digits",
    )


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
    raise _malformed(
        "registration-number-malformed",
        "registration number",
        value,
        re.compile(r"[0-9]+"),
        "write 10 digits: office (2), year (2), serial (6)" + _lost_zero_hint(value, 10),
    )


def split_registration_number(number: RegistrationNumber) -> RegistrationParts:
    """Take a registration number apart.

    Examples
    --------
    >>> split_registration_number(parse_registration_number("0126000417"))
    RegistrationParts(office='01', year='26', serial='000417')
    """
    return RegistrationParts(office=number[:2], year=number[2:4], serial=number[4:])


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
        hint = "write 10 digits" + _lost_zero_hint(value, 10)
        raise _malformed("voen-malformed", "VOEN", value, re.compile(r"[0-9]+"), hint)
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


class IdSource(Protocol):
    """Whatever hands out new identifiers."""

    def new_id(self) -> UUID:
        """Give an identifier that nobody has been given before."""
        ...


class TimeOrderedIds:
    """UUID version 7: 48 bits of milliseconds, a counter within the millisecond, 62 random bits.

    Identifiers of one source are strictly increasing, so that an index on them grows at its end.

    References
    ----------
    RFC 9562, 5.7 and 6.2 method 1.
    """

    def __init__(self, clock: Clock | None = None, entropy: Callable[[int], int] = secrets.randbits) -> None:
        self._clock = clock or SystemClock()
        self._entropy = entropy
        self._lock = threading.Lock()
        self._last_tick = -1

    def new_id(self) -> UUID:
        """Give the next identifier."""
        milliseconds = int(self._clock.now().timestamp() * 1000)
        with self._lock:
            self._last_tick = tick = max(milliseconds << 12, self._last_tick + 1)
        stamp, counter = tick >> 12, tick & 0xFFF
        value = stamp << 80 | 0x7 << 76 | counter << 64 | 0b10 << 62 | self._entropy(62)
        return UUID(int=value)


class SequentialIds:
    """Identifiers 1, 2, 3, ...: predictable, for tests and for seeded samples only.

    Examples
    --------
    >>> ids = SequentialIds()
    >>> str(ids.new_id()), str(ids.new_id())[-1]
    ('00000000-0000-7000-8000-000000000001', '2')
    """

    def __init__(self, start: int = 1) -> None:
        self._next = start

    def new_id(self) -> UUID:
        """Give the next identifier."""
        value, self._next = self._next, self._next + 1
        return UUID(int=0x7 << 76 | 0b10 << 62 | value)


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


def _malformed(code: str, name: str, value: str, allowed: re.Pattern[str], instruction: str) -> InvalidInput:
    """Say what is wrong with a number, and at which character when one is to blame."""
    if not value:
        return InvalidInput(f"The {name} is empty; {instruction}.", code=code)
    shown = value if len(value) <= 48 else value[:45] + "..."
    for place, character in enumerate(value, start=1):
        if not allowed.fullmatch("0" + character):
            return InvalidInput(
                f"The {name} {shown!r} has {_show(character)} at character {place}; {instruction}.", code=code
            )
    return InvalidInput(f"The {name} {shown!r} is not well formed; {instruction}.", code=code)


def _show(character: str) -> str:
    """Show a character, by name when it could be taken for another one.

    Examples
    --------
    >>> _show("№"), _show("А")
    ("'№'", "'А' (CYRILLIC CAPITAL LETTER A)")
    """
    if character.isalpha() or not character.isprintable() or character.isspace():
        return f"{character!r} ({unicodedata.name(character, 'unnamed character')})"
    return repr(character)


def _lost_zero_hint(value: str, length: int) -> str:
    """Hint at the usual reason for a number that is one digit short."""
    if value.isdecimal() and len(value) == length - 1:
        return " (a spreadsheet may have dropped a leading zero)"
    return ""


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
    "normalise_identifier",
    "parse_cadastral_number",
    "parse_fin",
    "parse_paper_series",
    "parse_register_number",
    "parse_registration_number",
    "parse_voen",
    "read_fin",
    "split_registration_number",
]
