"""Reads what an application names, and cases with their steps; adds steps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, false, insert, or_, select, text

from cadastre.domain.filing import NamedParty
from cadastre.kernel.errors import RuleBroken
from cadastre.store.registry_tables import (
    case_document,
    case_file,
    case_party,
    case_property,
    case_step,
    document,
    document_content,
    registration,
    registration_journal,
)
from cadastre.store.subject_tables import property_closure
from cadastre.store.tables import district, party, property_, property_right


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


def list_sections(connection: Connection, numbers: Sequence[str]) -> Sequence[Row[Any]]:
    """Give the sections of these register numbers: id, kind, district, office, whether it is closed."""
    closed = select(property_closure.c.property_id).where(property_closure.c.superseded_leaf.is_(None))
    query = (
        select(
            property_.c.property_id,
            property_.c.register_number,
            property_.c.object_kind,
            property_.c.district_code,
            district.c.office_code,
            property_.c.property_id.in_(closed).label("is_closed"),
        )
        .join(district, district.c.code == property_.c.district_code)
        .where(property_.c.register_number.in_(numbers))
    )
    return connection.execute(query).all()


def list_held(
    connection: Connection, property_ids: Sequence[int], *, fin: str | None, voen: str | None
) -> frozenset[int]:
    """Give those of the properties in which a party of this number holds a right; a logged look."""
    of_number = or_(
        (party.c.fin == fin) if fin is not None else false(),
        (party.c.voen == voen) if voen is not None else false(),
    )
    query = (
        select(property_right.c.property_id)
        .join(party, party.c.party_id == property_right.c.party_id)
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


def list_documents(
    connection: Connection, document_ids: Sequence[UUID], uploaded_by: str | None
) -> dict[UUID, str]:
    """Give the kinds of those of these documents that are there, and are somebody's when he is named."""
    query = select(document.c.document_id, document.c.kind).where(document.c.document_id.in_(document_ids))
    if uploaded_by is not None:
        query = query.where(document.c.uploaded_by == uploaded_by)
    return {row.document_id: row.kind for row in connection.execute(query)}


_INSERT_PARTY = text("""
    INSERT INTO party.party (kind, name, fin, voen, recorded_leaf)
    VALUES (:kind, :name, :fin, :voen, :leaf) ON CONFLICT DO NOTHING RETURNING party_id
""")


def find_or_enter_party(
    connection: Connection, named: NamedParty, property_ids: Sequence[int], leaf: int
) -> tuple[UUID, tuple[str, ...]]:
    """Give the record of a party, and what differs from how it is named now.

    It is known by its FIN or VOEN, else by its very name among the holders of the properties. Nothing is
    added to a record and no name is changed. A number that somebody enters at this moment is waited for
    and reused: no party is there twice.

    Raises
    ------
    RuleBroken
        FIN and VOEN belong to two different parties.
    """
    found = _find_parties(connection, named, property_ids)
    if not found:
        values = {"kind": named.kind.value, "name": named.name, "fin": named.fin, "voen": named.voen}
        entered = connection.execute(_INSERT_PARTY, {**values, "leaf": leaf}).scalar_one_or_none()
        if entered is not None:
            return UUID(str(entered)), ()
        found = _find_parties(connection, named, property_ids)
    if len(found) != 1:
        raise RuleBroken(
            "FIN and VOEN of a party belong to two different parties of the register; check them.",
            code="party-numbers-conflict",
            rule="party-numbers-conflict",
        )
    return found[0].party_id, tuple(_differences(found[0], named))


def _find_parties(
    connection: Connection, named: NamedParty, property_ids: Sequence[int]
) -> Sequence[Row[Any]]:
    query = select(party)
    if named.fin is None and named.voen is None:
        holders = select(property_right.c.party_id).where(
            property_right.c.property_id.in_(property_ids), property_right.c.superseded_leaf.is_(None)
        )
        named_so = (party.c.name == named.name) & (party.c.kind == named.kind.value)
        return connection.execute(query.where(party.c.party_id.in_(holders), named_so).limit(1)).all()
    numbers = [
        column == number
        for column, number in ((party.c.fin, named.fin), (party.c.voen, named.voen))
        if number is not None
    ]
    return connection.execute(query.where(or_(*numbers))).all()


