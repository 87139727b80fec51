"""Entrances follow the ground: news of divided, merged and redrawn land reach the address register here."""

from __future__ import annotations

from dataclasses import dataclass

from address_registry.store.moved_doors import (
    WINDOW,
    leave_turn,
    list_land_steps,
    list_moved,
    move_entrances,
    take_turn,
)
from cadastre.db.unit_of_work import Database, Isolation, UnitOfWork
from cadastre.store.ledger import append_leaf

ACTOR = "address-registry"


@dataclass(frozen=True, slots=True)
class Followed:
    """What was followed: entrances entered on other parcels, and whether more of the ledger waits."""

    entrances: int
    more: bool


def follow_ground(database: Database) -> Followed:
    """Enter the entrances of changed land on the parcels that hold them now.

    Decisions are followed in the order of the ledger, each once, whoever of several workers asks; the number
    of an entrance and its point stay, and what was known before stays readable.
    """
    return database.run(_follow, isolation=Isolation.READ_COMMITTED)


def _follow(uow: UnitOfWork) -> Followed:
    connection = uow.connection
    turn = take_turn(connection)
    if turn is None or turn[1] <= turn[0]:
        return Followed(0, more=False)
    after, upto = turn
    leaf, count = None, 0
    for step in list_land_steps(connection, after, upto):
        moved = list_moved(connection, step)
        if moved and leaf is None:
            payload = {"after": after, "upto": upto}
            leaf = append_leaf(connection, kind="address.followed", actor=ACTOR, payload=payload)
        if leaf is not None:
            move_entrances(connection, moved, leaf)
        count += len(moved)
    leave_turn(connection, upto)
    return Followed(count, more=upto - after == WINDOW)


__all__ = ["Followed", "follow_ground"]
