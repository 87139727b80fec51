"""What a history is made of: transactions that append to lists and read them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator
from dataclasses import dataclass

Key = Hashable
Value = Hashable


@dataclass(frozen=True, slots=True)
class Append:
    """A value added to the end of the list of a key."""

    key: Key
    value: Value


@dataclass(frozen=True, slots=True)
class Read:
    """The whole list of a key as it was read."""

    key: Key
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Transaction:
    """Operations in their order; ``committed`` is None when nobody knows.

    ``began`` and ``ended`` are moments of one clock, for the order in real time; without them
    only what was read counts.
    """

    operations: tuple[Append | Read, ...]
    committed: bool | None = True
    began: float | None = None
    ended: float | None = None


def list_own_reads(transaction: Transaction) -> Iterator[tuple[Read, tuple[Value, ...], bool]]:
    """Give each read with what the transaction itself had appended by then, and whether that shows."""
    own: defaultdict[Key, tuple[Value, ...]] = defaultdict(tuple)
    for operation in transaction.operations:
        if isinstance(operation, Append):
            own[operation.key] += (operation.value,)
        else:
            mine = own[operation.key]
            yield operation, mine, operation.values[len(operation.values) - len(mine) :] == mine


__all__ = ["Append", "Key", "Read", "Transaction", "Value", "list_own_reads"]
