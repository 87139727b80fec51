"""Rounds of issuing: who comes while one is under way joins the next, and what goes together is cheap."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from cadastre.domain.extract import IssuedStatement
from cadastre.kernel.errors import CadastreError
from cadastre.services.extract_groups import Order

MOST_IN_ROUND: Final = 16
ROUNDS_AT_ONCE: Final = 2
"""One works while the other waits for the database; more would be smaller, and cost as much to begin."""
_ALONE_AT_ONCE: Final = 6

Given = IssuedStatement | CadastreError


@dataclass(slots=True)
class _Waiter:
    order: Order
    given: Future[IssuedStatement] = field(default_factory=Future)


class IssueRounds:
    """Issues what is ordered of one process, in as few transactions as there is time for.

    Parameters
    ----------
    together
        Issues several plain orders; gives for each the statement or why there is none. When it raises,
        none was issued.
    alone
        Issues one order of any kind.
    """

    def __init__(
        self,
        together: Callable[[Sequence[Order]], Sequence[Given]],
        alone: Callable[[Order], IssuedStatement],
    ) -> None:
        self._together = together
        self._alone = alone
        self._waiting: list[_Waiter] = []
        self._under_way = 0
        self._gate = threading.Lock()
        self._pool = ThreadPoolExecutor(ROUNDS_AT_ONCE + _ALONE_AT_ONCE, thread_name_prefix="issue")

    def issue(self, order: Order) -> Future[IssuedStatement]:
        """Issue what is ordered; the statement is given when it is committed."""
        waiter = _Waiter(order)
        if not order.is_plain:
            self._issue_alone(waiter)
            return waiter.given
        with self._gate:
            self._waiting.append(waiter)
            begins = self._under_way < ROUNDS_AT_ONCE
            self._under_way += begins
        if begins:
            self._go_on()
        return waiter.given

    def close(self) -> None:
        """Let what is under way end."""
        self._pool.shutdown()

    def _go_on(self, _: object = None) -> None:
        """Hold the next round, and another after it, until nobody waits."""
        round_ = self._take()
        if round_:
            self._pool.submit(self._hold, round_).add_done_callback(self._go_on)

    def _take(self) -> list[_Waiter]:
        with self._gate:
            round_, self._waiting = self._waiting[:MOST_IN_ROUND], self._waiting[MOST_IN_ROUND:]
            if not round_:
                self._under_way -= 1
        return round_

    def _hold(self, round_: Sequence[_Waiter]) -> None:
        """Issue together; whatever went wrong, each is then issued alone and hears of its own faults only."""
        given: Sequence[Given] = ()
        try:
            given = self._together([waiter.order for waiter in round_])
        except CadastreError:
            given = ()
        finally:
            if not given:
                for waiter in round_:
                    self._issue_alone(waiter)
        for waiter, one in zip(round_, given, strict=False):
            if isinstance(one, CadastreError):
                waiter.given.set_exception(one)
            else:
                waiter.given.set_result(one)

    def _issue_alone(self, waiter: _Waiter) -> None:
        done = self._pool.submit(self._alone, waiter.order)
        done.add_done_callback(partial(_hand_over, waiter.given))


def _hand_over(given: Future[IssuedStatement], done: Future[IssuedStatement]) -> None:
    error = done.exception()
    if error is not None:
        given.set_exception(error)
    else:
        given.set_result(done.result())


__all__ = ["Given", "IssueRounds"]
