"""Entrances whose ground has passed to another parcel: found by the lineage of land, entered there anew."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, text

WINDOW: Final = 20_000
"""How many ledger entries are looked through at once."""

_TURN = text("""
    SELECT f.ledger_index AS after, LEAST(f.ledger_index + :window, s.tree_size - 1) AS upto
      FROM staging.ground_followed f CROSS JOIN ledger.sequencer s
       FOR UPDATE OF f SKIP LOCKED
""")
_FOLLOWED = text("UPDATE staging.ground_followed SET ledger_index = :upto")
_STEPS = text("""
    SELECT DISTINCT l.ledger_index, l.leaf_id, p.case_id
      FROM ledger.leaf l
      JOIN registry.case_step t ON t.recorded_leaf = l.leaf_id AND t.kind = 'register'
      JOIN cadastre.parcel_lineage p ON p.case_id = t.case_id AND p.recorded_leaf = l.leaf_id
     WHERE l.ledger_index > :after AND l.ledger_index <= :upto
     ORDER BY l.ledger_index
""")
# An entrance goes where its point lies: to the successor that holds it, else to the one on which its building
# stands, else to the nearest. Many points lie on the street, outside every parcel.
_MOVED = text("""
    WITH step AS (
        SELECT p.manner = 'correction' AS is_undone, o.parcel_id AS from_parcel, n.parcel_id AS to_parcel,
               n.geom_wgs84, n.valid_from
          FROM cadastre.parcel_lineage p
          JOIN cadastre.parcel_version o ON o.version_id = p.from_version_id
          JOIN cadastre.parcel_version n ON n.version_id = p.to_version_id
         WHERE p.case_id = :case AND p.recorded_leaf = :step)
    SELECT e.entrance_id, place.to_parcel, place.is_undone, place.valid_from AS since
      FROM (SELECT DISTINCT from_parcel FROM step) AS former
      JOIN address.entrance e ON e.parcel_id = former.from_parcel AND e.superseded_leaf IS NULL
                             AND e.valid_to IS NULL
      LEFT JOIN cadastre.building_stands b ON b.building_id = e.building_id
     CROSS JOIN LATERAL (
        SELECT s.to_parcel, s.is_undone, s.valid_from FROM step s WHERE s.from_parcel = e.parcel_id
         ORDER BY coalesce(public.ST_Covers(s.geom_wgs84, e.geom_wgs84), false) DESC,
                  coalesce(s.to_parcel = b.parcel_id, false) DESC,
                  public.ST_Distance(s.geom_wgs84, e.geom_wgs84) NULLS LAST, s.to_parcel
         LIMIT 1) AS place
     WHERE place.to_parcel <> e.parcel_id
     ORDER BY e.entrance_id
""")
_CLOSE = text("""
    UPDATE address.entrance SET superseded_leaf = :leaf
     WHERE entrance_id = :entrance AND superseded_leaf IS NULL
""")
_RESTATE = text("""
    INSERT INTO address.entrance
           (street_id, number, parcel_id, building_id, building_entrance, geom, valid_from, valid_to,
            recorded_leaf)
    SELECT street_id, number, parcel_id, building_id, building_entrance, geom, valid_from,
           greatest(valid_from, CAST(:since AS date)), :leaf
      FROM address.entrance WHERE entrance_id = :entrance
""")
_OPEN = text("""
    INSERT INTO address.entrance
           (street_id, number, parcel_id, building_id, building_entrance, geom, valid_from, recorded_leaf)
    SELECT street_id, number, :parcel, building_id, building_entrance, geom,
           greatest(valid_from, CAST(:since AS date)), :leaf
      FROM address.entrance WHERE entrance_id = :entrance
""")
# What is undone never was: the entrance stands again as it stood on the parcel that is restored.
_FORMER = text("""
    UPDATE address.entrance f SET superseded_leaf = :leaf
      FROM address.entrance e
     WHERE e.entrance_id = :entrance AND (f.street_id, f.number) = (e.street_id, e.number)
       AND f.parcel_id = :parcel AND f.valid_to = e.valid_from AND f.superseded_leaf IS NULL
    RETURNING f.valid_from
""")
_OPEN_AGAIN = text("""
    INSERT INTO address.entrance
           (street_id, number, parcel_id, building_id, building_entrance, geom, valid_from, recorded_leaf)
    SELECT street_id, number, :parcel, building_id, building_entrance, geom,
           coalesce(CAST(:since AS date), valid_from), :leaf
      FROM address.entrance WHERE entrance_id = :entrance
""")


def take_turn(connection: Connection) -> tuple[int, int] | None:
    """Give after which entry of the ledger land is to be followed, and up to which; None: another does."""
    row = connection.execute(_TURN, {"window": WINDOW}).one_or_none()
    return None if row is None else (int(row.after), int(row.upto))


def leave_turn(connection: Connection, upto: int) -> None:
    """Write down up to which entry of the ledger the land was followed."""
    connection.execute(_FOLLOWED, {"upto": upto})


def list_land_steps(connection: Connection, after: int, upto: int) -> Sequence[Row[Any]]:
    """Give the decisions about land between two entries of the ledger, in order."""
    return connection.execute(_STEPS, {"after": after, "upto": upto}).all()


def list_moved(connection: Connection, step: Row[Any]) -> Sequence[Row[Any]]:
    """Give the entrances that a decision about land has left on a parcel that no longer holds them."""
    return connection.execute(_MOVED, {"case": step.case_id, "step": step.leaf_id}).all()


def move_entrances(connection: Connection, moved: Iterable[Row[Any]], leaf: int) -> None:
    """Enter entrances on their new parcels, from the day on which the land changed."""
    for door in moved:
        row = {"entrance": door.entrance_id, "parcel": door.to_parcel, "leaf": leaf}
        connection.execute(_CLOSE, row)
        if door.is_undone:
            former = connection.execute(_FORMER, row).scalar_one_or_none()
            connection.execute(_OPEN_AGAIN, row | {"since": former})
        else:
            connection.execute(_RESTATE, row | {"since": door.since})
            connection.execute(_OPEN, row | {"since": door.since})


__all__ = ["WINDOW", "leave_turn", "list_land_steps", "list_moved", "move_entrances", "take_turn"]
