"""Finds the record of a party's new name, and links one to the party."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import Connection, text

_NAME_RECORD = text("""
    SELECT p.party_id
      FROM registry.party_link l JOIN party.party p ON p.party_id = l.from_party_id
      JOIN party.party named ON named.party_id = :named
     WHERE l.to_party_id = :person AND l.manner = 'renamed' AND l.superseded_leaf IS NULL
       AND (p.name, p.kind) = (named.name, named.kind)
     ORDER BY l.link_id LIMIT 1
""")
_LINK = text("""
    INSERT INTO registry.party_link (from_party_id, to_party_id, manner, evidence, source_id, proposed_by,
                                     decided_by, case_id, recorded_leaf)
    VALUES (:from_party_id, :to_party_id, 'renamed', :evidence, :source, :proposed_by, :decided_by, :case,
            :leaf)
""")
_PREPARER = text("""
    SELECT actor FROM registry.case_step WHERE case_id = :case AND kind = 'prepare'
     ORDER BY step_number DESC LIMIT 1
""")
_UNLINK = text("""
    UPDATE registry.party_link AS l SET superseded_leaf = :leaf
     WHERE l.case_id = ANY (CAST(:cases AS uuid[])) AND l.superseded_leaf IS NULL
       AND NOT EXISTS (SELECT FROM cadastre.property_right r
                        WHERE r.party_id = l.from_party_id AND r.superseded_leaf IS NULL)
       AND NOT EXISTS (SELECT FROM cadastre.restriction r
                        WHERE r.beneficiary_party_id = l.from_party_id AND r.superseded_leaf IS NULL)
""")
_RELINK = text("""
    INSERT INTO registry.party_link (from_party_id, to_party_id, manner, evidence, source_id, proposed_by,
                                     decided_by, case_id, recorded_leaf)
    SELECT l.from_party_id, l.to_party_id, l.manner, l.evidence, l.source_id, l.proposed_by, l.decided_by,
           l.case_id, :leaf
      FROM registry.case_step t JOIN registry.party_link l ON l.superseded_leaf = t.recorded_leaf
     WHERE t.case_id = ANY (CAST(:cases AS uuid[])) AND t.kind = 'register' AND l.manner = 'renamed'
       AND EXISTS (SELECT FROM cadastre.property_right r
                    WHERE r.party_id = l.from_party_id AND r.superseded_leaf IS NULL)
       AND NOT EXISTS (SELECT FROM registry.party_link c
                        WHERE c.from_party_id = l.from_party_id AND c.superseded_leaf IS NULL)
""")


def find_name_record(connection: Connection, person: UUID, named: UUID) -> UUID | None:
    """Give the record under which a party has been renamed to the very name of another record."""
    found = connection.execute(_NAME_RECORD, {"person": person, "named": named}).scalar_one_or_none()
    return None if found is None else UUID(str(found))


def enter_renaming(connection: Connection, link: Mapping[str, object]) -> None:
    """Link the record of a new name to the party; it rests on the case that registers it."""
    connection.execute(_LINK, link)


def undo_links(connection: Connection, case_ids: Sequence[UUID], leaf: int) -> None:
    """Void the links of cancelled cases whose names stand nowhere else; enter again what they had voided."""
    values = {"cases": list(case_ids), "leaf": leaf}
    connection.execute(_UNLINK, values)
    connection.execute(_RELINK, values)


def find_preparer(connection: Connection, case_id: UUID) -> str | None:
    """Give who prepared a case last."""
    return connection.execute(_PREPARER, {"case": case_id}).scalar_one_or_none()


__all__ = ["enter_renaming", "find_name_record", "find_preparer", "undo_links"]
