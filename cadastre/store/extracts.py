"""Keeps extract requests and issued extracts (schema ``evidence``)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, insert, select, text, update

from cadastre.store.tables import extract, extract_request, leaf


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
    """Enter a statement that is decided but not yet signed."""
    connection.execute(insert(extract), dict(values))


def mark_signed(
    connection: Connection, extract_id: UUID, *, jws: str, pdf: bytes, signed_at: datetime
) -> bool:
    """Attach signature and PDF; False when somebody else completed the extract first."""
    done = connection.execute(
        update(extract)
        .where(extract.c.extract_id == extract_id, extract.c.signed_at.is_(None))
        .values(jws=jws, pdf=pdf, signed_at=signed_at)
    )
    return done.rowcount == 1


def find_extract(connection: Connection, extract_id: UUID) -> Row[Any] | None:
    """Extract with the account that asked for it, or None."""
    return _find(connection, extract.c.extract_id == extract_id)


def find_extract_by_token(connection: Connection, token: str) -> Row[Any] | None:
    """Extract by the token of its QR code, or None."""
    return _find(connection, extract.c.verify_token == token)


def _find(connection: Connection, where: ColumnElement[bool]) -> Row[Any] | None:
    query = (
        select(extract, extract_request.c.requester)
        .join(extract_request, extract_request.c.request_id == extract.c.request_id)
        .where(where)
    )
    return connection.execute(query).one_or_none()


def list_unsigned(connection: Connection, limit: int) -> list[UUID]:
    """Oldest extracts that a crash left without a signature."""
    query = (
        select(extract.c.extract_id)
        .where(extract.c.signed_at.is_(None))
        .order_by(extract.c.issued_at)
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


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
    "find_extract_by_token",
    "insert_extract",
    "insert_request",
    "list_later_leaves",
    "list_unsigned",
    "mark_signed",
]
