"""What came of what: a graph of ids in which every step leads to a later id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

Steps = Mapping[int, tuple[int, ...]]
"""Ids that each id leads to directly."""


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


def list_generations(steps: Steps, start: int) -> tuple[tuple[int, ...], ...]:
    """List what is reached from something, by the least number of steps to it; the start is generation 0.

    Examples
    --------
    >>> list_generations({4: (2, 3, 1), 2: (1,), 3: (0,)}, 4)
    ((4,), (1, 2, 3), (0,))
    """
    seen = {start}
    generations: list[tuple[int, ...]] = [(start,)]
    while generations[-1]:
        reached = {end for begin in generations[-1] for end in steps.get(begin, ())} - seen
        seen |= reached
        generations.append(tuple(sorted(reached)))
    return tuple(generations[:-1])


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


__all__ = ["Steps", "ancestors", "descendants", "invert", "list_families", "list_generations"]
