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

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from tests.proof.dependencies import RT, RW, WR, WW, Edges, collect_edges
from tests.proof.graph import find_path, list_knots
from tests.proof.history import Append, Key, Read, Transaction, Value, list_own_reads

_FIRM: Final = (("G0", WW), ("G1c", WW | WR))
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
    known: set[tuple[Key, tuple[Value, ...]]] = field(default_factory=set)
    judged: dict[tuple[Key, tuple[Value, ...]], list[tuple[str, int | None, object]]] = field(
        default_factory=dict
    )
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
    history.found += _find_cycles(
        collect_edges(transactions, history.orders, history.writers), len(transactions)
    )
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
    """Let the longest list that was read be the order of a key; every other one begins it.

    Each list is looked at once, however many have read it: time grows with what was done, not with how
    often it was read.
    """
    if (key, values) in history.known:
        return
    history.known.add((key, values))
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
            for kind, writer, detail in _judge_list(history, read.key, outer):
                history.add(kind, *(() if writer is None else (writer,)), at, detail=detail)


def _judge_list(
    history: _History, key: Key, values: tuple[Value, ...]
) -> list[tuple[str, int | None, object]]:
    """Give what is wrong with a list, whoever read it, with the writer who is to blame; judged once."""
    faults = history.judged.get((key, values))
    if faults is None:
        faults = []
        for value in values:
            writer = history.writers.get((key, value))
            if writer is None:
                faults.append(("unknown-value", None, (key, value)))
            elif history.transactions[writer].committed is False:
                faults.append(("G1a", writer, (key, value)))
        writer = history.writers.get((key, values[-1])) if values else None
        if writer is not None and _last_append(history.transactions[writer], key) != values[-1]:
            faults.append(("G1b", writer, (key, values[-1])))
        history.judged[key, values] = faults
    return faults


def _last_append(transaction: Transaction, key: Key) -> Value:
    return [
        operation.value
        for operation in transaction.operations
        if isinstance(operation, Append) and operation.key == key
    ][-1]


def _check_lost(history: _History, final: Mapping[Key, tuple[Value, ...]]) -> None:
    """Find committed values that the last state lacks, and aborted ones that it has."""
    for (key, value), writer in history.writers.items():
        committed = history.transactions[writer].committed
        stands = value in history.members(key, final)
        if committed and not stands:
            history.add("lost-append", writer, detail=(key, value))
        if committed is False and stands:
            history.add("G1a", writer, detail=(key, value))


def _find_cycles(edges: Edges, transactions: int) -> Iterator[Anomaly]:
    """Name each knot of transactions that depend on each other by its worst cycle."""
    for knot in list_knots(edges):
        inside = {a: {b: kinds for b, kinds in edges[a].items() if b in knot} for a in knot}
        named = _name_knot(inside, tuple(sorted(knot)))
        yield Anomaly(named.kind, tuple(at for at in named.transactions if at < transactions))


def _name_knot(inside: Mapping[int, Mapping[int, int]], knot: tuple[int, ...]) -> Anomaly:
    for suffix, real_time in (("", 0), ("-rt", RT)):
        firm_of = {kind: _steps(inside, allowed | real_time) for kind, allowed in _FIRM}
        for kind, firm in firm_of.items():
            for circle in list_knots(firm):
                start = min(circle)
                after = next(each for each in firm[start] if each in circle)
                return Anomaly(kind + suffix, (start, *find_path(firm, after, start)))
        free = _steps(inside, WW | WR | RW | real_time)
        doubts = [(a, b) for a, nexts in inside.items() for b, kinds in nexts.items() if kinds & RW]
        for kind, steps in (("G-single", firm_of["G1c"]), ("G2", free)):
            for start, after in doubts[:_MOST_TRIES]:
                path = find_path(steps, after, start)
                if path:
                    return Anomaly(kind + suffix, (start, *path))
    return Anomaly("G2-rt", knot)


def _steps(edges: Mapping[int, Mapping[int, int]], allowed: int) -> dict[int, list[int]]:
    return {a: [b for b, kinds in nexts.items() if kinds & allowed] for a, nexts in edges.items()}


__all__ = ["Anomaly", "Append", "Read", "Transaction", "check"]
