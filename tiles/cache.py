"""A small store of finished tiles in the memory of one process."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Generic, TypeVar

V = TypeVar("V")
K = TypeVar("K")


class LruCache(Generic[K, V]):
    """The most recently used values, up to a weight; safe to share between threads.

    Parameters
    ----------
    capacity
        Total weight kept; a value heavier than this is not kept at all.

    Examples
    --------
    >>> cache = LruCache[str, str](capacity=2)
    >>> for name in "abc":
    ...     cache.put(name, name.upper(), weight=1)
    >>> cache.get("a"), cache.get("c")
    (None, 'C')
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._weight = 0
        self._entries: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: K) -> V | None:
        """Give the value, now the most recently used, or None."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                return None
            self._entries.move_to_end(key)
            return entry[0]

    def put(self, key: K, value: V, *, weight: int) -> None:
        """Keep a value, letting the least recently used ones go."""
        with self._lock:
            former = self._entries.pop(key, None)
            if former is not None:
                self._weight -= former[1]
            if weight > self._capacity:
                return
            self._entries[key] = (value, weight)
            self._weight += weight
            while self._weight > self._capacity:
                _, (_, dropped) = self._entries.popitem(last=False)
                self._weight -= dropped

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()
            self._weight = 0

    def __len__(self) -> int:
        with self._lock:
            return len(self._entries)


__all__ = ["LruCache"]
