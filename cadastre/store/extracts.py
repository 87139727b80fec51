"""Keeps extract requests and issued extracts (schema ``evidence``)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, func, insert, select, text

from cadastre.store.tables import extract, extract_request, leaf

_ATTACH = text("SELECT evidence.attach_signature(:signed, :signature, :printed, :at)")
_UNSIGNED = text("SELECT * FROM evidence.list_unsigned(:limit)")
_ISSUED = text("SELECT * FROM evidence.find_issued(:shown, :digest)")
_NUMBERS = text(
    "SELECT recorded_leaf AS leaf, min(registration_number) AS number FROM registry.registration"
    " WHERE recorded_leaf = ANY(:leaves) GROUP BY recorded_leaf"
)
_UNARCHIVED = text("SELECT * FROM evidence.list_unarchived(:after, :before, :limit)")
_SUMMARY = text("SELECT * FROM evidence.find_public_summary(:token)")


def draw_journal_number(connection: Connection) -> int:
    """Give the next number of the application journal, for good."""
    return int(connection.execute(text("SELECT nextval('evidence.journal_number')")).scalar_one())


def draw_document_number(connection: Connection) -> int:
    """Give the next short number of a document, for good."""
    return int(connection.execute(text("SELECT nextval('evidence.document_number')")).scalar_one())


def insert_request(connection: Connection, values: Mapping[str, Any]) -> None:
    """Enter a request into the application journal."""
    connection.execute(insert(extract_request), dict(values))


def insert_extract(connection: Connection, values: Mapping[str, Any]) -> None:
    """Enter a statement with the signature over it; its print follows when it is asked for."""
    connection.execute(insert(extract), dict(values))


def mark_signed(
    connection: Connection, extract_id: UUID, *, jws: str, pdf: bytes, signed_at: datetime
) -> bool:
    """Attach the sealed print under a leaf that names its digest; False when somebody did so before."""
    values = {"signed": extract_id, "signature": jws, "printed": pdf, "at": signed_at}
    return bool(connection.execute(_ATTACH, values).scalar_one())


def find_extract(connection: Connection, extract_id: UUID, *, with_pdf: bool = True) -> Row[Any] | None:
    """Extract with who asked for it, what for, and what day it is; None too unless this look is logged."""
    columns = [one for one in extract.c if with_pdf or one.name != "pdf"]
    query: Select[Any] = (
        select(
            *columns,
            extract_request.c.requester,
            extract_request.c.purpose,
            func.ledger.today().label("today"),
        )
        .join(extract_request, extract_request.c.request_id == extract.c.request_id)
        .where(extract.c.extract_id == extract_id)
    )
    return connection.execute(query).one_or_none()


def find_issued(connection: Connection, extract_id: UUID, digest: bytes) -> Row[Any] | None:
    """What an extract was issued about, when the register issued a statement with this SHA-256, or None."""
    return connection.execute(_ISSUED, {"shown": extract_id, "digest": digest}).one_or_none()


def find_public_summary(connection: Connection, token: str) -> Row[Any] | None:
    """Facts that the QR code of an extract opens, or None; nobody is named in them."""
    return connection.execute(_SUMMARY, {"token": token}).one_or_none()


def list_unsigned(connection: Connection, limit: int) -> list[UUID]:
    """Oldest extracts without a sealed print."""
    return list(connection.execute(_UNSIGNED, {"limit": limit}).scalars())


def list_registration_numbers(connection: Connection, leaves: list[int]) -> dict[int, str]:
    """Registration number that an entry gave, by its leaf; the lowest where one act gave several."""
    return {row.leaf: row.number for row in connection.execute(_NUMBERS, {"leaves": leaves})}


def list_unarchived(
    connection: Connection, after_leaf: int, before: datetime, limit: int
) -> list[tuple[UUID, int]]:
    """Oldest extracts signed after a leaf and before a moment without an archive copy, and their leaves."""
    values = {"after": after_leaf, "before": before, "limit": limit}
    return [(row.extract_id, row.signed_leaf) for row in connection.execute(_UNARCHIVED, values)]


def list_later_leaves(connection: Connection, leaves: list[int], after_index: int) -> list[Any]:
    """Those of ``leaves`` that the register learned after ``after_index``, in order."""
    query = (
        select(leaf.c.leaf_id, leaf.c.kind, leaf.c.recorded_time, leaf.c.ledger_index)
        .where(
            leaf.c.leaf_id == text("ANY(:leaves)").bindparams(leaves=leaves),
            leaf.c.ledger_index.is_(None) | (leaf.c.ledger_index > after_index),
        )
        .order_by(leaf.c.leaf_id)
    )
    return list(connection.execute(query).all())


__all__ = [
    "draw_document_number",
    "draw_journal_number",
    "find_extract",
    "find_issued",
    "find_public_summary",
    "insert_extract",
    "insert_request",
    "list_later_leaves",
    "list_registration_numbers",
    "list_unarchived",
    "list_unsigned",
    "mark_signed",
]
