"""Tells those who watch a section of every entry that changes what an extract of it would say; never what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import rfc8785

from cadastre.db.unit_of_work import Database, Isolation, UnitOfWork
from cadastre.services.addresses import AddressBook, list_leaves_of_extract
from cadastre.store import watch_news as store
from cadastre.store.events import tell
from cadastre.store.ledger import append_leaf

MOST_SECTIONS: Final = 200


@dataclass(frozen=True, slots=True)
class ToldWatchers:
    """How many news were written, and whether more of the ledger waits."""

    news: int
    more: bool


def tell_watchers(database: Database, addresses: AddressBook, *, most: int = MOST_SECTIONS) -> ToldWatchers:
    """Follow the ledger, each entry once whoever of several workers asks.

    What counts is what makes an extract SUPERSEDED: entries of the section, its land, buildings, units,
    zone, address and flags, whoever made them (a case, a load, a correction, the address register). The
    decision of a case tells its own watchers when it is taken; they are not told twice.
    """
    return database.run(lambda uow: _follow(uow, addresses, most), isolation=Isolation.READ_COMMITTED)


def _follow(uow: UnitOfWork, addresses: AddressBook, most: int) -> ToldWatchers:
    connection = uow.connection
    turn = store.take_turn(connection)
    if turn is None or turn.upto <= turn.after:
        return ToldWatchers(0, more=False)
    entries = frozenset(store.list_entries(connection, turn))
    sections = store.list_candidates(connection, sorted(entries), turn.property_id, most) if entries else []
    leaf, news = None, 0
    for property_id in sections:
        changes = sorted(entries.intersection(list_leaves_of_extract(connection, property_id, addresses)))
        for row in store.list_to_tell(connection, property_id, changes) if changes else ():
            if leaf is None:
                payload = {"after": turn.after, "upto": turn.upto}
                leaf = append_leaf(connection, kind="watch.told", actor="worker", payload=payload)
            told = rfc8785.dumps({"register_number": row.register_number}).decode()
            tell(
                connection,
                kind="property.changed",
                audience=row.subject,
                property_id=property_id,
                payload=told,
                leaf=leaf,
            )
            news += 1
    is_full = len(sections) == most
    store.leave_turn(connection, turn, sections[-1] if is_full else None)
    return ToldWatchers(news, more=is_full or turn.upto - turn.after == store.WINDOW)


__all__ = ["MOST_SECTIONS", "ToldWatchers", "tell_watchers"]
