"""Links a party's new name to it when a renaming is registered: prepared by one, decided by another."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import Connection

from cadastre.domain.commands import CancelEntries, Command, Rename
from cadastre.domain.party_link import Linked, LinkEvidence, LinkManner, require_linkable
from cadastre.store.decisions import PendingCase, resolve_persons
from cadastre.store.party_links import find_party
from cadastre.store.renaming import enter_renaming, find_name_record, find_preparer, undo_links


@dataclass(frozen=True, slots=True)
class RegisteredBy:
    """Who registers, and the leaf that tells of it."""

    subject: str
    leaf: int


def link_names(
    connection: Connection, case: PendingCase, commands: tuple[Command, ...], by: RegisteredBy
) -> tuple[Command, ...]:
    """Link the records of new names to the party, once for each; gives the commands with those records.

    A party that got the same new name in an earlier case keeps the record of that name.

    Raises
    ------
    RuleBroken
        The new name is of a party of another kind, or with a number of its own: that is no renaming.
    """
    return tuple(
        _link(connection, case, command, by) if isinstance(command, Rename) else command
        for command in commands
    )


def undo_names(connection: Connection, commands: tuple[Command, ...], leaf: int) -> None:
    """Undo the links of new names whose cases are cancelled, once nothing stands under those names."""
    for command in commands:
        if isinstance(command, CancelEntries):
            undo_links(connection, command.case_ids, leaf)


def _link(connection: Connection, case: PendingCase, command: Rename, by: RegisteredBy) -> Rename:
    former, present = command.from_party_id, command.to_party_id
    persons = resolve_persons(connection, {former, present})
    person = persons[former]
    if persons[present] == person:
        return command
    if known := find_name_record(connection, person, present):
        return replace(command, to_party_id=known)
    new, old = find_party(connection, present), find_party(connection, person)
    if new is None or old is None:
        return command
    require_linkable(LinkManner.RENAMED, *(_linked(row) for row in (new, old)))
    enter_renaming(
        connection,
        {
            "from_party_id": present,
            "to_party_id": person,
            "evidence": LinkEvidence.REGISTER_BOOK.value,
            "source": case.source_id,
            "proposed_by": find_preparer(connection, case.case_id),
            "decided_by": by.subject,
            "case": case.case_id,
            "leaf": by.leaf,
        },
    )
    return command


def _linked(row: object) -> Linked:
    return Linked(row.party_id, row.kind, row.fin, row.voen, row.stands_for)  # type: ignore[attr-defined]


__all__ = ["RegisteredBy", "link_names", "undo_names"]
