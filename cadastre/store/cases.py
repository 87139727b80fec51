"""Reads what an application names, and cases with their steps; adds steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Row, false, func, or_, select, text

from cadastre.db.prepared import fetch, prepared
from cadastre.store.competence import COMPETENCE, read_districts
from cadastre.store.ledger import LEAF
from cadastre.store.registry_tables import (
    case_party,
    registration,
)
from cadastre.store.tables import party, property_right


@dataclass(frozen=True, slots=True)
class NewStep:
    """A step to be taken; its state, time and duration are given by the database."""

    number: int
    kind: str
    actor: str
    actor_role: str
    assignee: str | None = None
    ground: str | None = None
    due_on: date | None = None
    notify_by: datetime | None = None
    report_sha256: bytes | None = None


SECTIONS: Final = """
    SELECT p.property_id, p.register_number, p.object_kind, p.district_code, d.office_code,
           EXISTS (SELECT FROM cadastre.property_closure c
                    WHERE c.property_id = p.property_id AND c.superseded_leaf IS NULL) AS is_closed
      FROM cadastre.property p
      JOIN cadastre.district d ON d.code = p.district_code
     WHERE p.register_number = ANY (CAST(:numbers AS text[]))
"""
_SECTIONS = prepared(SECTIONS)


def list_sections(connection: Connection, numbers: Sequence[str]) -> Sequence[Row[Any]]:
    """Give the sections of these register numbers: id, kind, district, office, whether it is closed."""
    return fetch(connection, _SECTIONS, {"numbers": list(numbers)})


def list_held(
    connection: Connection, property_ids: Sequence[int], *, fin: str | None, voen: str | None
) -> frozenset[int]:
    """Give those of the properties in which a party of this number holds a right, under any name."""
    of_number = or_(
        (party.c.fin == fin) if fin is not None else false(),
        (party.c.voen == voen) if voen is not None else false(),
    )
    query = (
        select(property_right.c.property_id)
        .join(party, party.c.party_id == func.registry.resolve_party(property_right.c.party_id))
        .where(
            property_right.c.property_id.in_(property_ids),
            property_right.c.superseded_leaf.is_(None),
            property_right.c.valid_to.is_(None),
            of_number,
        )
    )
    return frozenset(connection.execute(query).scalars())


def find_party_of_voen(connection: Connection, voen: str) -> UUID | None:
    """Give the record of an organisation by its VOEN, or None; a logged look."""
    query = select(party.c.party_id).where(party.c.voen == voen)
    return connection.execute(query).scalar_one_or_none()


DOCUMENTS: Final = """
    SELECT document_id, kind FROM registry.document
     WHERE document_id = ANY (CAST(:documents AS uuid[]))
       AND (CAST(:uploader AS text) IS NULL OR uploaded_by = :uploader)
"""
_DOCUMENTS = prepared(DOCUMENTS)


def list_documents(
    connection: Connection, document_ids: Sequence[UUID], uploaded_by: str | None
) -> dict[UUID, str]:
    """Give the kinds of those of these documents that are there, and are somebody's when he is named."""
    asked = {"documents": [str(key) for key in document_ids], "uploader": uploaded_by}
    return {row.document_id: row.kind for row in fetch(connection, _DOCUMENTS, asked)}


_PAYLOAD = prepared("""
    SELECT d.content FROM registry.case_file f
      JOIN party.document_content d ON d.sha256 = f.payload_sha256
     WHERE f.case_id = :case
""")


def get_payload(connection: Connection, case_id: UUID) -> bytes:
    """Give what was applied for; the transaction has written down that it looks."""
    return bytes(fetch(connection, _PAYLOAD, {"case": case_id})[0].content)


_CASE = prepared("""
    SELECT f.case_id, f.journal_number, f.service, f.service_from, f.tier, f.applicant_subject,
           f.applicant_role, f.capacity, f.payload_sha256, f.due_on, f.recorded_leaf, f.closed_leaf,
           j.received_at, j.channel, j.office_code
      FROM registry.case_file f JOIN registry.registration_journal j USING (journal_number)
     WHERE f.case_id = :case
""")
STEP_COLUMNS: Final = """case_id, step_number, kind, state, actor, actor_role, at, duration_s, fee, currency,
           assignee, ground, due_on, notify_by, report_sha256, recorded_leaf"""
