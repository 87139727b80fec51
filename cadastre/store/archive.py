"""Keeps archive copies, their renewals and what guards them (schema ``evidence``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, text

from cadastre.domain.archive_guard import Guard

_GUARD = text("SELECT evidence.know_guard(:certificate, :named, :ends, :used)")
_ATTACH = text("SELECT evidence.attach_guarded_archive(:archived, :copy, :guard, :at)")
_RENEW = text("SELECT evidence.attach_renewal(:renewed, :after, :added, :guard, :at)")
_TERMS = text("SELECT evidence.term_archives(CAST(:copies AS uuid[]), :guards)")
_UNEXAMINED = text("SELECT * FROM evidence.list_unexamined(:limit)")
_COUNTED = text("SELECT * FROM evidence.count_guarded()")
_GUARDED = text("SELECT * FROM evidence.list_guarded(:guards, CAST(:after AS uuid), :limit)")
_COPY = text("SELECT evidence.archive_copy(:extract)")


@dataclass(frozen=True, slots=True)
class Renewal:
    """A revision to append after the one that it was made on."""

    extract_id: UUID
    after_revision: int
    added: bytes
    guard: Guard
    at: datetime


@dataclass(frozen=True, slots=True)
class GuardedCopy:
    """A copy, its newest revision and what guards it."""

    extract_id: UUID
    guard_id: int
    revision: int
    archived_at: datetime


def know_guard(connection: Connection, guard: Guard) -> int:
    """Give the number of a guard, entered when it is new."""
    values = {
        "certificate": guard.certificate_sha256,
        "named": guard.subject,
        "ends": guard.ends_at,
        "used": list(guard.algorithms),
    }
    return int(connection.execute(_GUARD, values).scalar_one())


def attach_archive(connection: Connection, extract_id: UUID, copy: bytes, guard: Guard, at: datetime) -> bool:
    """Keep the archive copy of an extract with its guard; False when there is one already."""
    number = know_guard(connection, guard)
    values = {"archived": extract_id, "copy": copy, "guard": number, "at": at}
    return bool(connection.execute(_ATTACH, values).scalar_one())


def attach_renewal(connection: Connection, renewal: Renewal) -> bool:
    """Append a revision to a copy; False when it was renewed meanwhile."""
    values = {
        "renewed": renewal.extract_id,
        "after": renewal.after_revision,
        "added": renewal.added,
        "guard": know_guard(connection, renewal.guard),
        "at": renewal.at,
    }
    return bool(connection.execute(_RENEW, values).scalar_one())


def enter_terms(connection: Connection, guards: Mapping[UUID, Guard]) -> int:
    """Enter what guards copies of before guards were noted; give of how many."""
    numbers = [know_guard(connection, guard) for guard in guards.values()]
    values = {"copies": [str(each) for each in guards], "guards": numbers}
    return int(connection.execute(_TERMS, values).scalar_one())


def list_unexamined(connection: Connection, limit: int) -> list[UUID]:
    """Oldest copies of which nobody noted what guards them."""
    return list(connection.execute(_UNEXAMINED, {"limit": limit}).scalars())


def count_guarded(connection: Connection) -> list[tuple[int, Guard, int]]:
    """All guards with their numbers, and how many copies each guards now."""
    return [
        (
            row.guard_id,
            Guard(bytes(row.certificate_sha256), row.subject, row.ends_at, tuple(row.algorithms)),
            row.copies,
        )
        for row in connection.execute(_COUNTED)
    ]


def list_guarded(
    connection: Connection, guards: list[int], after: UUID | None, limit: int
) -> list[GuardedCopy]:
    """Copies under some guards, by their identifiers."""
    values = {"guards": guards, "after": None if after is None else str(after), "limit": limit}
    return [
        GuardedCopy(row.extract_id, row.guard_id, row.revision, row.archived_at)
        for row in connection.execute(_GUARDED, values)
    ]


def find_copy(connection: Connection, extract_id: UUID) -> bytes | None:
    """Archive copy of an extract with all renewals; None too unless this transaction has logged its look."""
    copy = connection.execute(_COPY, {"extract": extract_id}).scalar_one_or_none()
    return None if copy is None else bytes(copy)


__all__ = [
    "GuardedCopy",
    "Renewal",
    "attach_archive",
    "attach_renewal",
    "count_guarded",
    "enter_terms",
    "find_copy",
    "know_guard",
    "list_guarded",
    "list_unexamined",
]
