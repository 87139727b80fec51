"""What depends on what in a history: edges between transactions, as many as there are operations.

Real time is told by moments: nodes behind the transactions, each after the one before it, so that it
takes three edges for a transaction and not one for each pair.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Final

from tests.proof.history import Key, Transaction, Value, list_own_reads

WW: Final = 1
WR: Final = 2
RW: Final = 4
RT: Final = 8
Edges = dict[int, dict[int, int]]
"""For each node the ones that come after it, and by which kinds of dependency (bits)."""
Link = Callable[[int | None, int | None, int], None]


def collect_edges(
    transactions: Sequence[Transaction],
    orders: Mapping[Key, tuple[Value, ...]],
    writers: Mapping[tuple[Key, Value], int],
) -> Edges:
    """Collect all dependencies; nodes from ``len(transactions)`` on are moments.

    Examples
    --------
    >>> from tests.proof.history import Append, Read
    >>> history = [Transaction((Append("x", 1),)), Transaction((Read("x", (1,)),))]
    >>> collect_edges(history, {"x": (1,)}, {("x", 1): 0})
    {0: {1: 2}}
    """
    edges: Edges = {}

    def link(before: int | None, after: int | None, kind: int) -> None:
        if before is not None and after is not None and before != after:
            nexts = edges.setdefault(before, {})
            nexts[after] = nexts.get(after, 0) | kind

    place: dict[tuple[Key, Value], int] = {}
    for key, order in orders.items():
        for at, value in enumerate(order):
            place[key, value] = at
        for one, other in pairwise(order):
            link(writers.get((key, one)), writers.get((key, other)), WW)
    for at, transaction in enumerate(transactions):
        if transaction.committed is not False:
            _link_reads(at, transaction, orders, writers, place, link)
    _link_real_time(transactions, link)
    return edges


def _link_reads(
    at: int,
    transaction: Transaction,
    orders: Mapping[Key, tuple[Value, ...]],
    writers: Mapping[tuple[Key, Value], int],
    place: Mapping[tuple[Key, Value], int],
    link: Link,
) -> None:
    """Let a reader follow whoever wrote last what it read, and precede whoever then added to it."""
    for read, mine, shows in list_own_reads(transaction):
        outer = read.values[: len(read.values) - len(mine)] if shows else read.values
        order = orders.get(read.key, ())
        if outer:
            link(writers.get((read.key, outer[-1])), at, WR)
        follows = place.get((read.key, outer[-1]), len(order)) + 1 if outer else 0
        if follows < len(order):
            link(at, writers.get((read.key, order[follows])), RW)


def _link_real_time(transactions: Sequence[Transaction], link: Link) -> None:
    """Let whoever had ended precede whoever then began."""
    timed = [
        (t.began, t.ended, at)
        for at, t in enumerate(transactions)
        if t.began is not None and t.ended is not None and t.committed is not False
    ]
    ended = deque(sorted((end, at) for _, end, at in timed))
    moment, moments = None, len(transactions)
    for began, _, at in sorted(timed):
        if ended and ended[0][0] < began:
            link(moment, moments, RT)
            moment, moments = moments, moments + 1
            while ended and ended[0][0] < began:
                link(ended.popleft()[1], moment, RT)
        link(moment, at, RT)


__all__ = ["RT", "RW", "WR", "WW", "Edges", "collect_edges"]
