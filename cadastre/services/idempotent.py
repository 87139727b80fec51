"""Does what a request asks for exactly once, however often the request arrives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from cadastre.db.unit_of_work import Database, Isolation, UnitOfWork
from cadastre.kernel.errors import CadastreError, KeyReused
from cadastre.store.idempotency import enter_request, hold_request, keep_answer


@dataclass(frozen=True, slots=True)
class RequestKey:
    """The name that a sender gave his request, and what it asks for, so that another is told from it."""

    subject: str
    key: str
    route: str
    body_sha256: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it leaves: a repetition gets the same ``body``, byte for byte.

    It is kept in the open: what names people (a party, a right with its holder) does not belong in it.
    """

    status: int
    body: str
    location: str | None = None
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """A refusal that leaves a trace: what was written (a logged look) is kept, the error is raised after."""

    error: CadastreError


Work = Callable[[UnitOfWork], Answer | Refused]


def answer_once(
    database: Database,
    request: RequestKey,
    work: Work,
    *,
    isolation: Isolation = Isolation.READ_COMMITTED,
) -> Answer:
    """Run ``work`` in one transaction unless its request was answered before; then repeat that answer.

    Repetitions that come while the first is being answered wait for it. Refusals are not kept: a
    repetition is judged anew, by the register as it is then.

    Raises
    ------
    KeyReused
        The sender gave this key to another request.
    CadastreError
        Whatever ``work`` raised or refused with; nothing is kept under the key.
    """
    outcome = database.run(lambda uow: answer_within(uow, request, work), isolation=isolation)
    if isinstance(outcome, Refused):
        raise outcome.error
    return outcome


def answer_within(uow: UnitOfWork, request: RequestKey, work: Work) -> Answer | Refused:
    """Do as ``answer_once`` within a transaction that is the caller's to repeat; a refusal is given back.

    Raises
    ------
    KeyReused
        The sender gave this key to another request.
    """
    kept = _find_answer(uow, request)
    if kept is not None:
        return kept
    outcome = work(uow)
    if isinstance(outcome, Answer):
        keep_answer(
            uow.connection,
            subject=request.subject,
            key=request.key,
            status=outcome.status,
            response=outcome.body,
            location=outcome.location,
        )
        return replace(outcome, replayed=False)
    return outcome


def _find_answer(uow: UnitOfWork, request: RequestKey) -> Answer | None:
    """Give the answer kept under the key, or None when it is to be found now, by us alone."""
    connection, subject, key = uow.connection, request.subject, request.key
    route, digest = request.route, request.body_sha256
    if enter_request(connection, subject=subject, key=key, route=route, body_sha256=digest):
        return None
    row = hold_request(connection, subject=subject, key=key)
    if (row.route, bytes(row.body_sha256)) != (request.route, request.body_sha256):
        raise KeyReused(
            "This Idempotency-Key belongs to another request of yours; give each a key of its own."
        )
    if row.status is None:
        return None
    return Answer(row.status, row.response, row.location, replayed=True)


__all__ = ["Answer", "Refused", "RequestKey", "Work", "answer_once", "answer_within"]
