"""Reads about whom certificates of existence were issued, and what the register has entered of a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

_ASKED = text("SELECT * FROM evidence.find_asked_person(:shown)")
_LEAVES = text("""
    SELECT leaf FROM (
        SELECT recorded_leaf AS leaf FROM cadastre.property_right
                WHERE party_id = ANY (CAST(:parties AS uuid[]))
         UNION SELECT superseded_leaf FROM cadastre.property_right
                WHERE party_id = ANY (CAST(:parties AS uuid[]))
         UNION SELECT recorded_leaf FROM cadastre.restriction
                WHERE beneficiary_party_id = ANY (CAST(:parties AS uuid[]))
         UNION SELECT superseded_leaf FROM cadastre.restriction
                WHERE beneficiary_party_id = ANY (CAST(:parties AS uuid[]))) AS entries
     WHERE leaf IS NOT NULL ORDER BY leaf
""")


def find_asked_person(connection: Connection, extract_id: UUID) -> Row[Any] | None:
    """About whom a certificate of existence was issued, to whom and what for; None: it is none."""
    return connection.execute(_ASKED, {"shown": extract_id}).one_or_none()


def list_leaves_of_parties(connection: Connection, parties: Sequence[UUID]) -> list[int]:
    """Leaves that opened or closed entries in which these records stand."""
    values = {"parties": [str(party) for party in parties]}
    return list(connection.execute(_LEAVES, values).scalars())


__all__ = ["find_asked_person", "list_leaves_of_parties"]
