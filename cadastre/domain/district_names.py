"""Administrative units by the names that files give them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Final

from cadastre.domain.codelist import Entry, load_codelist
from cadastre.kernel.text import fold


def find_districts(spelling: str, on: date) -> tuple[Entry, ...]:
    """Find the units that a code or name can mean on a day.

    A code (ours or ISO's) wins over a full name in any of the three languages, that over a short
    name, that over a former one. More than one unit means that the spelling is ambiguous.

    Examples
    --------
    >>> [e.code for e in find_districts("XƏZƏR RAYONU", date(2026, 1, 1))]
    ['BAK-XEZ']
    >>> [e.code for e in find_districts("Şəki", date(2026, 1, 1))]
    ['SA', 'SAK']
    >>> find_districts("", date(2026, 1, 1))
    ()
    """
    wanted = fold(spelling)
    if not wanted:
        return ()
    entries = load_codelist("districts").entries_at(on)
    for names in _LEVELS:
        found = tuple(e for e in entries if wanted in {fold(name) for name in names(e)})
        if found:
            return found
    return ()


def _codes(entry: Entry) -> Iterable[str]:
    iso = entry.find_text("iso")
    return (entry.code, iso) if iso else (entry.code,)


def _full_names(entry: Entry) -> Iterable[str]:
    return (entry.az, entry.en, entry.ru)


def _short_names(entry: Entry) -> Iterable[str]:
    short_en = entry.en.removesuffix(" District").removesuffix(" City")
    short_ru = entry.ru.removeprefix("город ").removesuffix(" район")
    return (entry.text("short_az"), short_en, short_ru)


def _former_names(entry: Entry) -> Iterable[str]:
    return tuple(name for short in entry.texts("former_az") for name in (short, f"{short} rayonu"))


_LEVELS: Final[tuple[Callable[[Entry], Iterable[str]], ...]] = (
    _codes,
    _full_names,
    _short_names,
    _former_names,
)


__all__ = ["find_districts"]
