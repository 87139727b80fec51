"""Worker processes of a load, which never outlive it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from types import TracebackType
from typing import Final, TypeVar

from cadastre.kernel.errors import Unavailable

Job = TypeVar("Job")
Result = TypeVar("Result")
_PRELOADED: Final = ("ingest.bulk_rows", "ingest.bulk_check")


class WorkerPool:
    """Run jobs in ``workers`` processes, results in the order of the jobs; one worker means none.

    The processes begin to start at once, so that they import what they need while the
    caller does the same.
    """

    def __init__(self, workers: int) -> None:
        self._ahead = workers + 2
        self._pool: ProcessPoolExecutor | None = None
        if workers > 1:
            context = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload(list(_PRELOADED))
            self._pool = ProcessPoolExecutor(
                workers,
                mp_context=context,
                initializer=_die_with_parent,
            )
            for _ in range(workers):
                self._pool.submit(_do_nothing)

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def map(self, work: Callable[[Job], Result], jobs: Iterable[Job]) -> Iterator[Result]:
        """Yield the results in order while a few jobs ahead are under way."""
        if self._pool is None:
            for job in jobs:
                yield work(job)
            return
        waiting: deque[Future[Result]] = deque()
        try:
            for job in jobs:
                waiting.append(self._pool.submit(work, job))
                while len(waiting) > self._ahead or (waiting and waiting[0].done()):
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool:
            raise Unavailable(
                "A worker of the load was killed (out of memory?); nothing was loaded. Try --workers 1.",
                code="worker-lost",
            ) from None


def _do_nothing() -> None:
    """Make the pool start a process: it starts one for every early job."""


def _die_with_parent() -> None:
    """End when the load ends, whatever ends it: a killed load must leave no worker behind."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_wait_for_end, args=(parent.sentinel,), daemon=True).start()


def _wait_for_end(sentinel: int) -> None:
    wait([sentinel])
    os.kill(os.getpid(), signal.SIGKILL)


__all__ = ["WorkerPool"]