_STEPS = prepared(f"""
    SELECT {STEP_COLUMNS}
      FROM registry.case_step WHERE case_id = :case ORDER BY step_number
""")
_PROPERTIES = prepared("""
    SELECT c.case_id, c.property_id, c.place, c.notice_id, c.version_seen, c.recorded_leaf,
           p.register_number, p.object_kind, p.district_code
      FROM registry.case_property c JOIN cadastre.property p USING (property_id)
     WHERE c.case_id = :case ORDER BY p.register_number
""")
_DOCUMENTS_OF_CASE = prepared("""
    SELECT c.role, d.document_id, d.sha256, d.kind, d.file_name, d.pages, d.uploaded_by, d.received_at,
           d.recorded_leaf
      FROM registry.case_document c JOIN registry.document d USING (document_id)
     WHERE c.case_id = :case ORDER BY c.role, d.received_at
""")


STANDING_COLUMNS: Final = f"""f.case_id, f.applicant_subject, f.payload_sha256, j.received_at,
           (SELECT json_agg(s ORDER BY s.step_number) FROM (
               SELECT step_number, kind, state, actor, at, assignee, ground
                 FROM registry.case_step WHERE case_id = f.case_id) AS s) AS steps,
           (SELECT json_agg(encode(d.sha256, 'hex') ORDER BY d.sha256)
              FROM registry.case_document c JOIN registry.document d USING (document_id)
             WHERE c.case_id = f.case_id) AS documents,
           (SELECT row_to_json(own) FROM ({COMPETENCE}) AS own) AS competence"""
"""What a step asks about a case (f, j) beside its properties; binds kind, subject and day of an officer."""
_STANDING = prepared(f"""
    SELECT f.service, {STANDING_COLUMNS},
           (SELECT json_agg(p ORDER BY p.register_number) FROM (
               SELECT p.property_id, p.register_number, p.district_code
                 FROM registry.case_property c JOIN cadastre.property p USING (property_id)
                WHERE c.case_id = f.case_id) AS p) AS properties
      FROM registry.case_file f JOIN registry.registration_journal j USING (journal_number)
     WHERE f.case_id = :case
""")


class StandingStep(NamedTuple):
    """A step that a case has taken, as the next one asks about it."""

    step_number: int
    kind: str
    state: str
    actor: str
    at: datetime
    assignee: str | None
    ground: str | None


class StandingProperty(NamedTuple):
    """A property of a case, as its steps ask about it."""

    property_id: int
    register_number: str
    district_code: str


class Standing(NamedTuple):
    """A case with all that its next step asks about it, in one statement."""

    case: Row[Any]
    steps: Sequence[StandingStep]
    properties: Sequence[StandingProperty]
    documents: Sequence[str]
    districts: frozenset[str] | None


def find_standing(
    connection: Connection, case_id: UUID, *, kind: str | None, subject: str, on: date
) -> Standing | None:
    """Give how a case stands, or None; with the districts in which somebody (kind, subject) may act on a day.

    ``documents`` are digests in hex; ``districts`` are None when none was ever recorded.
    """
    found = fetch(connection, _STANDING, {"case": case_id, "kind": kind, "subject": subject, "on": on})
    if not found:
        return None
    return read_standing(found[0], [StandingProperty(**one) for one in found[0].properties or ()])


def read_standing(row: Any, properties: Sequence[StandingProperty]) -> Standing:
    """Read a row of ``STANDING_COLUMNS``."""
    steps = [{**step, "at": datetime.fromisoformat(step["at"])} for step in row.steps]
    return Standing(
        row,
        [StandingStep(**step) for step in steps],
        properties,
        row.documents or (),
        read_districts(row.competence),
    )


def find_case(connection: Connection, case_id: UUID) -> Row[Any] | None:
    """Give a case with its journal entry, or None."""
    return next(iter(fetch(connection, _CASE, {"case": case_id})), None)


def list_steps(connection: Connection, case_id: UUID) -> Sequence[Row[Any]]:
    """Give the steps of a case in order."""
    return fetch(connection, _STEPS, {"case": case_id})


def list_case_properties(connection: Connection, case_id: UUID) -> Sequence[Row[Any]]:
    """Give the properties of a case with their places, numbers and districts."""
    return fetch(connection, _PROPERTIES, {"case": case_id})


