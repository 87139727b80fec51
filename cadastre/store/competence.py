"""Who may act for which territory, and who has how much to do there."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select, update

from cadastre.db.prepared import fetch, prepared
from cadastre.store.subject_tables import competence

COMPETENCE: Final = """
    WITH RECURSIVE given AS (
        SELECT c.district_code FROM registry.competence c
         WHERE c.kind = :kind AND c.subject = :subject AND c.superseded_leaf IS NULL
           AND c.valid_from <= :on AND (c.valid_to IS NULL OR :on < c.valid_to)
    ), within AS (
        SELECT district_code AS code FROM given
        UNION
        SELECT d.code FROM within w JOIN cadastre.district d ON d.parent_code = w.code)
    SELECT ARRAY(SELECT code FROM within) AS districts,
           EXISTS (SELECT FROM registry.competence c WHERE c.kind = :kind AND c.subject = :subject
                      AND c.superseded_leaf IS NULL) AS is_recorded
"""
"""Asks in which districts somebody (kind, subject) may act on a day, and whether that was ever recorded."""
_DISTRICTS = prepared(COMPETENCE)
_OFFICERS = prepared("""
    WITH RECURSIVE above AS (
        SELECT code, parent_code FROM cadastre.district WHERE code = :district
        UNION
        SELECT d.code, d.parent_code FROM above a JOIN cadastre.district d ON d.code = a.parent_code
    ), newest AS (
        SELECT DISTINCT ON (s.case_id) s.case_id, s.assignee
          FROM registry.case_step s JOIN registry.case_file f ON f.case_id = s.case_id
         WHERE s.kind = 'assign' AND f.closed_leaf IS NULL
         ORDER BY s.case_id, s.step_number DESC)
    SELECT c.subject
      FROM registry.competence c
      LEFT JOIN newest n ON n.assignee = c.subject
     WHERE c.kind = 'registrar' AND c.superseded_leaf IS NULL
       AND c.district_code IN (SELECT code FROM above)
       AND c.valid_from <= :on AND (c.valid_to IS NULL OR :on < c.valid_to)
     GROUP BY c.subject
     ORDER BY count(DISTINCT n.case_id), c.subject
""")
COMPETENT: Final = """
    WITH RECURSIVE above AS (
        SELECT code AS district, code, parent_code FROM cadastre.district WHERE code = ANY (<districts>)
        UNION
        SELECT a.district, d.code, d.parent_code
          FROM above a JOIN cadastre.district d ON d.code = a.parent_code)
    SELECT c.subject
      FROM registry.competence c JOIN above a ON a.code = c.district_code
     WHERE c.kind = 'registrar' AND c.superseded_leaf IS NULL
       AND c.valid_from <= :on AND (c.valid_to IS NULL OR :on < c.valid_to)
     GROUP BY c.subject
    HAVING count(DISTINCT a.district) = cardinality(<districts>)
     ORDER BY c.subject
"""
"""Asks for the registrars competent on a day for each district of an array, in order of their accounts."""
_COMPETENT = prepared(COMPETENT.replace("<districts>", "CAST(:districts AS text[])"))


def list_districts_of(connection: Connection, kind: str, subject: str, on: date) -> frozenset[str] | None:
    """Give the districts in which somebody may act, those inside them too; None when none ever was recorded.

    ``kind`` is ``notary`` or ``registrar``. Whose competences have all ended may act nowhere.
    """
    (row,) = fetch(connection, _DISTRICTS, {"kind": kind, "subject": subject, "on": on})
    return frozenset(row.districts) if row.is_recorded else None


def read_districts(record: Mapping[str, Any]) -> frozenset[str] | None:
    """Read what ``COMPETENCE`` gave as a record in JSON."""
    return frozenset(record["districts"]) if record["is_recorded"] else None


def list_competent(connection: Connection, districts: Collection[str], on: date) -> Sequence[str]:
    """Give the registrars competent for each of these districts on a day, in order of their accounts."""
    asked = {"districts": sorted(set(districts)), "on": on}
    return [row.subject for row in fetch(connection, _COMPETENT, asked)]


def list_officers_for(connection: Connection, district_code: str, on: date) -> Sequence[str]:
    """Give the registrars competent for a district, whoever has the fewest open cases first."""
    return list(connection.execute(_OFFICERS, {"district": district_code, "on": on}).scalars())


_RESTATE = prepared("""
    INSERT INTO registry.competence (kind, subject, district_code, valid_from, valid_to, recorded_leaf)
    SELECT kind, subject, district_code, valid_from, :valid_to, :leaf
      FROM registry.competence WHERE competence_id = :competence
""")


def insert_competence(
    connection: Connection, *, kind: str, subject: str, district_code: str, valid_from: date, leaf: int
) -> int:
    """Record a competence; give its id."""
    row = insert(competence).values(
        kind=kind, subject=subject, district_code=district_code, valid_from=valid_from, recorded_leaf=leaf
    )
    return int(connection.execute(row.returning(competence.c.competence_id)).scalar_one())


def close_competence(connection: Connection, competence_id: int, leaf: int) -> date | None:
    """Close a competence that has no end yet; give the day on which it began, or None."""
    row = (
        update(competence)
        .where(
            competence.c.competence_id == competence_id,
            competence.c.superseded_leaf.is_(None),
            competence.c.valid_to.is_(None),
        )
        .values(superseded_leaf=leaf)
    )
    begun: date | None = connection.execute(row.returning(competence.c.valid_from)).scalar_one_or_none()
    return begun


def restate_competence(connection: Connection, competence_id: int, *, valid_to: date, leaf: int) -> None:
    """Enter a closed competence again, with its end."""
    values = {"competence": competence_id, "valid_to": valid_to, "leaf": leaf}
    connection.execute(_RESTATE, values)


def list_competences(connection: Connection, subject: str | None) -> Sequence[Row[Any]]:
    """Give the current entries, in order of account and district."""
    query = select(competence).where(competence.c.superseded_leaf.is_(None))
    if subject is not None:
        query = query.where(competence.c.subject == subject)
    order = (competence.c.kind, competence.c.subject, competence.c.district_code, competence.c.valid_from)
    return connection.execute(query.order_by(*order)).all()


__all__ = [
    "COMPETENCE",
    "COMPETENT",
    "close_competence",
    "insert_competence",
    "list_competences",
    "list_competent",
    "list_districts_of",
    "list_officers_for",
    "read_districts",
    "restate_competence",
]
