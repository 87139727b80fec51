"""Finds records of parties that have no number, and writes which record stands for which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

_PARTY = text("""
    SELECT party_id, kind, name, fin, voen, born_on, registry.resolve_party(party_id) AS stands_for
      FROM party.party WHERE party_id = :party
""")
_BY_NUMBER = text("""
    SELECT party_id, kind, name, fin, voen, born_on, registry.resolve_party(party_id) AS stands_for
      FROM party.party WHERE fin = :fin OR voen = :voen
""")
_INSERT_PARTY = text("""
    INSERT INTO party.party (kind, name, fin, voen, recorded_leaf)
    VALUES (:kind, :name, :fin, :voen, :leaf) ON CONFLICT DO NOTHING
""")
# Parties are reached through the sections, so that row security and indexes both hold.
_UNNUMBERED = text("""
    SELECT q.party_id, q.kind, q.name, q.born_on, array_agg(DISTINCT p.register_number) AS register_numbers
      FROM cadastre.property p
      JOIN cadastre.property_right r ON r.property_id = p.property_id AND r.superseded_leaf IS NULL
      JOIN party.party q ON q.party_id = r.party_id AND q.fin IS NULL AND q.voen IS NULL
     WHERE (p.register_number = :register_number OR p.district_code = :district)
       AND NOT EXISTS (SELECT FROM registry.party_link l
                        WHERE l.from_party_id = q.party_id AND l.superseded_leaf IS NULL)
     GROUP BY q.party_id, q.kind, q.name, q.born_on ORDER BY q.party_id LIMIT :limit
""")
_PROPOSAL = text("""
    SELECT leaf_id, actor, payload::jsonb AS payload FROM ledger.leaf
     WHERE leaf_id = :proposal AND kind = 'party.link-proposed'
""")
_DECIDED = text("""
    SELECT EXISTS (SELECT FROM ledger.leaf
                    WHERE split_part(kind, '.', 1) = 'party'
                      AND kind IN ('party.linked', 'party.link-rejected')
                      AND payload::jsonb ->> 'proposal' = :proposal)
""")
_OPEN = text("""
    SELECT leaf_id, actor, payload::jsonb AS payload FROM ledger.leaf AS l
     WHERE split_part(kind, '.', 1) = 'party' AND kind = 'party.link-proposed'
       AND NOT EXISTS (SELECT FROM ledger.leaf d
                        WHERE split_part(d.kind, '.', 1) = 'party'
                          AND d.kind IN ('party.linked', 'party.link-rejected')
                          AND d.payload::jsonb ->> 'proposal' = l.leaf_id::text)
     ORDER BY leaf_id LIMIT :limit
""")
_SOURCE = text("""
    INSERT INTO cadastre.administrative_source (kind, number, dated, issuer, document_id, recorded_leaf)
    VALUES (:kind, :number, :dated, :issuer, :document, :leaf) RETURNING source_id
""")
_LINK = text("""
    INSERT INTO registry.party_link (from_party_id, to_party_id, manner, evidence, source_id, proposed_by,
                                     decided_by, recorded_leaf)
    VALUES (:from_party_id, :to_party_id, :manner, :evidence, :source, :proposed_by, :decided_by, :leaf)
    RETURNING link_id
""")
_HOLD_LINKS = text("""
    SELECT pg_advisory_xact_lock(hashtext('registry.party_link'), CAST(:proposal AS integer))
""")


def find_party(connection: Connection, party_id: UUID) -> Row[Any] | None:
    """Give a record of a party; the look has been written down."""
    return connection.execute(_PARTY, {"party": party_id}).one_or_none()


def find_party_by_number(connection: Connection, *, fin: str | None, voen: str | None) -> Row[Any] | None:
    """Give the record of a number; the look has been written down."""
    return connection.execute(_BY_NUMBER, {"fin": fin, "voen": voen}).first()


def find_or_enter_numbered(
    connection: Connection, *, kind: str, name: str, fin: str | None, voen: str | None, leaf: int
) -> UUID | None:
    """Give the record of a number, entered when it is new; None when two records share the numbers given.

    Nothing is added to a record and no name is changed. At READ COMMITTED a number that somebody
    else enters at this moment is waited for.
    """
    numbers = {"fin": fin, "voen": voen}
    if not (found := connection.execute(_BY_NUMBER, numbers).all()):
        connection.execute(_INSERT_PARTY, numbers | {"kind": kind, "name": name, "leaf": leaf})
        found = connection.execute(_BY_NUMBER, numbers).all()
    return UUID(str(found[0].party_id)) if len(found) == 1 else None


def list_unnumbered(
    connection: Connection, *, register_number: str | None, district: str | None, limit: int
) -> Sequence[Row[Any]]:
    """Give the holders in a section, or in a district, who have no number and stand for themselves."""
    row = {"register_number": register_number, "district": district, "limit": limit}
    return connection.execute(_UNNUMBERED, row).all()


def hold_proposal(connection: Connection, proposal: int) -> Row[Any] | None:
    """Give a proposal; nobody else decides it until this transaction ends."""
    connection.execute(_HOLD_LINKS, {"proposal": proposal % 2**31})
    return connection.execute(_PROPOSAL, {"proposal": proposal}).one_or_none()


def is_decided(connection: Connection, proposal: int) -> bool:
    """Tell whether a proposal was accepted or rejected."""
    return bool(connection.execute(_DECIDED, {"proposal": str(proposal)}).scalar_one())


def list_open_proposals(connection: Connection, limit: int) -> Sequence[Row[Any]]:
    """Give the proposals that wait for a second officer, oldest first."""
    return connection.execute(_OPEN, {"limit": limit}).all()


def enter_source(
    connection: Connection,
    *,
    kind: str,
    document_id: UUID,
    leaf: int,
    number: str | None = None,
    dated: object = None,
    issuer: str | None = None,
) -> int:
    """Enter a document as a source that entries rest on."""
    row = {"kind": kind, "number": number, "dated": dated, "issuer": issuer}
    return int(connection.execute(_SOURCE, row | {"document": document_id, "leaf": leaf}).scalar_one())


def enter_link(connection: Connection, link: dict[str, object], *, source: int, leaf: int) -> int:
    """Enter that one record stands for another."""
    return int(connection.execute(_LINK, link | {"source": source, "leaf": leaf}).scalar_one())


__all__ = [
    "enter_link",
    "enter_source",
    "find_or_enter_numbered",
    "find_party",
    "find_party_by_number",
    "hold_proposal",
    "is_decided",
    "list_open_proposals",
    "list_unnumbered",
]