def _differences(known: Row[Any], named: NamedParty) -> Iterator[str]:
    if known.kind != named.kind.value:
        yield "party-number-other-kind"
    elif known.name != named.name:
        yield "party-name-differs"
    numbers = ((named.fin, known.fin), (named.voen, known.voen))
    if any(given is not None and kept is None for given, kept in numbers):
        yield "party-number-not-added"


_KEEP_CONTENT = text("""
    INSERT INTO party.document_content (sha256, media_type, content)
    VALUES (:sha256, 'application/json', :content) ON CONFLICT DO NOTHING
""")


def keep_payload(connection: Connection, sha256: bytes, content: bytes) -> None:
    """Keep what was applied for, under its digest."""
    connection.execute(_KEEP_CONTENT, {"sha256": sha256, "content": content})


def get_payload(connection: Connection, case_id: UUID) -> bytes:
    """Give what was applied for; the transaction has written down that it looks."""
    query = (
        select(document_content.c.content)
        .join(case_file, case_file.c.payload_sha256 == document_content.c.sha256)
        .where(case_file.c.case_id == case_id)
    )
    return bytes(connection.execute(query).scalar_one())


def find_case(connection: Connection, case_id: UUID) -> Row[Any] | None:
    """Give a case with its journal entry, or None."""
    query = (
        select(case_file, registration_journal.c.received_at, registration_journal.c.channel)
        .add_columns(registration_journal.c.office_code)
        .join(registration_journal, registration_journal.c.journal_number == case_file.c.journal_number)
        .where(case_file.c.case_id == case_id)
    )
    return connection.execute(query).one_or_none()


def list_steps(connection: Connection, case_id: UUID) -> Sequence[Row[Any]]:
    """Give the steps of a case in order."""
    query = select(case_step).where(case_step.c.case_id == case_id).order_by(case_step.c.step_number)
    return connection.execute(query).all()


def list_case_properties(connection: Connection, case_id: UUID) -> Sequence[Row[Any]]:
    """Give the properties of a case with their places, numbers and districts."""
    query = (
        select(case_property, property_.c.register_number, property_.c.object_kind)
        .add_columns(property_.c.district_code)
        .join(property_, property_.c.property_id == case_property.c.property_id)
        .where(case_property.c.case_id == case_id)
        .order_by(property_.c.register_number)
    )
    return connection.execute(query).all()


def list_case_documents(connection: Connection, case_id: UUID) -> Sequence[Row[Any]]:
    """Give the documents of a case: role, kind, name and digest."""
    query = (
        select(case_document.c.role, document)
        .join(document, document.c.document_id == case_document.c.document_id)
        .where(case_document.c.case_id == case_id)
        .order_by(case_document.c.role, document.c.received_at)
    )
    return connection.execute(query).all()


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


def add_step(connection: Connection, case_id: UUID, step: NewStep, leaf: int) -> Row[Any]:
    """Take a step; the state, the moment and the time it took are what the database says."""
    values = {name: getattr(step, name) for name in step.__slots__ if name != "number"}
    row = insert(case_step).values(
        case_id=case_id, step_number=step.number, **values, fee=0, currency="AZN", recorded_leaf=leaf
    )
    return connection.execute(row.returning(case_step)).one()


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
    "NewStep",
    "add_step",
    "find_case",
    "find_or_enter_party",
    "find_party_of_voen",
    "get_payload",
    "keep_payload",
    "list_case_documents",
    "list_case_parties",
    "list_case_properties",
    "list_cases",
    "list_documents",
    "list_held",
    "list_registrations",
    "list_sections",
    "list_steps",
]
