"""The extract desk: decides what an extract says, in one transaction; signs after it; never loses one.

The order is fixed (DECISIONS.md): the request, the statement's bytes and their
ledger leaf are committed first, then signed, then the signature is stored. A
crash in between leaves an unsigned extract, which the worker completes from
the stored bytes.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row

from cadastre.db.unit_of_work import Isolation, Role, UnitOfWork
from cadastre.domain.caller import Caller, CallerRole, may_open_any_extract
from cadastre.domain.extract import ExistenceRequest, ExtractRequest, IssuedExtract
from cadastre.domain.look import of_property
from cadastre.domain.moment import Moment
from cadastre.kernel.errors import CadastreError, InvalidInput, NotFound, RuleBroken, Unavailable
from cadastre.services.application import take_in, take_in_existence
from cadastre.services.existence import ExistenceDecision
from cadastre.services.extract_decision import BAKU, Decision, DeskParts, Draft, NoDraft
from cadastre.services.ledger_clock import run_when_numbered, sequence
from cadastre.store import extracts as store
from cadastre.store.looks import add_subjects, append_look

SIGNER = Caller(subject="worker", role=CallerRole.ADMIN, name="")
"""Who looks at a statement that a crash left unsigned."""


class ExtractDesk:
    """Issues extracts and hands them out again."""

    def __init__(self, parts: DeskParts) -> None:
        self.parts = parts
        self.database = parts.database

    def issue(self, request: ExtractRequest, caller: Caller) -> IssuedExtract:
        """Decide, record, sign and return an extract.

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
        today = self.parts.clock.now().astimezone(BAKU).date()
        proper = take_in(request, caller, today)
        draft = run_when_numbered(
            self.database, lambda uow: Decision(self.parts, uow.connection, proper, caller).make()
        )
        if not isinstance(draft, Draft):
            raise refusal_of(draft)
        return self.complete(draft, caller)

    def certify_existence(self, request: ExistenceRequest, caller: Caller) -> IssuedExtract:
        """Certify whether the person of a FIN or VOEN stands in the register; the question is a look at him.

        Raises
        ------
        Denied
            The role or capacity may not ask, or an owner asks about somebody else.
        InvalidInput
            As for other applications; or not exactly one number.
        """
        today = self.parts.clock.now().astimezone(BAKU).date()
        proper = take_in_existence(request, caller, today)
        sequence(self.database)
        draft = self.database.run(
            lambda uow: ExistenceDecision(self.parts, uow.connection, proper, caller).make(),
            isolation=Isolation.REPEATABLE_READ,
        )
        if not isinstance(draft, Draft):
            raise refusal_of(draft)
        return self.complete(draft, caller)

    def get(self, extract_id: UUID, caller: Caller) -> IssuedExtract:
        """Hand out an issued extract again, to whoever asked for it or may open any; the look is logged.

        Raises
        ------
        NotFound
            There is none that the caller may open; the look at it has been logged all the same.
        """
        row = self._look(extract_id, caller)
        if row is None:
            raise NotFound("There is no extract of yours under this identifier.", code="extract-not-found")
        if row.signed_at is None:
            return self.complete(Draft(extract_id, bytes(row.statement)), caller)
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
            raise NotFound("There is no extract of yours under this identifier.", code="extract-not-found")
        if copy is not None:
            return copy
        if row.signed_at is not None and row.signed_leaf is None:
            raise NotFound("This extract is older than archive copies.", code="no-archive-copy")
        raise Unavailable(
            "The archive copy is being made; ask again in a minute.", code="archive-pending", retry_after_s=60
        )

    def complete_unsigned(self, limit: int = 100) -> int:
        """Sign what a crash left unsigned; give how many extracts that were."""
        waiting = self.database.read(lambda uow: store.list_unsigned(uow.connection, limit), role=Role.WRITE)
        for extract_id in waiting:
            row = self._look(extract_id, SIGNER)
            if row is not None and row.signed_at is None:
                self.complete(Draft(extract_id, bytes(row.statement)), SIGNER)
        return len(waiting)

    def complete(self, draft: Draft, actor: Caller) -> IssuedExtract:
        """Sign and print a committed statement; what somebody else completed meanwhile stays as he did it."""
        signed = self.parts.issuer.sign(draft.canonical)
        pdf = self.parts.issuer.render_pdf(signed)
        now = self.parts.clock.now()
        done = self.database.run(
            lambda uow: store.mark_signed(
                uow.connection, draft.extract_id, jws=signed.jws, pdf=pdf, signed_at=now
            ),
            isolation=Isolation.READ_COMMITTED,
        )
        if done:
            return _issued(draft.canonical, signed.jws, pdf)
        row = self._look(draft.extract_id, actor)
        if row is None:
            raise NotFound("There is no such extract.", code="extract-not-found")
        return _issued(bytes(row.statement), row.jws, bytes(row.pdf))

    def _look(self, extract_id: UUID, actor: Caller) -> Row[Any] | None:
        """Log a look at an extract and read it, in one transaction; None when it is not his to open."""
        return self.database.run(
            lambda uow: look_at(uow.connection, extract_id, actor), isolation=Isolation.REPEATABLE_READ
        )

    def _look_with_archive(self, extract_id: UUID, actor: Caller) -> tuple[Row[Any] | None, bytes | None]:
        def look(uow: UnitOfWork) -> tuple[Row[Any] | None, bytes | None]:
            row = look_at(uow.connection, extract_id, actor)
            return row, None if row is None else store.find_archive(uow.connection, extract_id)

        return self.database.run(look, isolation=Isolation.REPEATABLE_READ)


def look_at(connection: Connection, extract_id: UUID, actor: Caller) -> Row[Any] | None:
    """Log a look at an extract and read it; None when it is not his to open."""
    payload = {"extract_id": str(extract_id)}
    leaf = append_look(connection, kind="access.extract", caller=actor, payload=payload)
    row = store.find_extract(connection, extract_id)
    if actor == SIGNER or row is None:
        return row
    if not (row.requester == actor.subject or may_open_any_extract(actor)):
        return None
    shown = of_property(row.property_id, Moment(row.valid_time, row.ledger_index))
    add_subjects(connection, leaf, actor, shown)
    return row


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


__all__ = ["DeskParts", "ExtractDesk", "ExtractRequest", "IssuedExtract", "refusal_of"]
