"""Looks at issued extracts: who opens one, and whose data it shows."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row

from cadastre.domain.caller import Caller, CallerRole, may_open_any_extract
from cadastre.domain.look import Subject, find_disclosure_day, of_number, of_property
from cadastre.domain.moment import Moment
from cadastre.extract.kinds import StatementKind
from cadastre.store.existence import find_asked_person
from cadastre.store.extracts import find_extract
from cadastre.store.looks import add_subjects, append_look

SIGNER = Caller(subject="worker", role=CallerRole.ADMIN, name="")
"""Who looks at a statement to print it ahead."""


def look_at(
    connection: Connection, extract_id: UUID, actor: Caller, *, with_pdf: bool = True
) -> Row[Any] | None:
    """Log a look at an extract and read it; None when it is not his to open.

    Who asked for it for a purpose that is told later opens it for that purpose still.
    """
    payload = {"extract_id": str(extract_id)}
    leaf = append_look(connection, kind="access.extract", caller=actor, payload=payload)
    row = find_extract(connection, extract_id, with_pdf=with_pdf)
    if actor == SIGNER or row is None:
        return row
    if not (row.requester == actor.subject or may_open_any_extract(actor)):
        return None
    shown = _persons_in(connection, row)
    later = find_disclosure_day(row.purpose, actor, row.today)
    if row.requester != actor.subject or later is None:
        add_subjects(connection, leaf, actor, shown)
    else:  # the ledger has the day, so it cannot be put off unseen
        told = {"subjects": shown, "purpose": row.purpose, "disclosed_from": later}
        append_look(connection, kind="access.extract", caller=actor, payload=payload, **told)
    return row


def _persons_in(connection: Connection, row: Row[Any]) -> tuple[Subject, ...]:
    """Give whose data an extract shows: the parties of its section, or whom it certifies something about."""
    if row.kind != StatementKind.EXISTENCE:
        return of_property(row.property_id, Moment(row.valid_time, row.ledger_index))
    asked = find_asked_person(connection, row.extract_id)
    return () if asked is None else of_number(fin=asked.fin, voen=asked.voen)


__all__ = ["SIGNER", "look_at"]
