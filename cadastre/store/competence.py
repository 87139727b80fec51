"""Who may act for which territory, and who has how much to do there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection, text

_DISTRICTS = text("""
    WITH RECURSIVE given AS (
        SELECT c.district_code FROM registry.competence c
         WHERE c.kind = :kind AND c.subject = :subject AND c.superseded_leaf IS NULL
           AND c.valid_from <= :on AND (c.valid_to IS NULL OR :on < c.valid_to)
    ), within AS (
        SELECT district_code AS code FROM given
        UNION
        SELECT d.code FROM within w JOIN cadastre.district d ON d.parent_code = w.code)
    SELECT code FROM within
""")
_OFFICERS = text("""
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


def list_districts_of(connection: Connection, kind: str, subject: str, on: date) -> frozenset[str] | None:
    """Give the districts in which somebody may act, those inside them too; None when nothing is recorded.

    ``kind`` is ``notary``, ``registrar`` or ``office`` (whose subject is its code).
    """
    rows = connection.execute(_DISTRICTS, {"kind": kind, "subject": subject, "on": on}).scalars()
    return frozenset(rows) or None


def list_officers_for(connection: Connection, district_code: str, on: date) -> Sequence[str]:
    """Give the registrars competent for a district, whoever has the fewest open cases first."""
    return list(connection.execute(_OFFICERS, {"district": district_code, "on": on}).scalars())


__all__ = ["list_districts_of", "list_officers_for"]
