"""Whether a certificate of existence still holds: told to whom it concerns, and to no stranger.

A paper that anyone could have judged again would tell him every day whether that person has acquired or
parted with something. So the public learns that the certificate is genuine, whatever the register says by
then; whoever applied for it, the person himself and the offices that may open any extract learn the rest,
and each time it is a look at the person, under the purpose of the application.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row

from cadastre.domain.caller import Caller, may_open_any_extract
from cadastre.domain.look import find_disclosure_day, of_number
from cadastre.domain.moment import Moment
from cadastre.extract.statement import Statement
from cadastre.kernel.clock import OFFICIAL_ZONE
from cadastre.services.existence import MOST_NAMED
from cadastre.store.existence import find_asked_person, list_leaves_of_parties
from cadastre.store.ledger import get_head_index
from cadastre.store.looks import append_look
from cadastre.store.search import find_held, list_parties, list_sections


@dataclass(frozen=True, slots=True)
class PersonNow:
    """What became of the answer about a person: whether another would be given now, and by which leaves."""

    has_changed: bool
    ledger_index: int
    leaves: Sequence[int]


def look_again(
    connection: Connection, statement: Statement, caller: Caller, *, today: date
) -> PersonNow | None:
    """Tell whether a certificate would say something else now; None to whom it is no concern.

    At REPEATABLE READ, in a transaction that may write: who is told has looked at the person.
    """
    asked = find_asked_person(connection, UUID(statement["id"]))
    if asked is None or not _may_know(asked, caller):
        return None
    append_look(
        connection,
        kind="access.existence",
        caller=caller,
        payload={"extract_id": statement["id"]},
        subjects=of_number(fin=asked.fin, voen=asked.voen),
        purpose=asked.purpose,
        disclosed_from=find_disclosure_day(asked.purpose, caller, today),
    )
    said: dict[str, Any] = statement["existence"]
    moment = Moment(_day_of(statement, today), get_head_index(connection))
    parties = list_parties(connection, fin=asked.fin, voen=asked.voen, known_at=moment.known_at)
    held = find_held(connection, parties, moment)
    if said["holdings"] is None:
        return PersonNow(bool(held) != said["exists"], asked.ledger_index, ())
    named = list_sections(connection, list(held), MOST_NAMED + 1, moment)
    now = {row.register_number: sorted(held[row.property_id]) for row in named}
    then = {one["register_number"]: sorted(kind["code"] for kind in one["kinds"]) for one in said["holdings"]}
    leaves = list_leaves_of_parties(connection, parties) if now != then else []
    return PersonNow(now != then, asked.ledger_index, leaves)


def _may_know(asked: Row[Any], caller: Caller) -> bool:
    is_own = (asked.fin, asked.voen) in ((caller.fin, None), (None, caller.voen))
    return is_own or caller.subject == asked.requester or may_open_any_extract(caller)


def _day_of(statement: Statement, today: date) -> date:
    """The day that is asked about again: today, or that of a certificate of the past."""
    state = statement["state"]
    if not state["historic"]:
        return today
    return datetime.fromisoformat(state["valid_time"]).astimezone(OFFICIAL_ZONE).date()


__all__ = ["PersonNow", "look_again"]
