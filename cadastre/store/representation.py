"""Writes who acts for whom and who consents; an end is a new version of the row, closed today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

_INSERT = text("""
    INSERT INTO registry.representation (kind, principal_party_id, agent_party_id, operations, property_id,
        permission_source_id, source_id, valid_from, valid_to, recorded_leaf)
    VALUES (:kind, :principal, :agent, CAST(:operations AS text[]), :property, :permission, :source,
            :valid_from, :valid_to, :leaf) RETURNING representation_id
""")
_CLOSE = text("""
    UPDATE registry.representation SET superseded_leaf = :leaf
     WHERE representation_id = :id AND superseded_leaf IS NULL AND end_reason IS NULL
    RETURNING representation_id
""")
_RESTATE = text("""
    INSERT INTO registry.representation (kind, principal_party_id, agent_party_id, operations, property_id,
        permission_source_id, source_id, valid_from, valid_to, end_reason, recorded_leaf)
    SELECT kind, principal_party_id, agent_party_id, operations, property_id, permission_source_id, source_id,
           valid_from, greatest(valid_from, ledger.today()), :reason, :leaf
      FROM registry.representation WHERE representation_id = :id RETURNING representation_id
""")
_LIST = text("""
    SELECT r.representation_id, r.kind, r.operations, r.valid_from, r.valid_to, r.end_reason,
           p.register_number, r.permission_source_id IS NOT NULL AS has_permission, s.document_id,
           r.principal_party_id, a.name AS principal_name, r.agent_party_id, b.name AS agent_name
      FROM registry.representation r
      JOIN party.party a ON a.party_id = r.principal_party_id
      JOIN party.party b ON b.party_id = r.agent_party_id
      JOIN cadastre.administrative_source s ON s.source_id = r.source_id
      LEFT JOIN cadastre.property p ON p.property_id = r.property_id
     WHERE r.superseded_leaf IS NULL AND (r.principal_party_id = ANY (CAST(:parties AS uuid[]))
                                          OR r.agent_party_id = ANY (CAST(:parties AS uuid[])))
     ORDER BY r.representation_id
""")
_CONSENT = text("""
    INSERT INTO registry.consent (case_id, kind, party_id, source_id, given_on, until, recorded_leaf)
    VALUES (:case, :kind, :party, :source, :given_on, :until, :leaf) RETURNING consent_id
""")
_APPLICANT = text("""
    SELECT f.applicant_subject, s.state
      FROM registry.case_file f
      JOIN registry.case_step s ON s.case_id = f.case_id
     WHERE f.case_id = :case ORDER BY s.step_number DESC LIMIT 1
""")


def enter_representation(connection: Connection, row: Mapping[str, object]) -> int:
    """Enter a representation; gives its number."""
    return int(connection.execute(_INSERT, dict(row)).scalar_one())


def end_representation(
    connection: Connection, representation_id: int, *, reason: str, leaf: int
) -> int | None:
    """End a representation that stands; gives the number of its last version, None when none stands."""
    row = {"id": representation_id, "reason": reason, "leaf": leaf}
    if connection.execute(_CLOSE, row).first() is None:
        return None
    return int(connection.execute(_RESTATE, row).scalar_one())


def list_representations(connection: Connection, parties: Sequence[UUID]) -> Sequence[Row[Any]]:
    """Give the representations of and by these parties; the look has been written down."""
    return connection.execute(_LIST, {"parties": [str(key) for key in parties]}).all()


def find_case_of(connection: Connection, case_id: UUID) -> Row[Any] | None:
    """Give who applied in a case and the state that it is in."""
    return connection.execute(_APPLICANT, {"case": case_id}).one_or_none()


def enter_consent(
    connection: Connection,
    *,
    case_id: UUID,
    kind: str,
    party_id: UUID | None,
    source: int,
    given_on: date,
    until: date | None,
    leaf: int,
) -> int:
    """Enter a consent to what a case asks for; gives its number."""
    row = {"case": case_id, "kind": kind, "party": party_id, "source": source}
    return int(
        connection.execute(_CONSENT, row | {"given_on": given_on, "until": until, "leaf": leaf}).scalar_one()
    )


__all__ = [
    "end_representation",
    "enter_consent",
    "enter_representation",
    "find_case_of",
    "list_representations",
]
