"""Worklists: what waits for an officer, by territory, in the order of arrival, with what he does next."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, Row

from cadastre.db.unit_of_work import Database, Role, UnitOfWork
from cadastre.domain.caller import Caller, CallerRole
from cadastre.domain.codelist import Entry, Language, load_codelist
from cadastre.domain.service import due_on, find_service
from cadastre.domain.working_days import Deadline
from cadastre.kernel.clock import OFFICIAL_ZONE, Clock
from cadastre.kernel.errors import Denied, InvalidInput, NotFound
from cadastre.rules.rulebook import load_rulebook
from cadastre.services.case_intake import TERRITORIAL
from cadastre.services.cases import extended_deadline
from cadastre.store.cases import list_steps
from cadastre.store.competence import list_districts_of
from cadastre.store.sweep import list_inside
from cadastre.store.worklists import Page, list_districts_of_office, list_work

MAX_LISTED: Final = 200
_READERS: Final = frozenset({CallerRole.REGISTRAR, CallerRole.AUDITOR})
Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One thing that waits; ``key`` is its place in the list, ``subject`` a number that a person knows.

    ``is_certain`` is False when a day depends on decisions about holidays that are not all known: then
    ``is_late`` says what follows from those that are.
    """

    key: int
    subject: str
    districts: tuple[str, ...]
    office_code: str
    since: date | datetime | None
    case_id: UUID | None = None
    due: date | datetime | None = None
    is_late: bool = False
    is_certain: bool = True
    facts: Facts = field(default_factory=dict)
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Worklist:
    """A page of a list; ``after`` is what the next page is asked with, None after the last."""

    entry: Entry
    items: tuple[WorkItem, ...]
    after: int | None


@dataclass(frozen=True, slots=True)
class WorkAsked:
    """Which part of a list is asked for."""

    name: str
    district: str | None = None
    office: str | None = None
    after: int = 0
    limit: int = 50


@dataclass(frozen=True, slots=True)
class _Reading:
    connection: Connection
    today: date
    now: datetime


def list_worklists(on: date) -> tuple[Entry, ...]:
    """Give the lists that there are, in the order in which they are shown."""
    return tuple(load_codelist("worklists").entries_at(on))


def read_worklist(database: Database, clock: Clock, asked: WorkAsked, caller: Caller) -> Worklist:
    """Give a page of a list: to a registrar what lies in his territory, to an auditor everything.

    Raises
    ------
    Denied
        The role has no worklists, or the district or office is outside the caller's territory.
    NotFound
        There is no such list.
    InvalidInput
        There is no such district or office, or the page is too long.
    """
    if caller.role not in _READERS:
        raise Denied("Worklists are the office's and its auditors'.", code="role-not-entitled")
    now = clock.now()
    today = now.astimezone(OFFICIAL_ZONE).date()
    entry = load_codelist("worklists").find_entry(asked.name, today)
    if entry is None:
        known = ", ".join(load_codelist("worklists").codes_at(today))
        raise NotFound(f"There is no such worklist; there are {known}.", code="worklist-not-found")
    if not 1 <= asked.limit <= MAX_LISTED:
        raise InvalidInput(f"limit is between 1 and {MAX_LISTED}.", code="limit-out-of-range")
    return database.read(
        lambda uow: _read(uow, entry, asked, caller, _Reading(uow.connection, today, now)), role=Role.WRITE
    )


def _read(uow: UnitOfWork, entry: Entry, asked: WorkAsked, caller: Caller, reading: _Reading) -> Worklist:
    """Read on until the page is full: what a row comes to may only be known when its steps are read."""
    districts = _find_districts(uow.connection, asked, caller, reading.today)
    make = _MAKERS[entry.code]
    items: list[WorkItem] = []
    after: int | None = asked.after
    while after is not None and len(items) < asked.limit:
        page = Page(districts, after, asked.limit)
        rows = list_work(uow.connection, entry.code, page, today=reading.today, now=reading.now)
        after = None if len(rows) < asked.limit else int(rows[-1].key)
        for row in rows:
            item = make(reading, row)
            if item is None:
                continue
            items.append(item)
            if len(items) == asked.limit:
                after = item.key if row is not rows[-1] or after is not None else None
                break
    return Worklist(entry, tuple(items), after)


def _find_districts(
    connection: Connection, asked: WorkAsked, caller: Caller, today: date
) -> frozenset[str] | None:
    """Give the districts that a page is about; None: all. Nothing recorded means no bounds known."""
    kind = TERRITORIAL.get(caller.role)
    own = None if kind is None else list_districts_of(connection, kind, caller.subject, today)
    wanted = _wanted(connection, asked)
    if wanted is None or own is None:
        return own if wanted is None else wanted
    outside = sorted(wanted - own)
    if outside and not wanted & own:
        raise Denied(
            f"This is outside your territory: {', '.join(outside)}.",
            code="outside-competence",
            districts=outside,
        )
    return wanted & own


def _wanted(connection: Connection, asked: WorkAsked) -> frozenset[str] | None:
    named = []
    if asked.district is not None:
        named.append((f"district {asked.district[:20]!r}", list_inside(connection, asked.district)))
    if asked.office is not None:
        named.append((f"office {asked.office[:20]!r}", list_districts_of_office(connection, asked.office)))
    for what, codes in named:
        if not codes:
            raise InvalidInput(f"There is no {what}.", code="unknown-territory")
    if not named:
        return None
    return frozenset.intersection(*(frozenset(codes) for _, codes in named))


