"""New identifiers as a thing handed in, so that a test or a seeded sample can foresee them."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from typing import Protocol
from uuid import UUID

from cadastre.kernel.clock import Clock, SystemClock


class IdSource(Protocol):
    """Whatever hands out new identifiers."""

    def new_id(self) -> UUID:
        """Give an identifier that nobody has been given before."""
        ...


class TimeOrderedIds:
    """UUID version 7: 48 bits of milliseconds, a counter within the millisecond, 62 random bits.

    Identifiers of one source are strictly increasing, so that an index on them grows at its end.

    References
    ----------
    RFC 9562, 5.7 and 6.2 method 1.
    """

    def __init__(self, clock: Clock | None = None, entropy: Callable[[int], int] = secrets.randbits) -> None:
        self._clock = clock or SystemClock()
        self._entropy = entropy
        self._lock = threading.Lock()
        self._last_tick = -1

    def new_id(self) -> UUID:
        """Give the next identifier."""
        milliseconds = int(self._clock.now().timestamp() * 1000)
        with self._lock:
            self._last_tick = tick = max(milliseconds << 12, self._last_tick + 1)
        stamp, counter = tick >> 12, tick & 0xFFF
        value = stamp << 80 | 0x7 << 76 | counter << 64 | 0b10 << 62 | self._entropy(62)
        return UUID(int=value)


class SequentialIds:
    """Identifiers 1, 2, 3, ...: predictable, for tests and for seeded samples only.

    Examples
    --------
    >>> ids = SequentialIds()
    >>> str(ids.new_id()), str(ids.new_id())[-1]
    ('00000000-0000-7000-8000-000000000001', '2')
    """

    def __init__(self, start: int = 1) -> None:
        self._next = start

    def new_id(self) -> UUID:
        """Give the next identifier."""
        value, self._next = self._next, self._next + 1
        return UUID(int=0x7 << 76 | 0b10 << 62 | value)


__all__ = ["IdSource", "SequentialIds", "TimeOrderedIds"]
