"""The extract desk: decides what an extract says and signs it, in one transaction; prints it when asked.

The statement's bytes, its signature and its ledger leaf are committed at once
(DECISIONS.md 58). The print is sealed afterwards, when somebody asks for it or
by the worker, from the stored bytes, and kept: whoever asks again gets the
same file. Without a time stamp none is made and none leaves.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from cadastre.db.unit_of_work import Isolation, Role, UnitOfWork
from cadastre.domain.caller import Caller
from cadastre.domain.extract import ExistenceRequest, ExtractRequest, IssuedExtract, IssuedStatement
from cadastre.kernel.errors import CadastreError, InvalidInput, NotFound, RuleBroken, Unavailable
from cadastre.services.application import take_in, take_in_existence
from cadastre.services.existence import ExistenceDecision
from cadastre.services.extract_decision import BAKU, Decision, DeskParts, Draft, NoDraft
from cadastre.services.extract_look import SIGNER, look_at
from cadastre.services.idempotent import Answer, Refused, RequestKey, answer_within
from cadastre.services.ledger_clock import run_when_numbered, sequence
from cadastre.store import archive
from cadastre.store import extracts as store


class ExtractDesk:
    """Issues extracts and hands them out again."""

    def __init__(self, parts: DeskParts) -> None:
        self.parts = parts
        self.database = parts.database

    def issue(self, request: ExtractRequest, caller: Caller) -> IssuedExtract:
        """Decide, sign and record an extract, print it and seal it.

        Raises
        ------
        Unavailable
            No time stamp can be had: the extract is issued, and its print follows under its identifier.
        CadastreError
            As ``issue_statement``.
        """
        return self.print(self.issue_statement(request, caller), caller)

    def issue_statement(
        self, request: ExtractRequest, caller: Caller, key: RequestKey | None = None
    ) -> IssuedStatement:
        """Decide, sign and record an extract; its print is made when somebody asks for it.

        Under a ``key`` that was used for the same request before, the extract of then is handed out again.

        Raises
        ------
        Denied
            The role may not ask, or not in this capacity.
        InvalidInput
            A malformed or mistyped number, an unknown purpose, a moment in the future, the plan of a flat.
        NotFound
            The caller is bound to his own property and this is not his.
        RuleBroken
            Restrictions stand without any right, or the ownership in force is not one whole.
        LedgerBusy
            The register cannot name its state yet, because a long load holds it.
        """
        proper = take_in(request, caller, self.today())

        def decide(uow: UnitOfWork) -> Draft | NoDraft:
            return Decision(self.parts, uow.connection, proper, caller).make()

        made = run_when_numbered(self.database, lambda uow: decide_once(uow, key, decide))
        return self._given(made, caller)

    def certify_existence(self, request: ExistenceRequest, caller: Caller) -> IssuedExtract:
        """Certify whether somebody stands in the register, print it and seal it.

        Raises
        ------
        CadastreError
            As ``certify_statement``; as ``issue`` without a time stamp.
        """
        return self.print(self.certify_statement(request, caller), caller)

    def certify_statement(
        self, request: ExistenceRequest, caller: Caller, key: RequestKey | None = None
    ) -> IssuedStatement:
        """Certify whether the person of a FIN or VOEN stands in the register; the question is a look at him.

        Raises
        ------
        Denied
            The role or capacity may not ask, or an owner asks about somebody else.
        InvalidInput
            As for other applications; or not exactly one number.
        """
        proper = take_in_existence(request, caller, self.today())
        sequence(self.database)

        def decide(uow: UnitOfWork) -> Draft | NoDraft:
            return ExistenceDecision(self.parts, uow.connection, proper, caller).make()

        made = self.database.run(
            lambda uow: decide_once(uow, key, decide), isolation=Isolation.REPEATABLE_READ
        )
        return self._given(made, caller)

    def _given(self, made: Draft | NoDraft | UUID, caller: Caller) -> IssuedStatement:
        """Give what was decided and committed: now, or under the same key before.

        Raises
        ------
        CadastreError
            Nothing was issued.
        """
        if isinstance(made, NoDraft):
            raise refusal_of(made)
        if isinstance(made, UUID):
            return self.get_statement(made, caller)
        return statement_of(made)

    def today(self) -> date:
        """Give the day that it officially is."""
        return self.parts.clock.now().astimezone(BAKU).date()

    def get_statement(self, extract_id: UUID, caller: Caller) -> IssuedStatement:
        """Hand out a statement again, to whoever asked for it or may open any; the look is logged.

        Raises
        ------
        NotFound
            There is none that the caller may open; the look at it has been logged all the same.
        """
        return self._signed(self._require(extract_id, caller, with_pdf=False))

    def get(self, extract_id: UUID, caller: Caller) -> IssuedExtract:
        """Hand out an extract with its sealed print, which is made now if it never was; the look is logged.

        Raises
        ------
        NotFound
            There is none that the caller may open; the look at it has been logged all the same.
        Unavailable
            The print was never made, and no time stamp can be had.
        """
        row = self._require(extract_id, caller)
        if row.signed_at is None:
            return self.print(self._signed(row), caller)
        return _issued(bytes(row.statement), row.jws, bytes(row.pdf))

    def get_archive(self, extract_id: UUID, caller: Caller) -> bytes:
        """Hand out the archive copy (PAdES B-LTA), to whoever may open the extract; the look is logged.

        Raises
        ------
        NotFound
            There is none that the caller may open.
        Unavailable
            The copy is still being made; extracts of before there were time stamps have none, ever.
        """
        row, copy = self._look_with_archive(extract_id, caller)
        if row is None:
            raise _not_found()
        if copy is not None:
            return copy
        if row.signed_at is None:
            self.print(self._signed(row), caller)
        elif row.signed_leaf is None:
            raise NotFound("This extract is older than archive copies.", code="no-archive-copy")
        raise Unavailable(
            "The archive copy is being made; ask again in a minute.", code="archive-pending", retry_after_s=60
        )

    def complete_unsigned(self, limit: int = 100) -> int:
        """Print and seal what nobody has asked for yet, the oldest first; give how many that were."""
        waiting = self.database.read(lambda uow: store.list_unsigned(uow.connection, limit), role=Role.WRITE)
        for extract_id in waiting:
            row = self._look(extract_id, SIGNER)
            if row is not None and row.signed_at is None:
                self.print(self._signed(row), SIGNER)
        return len(waiting)

    def print(self, issued: IssuedStatement, actor: Caller) -> IssuedExtract:
        """Print and seal a committed statement; what somebody else sealed meanwhile stays as he did it."""
        issuer, now = self.parts.issuer, self.parts.clock.now()
        pdf = issuer.render_pdf(issuer.signed_before(issued.canonical, issued.jws), at=now)
        done = self.database.run(
            lambda uow: store.mark_signed(
                uow.connection, issued.id, jws=issued.jws, pdf=pdf, signed_at=self.parts.clock.now()
            ),
            isolation=Isolation.READ_COMMITTED,
        )
        if done:
            return _issued(issued.canonical, issued.jws, pdf)
        row = self._require(issued.id, actor)
        return _issued(bytes(row.statement), row.jws, bytes(row.pdf))

    def _signed(self, row: Row[Any]) -> IssuedStatement:
        """Give what was signed; statements from before they were signed at once may still lack it."""
        canonical = bytes(row.statement)
        jws = row.statement_jws or row.jws or self.parts.issuer.sign_bytes(canonical)
        return IssuedStatement(row.extract_id, row.issued_at, canonical, jws)

    def _require(self, extract_id: UUID, actor: Caller, *, with_pdf: bool = True) -> Row[Any]:
        row = self._look(extract_id, actor, with_pdf=with_pdf)
        if row is None:
            raise _not_found()
        return row

    def _look(self, extract_id: UUID, actor: Caller, *, with_pdf: bool = True) -> Row[Any] | None:
        """Log a look at an extract and read it, in one transaction; None when it is not his to open."""
        return self.database.run(
            lambda uow: look_at(uow.connection, extract_id, actor, with_pdf=with_pdf),
            isolation=Isolation.REPEATABLE_READ,
        )

    def _look_with_archive(self, extract_id: UUID, actor: Caller) -> tuple[Row[Any] | None, bytes | None]:
        def look(uow: UnitOfWork) -> tuple[Row[Any] | None, bytes | None]:
            row = look_at(uow.connection, extract_id, actor)
            return row, None if row is None else archive.find_copy(uow.connection, extract_id)

        return self.database.run(look, isolation=Isolation.REPEATABLE_READ)


def decide_once(
    uow: UnitOfWork, key: RequestKey | None, decide: Callable[[UnitOfWork], Draft | NoDraft]
) -> Draft | NoDraft | UUID:
    """Decide unless this was asked under the same key before; then tell which extract answered it.

    A refusal keeps what it wrote, and nothing under the key.

    Raises
    ------
    KeyReused
        The key belongs to another request of the same caller.
    """
    if key is None:
        return decide(uow)
    made: list[Draft | NoDraft] = []

    def answer(uow: UnitOfWork) -> Answer | Refused:
        made.append(decide(uow))
        if isinstance(made[0], NoDraft):
            return Refused(refusal_of(made[0]))
        return Answer(201, str(made[0].extract_id))

    kept = answer_within(uow, key, answer)
    return UUID(kept.body) if isinstance(kept, Answer) and kept.replayed else made[0]


def statement_of(made: Draft) -> IssuedStatement:
    """Give what was decided, once it is committed."""
    return IssuedStatement(made.extract_id, made.issued_at, made.canonical, made.jws, made.leaf)


def _not_found() -> NotFound:
    return NotFound("There is no extract of yours under this identifier.", code="extract-not-found")


def _issued(canonical: bytes, jws: str, pdf: bytes) -> IssuedExtract:
    """Give a completed extract; everything about it stands in its statement."""
    statement = json.loads(canonical)
    return IssuedExtract(
        id=UUID(statement["id"]),
        kind=statement["kind"],
        register_number=statement["register_number"],
        issued_at=datetime.fromisoformat(statement["issued_at"]),
        statement=statement,
        canonical=canonical,
        jws=jws,
        pdf=pdf,
        verify_token=statement["verification"]["token"],
    )


def refusal_of(why: NoDraft) -> CadastreError:
    """Give the error that tells the applicant why nothing was issued."""
    match why:
        case NoDraft.NO_LAND:
            return InvalidInput(
                "This property has no land of its own and so no plan of land; "
                "apply for an extract or a certificate.",
                code="property-without-land",
            )
        case NoDraft.WITHOUT_RIGHTS:
            return RuleBroken(
                "Restrictions stand on this property, but no right is registered on it; "
                "ask the registrar to clear it up.",
                code="property-without-rights",
            )
        case NoDraft.CONTRADICTORY:
            return RuleBroken(
                "The registered ownership of this property does not add up to one whole, so nothing is "
                "issued; ask the registrar to correct it.",
                code="ownership-contradictory",
            )
        case NoDraft.MISTYPED:
            return InvalidInput(
                "This is no register number (12 digits, or 12 digits, a hyphen and 5 digits), "
                "and no parcel has it for a cadastral number; check it.",
                code="register-number-malformed",
            )
        case NoDraft.NOT_YOURS:
            return NotFound(
                "There is no property of yours under this number; check the number, "
                "or ask a notary to apply in your name.",
                code="property-not-found",
            )


__all__ = [
    "SIGNER",
    "DeskParts",
    "ExtractDesk",
    "ExtractRequest",
    "IssuedExtract",
    "IssuedStatement",
    "look_at",
    "refusal_of",
    "statement_of",
]
