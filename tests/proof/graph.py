"""Paths and knots of a directed graph, without recursion, for graphs of a hundred thousand nodes."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping


def find_path(steps: Mapping[int, Iterable[int]], start: int, goal: int) -> tuple[int, ...]:
    """Find a shortest path of one step and more, the goal left out; empty when there is none.

    Examples
    --------
    >>> find_path({1: [2], 2: [3]}, 1, 3), find_path({1: [1]}, 1, 1), find_path({}, 1, 2)
    ((1, 2), (1,), ())
    """
    came: dict[int, int | None] = {start: None}
    fresh = deque([start])
    while fresh:
        here = fresh.popleft()
        for after in steps.get(here, ()):
            if after == goal:
                path, back = [here], came[here]
                while back is not None:
                    path.append(back)
                    back = came[back]
                return tuple(reversed(path))
            if after not in came:
                came[after] = here
                fresh.append(after)
    return ()


def list_knots(steps: Mapping[int, Iterable[int]]) -> Iterator[frozenset[int]]:
    """List the strongly connected sets of two and more (R. Tarjan, 1972).

    Examples
    --------
    >>> [sorted(knot) for knot in list_knots({1: [2], 2: [3], 3: [2], 4: [4]})], list(list_knots({}))
    ([[2, 3]], [])
    """
    low: dict[int, int] = {}
    index: dict[int, int] = {}
    stack: list[int] = []
    waiting: set[int] = set()
    for root in steps:
        work = [(root, iter(steps.get(root, ())))] if root not in index else []
        while work:
            here, nexts = work[-1]
            if here not in index:
                index[here] = low[here] = len(index)
                stack.append(here)
                waiting.add(here)
            for after in nexts:
                if after not in index:
                    work.append((after, iter(steps.get(after, ()))))
                    break
                if after in waiting:
                    low[here] = min(low[here], index[after])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[here])
                if low[here] == index[here]:
                    cut = _rfind(stack, here)
                    knot = frozenset(stack[cut:])
                    del stack[cut:]
                    waiting -= knot
                    if len(knot) > 1:
                        yield knot


def _rfind(stack: list[int], item: int) -> int:
    at = len(stack) - 1
    while stack[at] != item:
        at -= 1
    return at


__all__ = ["find_path", "list_knots"]
