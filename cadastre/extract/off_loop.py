"""Runs work that starts an event loop of its own, also where one is already running."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def off_loop(work: Callable[[], T]) -> T:
    """Call ``work`` here, or in a thread when this one runs an event loop (a notebook cell, say).

    pyHanko drives its coroutines by ``asyncio.run``, which refuses a thread whose loop is running.

    Examples
    --------
    >>> async def nothing() -> int:
    ...     return 7
    >>> off_loop(lambda: asyncio.run(nothing()))
    7
    >>> async def inside() -> int:
    ...     return off_loop(lambda: asyncio.run(nothing()))
    >>> off_loop(lambda: asyncio.run(inside()))
    7
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return work()
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="off-loop") as thread:
        return thread.submit(work).result()


__all__ = ["off_loop"]
