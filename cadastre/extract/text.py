"""Numbers, dates and names in the forms that statements and printed extracts use."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal

from cadastre.kernel.clock import OFFICIAL_ZONE, require_aware
from cadastre.kernel.errors import InvalidInput

NO_BREAK = "\u00a0"


def fixed(value: Decimal, places: int) -> str:
    """Decimal text with exactly ``places`` decimals, half even.

    >>> fixed(Decimal("612.345"), 2)
    '612.34'
    """
    if not value.is_finite():
        raise InvalidInput("A number of the record is not finite.", code="not-finite")
    return format(value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN), "f")


def from_mm(millimetres: int) -> str:
    """Whole millimetres as metres with three decimals.

    >>> from_mm(4470000005)
    '4470000.005'
    """
    return format(Decimal(millimetres).scaleb(-3), ".3f")


def instant(moment: datetime) -> str:
    """Write an instant in Azerbaijan time with microseconds and offset.

    >>> instant(datetime.fromisoformat("2026-11-22T18:00:00+00:00"))
    '2026-11-22T22:00:00.000000+04:00'
    """
    return require_aware(moment).astimezone(OFFICIAL_ZONE).isoformat(timespec="microseconds")


def nfc(text: str) -> str:
    """Text in Unicode NFC, as every string of a statement is."""
    return unicodedata.normalize("NFC", text)


def shown(text: str) -> str:
    r"""Make text safe to print: controls and direction marks become visible escapes.

    >>> shown("Səma\u202eabc")
    'Səma[U+202E]abc'
    """
    return "".join(f"[U+{ord(c):04X}]" if unicodedata.category(c) in _UNPRINTABLE else c for c in text)


_UNPRINTABLE = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})


def grouped(number: str) -> str:
    """Print a decimal text as Azerbaijani documents do: thin groups, comma.

    >>> grouped("4470000.005").replace(NO_BREAK, "_")
    '4_470_000,005'
    """
    whole, _, decimals = number.partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    head = len(digits) % 3
    groups = [digits[:head]] * bool(head) + [digits[i : i + 3] for i in range(head, len(digits), 3)]
    return sign + NO_BREAK.join(groups) + ("," + decimals if decimals else "")


def printed_date(iso: str) -> str:
    """Print an ISO date as DD.MM.YYYY.

    >>> printed_date("2026-11-02")
    '02.11.2026'
    """
    return date.fromisoformat(iso).strftime("%d.%m.%Y")


def printed_instant(iso: str) -> str:
    """Print a statement instant as DD.MM.YYYY HH:MM:SS (UTC+04:00).

    >>> printed_instant("2026-11-22T22:00:00.000000+04:00").replace(NO_BREAK, " ")
    '22.11.2026 22:00:00 (UTC+04:00)'
    """
    moment = datetime.fromisoformat(iso)
    return moment.strftime(f"%d.%m.%Y{NO_BREAK}%H:%M:%S{NO_BREAK}(UTC{iso[-6:]})")
