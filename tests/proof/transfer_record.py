"""What the register holds after the fire: read by the owner of the server, past every role and service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

_JOURNAL = text("""
    SELECT journal_number, received_at FROM registry.registration_journal ORDER BY journal_number
""")
_CASES = text("""
    SELECT f.case_id::text AS case_id, f.journal_number, p.property_id, p.place,
           p.notice_id::text AS notice_id,
           ARRAY(SELECT s.number FROM cadastre.administrative_source s WHERE s.case_id = f.case_id) AS contracts
      FROM registry.case_file f JOIN registry.case_property p USING (case_id)
     WHERE f.journal_number > :planted
""")
_STEPS = text("""
    SELECT s.case_id::text, s.kind, s.recorded_leaf, l.closing_number
      FROM registry.case_step s JOIN ledger.leaf l ON l.leaf_id = s.recorded_leaf
      JOIN registry.case_file f USING (case_id)
     WHERE f.journal_number > :planted AND s.kind IN ('register', 'withdraw', 'prepare')
""")
_NOTICES = text("""
    SELECT notice_id::text, journal_number, count(*) AS versions,
           count(*) FILTER (WHERE superseded_leaf IS NULL) AS living
      FROM registry.priority_notice GROUP BY 1, 2
""")
_RIGHTS = text("""
    SELECT r.right_id, r.property_id, r.party_id::text AS party_id, r.share_numerator, r.share_denominator, r.recorded_leaf,
           opened.closing_number AS opened, r.superseded_leaf, closed.closing_number AS closed,
           r.valid_to IS NOT NULL AS is_past
      FROM cadastre.property_right r
      JOIN ledger.leaf opened ON opened.leaf_id = r.recorded_leaf
      LEFT JOIN ledger.leaf closed ON closed.leaf_id = r.superseded_leaf
     WHERE r.kind = 'ownership'
""")
_ANSWERS = text("SELECT key, status FROM registry.idempotency")


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the journal."""

    number: int
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Case:
    """A case about one section; ``keys`` are the numbers of its contracts, which are keys of requests."""

    case_id: str
    journal_number: int
    property_id: int
    place: int
    notice_id: str | None
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """A step that decides or prepares; ``closing`` is when its transaction closed, beside all others."""

    case_id: str
    kind: str
    leaf: int
    closing: int


@dataclass(frozen=True, slots=True)
class Notice:
    """A place before a section, in however many versions."""

    notice_id: str
    journal_number: int
    versions: int
    living: int


@dataclass(frozen=True, slots=True)
class Right:
    """A row of ownership: entered by a leaf, closed by another; a row of the past restates what has ended."""

    right_id: int
    property_id: int
    party: str
    share: Fraction
    leaf: int
    opened: int
    closed_leaf: int | None
    closed: int | None
    is_past: bool = False


@dataclass(frozen=True, slots=True)
class Recorded:
    """All that the judge looks at; ``planted`` are the journal numbers of what stood before the clients came."""

    journal: Sequence[Entry]
    cases: Sequence[Case]
    steps: Sequence[Step]
    notices: Sequence[Notice]
    rights: Sequence[Right]
    answers: Mapping[str, int | None]
    planted: frozenset[int] = frozenset()


def read_record(url: str, planted: int) -> Recorded:
    """Read everything in one snapshot; journal numbers up to ``planted`` are not the clients'."""
    engine = create_engine(url, poolclass=NullPool, isolation_level="REPEATABLE READ")
    with engine.connect() as connection:
        return _read(connection, planted)


def _read(connection: Connection, planted: int) -> Recorded:
    return Recorded(
        journal=[Entry(*row) for row in connection.execute(_JOURNAL)],
        cases=[
            Case(
                row.case_id,
                row.journal_number,
                row.property_id,
                row.place,
                row.notice_id,
                tuple(row.contracts),
            )
            for row in connection.execute(_CASES, {"planted": planted})
        ],
        steps=[Step(*row) for row in connection.execute(_STEPS, {"planted": planted})],
        notices=[Notice(*row) for row in connection.execute(_NOTICES)],
        rights=[
            Right(
                row.right_id,
                row.property_id,
                row.party_id,
                Fraction(row.share_numerator, row.share_denominator),
                row.recorded_leaf,
                row.opened,
                row.superseded_leaf,
                row.closed,
                row.is_past,
            )
            for row in connection.execute(_RIGHTS)
        ],
        answers={row.key: row.status for row in connection.execute(_ANSWERS)},
        planted=frozenset(range(1, planted + 1)),
    )


__all__ = ["Case", "Entry", "Notice", "Recorded", "Right", "Step", "read_record"]
