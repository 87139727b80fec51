"""A look at personal data: by whom, at whom, what for, and from which day on the person is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from cadastre.domain.caller import Caller
from cadastre.domain.codelist import load_codelist
from cadastre.domain.moment import Moment
from cadastre.kernel.errors import Denied, InvalidInput


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose data a look shows: the parties of a section at a moment, a record, or whoever has a number.

    Exactly one of ``property_id``, ``party_id``, ``fin`` and ``voen`` is given. Without a moment a section
    is looked at as it stands now.
    """

    property_id: int | None = None
    party_id: UUID | None = None
    fin: str | None = None
    voen: str | None = None
    moment: Moment | None = None


def of_property(property_id: int | None, moment: Moment | None = None) -> tuple[Subject, ...]:
    """Give the parties of a section as the subject of a look; of no section, nobody."""
    return () if property_id is None else (Subject(property_id=property_id, moment=moment),)


def of_parties(party_ids: Iterable[UUID]) -> tuple[Subject, ...]:
    """Give records of parties as the subjects of a look, each once."""
    return tuple(Subject(party_id=party_id) for party_id in dict.fromkeys(party_ids))


def of_number(*, fin: str | None, voen: str | None) -> tuple[Subject, ...]:
    """Give whoever has the numbers that were asked for, whether the register knows them or not.

    Examples
    --------
    >>> [subject.voen for subject in of_number(fin=None, voen="1234567890")]
    ['1234567890']
    """
    asked = (Subject(fin=fin) if fin else None, Subject(voen=voen) if voen else None)
    return tuple(subject for subject in asked if subject is not None)


def require_purpose(purpose: str, caller: Caller, today: date) -> None:
    """Refuse a look whose purpose is in no list, or is not for the role.

    Raises
    ------
    InvalidInput
        The list has no such purpose in force.
    Denied
        The purpose is another role's.
    """
    purposes = load_codelist("purposes")
    entry = purposes.find_entry(purpose, today)
    if entry is None:
        known = ", ".join(purposes.codes_at(today))
        raise InvalidInput(f"purpose must be one of {known}.", code="unknown-purpose")
    roles = entry.texts("roles")
    if roles and caller.role.value not in roles:
        raise Denied(
            f"The role {caller.role.value} does not look for the purpose {purpose}.",
            code="purpose-not-entitled",
        )


def find_disclosure_day(purpose: str | None, caller: Caller, today: date) -> date | None:
    """Give the first day on which the person is told of a look, None when he is told at once.

    The term is a dated entry of the codelist of purposes; it runs from the look and is never prolonged.

    Examples
    --------
    >>> from cadastre.domain.caller import CallerRole
    >>> court = Caller("ct-1", CallerRole.COURT, "")
    >>> find_disclosure_day("court", court, date(2026, 11, 23)) is None
    True
    >>> find_disclosure_day("investigation", court, date(2026, 11, 23)).isoformat()
    '2027-05-22'
    """
    entry = None if purpose is None else load_codelist("purposes").find_entry(purpose, today)
    is_deferred = entry is not None and "deferred_days" in entry.attributes
    if entry is None or not is_deferred or caller.role.value not in entry.texts("roles"):
        return None
    return today + timedelta(days=entry.integer("deferred_days"))


__all__ = ["Subject", "find_disclosure_day", "of_number", "of_parties", "of_property", "require_purpose"]
