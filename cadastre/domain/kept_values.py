"""What the register can keep of the terms of an entry: told when a case is filed, not when it is decided."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from typing import Any, Final

import shapely
from shapely import Polygon

from cadastre.domain.commands import Command
from cadastre.domain.property_state import Encumbrance, Terms
from cadastre.kernel.errors import InvalidInput

MONEY: Final = (Decimal("0"), Decimal("999999999999.99"), 2)
RATE: Final = (Decimal("0"), Decimal("999"), 4)
RENT_PERIODS: Final = ("day", "month", "year", "term")
_CURRENCY: Final = re.compile(r"[A-Z]{3}", re.ASCII)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_MOST_RANK: Final = 99
_NOTE: Final = 60
_LINE: Final = 300
_WHOLE_NUMBERS: Final = {"land_category": 7, "quality_group": 5}
_FORMS: Final = ("dovlet", "belediyye", "xususi")


def require_keepable(commands: tuple[Command, ...]) -> tuple[Command, ...]:
    """Give the commands when the register can keep every value that they would enter.

    The database checks the same once more; this says which term is wrong while the applicant is there.

    Raises
    ------
    InvalidInput
        An amount without a currency, a rate, rank or text out of bounds, an outline that crosses itself.
    """
    for command in commands:
        for part in _parts(command):
            match part:
                case Encumbrance():
                    _require_encumbrance(part)
                case Terms():
                    _require_terms(part)
                case Polygon():
                    _require_outline(part)
        _require_attributes(getattr(command, "attributes", None) or {})
    return commands


def _parts(value: Any) -> Iterator[Any]:
    """Give the value and everything in it."""
    yield value
    if isinstance(value, tuple):
        for item in value:
            yield from _parts(item)
    elif is_dataclass(value) and not isinstance(value, type):
        for part in fields(value):
            yield from _parts(getattr(value, part.name))


def _require_encumbrance(contents: Encumbrance) -> None:
    _require_pair("amount", contents.amount, "currency", contents.currency)
    _require_number("amount", contents.amount, MONEY)
    _require_currency("currency", contents.currency)
    _require_number("interest_rate", contents.interest_rate, RATE)
    _require_whole("rank", contents.rank, _MOST_RANK)
    _require_line("note_number", contents.note_number, _NOTE)
    _require_line("authority", contents.authority, _LINE)
    if contents.note_number is not None and contents.note_dated is None:
        raise InvalidInput(
            "The mortgage note has a day: state note_dated.", code="term-missing", term="note_dated"
        )


def _require_terms(terms: Terms) -> None:
    stated = [value is not None for value in (terms.rent, terms.rent_currency, terms.rent_period)]
    if any(stated) and not all(stated):
        raise InvalidInput(
            "A rent is stated with rent, rent_currency and rent_period.", code="term-missing", term="rent"
        )
    _require_number("rent", terms.rent, MONEY)
    _require_currency("rent_currency", terms.rent_currency)
    if terms.rent_period is not None and terms.rent_period not in RENT_PERIODS:
        raise _malformed("rent_period", f"one of {', '.join(RENT_PERIODS)}")


def _require_attributes(attributes: Mapping[str, Any]) -> None:
    for key, most in _WHOLE_NUMBERS.items():
        _require_whole(key, attributes.get(key), most)
    form = attributes.get("ownership_form")
    if form is not None and form not in _FORMS:
        raise _malformed("ownership_form", f"one of {', '.join(_FORMS)}")
    for key in ("purpose", "address_text"):
        _require_line(key, attributes.get(key), _LINE)


def _require_outline(outline: Polygon) -> None:
    """Require a plane polygon that does not cross itself."""
    if outline.has_z or not shapely.is_valid(outline):
        reason = "it has heights" if outline.has_z else shapely.is_valid_reason(outline)
        raise InvalidInput(
            f"An outline of the application is no plane polygon that keeps clear of itself: {reason}.",
            code="outline-invalid",
        )


def _require_pair(one: str, value: object, other: str, beside: object) -> None:
    if (value is None) != (beside is None):
        missing = one if value is None else other
        raise InvalidInput(f"{one} and {other} are stated together.", code="term-missing", term=missing)


def _require_number(key: str, value: Decimal | None, bounds: tuple[Decimal, Decimal, int]) -> None:
    least, most, decimals = bounds
    if value is None:
        return
    if not least <= value <= most or round(value, decimals) != value:
        raise _malformed(key, f"a number from {least} to {most} with at most {decimals} decimals")


def _require_whole(key: str, value: object, most: int) -> None:
    if value is None:
        return
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise _malformed(key, f"a whole number from 1 to {most}")


def _require_currency(key: str, value: object) -> None:
    if value is not None and not (isinstance(value, str) and _CURRENCY.fullmatch(value)):
        raise _malformed(key, "three capital letters such as AZN")


def _require_line(key: str, value: object, most: int) -> None:
    if value is None:
        return
    if not isinstance(value, str) or not value.strip() or len(value) > most or _CONTROL.search(value):
        raise _malformed(key, f"text of one line, at most {most} characters")


def _malformed(key: str, what: str) -> InvalidInput:
    return InvalidInput(f"{key} is {what}.", code="term-malformed", term=key)


__all__ = ["RENT_PERIODS", "require_keepable"]
