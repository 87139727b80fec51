"""Reads a case that is to be decided, and takes the step that registers it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, Row

from cadastre.db.prepared import fetch, prepared
from cadastre.domain.property_state import PropertyState
from cadastre.kernel.errors import InvalidInput
from cadastre.store.cases import (
    STANDING_COLUMNS,
    STEP_COLUMNS,
    Standing,
    StandingProperty,
    read_standing,
)
from cadastre.store.first_objects import enter_objects_of_case
from cadastre.store.judged_facts import Gathered, Part, facts_beside, read_gathered
from cadastre.store.ledger import LEAF, THIS_LEAF
from cadastre.store.states import read_state, sections_of

_PENDING: Final = """
    SELECT f.service, <more>s.operation, f.closed_leaf IS NOT NULL AS is_closed, ledger.today() AS today,
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
     WHERE f.case_id = CAST(:case AS uuid)
"""
_NAMED: Final = "ARRAY(SELECT property_id FROM registry.case_property WHERE case_id = CAST(:case AS uuid))"
# Which properties a case names never changes once it is filed, so they are found and entered at once.
_ENTERED: Final = f"""
    SELECT FROM registry.enter_properties({_NAMED});
    SELECT pending.*, section.*
      FROM ({_PENDING}) AS pending LEFT JOIN ({sections_of(_NAMED)}) AS section ON true
"""
_ENTER = prepared(_ENTERED.replace("<more>", ""))
_ENTER_STANDING = prepared(_ENTERED.replace("<more>", f"{STANDING_COLUMNS}, "))
_REREAD = prepared(_PENDING.replace("<more>", ""))
_OPEN_PARTS: Final = (
    Part.PARTIES,
    Part.CONSENTS,
    Part.OTHER_CASES,
    Part.NOTICES,
    Part.PLACES,
    Part.CONFIRM_BY,
)
_OPEN_FACTS: Final = facts_beside(
    _OPEN_PARTS, "SELECT party_id FROM registry.case_party WHERE case_id = CAST(:case AS uuid)"
)
_OPEN = prepared(f"""
    {LEAF};
    SELECT ({THIS_LEAF}) AS leaf_id, d.content,
           (SELECT json_object_agg(n.document_id, n.kind)
              FROM registry.case_document c JOIN registry.document n USING (document_id)
             WHERE c.case_id = f.case_id) AS kinds,
           {_OPEN_FACTS.replace("CAST(:now AS timestamptz)", "clock_timestamp()")}
      FROM registry.case_file f LEFT JOIN party.document_content d ON d.sha256 = f.payload_sha256
     WHERE f.case_id = CAST(:case AS uuid)
""")
_REGISTER = prepared(f"""
    INSERT INTO registry.case_step
           (case_id, step_number, kind, actor, actor_role, report_sha256, recorded_leaf)
    VALUES (:case, :number, 'register', :actor, :role, :report, :leaf)
    RETURNING {STEP_COLUMNS},
              (SELECT jsonb_object_agg(h.property_id, h.version)
                 FROM registry.property_head h WHERE h.property_id = ANY (CAST(:properties AS bigint[])))
              AS versions
""")
_PERSONS = prepared("""
    SELECT party_id, registry.resolve_party(party_id) AS person
      FROM unnest(CAST(:parties AS uuid[])) AS asked (party_id)
