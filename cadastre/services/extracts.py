"""The extract desk: decides what an extract says, in one transaction; signs after it; never loses one.

The order is fixed (DECISIONS.md): the request, the statement's bytes and their
ledger leaf are committed first, then signed, then the signature is stored. A
crash in between leaves an unsigned extract, which the worker completes from
the stored bytes.
"""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from cadastre.db.unit_of_work import Isolation, Role, UnitOfWork
from cadastre.domain.caller import Caller, may_open_any_extract
from cadastre.domain.extract import ExtractRequest, IssuedExtract
from cadastre.kernel.errors import CadastreError, InvalidInput, NotFound, RuleBroken
from cadastre.services.application import take_in
from cadastre.services.extract_decision import BAKU, Decision, DeskParts, Draft, NoDraft
from cadastre.services.ledger_clock import run_when_numbered
from cadastre.store import extracts as store
from cadastre.store.ledger import append_leaf


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
            raise _refusal(draft)
        self._complete(draft)
        return self._load(draft.extract_id)

    def get(self, extract_id: UUID, caller: Caller) -> IssuedExtract:
        """Hand out an issued extract again, to whoever asked for it or may open any; the look is logged."""

        def look(uow: UnitOfWork) -> Row[Any] | None:
            row = store.find_extract(uow.connection, extract_id)
            if row is None or not (row.requester == caller.subject or may_open_any_extract(caller)):
                return None
            payload = {"extract_id": str(extract_id)}
            append_leaf(uow.connection, kind="access.extract", actor=caller.subject, payload=payload)
            return row

        row = self.database.run(look, isolation=Isolation.REPEATABLE_READ)
        if row is None:
            raise NotFound("There is no extract of yours under this identifier.", code="extract-not-found")
        if row.signed_at is None:
            self._complete(Draft(row.extract_id, bytes(row.statement)))
        return self._load(extract_id)

    def complete_unsigned(self, limit: int = 100) -> int:
        """Sign what a crash left unsigned; give how many extracts that were."""
        waiting = self.database.read(lambda uow: store.list_unsigned(uow.connection, limit), role=Role.WRITE)
        for extract_id in waiting:
            row = self._row(extract_id)
            self._complete(Draft(extract_id, bytes(row.statement)))
        return len(waiting)

    def _complete(self, draft: Draft) -> None:
        signed = self.parts.issuer.sign(draft.canonical)
        pdf = self.parts.issuer.render_pdf(signed)
        now = self.parts.clock.now()
        self.database.run(
            lambda uow: store.mark_signed(
                uow.connection, draft.extract_id, jws=signed.jws, pdf=pdf, signed_at=now
            ),
            isolation=Isolation.READ_COMMITTED,
        )

    def _row(self, extract_id: UUID) -> Row[Any]:
        row = self.database.read(lambda uow: store.find_extract(uow.connection, extract_id), role=Role.WRITE)
        if row is None:
            raise NotFound("There is no such extract.", code="extract-not-found")
        return row

    def _load(self, extract_id: UUID) -> IssuedExtract:
        row = self._row(extract_id)
        canonical = bytes(row.statement)
        return IssuedExtract(
            id=row.extract_id,
            kind=row.kind,
            register_number=row.register_number,
            issued_at=row.issued_at,
            statement=json.loads(canonical),
            canonical=canonical,
            jws=row.jws,
            pdf=bytes(row.pdf),
            verify_token=row.verify_token,
        )


def _refusal(why: NoDraft) -> CadastreError:
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


__all__ = ["DeskParts", "ExtractDesk", "ExtractRequest", "IssuedExtract"]
