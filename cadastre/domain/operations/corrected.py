"""Whether what a correction says fits the kind of entry that it is of."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from cadastre.domain.operations.entries import require_whole_money
from cadastre.domain.operations.granting import require_rent
from cadastre.domain.property_state import Encumbrance, Terms
from cadastre.kernel.errors import InvalidInput

_LIENS: Final = frozenset({"mortgage", "pledge"})
_MOST_M2: Final = Decimal(10) ** 12


def require_terms(kind: str, terms: Terms) -> None:
    """Require terms that a right of a kind may have: a rent only where there is one."""
    require_whole_money(terms.rent, terms.rent_currency)
    require_rent(kind, terms)


def require_contents(contents: Encumbrance) -> None:
    """Require contents that a restriction of their kind may have: rank, rate and note are a mortgage's."""
    require_whole_money(contents.amount, contents.currency)
    for term, value, kinds in (
        ("rank", contents.rank, frozenset({"mortgage"})),
        ("interest_rate", contents.interest_rate, _LIENS),
        ("note_number", contents.note_number, frozenset({"mortgage"})),
    ):
        if value is not None and contents.kind not in kinds:
            raise InvalidInput(f"A {contents.kind} has no {term}.", code="terms-do-not-fit", term=term)


def require_area(attributes: Mapping[str, str | int | None]) -> None:
    """Require an area that is greater than nothing."""
    area = attributes.get("documentary_area_m2")
    if area is not None and not Decimal(0) < Decimal(area) < _MOST_M2:
        raise InvalidInput(
            "The area is greater than nothing.", code="term-malformed", term="documentary_area_m2"
        )


__all__ = ["require_area", "require_contents", "require_terms"]
