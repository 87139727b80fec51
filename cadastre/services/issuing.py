"""Issues statements of plain orders together, and any order alone."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace

from cadastre.db.unit_of_work import Isolation
from cadastre.domain.caller import Caller
from cadastre.domain.extract import ExistenceRequest, ExtractRequest, IssuedStatement
from cadastre.kernel.errors import CadastreError, Unavailable
from cadastre.services.application import take_in
from cadastre.services.extract_groups import Order, decide_group
from cadastre.services.extract_parts import NoDraft
from cadastre.services.extracts import ExtractDesk, refusal_of, statement_of
from cadastre.services.idempotent import RequestKey
from cadastre.services.issue_rounds import IssueRounds
from cadastre.services.promises import PromiseDesk


class IssuingDesk:
    """The extract desk of a process that is asked by many at once; what it issues comes with a promise."""

    def __init__(self, desk: ExtractDesk, promises: PromiseDesk) -> None:
        self.desk = desk
        self.promises = promises
        self.rounds = IssueRounds(self.issue_together, self.issue_alone)

    def issue(
        self, request: ExtractRequest, caller: Caller, key: RequestKey | None = None
    ) -> Future[IssuedStatement]:
        """Issue what is asked for as ``ExtractDesk.issue_statement`` does, together with what others ask for.

        Raises
        ------
        Denied, InvalidInput
            The application is not taken in; every other error is that of the future.
        Unavailable
            What was promised before could not be kept: the log is not to be signed.
        """
        self.promises.require_kept()
        return self.rounds.issue(Order(take_in(request, caller, self.desk.today()), caller, key))

    def certify(
        self, request: ExistenceRequest, caller: Caller, key: RequestKey | None = None
    ) -> IssuedStatement:
        """Certify as ``ExtractDesk.certify_statement`` does.

        Raises
        ------
        CadastreError
            As there; Unavailable also as ``issue``.
        """
        self.promises.require_kept()
        return self.with_promise(self.desk.certify_statement(request, caller, key))

    def issue_together(self, orders: Sequence[Order]) -> list[IssuedStatement | CadastreError]:
        """Issue several plain orders in one transaction; gives each statement, or why there is none.

        Raises
        ------
        CadastreError
            They cannot be issued together; nothing was.
        """
        parts = self.desk.parts
        made = parts.database.run(
            lambda uow: decide_group(parts, uow.connection, orders), isolation=Isolation.REPEATABLE_READ
        )
        return self._promised(
            [refusal_of(one) if isinstance(one, NoDraft) else statement_of(one) for one in made]
        )

    def issue_alone(self, order: Order) -> IssuedStatement:
        """Issue one order of any kind.

        Raises
        ------
        CadastreError
            As ``ExtractDesk.issue_statement``.
        """
        issued = self.desk.issue_statement(order.request, order.caller, order.key)
        return self.with_promise(issued)

    def with_promise(self, issued: IssuedStatement) -> IssuedStatement:
        """Promise what was issued just now; what the key cannot promise now is given without."""
        (given,) = self._promised([issued])
        return given if isinstance(given, IssuedStatement) else issued

    def _promised(
        self, given: list[IssuedStatement | CadastreError]
    ) -> list[IssuedStatement | CadastreError]:
        leaves = [one.leaf for one in given if isinstance(one, IssuedStatement) and one.leaf is not None]
        try:
            texts = iter(self.promises.promise(leaves) if leaves else [])
        except Unavailable:
            return given
        return [
            replace(one, promise=next(texts))
            if isinstance(one, IssuedStatement) and one.leaf is not None
            else one
            for one in given
        ]

    def close(self) -> None:
        """Let what is under way end, and keep what was promised."""
        self.rounds.close()
        self.promises.close()


__all__ = ["IssuingDesk"]
