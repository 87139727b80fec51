"""Judges histories of transactions that append to lists and read them, in the manner of Elle.

Every appended value is unique for its key, so that a list that was read shows the order of its
writers. From the lists follow the dependencies between transactions: ``ww`` (the next writer of a
key), ``wr`` (read what the other wrote last), ``rw`` (read what the other then added to) and ``rt``
(began after the other had ended). A cycle of them is an anomaly, named by the edges it needs:

==========  ==============================================================
G0          ww only (write cycle)
G1a         a value of an aborted transaction was read
G1b         a read ended amid the appends of one other transaction
G1c         ww and wr (circular information flow)
G-single    exactly one rw (lost update, read skew)
G2          two rw or more (write skew)
``-rt``     the same cycle, but only real time closes it
==========  ==============================================================

Beside cycles: ``lost-append`` (a committed value that a later read does not show), ``duplicate``
(a value twice in one list), ``unknown-value`` (never written), ``incompatible-order`` (two reads of
a key, neither of which begins the other), ``internal`` (a read that contradicts its own transaction).

References
----------
A. Adya, Weak Consistency (1999); P. Alvaro and K. Kingsbury, Elle: Inferring Isolation Anomalies
from Experimental Observations, VLDB 14(3), 2020.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from tests.proof.graph import find_path, list_knots
from tests.proof.history import Append, Key, Read, Transaction, Value, list_own_reads

Edges = dict[int, dict[int, set[str]]]
_FIRM: Final = (("G0", {"ww"}), ("G1c", {"ww", "wr"}))
_MOST_TRIES: Final = 1000
"""Edges tried for a name of a knot; beyond them a G-single may be called G2."""


@dataclass(frozen=True, slots=True)
class Anomaly:
    """What is wrong, and the transactions (their places in the history) that show it."""

    kind: str
    transactions: tuple[int, ...]
    detail: str = ""


@dataclass(slots=True)
class _History:
    transactions: Sequence[Transaction]
    writers: dict[tuple[Key, Value], int] = field(default_factory=dict)
    orders: dict[Key, tuple[Value, ...]] = field(default_factory=dict)
    sets: dict[Key, frozenset[Value]] = field(default_factory=dict)
    found: list[Anomaly] = field(default_factory=list)

    def members(self, key: Key, lists: Mapping[Key, tuple[Value, ...]]) -> frozenset[Value]:
        """Give the values of a list of ``lists``, made a set once."""
        if key not in self.sets:
            self.sets[key] = frozenset(lists.get(key, ()))
        return self.sets[key]

    def add(self, kind: str, *transactions: int, detail: object = "") -> None:
        """Record an anomaly."""
        self.found.append(Anomaly(kind, transactions, str(detail)))


def check(
    transactions: Sequence[Transaction], final: Mapping[Key, tuple[Value, ...]] | None = None
) -> tuple[Anomaly, ...]:
    """Find the anomalies of a history; none means that it is strictly serialisable, as far as it shows.

    Parameters
    ----------
    final
        All lists after everything had ended; with it lost appends are found, and the order of
        values that nobody read is known.

    Examples
    --------
    >>> sale = Transaction((Read("flat", ("A",)), Append("flat", "B")))
    >>> first = Transaction((Append("flat", "A"),))
    >>> check([first, sale, Transaction((Read("flat", ("A", "B")),))])
    ()
    >>> again = Transaction((Read("flat", ("A",)), Append("flat", "C")))
    >>> [found.kind for found in check([first, sale, again, Transaction((Read("flat", ("A", "B", "C")),))])]
    ['G-single']
    >>> check([])
    ()
    """
    history = _History(transactions)
    _find_writers(history)
    for at, transaction in enumerate(transactions):
        if transaction.committed is not False:
            for operation in transaction.operations:
                if isinstance(operation, Read):
                    _order_list(history, operation.key, operation.values, at)
    for key, values in (final or {}).items():
        _order_list(history, key, values)
    _check_reads(history)
    if final is not None:
        _check_lost(history, final)
    edges = _collect_edges(history)
    history.found += _find_cycles(edges)
    return tuple(history.found)


def _find_writers(history: _History) -> None:
    for at, transaction in enumerate(history.transactions):
        for operation in transaction.operations:
            if isinstance(operation, Append):
                place = operation.key, operation.value
                if place in history.writers:
                    history.add("duplicate", history.writers[place], at, detail=f"written twice: {place}")
                history.writers.setdefault(place, at)


def _order_list(history: _History, key: Key, values: tuple[Value, ...], *reader: int) -> None:
    """Let the longest list that was read be the order of a key; every other one begins it."""
    if len(set(values)) < len(values):
        history.add("duplicate", *reader, detail=f"{key}: {values}")
    known = history.orders.get(key, ())
    shorter, longer = sorted((known, values), key=len)
    if longer[: len(shorter)] != shorter:
        history.add("incompatible-order", *reader, detail=f"{key}: {known} and {values}")
    history.orders[key] = longer


def _check_reads(history: _History) -> None:
    for at, transaction in enumerate(history.transactions):
        if transaction.committed is False:
            continue
        seen: dict[Key, tuple[Value, ...]] = {}
        for read, mine, shows in list_own_reads(transaction):
            outer = read.values[: len(read.values) - len(mine)] if shows else read.values
            if not shows or seen.setdefault(read.key, outer) != outer:
                history.add("internal", at, detail=f"{read.key}: {read.values}")
            for value in outer:
                writer = history.writers.get((read.key, value))
                if writer is None:
                    history.add("unknown-value", at, detail=(read.key, value))
                elif history.transactions[writer].committed is False:
                    history.add("G1a", writer, at, detail=(read.key, value))
            if outer:
                _check_intermediate(history, at, read.key, outer[-1])


def _check_intermediate(history: _History, at: int, key: Key, last: Value) -> None:
    writer = history.writers.get((key, last))
    if writer is None or writer == at:
        return
    theirs = [
        operation.value
        for operation in history.transactions[writer].operations
        if isinstance(operation, Append) and operation.key == key
    ]
    if theirs[-1] != last:
        history.add("G1b", writer, at, detail=(key, last))


def _check_lost(history: _History, final: Mapping[Key, tuple[Value, ...]]) -> None:
    """Find committed values that the last state lacks, and aborted ones that it has."""
    for (key, value), writer in history.writers.items():
        committed = history.transactions[writer].committed
        stands = value in history.members(key, final)
        if committed and not stands:
            history.add("lost-append", writer, detail=(key, value))
        if committed is False and stands:
            history.add("G1a", writer, detail=(key, value))


def _collect_edges(history: _History) -> Edges:
    edges: Edges = defaultdict(lambda: defaultdict(set))

    def link(before: int | None, after: int | None, kind: str) -> None:
        if before is not None and after is not None and before != after:
            edges[before][after].add(kind)

    place: dict[tuple[Key, Value], int] = {}
    for key, order in history.orders.items():
        place |= {(key, value): at for at, value in enumerate(order)}
        for one, other in pairwise(order):
            link(history.writers.get((key, one)), history.writers.get((key, other)), "ww")
    for at, transaction in enumerate(history.transactions):
        if transaction.committed is False:
            continue
        for read, mine, shows in list_own_reads(transaction):
            outer = read.values[: len(read.values) - len(mine)] if shows else read.values
            order = history.orders.get(read.key, ())
            if outer:
                link(history.writers.get((read.key, outer[-1])), at, "wr")
            follows = 0 if not outer else place.get((read.key, outer[-1]), len(order)) + 1
            if follows < len(order):
                link(at, history.writers.get((read.key, order[follows])), "rw")
    for before, after in _real_time(history.transactions):
        link(before, after, "rt")
    return edges


def _real_time(transactions: Sequence[Transaction]) -> Iterator[tuple[int, int]]:
    """Give who ended before who began, without the steps that follow from others."""
    timed = [
        (at, t.began, t.ended)
        for at, t in enumerate(transactions)
        if t.began is not None and t.ended is not None and t.committed is not False
    ]
    ended = deque(sorted(timed, key=lambda item: item[2]))
    frontier: list[tuple[int, float, float]] = []
    for at, began, _ in sorted(timed, key=lambda item: item[1]):
        while ended and ended[0][2] < began:
            newest = ended.popleft()
            frontier = [item for item in frontier if item[2] >= newest[1]] + [newest]
        yield from ((before[0], at) for before in frontier)


def _find_cycles(edges: Edges) -> Iterator[Anomaly]:
    """Name each knot of transactions that depend on each other by its worst cycle."""
    for knot in list_knots({a: list(nexts) for a, nexts in edges.items()}):
        inside = {a: {b: kinds for b, kinds in edges[a].items() if b in knot} for a in knot}
        yield _name_knot(inside, tuple(sorted(knot)))


def _name_knot(inside: Mapping[int, Mapping[int, set[str]]], knot: tuple[int, ...]) -> Anomaly:
    for suffix, real_time in (("", set[str]()), ("-rt", {"rt"})):
        firm_of = {kind: _steps(inside, allowed | real_time) for kind, allowed in _FIRM}
        for kind, firm in firm_of.items():
            for circle in list_knots(firm):
                start = min(circle)
                after = next(each for each in firm[start] if each in circle)
                return Anomaly(kind + suffix, (start, *find_path(firm, after, start)))
        free = _steps(inside, {"ww", "wr", "rw"} | real_time)
        doubts = [(a, b) for a, nexts in inside.items() for b, kinds in nexts.items() if "rw" in kinds]
        for kind, steps in (("G-single", firm_of["G1c"]), ("G2", free)):
            for start, after in doubts[:_MOST_TRIES]:
                path = find_path(steps, after, start)
                if path:
                    return Anomaly(kind + suffix, (start, *path))
    return Anomaly("G2-rt", knot)


def _steps(edges: Mapping[int, Mapping[int, set[str]]], allowed: set[str]) -> dict[int, list[int]]:
    return {a: [b for b, kinds in nexts.items() if kinds & allowed] for a, nexts in edges.items()}


__all__ = ["Anomaly", "Append", "Read", "Transaction", "check"]
