"""Keeps documents by the digest of their bytes, and finds who may open them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

_KEEP_CONTENT = text("""
    INSERT INTO party.document_content (sha256, media_type, content)
    VALUES (:sha256, :media_type, :content) ON CONFLICT DO NOTHING
""")
_KEEP = text("""
    INSERT INTO registry.document (document_id, sha256, kind, file_name, pages, uploaded_by, recorded_leaf)
    VALUES (:document_id, :sha256, :kind, :file_name, :pages, :uploaded_by, :leaf) RETURNING received_at
""")
_FIND = text("""
    SELECT document_id, sha256, kind, file_name, pages, uploaded_by, received_at
      FROM registry.document WHERE document_id = :document_id
""")
_CONTENT = text("SELECT media_type, content FROM party.document_content WHERE sha256 = :sha256")
_IS_PARTY = text("""
    SELECT EXISTS (
        SELECT FROM registry.case_document d
          JOIN registry.case_file f ON f.case_id = d.case_id
          JOIN registry.case_party c ON c.case_id = d.case_id
          JOIN party.party p ON p.party_id = c.party_id
         WHERE d.document_id = :document_id AND f.applicant_subject = :uploaded_by
           AND (p.fin = :fin OR p.voen = :voen))
""")
# Whoever is a party of a case that the paper lies in, acts by it, or holds an entry that rests on it.
_NAMED = text("""
    SELECT c.party_id FROM registry.case_document d JOIN registry.case_party c USING (case_id)
     WHERE d.document_id = :document
    UNION
    SELECT unnest(ARRAY[r.principal_party_id, r.agent_party_id])
      FROM cadastre.administrative_source s
      JOIN registry.representation r ON s.source_id IN (r.source_id, r.permission_source_id)
     WHERE s.document_id = :document
""")


def keep_content(connection: Connection, *, sha256: bytes, media_type: str, content: bytes) -> None:
    """Keep bytes under their digest; the same bytes are kept once."""
    row = {"sha256": sha256, "media_type": media_type, "content": content}
    connection.execute(_KEEP_CONTENT, row)


def enter_document(
    connection: Connection,
    *,
    document_id: UUID,
    sha256: bytes,
    kind: str,
    file_name: str,
    pages: int | None,
    uploaded_by: str,
    leaf: int,
) -> datetime:
    """Enter a document whose bytes are kept; gives when it was received."""
    values = {"document_id": document_id, "sha256": sha256, "kind": kind, "file_name": file_name}
    row = values | {"pages": pages, "uploaded_by": uploaded_by, "leaf": leaf}
    received: datetime = connection.execute(_KEEP, row).scalar_one()
    return received


def find_document(connection: Connection, document_id: UUID) -> Row[Any] | None:
    """Give a document without its bytes, or None."""
    return connection.execute(_FIND, {"document_id": document_id}).one_or_none()


def get_content(connection: Connection, sha256: bytes) -> tuple[str, bytes]:
    """Give media type and bytes; the transaction has written down that it looks."""
    row = connection.execute(_CONTENT, {"sha256": sha256}).one()
    return str(row.media_type), bytes(row.content)


def is_party_of_its_case(
    connection: Connection, document_id: UUID, uploaded_by: str, *, fin: str | None, voen: str | None
) -> bool:
    """Tell whether a person or organisation is a party of a case whose applicant brought the document."""
    row = {"document_id": document_id, "uploaded_by": uploaded_by, "fin": fin, "voen": voen}
    return bool(connection.execute(_IS_PARTY, row).scalar_one())


def list_parties_of_document(connection: Connection, document_id: UUID) -> list[UUID]:
    """Give the records of the parties whom a document is about, as far as the register knows."""
    return list(connection.execute(_NAMED, {"document": document_id}).scalars())


__all__ = [
    "enter_document",
    "find_document",
    "get_content",
    "is_party_of_its_case",
    "keep_content",
    "list_parties_of_document",
]
