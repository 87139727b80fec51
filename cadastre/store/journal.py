"""Enters applications into the journal: number, case, papers and first steps in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from cadastre.db.prepared import fetch, prepared


@dataclass(frozen=True, slots=True)
class Source:
    """A basis document of a case, as entries will name it."""

    document_id: UUID
    kind: str
    number: str | None
    dated: date | None
    issuer: str | None


@dataclass(frozen=True, slots=True)
class CaseEntry:
    """A case as it enters; everything else about it (number, time, places) the database gives."""

    case_id: UUID
    channel: str
    office_code: str
    service: str
    service_from: date
    tier: str
    applicant_subject: str
    applicant_role: str
    capacity: str
    payload: bytes
    payload_sha256: bytes
    due_on: date
    property_ids: Sequence[int]
    notice_ids: Sequence[UUID | None]
    versions_seen: Sequence[int | None]
    party_ids: Sequence[UUID]
    party_roles: Sequence[str]
    document_ids: Sequence[UUID]
    document_roles: Sequence[str]
    sources: Sequence[Source]
    fee: Decimal
    return_ground: str | None
    leaf: int
    assignee: str | None = None


@dataclass(frozen=True, slots=True)
class EnteredCase:
    """What the database gave a case that entered; ``places`` by property."""

    journal_number: int
    received_at: datetime
    state: str
    step_number: int
    places: dict[int, int]


# One statement: a part is carried out when another asks for its rows, and what a trigger reads it reads anew.
# What needs no number comes before the journal, whose turnstile is then held until commit: nothing slower may
# follow it.
_CASE = """
    WITH content AS (
        INSERT INTO party.document_content (sha256, media_type, content)
        VALUES (:payload_sha256, 'application/json', :payload) ON CONFLICT DO NOTHING RETURNING 1
    ), party AS (
        INSERT INTO registry.case_party (case_id, party_id, role, recorded_leaf)
        SELECT DISTINCT CAST(:case_id AS uuid), party_id, role, CAST(:leaf AS bigint)
          FROM unnest(CAST(:party_ids AS uuid[]), CAST(:party_roles AS text[])) AS named (party_id, role)
        RETURNING 1
    ), document AS (
        INSERT INTO registry.case_document (case_id, document_id, role, recorded_leaf)
        SELECT CAST(:case_id AS uuid), document_id, role, CAST(:leaf AS bigint)
          FROM unnest(CAST(:document_ids AS uuid[]), CAST(:document_roles AS text[]))
               AS named (document_id, role)
        RETURNING 1
    ), source AS (
        INSERT INTO cadastre.administrative_source (kind, number, dated, issuer, document_id, case_id,
                                                    recorded_leaf)
        SELECT kind, number, dated, issuer, document_id, CAST(:case_id AS uuid), CAST(:leaf AS bigint)
          FROM unnest(CAST(:source_ids AS uuid[]), CAST(:source_kinds AS text[]),
                      CAST(:source_numbers AS text[]), CAST(:source_days AS date[]),
                      CAST(:source_issuers AS text[]))
               AS named (document_id, kind, number, dated, issuer)
        RETURNING 1
    ), journal AS (
        INSERT INTO registry.registration_journal (kind, channel, office_code, actor, recorded_leaf)
        SELECT 'application', :channel, :office_code, :applicant_subject, CAST(:leaf AS bigint)
          FROM (SELECT (SELECT count(*) FROM content) + (SELECT count(*) FROM party)
                       + (SELECT count(*) FROM document) + (SELECT count(*) FROM source) AS entered) AS before
         WHERE before.entered >= 0
        RETURNING journal_number, received_at, recorded_leaf
    ), filed AS (
        INSERT INTO registry.case_file (case_id, journal_number, service, service_from, tier,
                                        applicant_subject, applicant_role, capacity, payload_sha256, due_on,
                                        recorded_leaf)
        SELECT CAST(:case_id AS uuid), journal_number, :service, CAST(:service_from AS date), :tier,
               :applicant_subject, :applicant_role, :capacity, CAST(:payload_sha256 AS bytea),
               CAST(:due_on AS date), recorded_leaf
          FROM journal
        RETURNING case_id, recorded_leaf
    ), property AS (
        INSERT INTO registry.case_property (case_id, property_id, notice_id, version_seen, recorded_leaf)
        SELECT filed.case_id, named.property_id, named.notice_id, named.version_seen, filed.recorded_leaf
          FROM filed, unnest(CAST(:property_ids AS bigint[]), CAST(:notice_ids AS uuid[]),
                             CAST(:versions_seen AS bigint[])) AS named (property_id, notice_id, version_seen)
         ORDER BY named.property_id
        RETURNING property_id, place
    ), placed AS (
        SELECT filed.case_id, filed.recorded_leaf, entered.places
          FROM filed, (SELECT coalesce(jsonb_object_agg(property_id, place), '{}') AS places
                         FROM property) AS entered
    ), """
_NOTICES = """
    ended AS (
        UPDATE registry.priority_notice AS n SET superseded_leaf = placed.recorded_leaf FROM placed
         WHERE n.notice_id = ANY(CAST(:notice_ids AS uuid[])) AND n.superseded_leaf IS NULL
           AND placed.places IS NOT NULL
        RETURNING n.*
    ), used AS (
        INSERT INTO registry.priority_notice (notice_id, property_id, journal_number, holder_subject,
                                              for_party_id, service, state, term, recorded_leaf)
        SELECT notice_id, property_id, journal_number, holder_subject, for_party_id, service, 'used', term,
               superseded_leaf
          FROM ended
    ), """
_REST = """
    step AS (
        INSERT INTO registry.case_step (case_id, step_number, kind, actor, actor_role, fee, ground, assignee,
                                        recorded_leaf)
        SELECT placed.case_id, step.number, step.kind, step.actor, step.role, step.fee, step.ground,
               step.assignee, placed.recorded_leaf
          FROM placed, (VALUES
                   (1, 'receive', CAST(:applicant_subject AS text), CAST(:applicant_role AS text), 0.00,
                    NULL, NULL),
                   (2, CAST(:second_step AS text), 'intake', 'system', CAST(:fee AS numeric),
                    CAST(:return_ground AS text), NULL),
                   (3, 'assign', 'intake', 'system', 0.00, NULL, CAST(:assignee AS text)))
               AS step (number, kind, actor, role, fee, ground, assignee)
         WHERE (step.number < 3 OR step.assignee IS NOT NULL) AND placed.places IS NOT NULL
         ORDER BY step.number
        RETURNING step_number, state
    )
    SELECT journal.journal_number, journal.received_at, step.state, step.step_number, placed.places
      FROM journal, placed, step
     ORDER BY step.step_number DESC LIMIT 1
