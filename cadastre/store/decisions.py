"""Reads a case that is to be decided, and takes the step that registers it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection

from cadastre.db.prepared import fetch, prepared

_PENDING = prepared("""
    SELECT f.service, f.service_from, s.operation, f.closed_leaf IS NOT NULL AS is_closed,
           (SELECT max(t.step_number) FROM registry.case_step t WHERE t.case_id = f.case_id) AS last_step,
           (SELECT a.source_id FROM cadastre.administrative_source a
             WHERE a.case_id = f.case_id ORDER BY a.source_id LIMIT 1) AS source_id,
           (SELECT d.office_code
              FROM registry.case_property c
              JOIN cadastre.property p ON p.property_id = c.property_id
              JOIN cadastre.district d ON d.code = p.district_code
             WHERE c.case_id = f.case_id ORDER BY c.property_id LIMIT 1) AS office_code,
           j.office_code AS office_of_intake
      FROM registry.case_file f
      JOIN registry.registration_journal j ON j.journal_number = f.journal_number
      JOIN registry.service s ON s.code = f.service AND s.valid_from = f.service_from
     WHERE f.case_id = :case
""")
_REGISTER = prepared("""
    INSERT INTO registry.case_step
           (case_id, step_number, kind, actor, actor_role, report_sha256, recorded_leaf)
    VALUES (:case, :number, 'register', :actor, :role, :report, :leaf)
    RETURNING (SELECT jsonb_object_agg(h.property_id, h.version)
                 FROM registry.property_head h WHERE h.property_id = ANY (CAST(:properties AS bigint[])))
""")
_PERSONS = prepared("""
    SELECT party_id, registry.resolve_party(party_id) AS person
      FROM unnest(CAST(:parties AS uuid[])) AS asked (party_id)
""")


@dataclass(frozen=True, slots=True)
class PendingCase:
    """A case as its decision finds it; ``office_code`` is of its (first) property, else of its intake."""

    case_id: UUID
    service: str
    operation: str
    is_closed: bool
    last_step: int
    source_id: int | None
    office_code: str


@dataclass(frozen=True, slots=True)
class RegisterStep:
    """The deciding step: its number, who takes it, and the digest of the report that he decides on."""

    number: int
    actor: str
    actor_role: str
    report_sha256: bytes


def get_pending(connection: Connection, case_id: UUID) -> PendingCase:
    """Read a case whose properties this transaction has entered."""
    (row,) = fetch(connection, _PENDING, {"case": case_id})
    return PendingCase(
        case_id,
        row.service,
        row.operation,
        row.is_closed,
        row.last_step,
        row.source_id,
        row.office_code or row.office_of_intake,
    )


def resolve_persons(connection: Connection, parties: Iterable[UUID]) -> dict[UUID, UUID]:
    """Give, for each record of a party, the record that it stands for today."""
    rows = fetch(connection, _PERSONS, {"parties": [str(party) for party in parties]})
    return {row.party_id: row.person for row in rows}


def take_register_step(
    connection: Connection, case_id: UUID, step: RegisterStep, leaf: int, properties: Sequence[int]
) -> Mapping[int, int]:
    """Register a case, after all its entries are written; gives the versions that its properties reached."""
    ((versions,),) = fetch(
        connection,
        _REGISTER,
        {
            "case": case_id,
            "number": step.number,
            "actor": step.actor,
            "role": step.actor_role,
            "report": step.report_sha256,
            "leaf": leaf,
            "properties": list(properties),
        },
    )
    return {int(property_id): version for property_id, version in versions.items()}


__all__ = ["PendingCase", "RegisterStep", "get_pending", "resolve_persons", "take_register_step"]