def _parcel(reading: _Reading, row: Row[Any]) -> WorkItem:
    area = row.surveyed_area_m2 if row.surveyed_area_m2 is not None else row.documentary_area_m2
    facts = {"has_outline": row.has_outline, "area_m2": _text(area), "purpose": row.purpose}
    return _item(row, (row.district_code,), facts)


def _property(reading: _Reading, row: Row[Any]) -> WorkItem:
    facts = {"object_kind": row.object_kind, "parcels_without_outline": list(row.parcels or ())}
    return _item(row, (row.district_code,), facts)


def _claim(reading: _Reading, row: Row[Any]) -> WorkItem:
    facts = {"object_kind": row.object_kind, "building": row.building_number}
    return _item(row, (row.district_code,), facts)


def _case(reading: _Reading, row: Row[Any], deadline: Deadline | None = None, **more: Any) -> WorkItem:
    terms = deadline or _deadline(reading, row)
    facts = {
        "service": row.service,
        "tier": row.tier,
        "state": row.state,
        "channel": row.channel,
        "assignee": row.assignee,
        "register_numbers": list(row.register_numbers or ()),
    }
    values: dict[str, Any] = {
        "case_id": row.case_id,
        "due": terms.due_on,
        "is_late": terms.due_on < reading.today,
        "is_certain": terms.is_certain,
    }
    return WorkItem(
        key=row.key,
        subject=str(row.journal_number),
        districts=tuple(row.districts or ()),
        office_code=row.office_code,
        since=more.pop("since", row.received_at),
        facts={**facts, **more.pop("facts", {})},
        **{**values, **more},
    )


def _overdue(reading: _Reading, row: Row[Any]) -> WorkItem | None:
    deadline = _deadline(reading, row)
    return _case(reading, row, deadline) if deadline.due_on < reading.today else None


def _suspension_ended(reading: _Reading, row: Row[Any]) -> WorkItem:
    facts = {"ground": row.ground.partition(":")[0]}
    return _case(
        reading, row, due=row.rests_until, is_late=True, is_certain=True, since=row.last_at, facts=facts
    )


def _suspension_notice(reading: _Reading, row: Row[Any]) -> WorkItem:
    facts = {"ground": row.ground.partition(":")[0], "applicant": row.applicant_subject}
    late = row.notify_by < reading.now
    return _case(
        reading, row, due=row.notify_by, is_late=late, is_certain=True, since=row.last_at, facts=facts
    )


def _act(reading: _Reading, row: Row[Any]) -> WorkItem:
    facts = {"register_number": row.register_number, "kind": row.kind, "authority": row.authority}
    late = row.confirm_by < reading.now
    return _item(row, (row.district_code,), facts, due=row.confirm_by, is_late=late)


def _finding(reading: _Reading, row: Row[Any]) -> WorkItem:
    facts = {
        "about": row.about,
        "severity": row.severity,
        "decided": row.decided,
        "measured": row.measured,
        "limit": row.limit_value,
        "unit": row.unit,
        "detail": dict(row.detail),
        "last_seen": row.last_seen.isoformat(),
    }
    return _item(row, (row.district_code,), facts, rule=row.rule)


def _item(row: Row[Any], districts: Sequence[str], facts: Facts, **more: Any) -> WorkItem:
    return WorkItem(row.key, row.subject, tuple(districts), row.office_code, row.since, facts=facts, **more)


def _deadline(reading: _Reading, row: Row[Any]) -> Deadline:
    """Give the last day to decide a case; the steps are read only of one that has rested."""
    if row.has_rested:
        return extended_deadline(row, list_steps(reading.connection, row.case_id))
    received = row.received_at.astimezone(OFFICIAL_ZONE).date()
    tier = find_service(row.service, received).tier(row.tier)
    return Deadline(row.due_on, due_on(tier, received).is_certain)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


_MAKERS: Final[Mapping[str, Callable[[_Reading, Row[Any]], WorkItem | None]]] = MappingProxyType(
    {
        "parcels_without_title": _parcel,
        "geometry_without_title": _parcel,
        "title_without_geometry": _property,
        "claims_to_complete": _claim,
        "overdue_cases": _overdue,
        "suspensions_ended": _suspension_ended,
        "suspension_notices": _suspension_notice,
        "awaiting_preparer": _case,
        "awaiting_decider": _case,
        "unconfirmed_acts": _act,
        "sweep_findings": _finding,
    }
)


def tell_finding(item: WorkItem, language: Language, on: date) -> Iterator[tuple[str, str]]:
    """Say in a language what the rule of a finding says: its text, its source, what to do."""
    if item.rule is None:
        return
    rules = [rule for rule in load_rulebook() if rule.id == item.rule]
    rule = next((rule for rule in rules if rule.in_force(on)), rules[-1] if rules else None)
    if rule is not None:
        yield "text", rule.rule.text(language)
        yield "source", rule.rule.source
        yield "what_to_do", rule.what_to_do(language)


__all__ = [
    "MAX_LISTED",
    "WorkAsked",
    "WorkItem",
    "Worklist",
    "list_worklists",
    "read_worklist",
    "tell_finding",
]
