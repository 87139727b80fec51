"""Reads what waits for the office: each list a page after a key, within districts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Connection, Row, TextClause, text

_WITHIN: Final = "(CAST(:districts AS text[]) IS NULL OR {0} = ANY (CAST(:districts AS text[])))"

_OPEN_SECTION: Final = f"""
    p.property_id > :after AND p.superseded_leaf IS NULL AND {_WITHIN.format("p.district_code")}
    AND NOT EXISTS (SELECT FROM cadastre.property_closure c
                     WHERE c.property_id = p.property_id AND c.superseded_leaf IS NULL)"""


def _parcels(condition: str) -> TextClause:
    return text(f"""
        SELECT v.parcel_id AS key, p.cadastral_number AS subject, p.district_code, d.office_code,
               v.valid_from AS since, v.geom IS NOT NULL AS has_outline, v.surveyed_area_m2,
               v.documentary_area_m2, v.purpose
          FROM cadastre.parcel_version v
          JOIN cadastre.parcel p USING (parcel_id)
          JOIN cadastre.district d ON d.code = p.district_code
         WHERE v.parcel_id > :after AND v.superseded_leaf IS NULL AND v.valid_to IS NULL AND {condition}
           AND NOT EXISTS (SELECT FROM cadastre.property_object o WHERE o.parcel_id = v.parcel_id
                              AND o.superseded_leaf IS NULL AND o.valid_to IS NULL)
           AND {_WITHIN.format("p.district_code")}
         ORDER BY v.parcel_id LIMIT :limit""")


_CASES: Final = """
    SELECT f.journal_number AS key, f.case_id, f.service, f.service_from, f.tier, f.due_on, f.journal_number,
           f.applicant_subject, f.applicant_role, j.received_at, j.channel, j.office_code,
           newest.state, newest.kind AS last_step, newest.at AS last_at, newest.due_on AS rests_until,
           newest.notify_by, newest.ground, given.assignee, named.register_numbers,
           coalesce(named.districts, other.districts) AS districts,
           EXISTS (SELECT FROM registry.case_step s WHERE s.case_id = f.case_id AND s.kind = 'suspend')
               AS has_rested
      FROM registry.case_file f
      JOIN registry.registration_journal j USING (journal_number)
      JOIN registry.service sv ON sv.code = f.service AND sv.valid_from = f.service_from
     CROSS JOIN LATERAL (SELECT s.* FROM registry.case_step s
                          WHERE s.case_id = f.case_id ORDER BY s.step_number DESC LIMIT 1) AS newest
      LEFT JOIN LATERAL (SELECT s.assignee FROM registry.case_step s
                          WHERE s.case_id = f.case_id AND s.kind = 'assign'
                          ORDER BY s.step_number DESC LIMIT 1) AS given ON true
     CROSS JOIN LATERAL (SELECT array_agg(p.register_number ORDER BY p.register_number) AS register_numbers,
                                array_agg(DISTINCT p.district_code) AS districts
                           FROM registry.case_property c JOIN cadastre.property p USING (property_id)
                          WHERE c.case_id = f.case_id) AS named
     CROSS JOIN LATERAL (SELECT array_agg(DISTINCT o.district_code) AS districts
                           FROM registry.case_object o WHERE o.case_id = f.case_id) AS other
     WHERE f.closed_leaf IS NULL AND f.journal_number > :after
       AND (CAST(:districts AS text[]) IS NULL
            OR coalesce(named.districts, other.districts) && CAST(:districts AS text[]))
       AND {0}
     ORDER BY f.journal_number LIMIT :limit"""

_QUERIES: Final[Mapping[str, TextClause]] = MappingProxyType(
    {
        "parcels_without_title": _parcels("true"),
        "geometry_without_title": _parcels("v.geom IS NOT NULL"),
        "title_without_geometry": text(f"""
            WITH bare AS (
                (SELECT p.property_id, array_agg(l.cadastral_number ORDER BY l.cadastral_number) AS parcels
                   FROM cadastre.parcel_version v
                   JOIN cadastre.property_object o ON o.parcel_id = v.parcel_id AND o.superseded_leaf IS NULL
                                                  AND o.valid_to IS NULL
                   JOIN cadastre.property p ON p.property_id = o.property_id AND {_OPEN_SECTION}
                   JOIN cadastre.parcel l ON l.parcel_id = v.parcel_id
                  WHERE v.geom IS NULL AND v.superseded_leaf IS NULL AND v.valid_to IS NULL
                  GROUP BY p.property_id ORDER BY p.property_id LIMIT :limit)
                UNION ALL
                (SELECT p.property_id, NULL FROM cadastre.property p
                  WHERE {_OPEN_SECTION}
                    AND NOT EXISTS (SELECT FROM cadastre.property_object o
                                     WHERE o.property_id = p.property_id AND o.superseded_leaf IS NULL
                                       AND o.valid_to IS NULL)
                  ORDER BY p.property_id LIMIT :limit))
            SELECT p.property_id AS key, p.register_number AS subject, p.object_kind, p.district_code,
                   d.office_code, p.opened_on AS since, b.parcels
              FROM bare b
              JOIN cadastre.property p USING (property_id)
              JOIN cadastre.district d ON d.code = p.district_code
             ORDER BY p.property_id LIMIT :limit"""),
        "claims_to_complete": text(f"""
            SELECT p.property_id AS key, p.register_number AS subject, p.object_kind,
                   p.district_code, d.office_code, s.valid_from AS since, b.building_number
              FROM registry.building_stage s
              JOIN cadastre.building b USING (building_id)
             CROSS JOIN LATERAL (
                   SELECT o.property_id FROM cadastre.building_unit u
                     JOIN cadastre.property_object o ON o.unit_id = u.unit_id AND o.superseded_leaf IS NULL
                                                    AND o.valid_to IS NULL
                    WHERE u.building_id = s.building_id AND u.superseded_leaf IS NULL
                   UNION
                   SELECT o.property_id FROM cadastre.property_object o
                    WHERE o.building_id = s.building_id AND o.superseded_leaf IS NULL
                      AND o.valid_to IS NULL) AS held
              JOIN cadastre.property p ON p.property_id = held.property_id
              JOIN cadastre.district d ON d.code = p.district_code
             WHERE s.stage = 'completed' AND s.superseded_leaf IS NULL AND p.property_id > :after
               AND EXISTS (SELECT FROM cadastre.property_right r
                            WHERE r.property_id = p.property_id AND r.kind = 'future_ownership'
                              AND r.superseded_leaf IS NULL AND r.valid_to IS NULL)
               AND {_WITHIN.format("p.district_code")}
             ORDER BY key LIMIT :limit"""),
        "overdue_cases": text(_CASES.format("f.due_on < :today AND newest.state <> 'suspended'")),
        "suspensions_ended": text(_CASES.format("newest.state = 'suspended' AND newest.due_on < :today")),
        "suspension_notices": text(
            _CASES.format("""newest.state = 'suspended' AND NOT EXISTS (
                SELECT FROM registry.event e
                  JOIN ledger.leaf l ON l.leaf_id = e.recorded_leaf
                  JOIN registry.subscription s ON s.subject = e.audience AND s.audience = e.audience
                 WHERE e.case_id = f.case_id AND e.recorded_leaf = newest.recorded_leaf
                   AND s.acknowledged_index >= l.ledger_index)""")
        ),
        "awaiting_preparer": text(
            _CASES.format("(newest.state = 'assigned' OR newest.state = 'accepted' AND sv.four_eyes)")
        ),
        "awaiting_decider": text(
            _CASES.format("(newest.state = 'prepared' OR newest.state = 'accepted' AND NOT sv.four_eyes)")
        ),
        "unconfirmed_acts": text(f"""
            SELECT r.restriction_id AS key, r.registration_number AS subject, p.register_number, r.kind,
                   p.district_code, d.office_code, r.registration_date AS since, r.confirm_by, r.authority
              FROM cadastre.restriction r
              JOIN cadastre.property p USING (property_id)
              JOIN cadastre.district d ON d.code = p.district_code
             WHERE r.restriction_id > :after AND r.confirm_by IS NOT NULL AND r.superseded_leaf IS NULL
               AND r.valid_to IS NULL AND {_WITHIN.format("p.district_code")}
             ORDER BY r.restriction_id LIMIT :limit"""),
        "sweep_findings": text(f"""
            SELECT f.finding_id AS key, p.register_number AS subject, f.subject AS about, p.district_code,
                   d.office_code, f.first_seen AS since, f.last_seen, f.rule, f.severity, f.decided,
                   f.measured, f.limit_value, f.unit, f.detail
              FROM staging.sweep_finding f
              JOIN cadastre.property p USING (property_id)
              JOIN cadastre.district d ON d.code = p.district_code
             WHERE f.finding_id > :after AND f.closed_at IS NULL AND {_WITHIN.format("p.district_code")}
             ORDER BY f.finding_id LIMIT :limit"""),
    }
)
_OF_OFFICE = text("SELECT code FROM cadastre.district WHERE office_code = :office")


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list is asked for: within districts (None: all), after a key, so many at most."""

    districts: Collection[str] | None
    after: int
    limit: int


def list_work(
    connection: Connection, name: str, page: Page, *, today: date, now: datetime
) -> Sequence[Row[Any]]:
    """Give a page of a list, in the order of its keys."""
    values = {
        "districts": None if page.districts is None else sorted(page.districts),
        "after": page.after,
        "limit": page.limit,
        "today": today,
        "now": now,
    }
    return connection.execute(_QUERIES[name], values).all()


def list_districts_of_office(connection: Connection, office: str) -> list[str]:
    """Give the districts that an office answers for."""
    return list(connection.execute(_OF_OFFICE, {"office": office}).scalars())


NAMES: Final = tuple(_QUERIES)

__all__ = ["NAMES", "Page", "list_districts_of_office", "list_work"]
