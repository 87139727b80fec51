"""Reads sections for the sweep, many at a time, and keeps what it finds."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, Row, text

from cadastre.domain.party import PartyKind
from cadastre.domain.property_state import PartyState

_NEXT = text("""
    SELECT property_id FROM cadastre.property
     WHERE property_id > :after AND superseded_leaf IS NULL
       AND (CAST(:districts AS text[]) IS NULL OR district_code = ANY (CAST(:districts AS text[])))
     ORDER BY property_id LIMIT :limit
""")
_PARTIES = text("""
    SELECT p.party_id, p.kind,
           CASE WHEN l.link_id IS NULL THEN p.party_id
                ELSE registry.resolve_party(p.party_id) END AS stands_for
      FROM party.party p
      LEFT JOIN registry.party_link l ON l.from_party_id = p.party_id AND l.superseded_leaf IS NULL
     WHERE p.party_id = ANY (CAST(:parties AS uuid[]))
""")
_CONFIRM_BY = text("""
    SELECT restriction_id, confirm_by FROM cadastre.restriction
     WHERE property_id = ANY (CAST(:properties AS bigint[])) AND confirm_by IS NOT NULL
       AND superseded_leaf IS NULL AND valid_to IS NULL
""")
_INSIDE = text("""
    WITH RECURSIVE within AS (
        SELECT code FROM cadastre.district WHERE code = :district
        UNION
        SELECT d.code FROM within w JOIN cadastre.district d ON d.parent_code = w.code)
    SELECT code FROM within
""")
_BEGIN = text("""
    INSERT INTO staging.sweep_run (night, district_code, started_at, touched_at)
    VALUES (:night, :district, :now, :now)
    ON CONFLICT (night) DO UPDATE SET touched_at = excluded.touched_at
       WHERE sweep_run.finished_at IS NULL AND sweep_run.touched_at < :abandoned
    RETURNING run_id, reached, started_at
""")
_KEEP = text("""
    WITH given AS (
        SELECT * FROM jsonb_to_recordset(CAST(:findings AS jsonb)) AS f (property_id bigint, rule text,
            severity text, decided boolean, subject text, mark text, measured double precision,
            limit_value double precision, unit text, detail jsonb)
    ), kept AS (
        INSERT INTO staging.sweep_finding AS f (property_id, rule, severity, decided, subject, mark, measured,
               limit_value, unit, detail, first_seen, last_seen, first_run, last_run)
        SELECT property_id, rule, severity, decided, subject, mark, measured, limit_value, unit, detail,
               :now, :now, :run, :run
          FROM given ORDER BY property_id, mark
        ON CONFLICT (property_id, mark) WHERE closed_at IS NULL DO UPDATE
           SET last_seen = greatest(f.last_seen, excluded.last_seen), last_run = excluded.last_run,
               severity = excluded.severity, decided = excluded.decided, measured = excluded.measured,
               detail = excluded.detail
        RETURNING first_run = :run AND first_seen = :now AS is_new)
    SELECT count(*) FILTER (WHERE is_new) FROM kept
""")
_CLOSE = text("""
    UPDATE staging.sweep_finding f SET closed_at = greatest(f.last_seen, :now)
      FROM cadastre.property p
     WHERE p.property_id = f.property_id AND f.closed_at IS NULL AND f.last_run <> :run
       AND f.property_id > :after AND f.property_id <= :until
       AND (CAST(:districts AS text[]) IS NULL OR p.district_code = ANY (CAST(:districts AS text[])))
""")
_ADVANCE = text("""
    UPDATE staging.sweep_run
       SET reached = :until, touched_at = greatest(touched_at, :now), sections = sections + :sections,
           found = found + :found, opened = opened + :opened, closed = closed + :closed
     WHERE run_id = :run
""")
_FINISH = text("""
    UPDATE staging.sweep_run SET finished_at = greatest(started_at, :now) WHERE run_id = :run RETURNING *
""")
END: Final = 2**62
"""After every property that there is."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run of the sweep, and how far it had come when it was taken."""

    run_id: int
    reached: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """Properties after one and up to another, in districts or (None) everywhere."""

    after: int
    until: int
    districts: Sequence[str] | None


def begin_run(
    connection: Connection, *, night: date | None, district: str | None, now: datetime, abandoned: datetime
) -> Run | None:
    """Begin a run; of a night that somebody has taken before, only when he left it long ago."""
    values = {"night": night, "district": district, "now": now, "abandoned": abandoned}
    row = connection.execute(_BEGIN, values).one_or_none()
    return None if row is None else Run(row.run_id, row.reached)


def list_inside(connection: Connection, district: str) -> list[str]:
    """Give a district and all inside it; nothing when there is none of that code."""
    return list(connection.execute(_INSIDE, {"district": district}).scalars())


def list_next(
    connection: Connection, after: int, districts: Sequence[str] | None, limit: int
) -> Sequence[int]:
    """Give the ids of the sections that follow, in order."""
    values = {"after": after, "districts": None if districts is None else list(districts), "limit": limit}
    return list(connection.execute(_NEXT, values).scalars())


def list_kinds(connection: Connection, parties: Collection[UUID]) -> dict[UUID, PartyState]:
    """Give what kind parties are and whom they stand for; a logged look, at no name or number."""
    rows = connection.execute(_PARTIES, {"parties": [str(key) for key in parties]})
    return {
        row.party_id: PartyState(row.party_id, PartyKind(row.kind), row.stands_for, has_number=False)
        for row in rows
    }


def list_terms_to_confirm(connection: Connection, properties: Sequence[int]) -> dict[int, datetime]:
    """Give by when each urgent act that stands on these properties was to be confirmed."""
    rows = connection.execute(_CONFIRM_BY, {"properties": list(properties)})
    return {row.restriction_id: row.confirm_by for row in rows}


def keep_findings(
    connection: Connection, run: Run, stretch: Stretch, findings: Sequence[Mapping[str, Any]], now: datetime
) -> tuple[int, int]:
    """Keep what was found in a stretch and close what is gone; give how many are new and how many closed."""
    opened = 0
    if findings:
        values = {"findings": json.dumps(list(findings)), "now": now, "run": run.run_id}
        opened = int(connection.execute(_KEEP, values).scalar_one())
    districts = None if stretch.districts is None else list(stretch.districts)
    bound = {"now": now, "run": run.run_id, "after": stretch.after, "until": stretch.until}
    closed = connection.execute(_CLOSE, {**bound, "districts": districts}).rowcount
    return opened, closed


def advance_run(
    connection: Connection,
    run: Run,
    until: int,
    now: datetime,
    *,
    sections: int,
    found: int,
    opened: int,
    closed: int,
) -> None:
    """Write down how far a run has come and what it counted."""
    counts = {"sections": sections, "found": found, "opened": opened, "closed": closed}
    connection.execute(_ADVANCE, {"run": run.run_id, "until": until, "now": now, **counts})


def finish_run(connection: Connection, run: Run, now: datetime) -> Row[Any]:
    """End a run; give its counts."""
    return connection.execute(_FINISH, {"run": run.run_id, "now": now}).one()


__all__ = [
    "END",
    "Run",
    "Stretch",
    "advance_run",
    "begin_run",
    "finish_run",
    "keep_findings",
    "list_inside",
    "list_kinds",
    "list_next",
    "list_terms_to_confirm",
]
