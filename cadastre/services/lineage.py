"""Answers what a parcel or a property came of, and what came of it, across any chain of operations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row

from cadastre.db.unit_of_work import Database, Role, UnitOfWork
from cadastre.domain.caller import Caller
from cadastre.domain.lineage import Direction, Lineage, LineageMember, LineageStep, follow
from cadastre.kernel.errors import InvalidInput, NotFound
from cadastre.kernel.ids import RegisterNumber, normalise_identifier, parse_register_number
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
    known_at: int | None = None,
) -> Lineage:
    """Give the lineage of a parcel, current or not: numbers, days and areas, which are public.

    Upwards it begins with the parcel's newest version, downwards with its oldest: what came of any
    of its versions came of the parcel.

    Raises
    ------
    NotFound
        No parcel ever had this number.
    InvalidInput
        ``depth`` is not in 1..10000.
    """
    _require_depth(depth)
    connection = uow.connection
    number = normalise_identifier(cadastral_number)
    versions = store.list_versions_of_parcel(connection, number, known_at)
    if not versions:
        raise NotFound(
            "No parcel has or had this cadastral number; check it against the plan.", code="parcel-not-found"
        )
    steps = store.list_parcel_steps(connection, versions, direction, most=MOST_STEPS + 1, known_at=known_at)
    starts = _find_starts(steps, versions if direction is Direction.DOWN else versions[::-1], direction)
    generations, kept = follow(steps[:MOST_STEPS], starts, direction, depth)
    members = _members(generations, store.describe_versions(connection, generations, known_at))
    return Lineage(number, direction, members, kept, len(kept) == len(steps))


def get_property_lineage(
    database: Database,
    register_number: str,
    direction: Direction,
    *,
    caller: Caller,
    purpose: str,
    today: date,
    depth: int = MAX_DEPTH,
    known_at: int | None = None,
) -> Lineage:
    """Give the lineage of a section to whoever may see the section; the look is written down.

    Raises
    ------
    NotAuthenticated, Denied, NotFound, InvalidInput, LedgerBusy
        As for the property itself.
    """
    _require_depth(depth)
    number = parse_register_number(register_number)
    get_property_view(database, number, caller=caller, purpose=purpose, today=today)
    return database.read(
        lambda uow: _property_lineage(uow, number, direction, depth, known_at), role=Role.WRITE
    )


def _property_lineage(
    uow: UnitOfWork, number: RegisterNumber, direction: Direction, depth: int, known_at: int | None
) -> Lineage:
    connection = uow.connection
    property_id = find_property_id(connection, number)
    if property_id is None:
        raise NotFound("There is no property under this register number.", code="property-not-found")
    start = [property_id]
    steps = store.list_property_steps(connection, start, direction, most=MOST_STEPS + 1, known_at=known_at)
    generations, kept = follow(steps[:MOST_STEPS], start, direction, depth)
    members = _members(generations, store.describe_properties(connection, generations, known_at))
    return Lineage(number, direction, members, kept, len(kept) == len(steps))


def _find_starts(steps: Sequence[LineageStep], versions: Sequence[int], direction: Direction) -> list[int]:
    """Give the first version, and those that no step joins to it (entered anew without a lineage)."""
    reached, _ = follow(steps, versions[:1], direction, MAX_DEPTH)
    return [versions[0], *(version for version in versions if version not in reached)]


def _members(generations: Mapping[int, int], facts: Mapping[int, Row[Any]]) -> tuple[LineageMember, ...]:
    return tuple(
        LineageMember(
            each,
            facts[each].number,
            generation,
            facts[each].began_on,
            facts[each].ended_on,
            facts[each].area_m2,
        )
        for each, generation in generations.items()
    )


def _require_depth(depth: int) -> None:
    if not 1 <= depth <= MAX_DEPTH:
        raise InvalidInput(f"depth must lie in 1..{MAX_DEPTH}.", code="bad-depth", maximum=MAX_DEPTH)


__all__ = ["MAX_DEPTH", "MOST_STEPS", "get_parcel_lineage", "get_property_lineage"]
