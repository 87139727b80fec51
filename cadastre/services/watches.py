"""Watched sections: whoever may read a section is told, as other news, that it has changed; never what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from cadastre.db.unit_of_work import UnitOfWork
from cadastre.domain.caller import Caller, is_bound_to_own_property, may_read_any_property
from cadastre.domain.look import of_property
from cadastre.kernel.errors import Denied, InvalidInput, NotFound
from cadastre.kernel.ids import parse_register_number
from cadastre.store import watches as store
from cadastre.store.looks import add_subjects, append_look
from cadastre.store.properties import find_property_id
from cadastre.store.search import list_parties, stands_in

MOST_AT_ONCE: Final = 1_000


def watch_properties(uow: UnitOfWork, numbers: Sequence[str], caller: Caller) -> dict[str, str]:
    """Watch sections; gives for each number ``watched`` or the code of why not. It is told as a look.

    Raises
    ------
    Denied
        The role reads no rights.
    InvalidInput
        No numbers, too many, or one that is malformed.
    """
    if not (may_read_any_property(caller) or is_bound_to_own_property(caller)):
        raise Denied(f"The role {caller.role.value} may not watch sections.", code="role-not-entitled")
    if not 1 <= len(numbers) <= MOST_AT_ONCE:
        raise InvalidInput(f"Give 1 to {MOST_AT_ONCE} numbers.", code="batch-size")
    parsed = [parse_register_number(number) for number in numbers]
    connection = uow.connection
    payload = {"register_numbers": [str(number) for number in parsed]}
    leaf = append_look(connection, kind="access.watch", caller=caller, payload=payload)
    parties: list[UUID] | None = None
    if is_bound_to_own_property(caller):
        parties = list_parties(connection, fin=caller.fin, voen=caller.voen)
    found = {}
    for number in dict.fromkeys(parsed):
        property_id = find_property_id(connection, number)
        own = parties is None or (
            property_id is not None and stands_in(connection, property_id, fin=caller.fin, voen=caller.voen)
        )
        if property_id is None or not own:
            found[str(number)] = "property-not-found"
            continue
        store.watch(connection, caller.subject, property_id, parties, leaf)
        add_subjects(connection, leaf, caller, of_property(property_id))
        found[str(number)] = "watched"
    return found


def end_watch(uow: UnitOfWork, number: str, caller: Caller) -> None:
    """Watch a section no longer.

    Raises
    ------
    NotFound
        The caller does not watch it.
    """
    register_number = parse_register_number(number)
    connection = uow.connection
    property_id = find_property_id(connection, register_number)
    payload = {"register_numbers": [str(register_number)], "ended": True}
    leaf = append_look(connection, kind="access.watch", caller=caller, payload=payload)
    if property_id is None or not store.end_watch(connection, caller.subject, property_id, leaf):
        raise NotFound("You do not watch this section.", code="watch-not-found")


def list_watches(uow: UnitOfWork, caller: Caller, *, after: str, limit: int) -> list[str]:
    """Give the numbers that the caller watches, in order."""
    return store.list_watched(uow.connection, caller.subject, after=after, limit=limit)


__all__ = ["MOST_AT_ONCE", "end_watch", "list_watches", "watch_properties"]