def list_case_documents(connection: Connection, case_id: UUID) -> Sequence[Row[Any]]:
    """Give the documents of a case: role, kind, name and digest."""
    return fetch(connection, _DOCUMENTS_OF_CASE, {"case": case_id})


def list_case_parties(connection: Connection, case_id: UUID) -> Sequence[Row[Any]]:
    """Give the parties of a case; the transaction has written down that it looks."""
    query = (
        select(case_party.c.role, party.c.party_id, party.c.kind, party.c.name, party.c.fin, party.c.voen)
        .join(party, party.c.party_id == case_party.c.party_id)
        .where(case_party.c.case_id == case_id)
        .order_by(case_party.c.role, party.c.name)
    )
    return list(connection.execute(query))


def list_registrations(connection: Connection, case_id: UUID) -> list[str]:
    """Give the registration numbers that a case was given."""
    query = (
        select(registration.c.registration_number)
        .where(registration.c.case_id == case_id)
        .order_by(registration.c.registration_number)
    )
    return list(connection.execute(query).scalars())


_ADD_STEP = prepared(f"""
    WITH leaf AS ({LEAF})
    INSERT INTO registry.case_step (case_id, step_number, kind, actor, actor_role, assignee, ground, due_on,
                                    notify_by, report_sha256, recorded_leaf)
    SELECT CAST(:case AS uuid), CAST(:number AS integer), :kind, :actor, :actor_role, :assignee, :ground,
           CAST(:due_on AS date), CAST(:notify_by AS timestamptz), CAST(:report_sha256 AS bytea), leaf_id
      FROM leaf
    RETURNING {STEP_COLUMNS}
""")


def add_step(connection: Connection, case_id: UUID, step: NewStep, leaf: Mapping[str, object]) -> Row[Any]:
    """Take a step with the leaf of it; state, moment and the time it took are what the database says.

    Parameters
    ----------
    leaf
        Values of :func:`cadastre.store.ledger.leaf_values`.
    """
    values = {name: getattr(step, name) for name in step.__slots__}
    taken: Row[Any] = fetch(connection, _ADD_STEP, {**values, **leaf, "case": str(case_id)})[0]
    return taken


_LIST = text("""
    SELECT f.case_id, f.journal_number, f.service, f.tier, f.due_on, f.applicant_subject, j.received_at,
           j.channel, j.office_code, newest.state, newest.step_number, given.assignee
      FROM registry.case_file f
      JOIN registry.registration_journal j USING (journal_number)
     CROSS JOIN LATERAL (SELECT s.state, s.step_number FROM registry.case_step s
                          WHERE s.case_id = f.case_id ORDER BY s.step_number DESC LIMIT 1) AS newest
      LEFT JOIN LATERAL (SELECT s.assignee FROM registry.case_step s
                          WHERE s.case_id = f.case_id AND s.kind = 'assign'
                          ORDER BY s.step_number DESC LIMIT 1) AS given ON true
     WHERE f.journal_number > :after
       AND (CAST(:state AS text) IS NULL OR newest.state = :state)
       AND (CAST(:office AS text) IS NULL OR j.office_code = :office)
       AND (CAST(:assignee AS text) IS NULL OR given.assignee = :assignee)
       AND (CAST(:applicant AS text) IS NULL OR f.applicant_subject = :applicant)
     ORDER BY f.journal_number
     LIMIT :limit
""")


def list_cases(
    connection: Connection,
    *,
    state: str | None,
    office: str | None,
    assignee: str | None,
    applicant: str | None,
    after: int,
    limit: int,
) -> Sequence[Row[Any]]:
    """Give cases in the order of the journal, with state and officer of each; no parties."""
    wanted = {"state": state, "office": office, "assignee": assignee, "applicant": applicant}
    return connection.execute(_LIST, {**wanted, "after": after, "limit": limit}).all()


__all__ = [
    "DOCUMENTS",
    "SECTIONS",
    "STANDING_COLUMNS",
    "STEP_COLUMNS",
    "NewStep",
    "Standing",
    "StandingProperty",
    "StandingStep",
    "add_step",
    "find_case",
    "find_party_of_voen",
    "find_standing",
    "get_payload",
    "list_case_documents",
    "list_case_parties",
    "list_case_properties",
    "list_cases",
    "list_documents",
    "list_held",
    "list_registrations",
    "list_sections",
    "list_steps",
    "read_standing",
]
