"""Reads what a technical error is and what is right instead, and what a court cancels.

The term ``corrections`` is a list; each item names one entry and says only what was wrong about it:

- a right, by ``registration_number``: ``party`` (place in the list of parties, from 1), ``share``
  ("1/2", or "joint"), ``until``, ``rent``, ``rent_currency``, ``rent_period``
- a restriction, by ``registration_number``: ``party`` and ``burdened`` (places in the list of parties),
  ``amount``, ``currency``, ``interest_rate``, ``rank``, ``note_number``, ``note_dated``, ``until``,
  ``authority``
- a parcel, by ``cadastral_number``: ``purpose``, ``land_category``, ``ownership_form``,
  ``quality_group``, ``address_text``, ``documentary_area_m2``

What is null is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from cadastre.domain.commands import CancelEntries, Correct
from cadastre.domain.filed_terms import FiledTerms, list_objects, read_day, read_number
from cadastre.domain.operations.correction import CORRECTABLE
from cadastre.domain.property_state import PropertyState, RestrictionState, RightState
from cadastre.domain.share import parse_share
from cadastre.kernel.errors import InvalidInput
from cadastre.kernel.measures import parse_area
from cadastre.kernel.text import clean_text

MAX_LENGTH: Final = 300
Item = Mapping[str, Any]
Reader = Callable[[Any, str], Any]


def _text(value: Any, key: str) -> str | None:
    if value is not None and not isinstance(value, str):
        raise _malformed(key, "text")
    return clean_text(value, field=key, max_length=MAX_LENGTH) or None if value else None


def _whole(value: Any, key: str) -> int | None:
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise _malformed(key, "a whole number")
    return value


def _area(value: Any, key: str) -> str | None:
    return None if value is None else f"{parse_area(str(value)):.2f}"


_TERMS: Final[Mapping[str, Reader]] = MappingProxyType(
    {"until": read_day, "rent": read_number, "rent_currency": _text, "rent_period": _text}
)
_CONTENTS: Final[Mapping[str, Reader]] = MappingProxyType(
    {
        "amount": read_number,
        "currency": _text,
        "interest_rate": read_number,
        "rank": _whole,
        "note_number": _text,
        "note_dated": read_day,
        "until": read_day,
        "authority": _text,
    }
)
_ATTRIBUTES: Final[Mapping[str, Reader]] = MappingProxyType(
    {
        "purpose": _text,
        "land_category": _whole,
        "ownership_form": _text,
        "quality_group": _whole,
        "address_text": _text,
        "documentary_area_m2": _area,
    }
)


def read_corrections(filed: FiledTerms) -> tuple[Correct, ...]:
    """Give a correction for each item, with everything that stays beside what is corrected.

    Raises
    ------
    InvalidInput
        An item names no entry of the sections, or says what such an entry does not have.
    """
    return tuple(_read(filed, item) for item in list_objects(filed, "corrections"))


def read_cancellation(filed: FiledTerms) -> CancelEntries:
    """Give the cases that a court cancels, over every section that the application names."""
    named = filed.get("case_ids") if filed.get("case_ids") is not None else [filed.need("case_id")]
    try:
        cases = tuple(dict.fromkeys(UUID(str(case)) for case in named))
    except (TypeError, ValueError):
        raise InvalidInput("case_id is no identifier of a case.", code="term-malformed") from None
    if not cases:
        raise InvalidInput("The application does not state case_ids.", code="term-missing", term="case_ids")
    return CancelEntries(filed.application.property_ids, cases)


def _read(filed: FiledTerms, item: Item) -> Correct:
    number, land = item.get("registration_number"), item.get("cadastral_number")
    if (number is None) == (land is None):
        raise InvalidInput(
            "Each correction names one entry, by its registration number, or one parcel, by its cadastral "
            "number.",
            code="entry-not-named",
        )
    sections = [filed.states[key] for key in filed.application.property_ids]
    if land is not None:
        return _correct_parcel(sections, item, land)
    for section in sections:
        for right in section.rights:
            if right.registration_number == number:
                return _correct_right(filed, section, right, item)
        for entry in section.restrictions:
            if entry.registration_number == number:
                return _correct_restriction(filed, section, entry, item)
    raise InvalidInput(
        f"No current entry of these sections has the registration number {str(number)[:20]}.",
        code="entry-not-found",
    )


def _correct_right(filed: FiledTerms, section: PropertyState, wrong: RightState, item: Item) -> Correct:
    _require_known(item, "registration_number", "party", "share", *_TERMS)
    share = wrong.share
    if "share" in item:
        share = None if item["share"] == "joint" else parse_share(str(item["share"]))
    return Correct(
        section.property_id,
        right_id=wrong.right_id,
        party_id=wrong.party_id if "party" not in item else _party(filed, item, "party"),
        share=share,
        terms=replace(wrong.terms, **_given(item, _TERMS)),
    )


def _correct_restriction(
    filed: FiledTerms, section: PropertyState, wrong: RestrictionState, item: Item
) -> Correct:
    _require_known(item, "registration_number", "party", "burdened", *_CONTENTS)
    contents = replace(wrong.contents, **_given(item, _CONTENTS))
    if "party" in item:
        contents = replace(contents, beneficiary=_party(filed, item, "party"))
    if "burdened" in item:
        contents = replace(contents, burdened=_party(filed, item, "burdened"))
    return Correct(section.property_id, restriction_id=wrong.restriction_id, contents=contents)


def _correct_parcel(sections: list[PropertyState], item: Item, land: str) -> Correct:
    _require_known(item, "cadastral_number", *CORRECTABLE)
    for section in sections:
        for parcel in section.parcels:
            if parcel.cadastral_number == land:
                return Correct(
                    section.property_id,
                    version_id=parcel.version_id,
                    attributes=_given(item, _ATTRIBUTES),
                )
    raise InvalidInput(f"No parcel {str(land)[:60]} belongs to these properties.", code="parcel-not-in-case")


def _given(item: Item, readers: Mapping[str, Reader]) -> dict[str, Any]:
    return {key: read(item[key], key) for key, read in readers.items() if key in item}


def _party(filed: FiledTerms, item: Item, key: str) -> UUID | None:
    """Give the party of a place in the application, None for null."""
    place, parties = _whole(item[key], key), filed.application.parties
    if place is None:
        return None
    if not 1 <= place <= len(parties):
        raise InvalidInput(
            f"{key} is the place of a party in the application, from 1 to {len(parties)}.",
            code="term-malformed",
            term=key,
        )
    return parties[place - 1].party_id


def _require_known(item: Item, *known: str) -> None:
    unknown = sorted(set(item) - set(known))
    if unknown:
        raise InvalidInput(
            f"{unknown[0][:40]} is not corrected of such an entry; it has {', '.join(known[1:])}.",
            code="term-unknown",
            term=unknown[0][:40],
        )


def _malformed(key: str, what: str) -> InvalidInput:
    return InvalidInput(f"{key} is {what}.", code="term-malformed", term=key)


__all__ = ["read_cancellation", "read_corrections"]