""")


@dataclass(frozen=True, slots=True)
class CaseFile:
    """What was applied for, and the kinds of the documents handed in; personal data."""

    payload: bytes
    kinds: Mapping[UUID, str]


@dataclass(frozen=True, slots=True)
class Entered:
    """A case whose heads are held: it, its sections as they stand, and the civil day of the register."""

    case: PendingCase
    states: Mapping[int, PropertyState]
    today: date


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
    file: CaseFile | None = None

    def require_file(self) -> CaseFile:
        """Give what was applied for; only what was never filed over a counter has none."""
        if self.file is None:
            raise InvalidInput("Nothing was filed with this case.", code="case-without-payload")
        return self.file


@dataclass(frozen=True, slots=True)
class RegisterStep:
    """The deciding step: its number, who takes it, and the digest of the report that he decides on."""

    number: int
    actor: str
    actor_role: str
    report_sha256: bytes


def enter_pending(connection: Connection, case_id: UUID) -> Entered | None:
    """Take the heads of every property that a case names and read how all stands; None: no such case.

    A case about what has no section yet takes the turnstiles of its objects instead.
    """
    rows = fetch(connection, _ENTER, {"case": str(case_id)})
    if rows and rows[0].property_id is not None:
        return _entered(case_id, rows)
    today = enter_objects_of_case(connection, case_id)
    if today is None:
        return None
    (row,) = fetch(connection, _REREAD, {"case": str(case_id)})
    return Entered(_pending(case_id, row), {}, today)


def enter_standing(
    connection: Connection, case_id: UUID, *, kind: str | None, subject: str, on: date
) -> tuple[Standing, Entered | None] | None:
    """Take the heads as :func:`enter_pending` does and read how the case stands for the officer who decides.

    None of a case that is not there; nothing is entered yet of one that is about no section.
    """
    asked = {"case": str(case_id), "kind": kind, "subject": subject, "on": on}
    rows = fetch(connection, _ENTER_STANDING, asked)
    if not rows:
        return None
    named = [] if rows[0].property_id is None else sorted(rows, key=lambda row: row.register_number)
    properties = [StandingProperty(row.property_id, row.register_number, row.district_code) for row in named]
    return read_standing(rows[0], properties), _entered(case_id, rows) if named else None


def _entered(case_id: UUID, rows: Sequence[Any]) -> Entered:
    states = {row.property_id: read_state(row) for row in rows}
    return Entered(_pending(case_id, rows[0]), states, rows[0].today)


def _pending(case_id: UUID, row: Any) -> PendingCase:
    return PendingCase(
        case_id,
        row.service,
        row.operation,
        row.is_closed,
        row.last_step,
        row.source_id,
        row.office_code or row.office_of_intake,
    )


def open_file(
    connection: Connection,
    case: PendingCase,
    leaf: Mapping[str, object],
    states: Mapping[int, PropertyState],
) -> tuple[int, PendingCase, Gathered]:
    """Write the leaf of the decision, which says that the case is looked at; give it with its file and facts.

    Parameters
    ----------
    leaf
        Values of :func:`cadastre.store.ledger.leaf_values`.
    """
    people = {str(party) for state in states.values() for party in state.people}
    asked = {"case": str(case.case_id), "parties": list(people), "properties": list(states)}
    (row,) = fetch(connection, _OPEN, {**leaf, **asked})
    gathered = read_gathered(row, _OPEN_PARTS)
    if row.content is None:
        return int(row.leaf_id), case, gathered
    kinds = {UUID(key): kind for key, kind in (row.kinds or {}).items()}
    return int(row.leaf_id), replace(case, file=CaseFile(bytes(row.content), kinds)), gathered


def resolve_persons(connection: Connection, parties: Iterable[UUID]) -> dict[UUID, UUID]:
    """Give, for each record of a party, the record that it stands for today."""
    rows = fetch(connection, _PERSONS, {"parties": [str(party) for party in parties]})
    return {row.party_id: row.person for row in rows}


def take_register_step(
    connection: Connection, case_id: UUID, step: RegisterStep, leaf: int, properties: Sequence[int]
) -> tuple[Row[Any], Mapping[int, int]]:
    """Register a case, after all its entries are written; gives the step, and the versions reached."""
    (row,) = fetch(
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
    return row, {int(property_id): version for property_id, version in row.versions.items()}


__all__ = [
    "CaseFile",
    "Entered",
    "PendingCase",
    "RegisterStep",
    "enter_pending",
    "enter_standing",
    "open_file",
    "resolve_persons",
    "take_register_step",
]
