"""What came of what: a graph of ids in which every step leads to a later id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

Steps = Mapping[int, tuple[int, ...]]
"""Ids that each id leads to directly."""


class Direction(StrEnum):
    """Which way lineage is followed: to what a thing came of, or to what came of it."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class LineageStep:
    """One thing came of another on a day: division, merger, boundary_change, partial_transfer, correction."""

    from_id: int
    to_id: int
    manner: str
    on: date


@dataclass(frozen=True, slots=True)
class LineageMember:
    """A parcel version or a section in a lineage; ``ended_on`` is None while it is current.

    ``number`` is its cadastral or register number. ``generation`` counts the steps from the start.
    """

    id: int
    number: str
    generation: int
    began_on: date
    ended_on: date | None
    area_m2: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Lineage:
    """What a thing came of, or what came of it; ``is_complete`` is False when the depth cut it short.

    ``as_of`` and ``known_at`` (ledger index) name the moment, when one was asked for.
    """

    number: str
    direction: Direction
    members: tuple[LineageMember, ...]
    steps: tuple[LineageStep, ...]
    is_complete: bool
    as_of: date | None = None
    known_at: int | None = None


def follow(
    steps: Sequence[LineageStep], starts: Iterable[int], direction: Direction, depth: int
) -> tuple[Mapping[int, int], tuple[LineageStep, ...]]:
    """Find the generation of everything within some steps of the starts, and the steps between them.

    Examples
    --------
    >>> day = date(2026, 1, 1)
    >>> cut = [LineageStep(1, 2, "division", day), LineageStep(1, 3, "division", day)]
    >>> joined = LineageStep(3, 4, "merger", day)
    >>> generations, kept = follow([*cut, joined], [1], Direction.DOWN, 1)
    >>> dict(generations), len(kept)
    ({1: 0, 2: 1, 3: 1}, 2)
    >>> dict(follow([], [7], Direction.UP, 9)[0])
    {7: 0}
    """
    edges: dict[int, list[int]] = {}
    for step in steps:
        near, far = (step.to_id, step.from_id) if direction is Direction.UP else (step.from_id, step.to_id)
        edges.setdefault(near, []).append(far)
    generation = dict.fromkeys(starts, 0)
    fresh = list(generation)
    for count in range(1, depth + 1):
        met = dict.fromkeys(far for near in fresh for far in edges.get(near, ()))
        fresh = [far for far in met if far not in generation]
        generation |= dict.fromkeys(fresh, count)
        if not fresh:
            break
    kept = tuple(step for step in steps if step.from_id in generation and step.to_id in generation)
    return MappingProxyType(generation), kept


def ancestors(parents: Steps, of: int) -> frozenset[int]:
    """List everything that something came of, at any distance, itself left out.

    Parameters
    ----------
    parents
        For each id those it came of directly; ids without an entry came of nothing.

    Examples
    --------
    >>> sorted(ancestors({4: (2, 3), 2: (1,), 3: (1,)}, 4)), sorted(ancestors({}, 4))
    ([1, 2, 3], [])
    """
    return _reach(parents, of)


def descendants(parents: Steps, of: int) -> frozenset[int]:
    """List everything that came of something, at any distance, itself left out.

    Examples
    --------
    >>> sorted(descendants({4: (2, 3), 2: (1,), 3: (1,)}, 1)), sorted(descendants({}, 1))
    ([2, 3, 4], [])
    """
    return _reach(invert(parents), of)


def invert(steps: Steps) -> Steps:
    """Turn every step round.

    Examples
    --------
    >>> dict(invert({4: (2, 3), 2: (1,), 3: (1,)}))
    {2: (4,), 3: (4,), 1: (2, 3)}
    """
    turned: dict[int, list[int]] = {}
    for start, ends in steps.items():
        for end in ends:
            turned.setdefault(end, []).append(start)
    return MappingProxyType({start: tuple(ends) for start, ends in turned.items()})


def list_families(parents: Steps, ids: Iterable[int]) -> tuple[frozenset[int], ...]:
    """Group ids into families: everything that is joined by steps, whichever way they lead.

    Examples
    --------
    >>> [sorted(family) for family in list_families({3: (1,), 4: (1, 2)}, (1, 2, 3, 4, 5))]
    [[1, 2, 3, 4], [5]]
    """
    children = invert(parents)
    families: list[frozenset[int]] = []
    seen: set[int] = set()
    for start in ids:
        if start in seen:
            continue
        members, fresh = set[int](), [start]
        while fresh:
            member = fresh.pop()
            if member not in members:
                members.add(member)
                fresh += [*parents.get(member, ()), *children.get(member, ())]
        seen |= members
        families.append(frozenset(members))
    return tuple(families)


def _reach(steps: Steps, start: int) -> frozenset[int]:
    found: set[int] = set()
    fresh = list(steps.get(start, ()))
    while fresh:
        item = fresh.pop()
        if item not in found:
            found.add(item)
            fresh += steps.get(item, ())
    return frozenset(found)


__all__ = [
    "Direction",
    "Lineage",
    "LineageMember",
    "LineageStep",
    "Steps",
    "ancestors",
    "descendants",
    "follow",
    "invert",
    "list_families",
]
