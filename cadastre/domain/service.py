"""What a service of the register needs: papers, fee, term; who may ask for it. Read from dated lists."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from cadastre.domain.codelist import Entry, load_codelist
from cadastre.domain.working_days import Deadline, WorkCalendar, work_calendar
from cadastre.kernel.errors import InvalidInput

STANDARD: Final = "standard"
BASIS: Final = "basis"
CURRENCY: Final = "AZN"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency, exact."""

    amount: Decimal
    currency: str = CURRENCY


@dataclass(frozen=True, slots=True)
class Paper:
    """A document as an application names it: in what role it stands, and what kind it is."""

    role: str
    kind: str


@dataclass(frozen=True, slots=True)
class Tier:
    """One speed of a service: its term in working days and what it costs."""

    code: str
    days: int
    fee: Decimal
    fee_reduced: Decimal | None = None
    reduced_for: frozenset[str] = frozenset()

    def fee_for(self, object_kinds: Set[str]) -> Money:
        """Give the fee for properties of these kinds: reduced only when it is reduced for each of them."""
        if self.fee_reduced is not None and object_kinds and object_kinds <= self.reduced_for:
            return Money(self.fee_reduced)
        return Money(self.fee)


@dataclass(frozen=True, slots=True)
class Service:
    """A service as it is in force on the day of application."""

    code: str
    valid_from: date
    operation: str
    roles: frozenset[str]
    basis: frozenset[str]
    documents: tuple[str, ...]
    parties: tuple[str, ...]
    by_authority: bool
    overrides_block: bool
    four_eyes: bool
    tiers: tuple[Tier, ...]

    def tier(self, code: str) -> Tier:
        """Give a tier that the service offers.

        Examples
        --------
        >>> find_service("sale", date(2026, 1, 5)).tier("days_1")
        Traceback (most recent call last):
            ...
        cadastre.kernel.errors.InvalidInput: The service sale is offered as standard, days_15, days_10, \
days_5, days_2; not as 'days_1'.
        """
        found = next((tier for tier in self.tiers if tier.code == code), None)
        if found is None:
            offered = [tier.code for tier in self.tiers]
            raise InvalidInput(
                f"The service {self.code} is offered as {', '.join(offered)}; not as {code!r}.",
                code="unknown-tier",
                tiers=offered,
            )
        return found


@lru_cache(maxsize=1024)
def find_service(code: str, on: date) -> Service:
    """Give the service of a code in force on a day.

    Examples
    --------
    >>> find_service("mortgage", date(2026, 1, 5)).tier("standard").days
    5
    >>> find_service("arrest", date(2026, 1, 5)).four_eyes
    False
    """
    entry = load_codelist("services").find_entry(code, on)
    if entry is None:
        raise InvalidInput(f"There is no service {code!r}; see the list of services.", code="unknown-service")
    operation = entry.text("operation")
    return Service(
        code=entry.code,
        valid_from=entry.valid_from,
        operation=operation,
        roles=frozenset(entry.texts("roles")),
        basis=frozenset(entry.texts("basis")),
        documents=entry.texts("documents") or (BASIS,),
        parties=entry.texts("parties"),
        by_authority=entry.flag("by_authority"),
        overrides_block=entry.flag("overrides_block"),
        four_eyes=not entry.flag("one_officer"),
        tiers=_tiers(entry, operation, on),
    )


def _tiers(service: Entry, operation: str, on: date) -> tuple[Tier, ...]:
    """Give the standard tier and the faster ones that its operation is offered in."""
    standard = Tier(STANDARD, service.integer("days"), service.number("fee"))
    faster = [
        Tier(
            code=entry.code,
            days=entry.integer("days"),
            fee=entry.number("fee"),
            fee_reduced=entry.number("fee_reduced") if "fee_reduced" in entry.attributes else None,
            reduced_for=frozenset(entry.texts("reduced_for")),
        )
        for entry in load_codelist("service_tiers").entries_at(on)
        if operation in entry.texts("operations") and entry.integer("days") < standard.days
    ]
    return (standard, *faster)


def due_on(tier: Tier, received: date, calendar: WorkCalendar | None = None) -> Deadline:
    """Give the last day on which a case received on a day is to be decided.

    Examples
    --------
    >>> due_on(find_service("sale", date(2025, 3, 3)).tier("standard"), date(2025, 3, 3)).due_on
    datetime.date(2025, 4, 10)
    """
    return (calendar or work_calendar()).add_working_days(received, tier.days)


def missing_documents(service: Service, papers: Iterable[Paper]) -> tuple[str, ...]:
    """Name the roles of documents that the service needs and the application does not have.

    A document stands as the basis only when its kind is one that the service may rest on.

    Examples
    --------
    >>> sale = find_service("sale", date(2026, 1, 5))
    >>> missing_documents(sale, [Paper("basis", "gift_contract")])
    ('basis',)
    >>> missing_documents(sale, [Paper("basis", "sale_contract"), Paper("other", "survey_document")])
    ()
    """
    had = {paper.role for paper in papers if paper.role != BASIS or paper.kind in service.basis}
    return tuple(role for role in service.documents if role not in had)


@dataclass(frozen=True, slots=True)
class SuspensionTerms:
    """How long a case may rest on a ground, and by when the applicant is told."""

    code: str
    months: int
    notice_hours: int
    asked_by: str | None

    def latest_end(self, start: date) -> date:
        """Give the last day on which a suspension that begins on a day may end.

        Examples
        --------
        >>> find_suspension("serious_doubt", date(2026, 1, 31)).latest_end(date(2026, 1, 31))
        datetime.date(2026, 2, 28)
        """
        return add_months(start, self.months)


def find_suspension(code: str, on: date) -> SuspensionTerms:
    """Give the terms of a ground for suspension."""
    entry = _ground("suspension_grounds", code, on)
    return SuspensionTerms(
        code, entry.integer("months"), entry.integer("notice_hours"), entry.find_text("asked_by")
    )


def require_refusal_ground(code: str, step: str, on: date) -> Entry:
    """Give a legal ground for a refusal or return; raise when the list has none for that step.

    Examples
    --------
    >>> require_refusal_ground("documents_missing", "return", date(2026, 1, 5)).en
    'Documents are missing'
    """
    entry = _ground("refusal_grounds", code, on)
    if step not in entry.texts("steps"):
        raise InvalidInput(f"{code!r} is no ground to {step} a case.", code="unknown-ground", step=step)
    return entry


def _ground(codelist: str, code: str, on: date) -> Entry:
    grounds = load_codelist(codelist)
    entry = grounds.find_entry(code, on)
    if entry is None:
        known = list(grounds.codes_at(on))
        raise InvalidInput(f"ground must be one of {', '.join(known)}.", code="unknown-ground", grounds=known)
    return entry


def add_months(day: date, months: int) -> date:
    """Give the same day so many months later, or the last of that month when it has no such day."""
    place = day.month - 1 + months
    year, month = day.year + place // 12, place % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


__all__ = [
    "BASIS",
    "CURRENCY",
    "STANDARD",
    "Money",
    "Paper",
    "Service",
    "SuspensionTerms",
    "Tier",
    "add_months",
    "due_on",
    "find_service",
    "find_suspension",
    "missing_documents",
    "require_refusal_ground",
]
