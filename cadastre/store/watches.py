"""Keeps which account watches which section."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection, text

_WATCH = text("""
    INSERT INTO registry.property_watch (subject, property_id, parties, recorded_leaf)
    VALUES (:subject, :property, CAST(:parties AS uuid[]), :leaf)
    ON CONFLICT (property_id, subject) WHERE superseded_leaf IS NULL DO NOTHING
""")
_END = text("""
    UPDATE registry.property_watch SET superseded_leaf = :leaf
     WHERE subject = :subject AND property_id = :property AND superseded_leaf IS NULL
""")
_LIST = text("""
    SELECT p.register_number FROM registry.property_watch w JOIN cadastre.property p USING (property_id)
     WHERE w.subject = :subject AND w.superseded_leaf IS NULL AND p.register_number > :after
     ORDER BY p.register_number LIMIT :limit
""")


def watch(
    connection: Connection, subject: str, property_id: int, parties: Sequence[UUID] | None, leaf: int
) -> None:
    """Watch a section; watched already, nothing changes."""
    named = None if parties is None else [str(party) for party in parties]
    row = {"subject": subject, "property": property_id, "parties": named, "leaf": leaf}
    connection.execute(_WATCH, row)


def end_watch(connection: Connection, subject: str, property_id: int, leaf: int) -> bool:
    """End a watch; tell whether there was one."""
    row = {"subject": subject, "property": property_id, "leaf": leaf}
    return connection.execute(_END, row).rowcount > 0


def list_watched(connection: Connection, subject: str, *, after: str, limit: int) -> list[str]:
    """Give the numbers that an account watches, in order."""
    row = {"subject": subject, "after": after, "limit": limit}
    return [str(number) for number in connection.execute(_LIST, row).scalars()]


__all__ = ["end_watch", "list_watched", "watch"]
