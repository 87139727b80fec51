"""Priority notices: their queue before a property, their taking with a journal entry, later versions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, Row

from cadastre.db.prepared import fetch, prepared
from cadastre.domain.priority import Notice, NoticeState

NOTICE_COLUMNS: Final = """notice_id, property_id, journal_number, queue_number, holder_subject, service,
              state, renewals, taken_at, expires_at"""
_STANDING = prepared(f"""
    SELECT {NOTICE_COLUMNS} FROM registry.priority_notice
     WHERE property_id = ANY (CAST(:properties AS bigint[])) AND superseded_leaf IS NULL AND state = 'held'
       AND expires_at > clock_timestamp()
     ORDER BY property_id, queue_number
""")
_FIND = prepared(f"""
    SELECT {NOTICE_COLUMNS} FROM registry.priority_notice
     WHERE notice_id = CAST(:notice AS uuid) AND superseded_leaf IS NULL
""")
_BLOCK = prepared("SELECT registry.find_block(:property, NULL)")
_STANDS = prepared("""
    SELECT register_number, registry.property_version(property_id) AS version
      FROM cadastre.property WHERE property_id = :property
""")
_NOW = prepared("SELECT clock_timestamp()")
# The turnstile is passed by the first statement and held until commit: nothing slower may follow it.
_TAKE = prepared(f"""
    INSERT INTO registry.registration_journal (kind, channel, office_code, actor, recorded_leaf)
    VALUES ('priority_notice', :channel, :office, :holder, :leaf);

    INSERT INTO registry.priority_notice (notice_id, property_id, journal_number, holder_subject, service,
                                          term, recorded_leaf)
    SELECT CAST(:notice AS uuid), :property, passed, :holder, :service, make_interval(secs => :seconds), :leaf
      FROM registry.turnstile WHERE key = 'registration_journal'
    RETURNING {NOTICE_COLUMNS}
""")
_TURN = prepared(f"""
    UPDATE registry.priority_notice SET superseded_leaf = :leaf
     WHERE notice_id = CAST(:notice AS uuid) AND superseded_leaf IS NULL;

    INSERT INTO registry.priority_notice (notice_id, property_id, journal_number, holder_subject,
                                          for_party_id, service, state, term, recorded_leaf)
    SELECT notice_id, property_id, journal_number, holder_subject, for_party_id, service, :state,
           coalesce(make_interval(secs => CAST(:seconds AS double precision)), term), :leaf
      FROM registry.priority_notice WHERE notice_id = CAST(:notice AS uuid) AND superseded_leaf = :leaf
    RETURNING {NOTICE_COLUMNS}
""")


def list_standing(connection: Connection, properties: list[int]) -> list[Notice]:
    """Give the living notices before properties, in the order of their places."""
    return [_notice(row) for row in fetch(connection, _STANDING, {"properties": properties})]


def read_standing(rows: Iterable[Mapping[str, Any]]) -> list[Notice]:
    """Read the living notices of records in JSON."""
    return [
        Notice(
            notice_id=UUID(row["notice_id"]),
            property_id=row["property_id"],
            journal_number=row["journal_number"],
            queue_number=row["queue_number"],
            holder=row["holder_subject"],
            service=row["service"],
            state=NoticeState(row["state"]),
            renewals=row["renewals"],
            taken_at=datetime.fromisoformat(row["taken_at"]),
            expires_at=datetime.fromisoformat(row["expires_at"]),
        )
        for row in rows
    ]


def find_notice(connection: Connection, notice_id: UUID) -> Notice | None:
    """Give the newest version of a notice, whatever became of it."""
    row = connection.execute(_FIND, {"notice": notice_id}).one_or_none()
    return None if row is None else _notice(row)


def find_block(connection: Connection, property_id: int) -> str | None:
    """Give the number of the arrest or prohibition that stands on the whole property, or None."""
    number: str | None = connection.execute(_BLOCK, {"property": property_id}).scalar_one()
    return number


def get_standing(connection: Connection, property_id: int) -> tuple[str, int]:
    """Give the register number of a property and the version that it is at."""
    row = connection.execute(_STANDS, {"property": property_id}).one()
    return row.register_number, row.version


def get_moment(connection: Connection) -> datetime:
    """Give the moment by which the database judges whether a notice lives."""
    moment: datetime = connection.execute(_NOW).scalar_one()
    return moment


_HOLDS_PLACE = prepared("""
    SELECT EXISTS (SELECT FROM registry.priority_notice
                    WHERE property_id = :property AND holder_subject = :holder AND superseded_leaf IS NULL
                      AND state = 'held' AND expires_at > clock_timestamp())
""")


def holds_place(connection: Connection, property_id: int, holder: str) -> bool:
    """Tell whether somebody holds a living place before a property."""
    asked = {"property": property_id, "holder": holder}
    return bool(connection.execute(_HOLDS_PLACE, asked).scalar_one())


def take_notice(
    connection: Connection,
    notice_id: UUID,
    property_id: int,
    *,
    holder: str,
    channel: str,
    office_code: str,
    service: str,
    length: timedelta,
    leaf: int,
) -> Notice:
    """Enter a notice and its journal entry, whose number is its place; the last thing a transaction does."""
    values = {
        "notice": notice_id,
        "property": property_id,
        "holder": holder,
        "channel": channel,
        "office": office_code,
        "service": service,
        "seconds": length.total_seconds(),
        "leaf": leaf,
    }
    return _notice(connection.execute(_TAKE, values).one())


def turn_notice(
    connection: Connection, notice_id: UUID, state: NoticeState, leaf: int, *, length: timedelta | None = None
) -> Notice:
    """Enter the next version of a notice: renewed for a length from now, or ended; its place stays."""
    seconds = None if length is None else length.total_seconds()
    values = {"notice": notice_id, "state": state.value, "seconds": seconds, "leaf": leaf}
    return _notice(connection.execute(_TURN, values).one())


def _notice(row: Row[Any]) -> Notice:
    return Notice(
        notice_id=row.notice_id,
        property_id=row.property_id,
        journal_number=row.journal_number,
        queue_number=row.queue_number,
        holder=row.holder_subject,
        service=row.service,
        state=NoticeState(row.state),
        renewals=row.renewals,
        taken_at=row.taken_at,
        expires_at=row.expires_at,
    )


__all__ = [
    "NOTICE_COLUMNS",
    "find_block",
    "find_notice",
    "get_moment",
    "get_standing",
    "holds_place",
    "list_standing",
    "read_standing",
    "take_notice",
    "turn_notice",
]
