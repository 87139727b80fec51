"""Tells a person who looked at his data; a look for an investigation from its day of disclosure on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from cadastre.db.unit_of_work import Database, Isolation, UnitOfWork
from cadastre.domain.caller import Caller
from cadastre.domain.codelist import Entry, load_codelist
from cadastre.kernel.errors import Denied, InvalidInput, NotFound
from cadastre.kernel.ids import RegisterNumber, parse_register_number
from cadastre.store.ledger import append_leaf
from cadastre.store.looks import LookPage, has_stood_in, list_looks
from cadastre.store.properties import find_property_id
from cadastre.store.search import list_parties

MAX_LISTED: Final = 200
NEWEST: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Looked:
    """One look at a person's data; ``key`` orders looks by time."""

    key: int
    at: datetime
    kind: Entry
    role: Entry
    actor_name: str
    purpose: Entry | None
    case_id: UUID | None
    register_number: str | None


@dataclass(frozen=True, slots=True)
class Looks:
    """A page of looks, newest first; ``before`` is what the next page is asked with, None after the last."""

    looks: tuple[Looked, ...]
    before: int | None


def list_looks_at_me(
    database: Database,
    caller: Caller,
    *,
    register_number: str | None = None,
    before: int = NEWEST,
    limit: int = 50,
) -> Looks:
    """Give the looks at the data of the caller, by his number and every record that was merged into his.

    Of a section named by ``register_number`` only those that showed him in it.

    Raises
    ------
    Denied
        The identity provider vouches for no number of the caller's.
    NotFound
        He is named in no such section, and never was.
    InvalidInput
        The number is malformed, or the page too long.
    """
    if not (caller.fin or caller.voen):
        raise Denied("Your account is vouched for by no FIN or VOEN.", code="number-not-vouched")
    if not 1 <= limit <= MAX_LISTED:
        raise InvalidInput(f"limit is between 1 and {MAX_LISTED}.", code="limit-out-of-range")
    number = None if register_number is None else parse_register_number(register_number)
    found = database.run(
        lambda uow: _list(uow, caller, number, before, limit), isolation=Isolation.REPEATABLE_READ
    )
    if found is None:
        raise NotFound("There is no section under this number that names you.", code="property-not-found")
    return found


def _list(
    uow: UnitOfWork, caller: Caller, number: RegisterNumber | None, before: int, limit: int
) -> Looks | None:
    """Log the question and answer it; "no such section of yours" is an answer that must be committed."""
    connection = uow.connection
    payload = {} if number is None else {"register_number": str(number)}
    append_leaf(connection, kind="access.looks", actor=caller.subject, payload=payload)
    parties = list_parties(connection, fin=caller.fin, voen=caller.voen)
    property_id = None
    if number is not None:
        property_id = find_property_id(connection, number)
        if property_id is None or not has_stood_in(connection, property_id, parties):
            return None
    rows = list_looks(
        connection,
        parties,
        fin=caller.fin,
        voen=caller.voen,
        page=LookPage(before, limit + 1, property_id),
    )
    looks = tuple(_looked(row) for row in rows[:limit])
    return Looks(looks, looks[-1].key if len(rows) > limit else None)


def _looked(row: Any) -> Looked:
    return Looked(
        key=row.leaf_id,
        at=row.recorded_time,
        kind=load_codelist("look_kinds").latest(row.kind),
        role=load_codelist("caller_roles").latest(row.actor_role),
        actor_name=row.actor_name,
        purpose=None if row.purpose is None else load_codelist("purposes").latest(row.purpose),
        case_id=row.case_id,
        register_number=row.register_number,
    )


__all__ = ["MAX_LISTED", "NEWEST", "Looked", "Looks", "list_looks_at_me"]
