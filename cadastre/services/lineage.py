"""Answers what a parcel or a property came of, and what came of it, across any chain of operations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row

from cadastre.db.unit_of_work import Database, Role, UnitOfWork
from cadastre.domain.caller import Caller
from cadastre.domain.lineage import Direction, Lineage, LineageMember, LineageStep, follow
from cadastre.domain.moment import AskedMoment
from cadastre.kernel.errors import InvalidInput, NotFound
from cadastre.kernel.ids import RegisterNumber, normalise_identifier, parse_register_number
from cadastre.services.moments import settle_known_at
from cadastre.services.properties import get_property_view
from cadastre.store import lineage as store
from cadastre.store.properties import find_property_id

MAX_DEPTH = 10_000
MOST_STEPS = 50_000


def get_parcel_lineage(
    uow: UnitOfWork,
    cadastral_number: str,
    direction: Direction,
    *,
    depth: int = MAX_DEPTH,
    as_of: date | None = None,
    known_at: int | datetime | None = None,
) -> Lineage:
    """Give the lineage of a parcel, current or not: numbers, days and areas, which are public.

    Upwards it begins with the parcel's newest version, downwards with its oldest: what came of any
    of its versions came of the parcel. What began after ``as_of`` or was entered after ``known_at`` is
    left out.

    Raises
    ------
    NotFound
        No parcel ever had this number.
    InvalidInput
        ``depth`` is not in 1..10000, or the moment is not of the register's time.
    """
    _require_depth(depth)
    connection = uow.connection
    number = normalise_identifier(cadastral_number)
    index = _settle(connection, known_at)
    versions = store.list_versions_of_parcel(connection, number, index, as_of)
    if not versions:
        raise NotFound(
            "No parcel has or had this cadastral number; check it against the plan.", code="parcel-not-found"
        )
    steps = store.list_parcel_steps(connection, versions, direction, most=MOST_STEPS + 1, known_at=index)
    is_whole = len(steps) <= MOST_STEPS
    steps = _begun(steps[:MOST_STEPS], as_of)
    starts = _find_starts(steps, versions if direction is Direction.DOWN else versions[::-1], direction)
    generations, kept = follow(steps, starts, direction, depth)
    members = _members(generations, store.describe_versions(connection, generations, index), as_of)
    return Lineage(number, direction, members, kept, is_whole and len(kept) == len(steps), as_of, index)


def get_property_lineage(
    database: Database,
    register_number: str,
    direction: Direction,
    *,
    caller: Caller,
    purpose: str,
    today: date,
    depth: int = MAX_DEPTH,
    as_of: date | None = None,
    known_at: int | datetime | None = None,
) -> Lineage:
    """Give the lineage of a section to whoever may see the section; the look is written down.

    Raises
    ------
    NotAuthenticated, Denied, NotFound, InvalidInput, LedgerBusy
        As for the property itself.
    """
    _require_depth(depth)
    number = parse_register_number(register_number)
    moment = AskedMoment(as_of, known_at)
    get_property_view(database, number, caller=caller, purpose=purpose, today=today, moment=moment)
    return database.read(
        lambda uow: _property_lineage(uow, number, direction, depth, moment), role=Role.WRITE
    )


def _property_lineage(
    uow: UnitOfWork, number: RegisterNumber, direction: Direction, depth: int, moment: AskedMoment
) -> Lineage:
    connection = uow.connection
    property_id = find_property_id(connection, number)
    if property_id is None:
        raise NotFound("There is no property under this register number.", code="property-not-found")
    start, index = [property_id], _settle(connection, moment.known_at)
    steps = store.list_property_steps(connection, start, direction, most=MOST_STEPS + 1, known_at=index)
    is_whole = len(steps) <= MOST_STEPS
    steps = _begun(steps[:MOST_STEPS], moment.as_of)
    generations, kept = follow(steps, start, direction, depth)
    facts = store.describe_properties(connection, generations, index)
    members = _members(generations, facts, moment.as_of)
    is_complete = is_whole and len(kept) == len(steps)
    return Lineage(number, direction, members, kept, is_complete, moment.as_of, index)


def _settle(connection: Connection, known_at: int | datetime | None) -> int | None:
    return None if known_at is None else settle_known_at(connection, known_at)


def _begun(steps: list[LineageStep], as_of: date | None) -> list[LineageStep]:
    return [step for step in steps if as_of is None or step.on <= as_of]


def _find_starts(steps: Sequence[LineageStep], versions: Sequence[int], direction: Direction) -> list[int]:
    """Give the first version, and those that no step joins to it (entered anew without a lineage)."""
    reached, _ = follow(steps, versions[:1], direction, MAX_DEPTH)
    return [versions[0], *(version for version in versions if version not in reached)]


def _members(
    generations: Mapping[int, int], facts: Mapping[int, Row[Any]], as_of: date | None
) -> tuple[LineageMember, ...]:
    def ended(day: date | None) -> date | None:
        return day if day is None or as_of is None or day <= as_of else None

    return tuple(
        LineageMember(each, row.number, generations[each], row.began_on, ended(row.ended_on), row.area_m2)
        for each, row in ((each, facts[each]) for each in generations)
    )


def _require_depth(depth: int) -> None:
    if not 1 <= depth <= MAX_DEPTH:
        raise InvalidInput(f"depth must lie in 1..{MAX_DEPTH}.", code="bad-depth", maximum=MAX_DEPTH)


__all__ = ["MAX_DEPTH", "MOST_STEPS", "get_parcel_lineage", "get_property_lineage"]
