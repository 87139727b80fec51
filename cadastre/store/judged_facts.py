"""Reads what the rules ask about a case beside its sections: people, mandates, consents, other cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, TextClause, text

from cadastre.domain.party import PartyKind
from cadastre.domain.property_state import PartyState

NO_CASE = UUID(int=0)
_PARTIES = text("""
    SELECT party_id, kind, born_on,
           fin IS NOT NULL OR voen IS NOT NULL OR foreign_number IS NOT NULL AS numbered,
           registry.resolve_party(party_id) AS stands_for
      FROM party.party WHERE party_id = ANY (CAST(:parties AS uuid[]))
""")
_MANDATES = text("""
    SELECT kind, principal_party_id, agent_party_id, valid_from, valid_to, end_reason, operations,
           property_id, permission_source_id IS NOT NULL AS has_permission
      FROM registry.representation
     WHERE superseded_leaf IS NULL AND principal_party_id = ANY (CAST(:parties AS uuid[]))
""")
_CONSENTS = text("""
    SELECT kind, party_id, given_on, until FROM registry.consent
     WHERE case_id = CAST(:case AS uuid) AND superseded_leaf IS NULL
""")
_OTHER_CASES = text("""
    SELECT f.journal_number, p.property_id, p.place, s.operation
      FROM registry.case_property p
      JOIN registry.case_file f ON f.case_id = p.case_id AND f.closed_leaf IS NULL
      JOIN registry.service s ON s.code = f.service AND s.valid_from = f.service_from
     WHERE p.property_id = ANY (CAST(:properties AS bigint[])) AND p.case_id <> CAST(:case AS uuid)
""")
_NOTICES = text("""
    SELECT property_id, journal_number, notice_id
      FROM registry.priority_notice
     WHERE property_id = ANY (CAST(:properties AS bigint[])) AND superseded_leaf IS NULL AND state = 'held'
       AND expires_at > CAST(:now AS timestamptz)
     ORDER BY property_id, queue_number
""")
_PLACES = text("""
    SELECT property_id, place, notice_id FROM registry.case_property WHERE case_id = CAST(:case AS uuid)
""")
_CONFIRM_BY = text("""
    SELECT restriction_id, confirm_by FROM cadastre.restriction
     WHERE property_id = ANY (CAST(:properties AS bigint[])) AND confirm_by IS NOT NULL
       AND superseded_leaf IS NULL AND valid_to IS NULL
""")


@dataclass(frozen=True, slots=True)
class JudgedFacts:
    """Rows that rules are asked with."""

    parties: Mapping[UUID, PartyState]
    mandates: Sequence[Row[Any]]
    consents: Sequence[Row[Any]]
    other_cases: Sequence[Row[Any]]
    notices: Sequence[Row[Any]]
    places: Mapping[int, int]
    own_notices: frozenset[UUID]
    confirm_by: Mapping[int, datetime]


@dataclass(frozen=True, slots=True)
class Asked:
    """What facts are about; ``case_id`` is None while the case is being filed, as it has no rows yet."""

    case_id: UUID | None
    properties: Sequence[int]
    parties: Sequence[UUID]
    is_anybody_represented: bool
    is_anything_restricted: bool


def gather_facts(connection: Connection, asked: Asked, now: datetime) -> JudgedFacts:
    """Read them in a transaction that holds the heads and has written down that it looks.

    What cannot be there is not asked for: nobody's mandates, the consents of a case being filed.
    """

    def ask(query: TextClause, unless_none: object = True) -> Sequence[Row[Any]]:
        return connection.execute(query, bound).all() if unless_none else ()

    bound = {
        "parties": [str(key) for key in asked.parties],
        "properties": list(asked.properties),
        "case": str(asked.case_id or NO_CASE),
        "now": now,
    }
    parties = {row.party_id: _party(row) for row in ask(_PARTIES)}
    minors = any(party.born_on is not None for party in parties.values())
    places = ask(_PLACES, asked.case_id)
    return JudgedFacts(
        parties=parties,
        mandates=ask(_MANDATES, asked.is_anybody_represented or minors),
        consents=ask(_CONSENTS, asked.case_id),
        other_cases=ask(_OTHER_CASES),
        notices=ask(_NOTICES),
        places={row.property_id: row.place for row in places},
        own_notices=frozenset(row.notice_id for row in places if row.notice_id is not None),
        confirm_by={
            row.restriction_id: row.confirm_by for row in ask(_CONFIRM_BY, asked.is_anything_restricted)
        },
    )


def _party(row: Row[Any]) -> PartyState:
    return PartyState(row.party_id, PartyKind(row.kind), row.stands_for, row.numbered, row.born_on)


__all__ = ["Asked", "JudgedFacts", "gather_facts"]
