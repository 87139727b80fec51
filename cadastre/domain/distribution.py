"""Who prepares a case: drawn by lot at its intake, where the rule of the day says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

from cadastre.domain.codelist import load_codelist
from cadastre.domain.service import Service

LOT: Final = "lot"
Draw = Callable[[Sequence[str]], str]
"""Picks one of several accounts, so that nobody can tell before which."""


def is_drawn(service: Service, today: date) -> bool:
    """Tell whether cases of a service are given out by lot on a day: those that two officers see.

    Examples
    --------
    >>> from cadastre.domain.service import find_service
    >>> is_drawn(find_service("sale", date(2026, 11, 23)), date(2026, 11, 23))
    True
    >>> is_drawn(find_service("sale", date(2026, 1, 5)), date(2026, 1, 5))
    False
    >>> is_drawn(find_service("arrest", date(2026, 11, 23)), date(2026, 11, 23))
    False
    """
    return service.four_eyes and load_codelist("distribution").find_entry(LOT, today) is not None


def draw_officer(officers: Sequence[str], applicant: str, draw: Draw, today: date) -> str | None:
    """Draw the officer who prepares a case, or nobody when too few are competent for a lot to be one.

    Examples
    --------
    >>> draw_officer(["registrar-1", "registrar-2", "registrar-3"], "registrar-1", max, date(2026, 11, 23))
    'registrar-3'
    >>> draw_officer(["registrar-1", "registrar-2"], "registrar-1", max, date(2026, 11, 23)) is None
    True
    """
    rule = load_codelist("distribution").find_entry(LOT, today)
    others = [officer for officer in officers if officer != applicant]
    if rule is None or len(others) < rule.integer("least"):
        return None
    return draw(others)


__all__ = ["LOT", "Draw", "draw_officer", "is_drawn"]
