"""Numbers and times as readers of each language write them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from cadastre.domain.codelist import Language
from cadastre.kernel.clock import OFFICIAL_ZONE

_NARROW_SPACE = "\N{NO-BREAK SPACE}"
_MARKS = {"az": (".", ","), "en": (",", "."), "ru": (_NARROW_SPACE, ",")}


def format_number(value: Decimal | float, language: Language, digits: int = 0) -> str:
    """Write a number with the language's marks.

    Examples
    --------
    >>> format_number(1234.5, "az", 1), format_number(1234.5, "en", 1)
    ('1.234,5', '1,234.5')
    """
    thousands, point = _MARKS[language]
    return f"{value:,.{digits}f}".translate({ord(","): thousands, ord("."): point})


def format_hectares(area_m2: Decimal, language: Language) -> str:
    """Write an area in hectares, as land registers do (1 ha = 10,000 m²)."""
    return f"{format_number(area_m2 / 10_000, language, 2)} {'га' if language == 'ru' else 'ha'}"


def format_time(moment: datetime) -> str:
    """Write a moment in the country's time.

    Examples
    --------
    >>> from datetime import UTC
    >>> format_time(datetime(2026, 1, 2, 20, 5, tzinfo=UTC))
    '03.01.2026 00:05 (UTC+4)'
    """
    return f"{moment.astimezone(OFFICIAL_ZONE):%d.%m.%Y %H:%M} (UTC+4)"


__all__ = ["format_hectares", "format_number", "format_time"]
