"""Whether an application (ərizə) for an extract may be taken in at all, before the register is read."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from cadastre.domain.caller import Caller, CallerRole, may_request_extracts
from cadastre.domain.codelist import load_codelist
from cadastre.domain.extract import ExistenceRequest, ExtractRequest
from cadastre.domain.look import require_purpose
from cadastre.kernel.errors import Denied, InvalidInput, NotAuthenticated
from cadastre.kernel.folding import INVISIBLE
from cadastre.kernel.ids import parse_property_number
from cadastre.kernel.person_numbers import parse_fin, parse_voen
from cadastre.kernel.text import clean_text
from cadastre.services.moments import require_day

MAX_BASIS = 300
MAX_NAME = 300


def take_in(request: ExtractRequest, caller: Caller, today: date) -> ExtractRequest:
    """Give the application with its number and texts in their stored form.

    Raises
    ------
    Denied
        The role may not ask, or not in this capacity.
    InvalidInput
        A malformed number, an unknown code, an unprintable text, a day outside the register's time.
    """
    _require_taken(request, caller, today)
    return replace(
        request,
        register_number=parse_property_number(request.register_number),
        **_texts(request, caller),
    )


def require_application(request: ExtractRequest, caller: Caller, today: date) -> ExtractRequest:
    """Give an application with its texts in their stored form, whatever number it is about.

    Raises
    ------
    Denied, InvalidInput
        As ``take_in`` does, but for the number.
    """
    _require_taken(request, caller, today)
    return replace(request, **_texts(request, caller))


def take_in_existence(request: ExistenceRequest, caller: Caller, today: date) -> ExistenceRequest:
    """Give the application whether somebody owns anything with its number and texts in their stored form.

    Raises
    ------
    Denied
        The role or capacity may not ask, or an owner asks about somebody else.
    InvalidInput
        As for other applications; or neither, or both, of FIN and VOEN.
    """
    _require_taken(request, caller, today)
    capacity = load_codelist("applicant_capacities").entry_at(request.capacity, today)
    if not capacity.flag("asks_existence"):
        raise Denied(
            f"In the capacity {request.capacity} nobody asks what somebody owns.",
            code="capacity-not-entitled",
        )
    if (request.fin is None) == (request.voen is None):
        raise InvalidInput("Give either fin or voen.", code="bad-question")
    fin = None if request.fin is None else parse_fin(request.fin)
    voen = None if request.voen is None else parse_voen(request.voen)
    if caller.role is CallerRole.OWNER and (fin, voen) not in ((caller.fin, None), (None, caller.voen)):
        raise Denied("You may ask for your own number only.", code="own-number-only")
    return replace(request, fin=fin, voen=voen, **_texts(request, caller))


def _require_taken(request: ExtractRequest | ExistenceRequest, caller: Caller, today: date) -> None:
    _require_entitled(caller)
    _require_codes(request, caller, today)
    require_day(request.as_of, today)


def _texts(request: ExtractRequest | ExistenceRequest, caller: Caller) -> dict[str, Any]:
    """Give the texts of an application in the form in which they are signed."""
    basis = _line(request.basis, "basis", MAX_BASIS)
    if not basis:
        raise InvalidInput(
            "basis must name the document that the application rests on.", code="basis-missing"
        )
    acting_for = _line(request.acting_for or "", "acting_for", MAX_NAME) or None
    _line(caller.name, "name", MAX_NAME)  # printed as the identity provider gave it, or not at all
    return {"basis": basis, "acting_for": acting_for}


def _require_entitled(caller: Caller) -> None:
    if caller.subject == "anonymous":
        raise NotAuthenticated("Sign in to apply for an extract.")
    if not may_request_extracts(caller):
        raise Denied(f"The role {caller.role.value} may not apply for extracts.", code="role-not-entitled")


def _require_codes(request: ExtractRequest | ExistenceRequest, caller: Caller, today: date) -> None:
    capacities = load_codelist("applicant_capacities")
    capacity = capacities.find_entry(request.capacity, today)
    if capacity is None:
        known = ", ".join(capacities.codes_at(today))
        raise InvalidInput(f"capacity must be one of {known}.", code="unknown-capacity")
    if caller.role.value not in capacity.texts("roles"):
        raise Denied(
            f"The role {caller.role.value} may not act in the capacity {request.capacity}.",
            code="capacity-not-entitled",
        )
    require_purpose(request.purpose, caller, today)


def _line(text: str, field: str, max_length: int) -> str:
    """One line that prints as it reads; nothing hidden in it is dropped silently, for it gets signed."""
    cleaned = clean_text(text, field=field, max_length=max_length)
    for place, character in enumerate(text, start=1):
        if character in INVISIBLE:
            raise InvalidInput(
                f"The {field} has the invisible U+{ord(character):04X} at character {place}; delete it.",
                code="text-invisible-characters",
                field=field,
            )
    return cleaned


__all__ = ["MAX_BASIS", "require_application", "take_in", "take_in_existence"]
