"""Keeps scans for ever, and opens them to whoever is entitled, who leaves a trace of having looked."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row

from cadastre.db.unit_of_work import Database, Isolation, UnitOfWork
from cadastre.domain.caller import Caller, may_open_any_document
from cadastre.domain.document import KeptDocument, NewDocument, require_document
from cadastre.domain.look import find_disclosure_day, of_parties, require_purpose
from cadastre.kernel.errors import NotFound
from cadastre.store.documents import (
    enter_document,
    find_document,
    get_content,
    is_party_of_its_case,
    keep_content,
    list_parties_of_document,
)
from cadastre.store.ledger import append_leaf
from cadastre.store.looks import add_subjects, append_look


@dataclass(frozen=True, slots=True)
class OpenedDocument:
    """A document with its bytes, as it was handed in."""

    kept: KeptDocument
    content: bytes


def keep_document(
    uow: UnitOfWork, new: NewDocument, caller: Caller, *, document_id: UUID, today: date
) -> KeptDocument:
    """Keep a document under a new identifier; its bytes are kept once, however often they come.

    Raises
    ------
    InvalidInput, UnreadableInput
        See :func:`cadastre.domain.document.require_document`.
    """
    new = require_document(new, today)
    digest = hashlib.sha256(new.content).digest()
    payload = {"document_id": str(document_id), "sha256": digest.hex(), "kind": new.kind}
    leaf = append_leaf(uow.connection, kind="case.document", actor=caller.subject, payload=payload)
    keep_content(uow.connection, sha256=digest, media_type=new.media_type, content=new.content)
    received_at = enter_document(
        uow.connection,
        document_id=document_id,
        sha256=digest,
        kind=new.kind,
        file_name=new.file_name,
        pages=new.pages,
        uploaded_by=caller.subject,
        leaf=leaf,
    )
    return KeptDocument(
        document_id=document_id,
        sha256=digest.hex(),
        kind=new.kind,
        file_name=new.file_name,
        media_type=new.media_type,
        size_bytes=len(new.content),
        pages=new.pages,
        received_at=received_at,
    )


def open_document(
    database: Database, document_id: UUID, caller: Caller, *, purpose: str, today: date
) -> OpenedDocument:
    """Give a document to who brought it, to the parties of its case, to register, court and auditor.

    The look is written down either way.

    Raises
    ------
    InvalidInput
        The purpose is in no list.
    NotFound
        There is none that the caller may open.
    """
    require_purpose(purpose, caller, today)
    opened = database.run(
        lambda uow: _look(uow.connection, document_id, caller, purpose, today),
        isolation=Isolation.READ_COMMITTED,
    )
    if opened is None:
        raise NotFound("There is no such document that you may open.", code="document-not-found")
    return opened


def _look(
    connection: Connection, document_id: UUID, caller: Caller, purpose: str, today: date
) -> OpenedDocument | None:
    """Log the look and give the document; "none" is an answer that must be committed."""
    payload = {"document_id": str(document_id), "purpose": purpose}
    later = find_disclosure_day(purpose, caller, today)
    leaf = append_look(
        connection,
        kind="access.document",
        caller=caller,
        payload=payload,
        purpose=purpose,
        disclosed_from=later,
    )
    row = find_document(connection, document_id)
    if row is None or not _may_open(connection, row, caller):
        return None
    named = of_parties(list_parties_of_document(connection, document_id))
    add_subjects(connection, leaf, caller, named, purpose=purpose, disclosed_from=later)
    media_type, content = get_content(connection, row.sha256)
    return OpenedDocument(_kept(row, media_type, len(content)), content)


def _may_open(connection: Connection, row: Row[Any], caller: Caller) -> bool:
    if may_open_any_document(caller) or row.uploaded_by == caller.subject:
        return True
    if caller.fin is None and caller.voen is None:
        return False
    return is_party_of_its_case(
        connection, row.document_id, row.uploaded_by, fin=caller.fin, voen=caller.voen
    )


def _kept(row: Row[Any], media_type: str, size_bytes: int) -> KeptDocument:
    return KeptDocument(
        document_id=row.document_id,
        sha256=bytes(row.sha256).hex(),
        kind=row.kind,
        file_name=row.file_name,
        media_type=media_type,
        size_bytes=size_bytes,
        pages=row.pages,
        received_at=row.received_at,
    )


__all__ = ["OpenedDocument", "keep_document", "open_document"]