"""
_ENTER = prepared(_CASE + _REST)
_ENTER_ON_NOTICE = prepared(_CASE + _NOTICES + _REST)


def enter_case(connection: Connection, entry: CaseEntry) -> EnteredCase:
    """Enter a case; the last thing its transaction does. It is returned on its ground, or accepted.

    An accepted one is given to the officer drawn for it, when there is one.

    Raises
    ------
    DBAPIError
        A version seen is stale, a notice is not in force: the meanings stand in ``db.constraint_errors``.
    """
    values: dict[str, Any] = {name: getattr(entry, name) for name in entry.__slots__ if name != "sources"}
    values |= {
        "source_ids": [str(source.document_id) for source in entry.sources],
        "source_kinds": [source.kind for source in entry.sources],
        "source_numbers": [source.number for source in entry.sources],
        "source_days": [source.dated for source in entry.sources],
        "source_issuers": [source.issuer for source in entry.sources],
    }
    for name in ("property_ids", "versions_seen", "party_roles", "document_roles"):
        values[name] = list(values[name])
    for name in ("notice_ids", "party_ids", "document_ids"):
        values[name] = [None if key is None else str(key) for key in values[name]]
    values["case_id"] = str(entry.case_id)
    values["second_step"] = "accept" if entry.return_ground is None else "return"
    on_notice = any(key is not None for key in entry.notice_ids)
    (row,) = fetch(connection, _ENTER_ON_NOTICE if on_notice else _ENTER, values)
    places = {int(key): int(place) for key, place in row.places.items()}
    return EnteredCase(row.journal_number, row.received_at, row.state, row.step_number, places)


__all__ = ["CaseEntry", "EnteredCase", "Source", "enter_case"]
