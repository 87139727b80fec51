"""Which watched sections the entries of the ledger bear on, and who is to be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, text

WINDOW: Final = 5_000
"""How many ledger entries are looked through at once."""

_TURN = text("""
    SELECT f.ledger_index AS after, coalesce(f.property_id, 0) AS property_id,
           coalesce(f.upto, LEAST(f.ledger_index + :window, s.tree_size - 1)) AS upto
      FROM staging.watches_followed f CROSS JOIN ledger.sequencer s
       FOR UPDATE OF f SKIP LOCKED
""")
_REST = text("UPDATE staging.watches_followed SET upto = :upto, property_id = :property")
_FOLLOWED = text("UPDATE staging.watches_followed SET ledger_index = :upto, upto = NULL, property_id = NULL")
_LEAVES = text("""
    SELECT l.leaf_id FROM ledger.leaf l
     WHERE l.ledger_index > :after AND l.ledger_index <= :upto
       AND l.kind NOT LIKE 'access.%' AND l.kind NOT LIKE 'extract.%' AND l.kind <> 'watch.told'
""")
_HAS_LOAD = text("SELECT EXISTS (SELECT FROM staging.load_run WHERE leaf_id = ANY (:leaves))")
_WATCHED = text("""
    SELECT DISTINCT property_id FROM registry.property_watch
     WHERE superseded_leaf IS NULL AND property_id > :after ORDER BY property_id LIMIT :most
""")


def _touched(table: str, key: str, *, loaded: bool = True, closes: bool = True) -> str:
    """Keys of the rows that some leaves opened or closed; rows of loads have no index and are left out."""
    opened = f"recorded_leaf = ANY (:leaves){' AND load_id IS NULL' if loaded else ''}"
    rows = f"SELECT {key} AS id FROM {table} WHERE {opened}"
    if closes:
        rows += f" UNION SELECT {key} FROM {table} WHERE superseded_leaf = ANY (:leaves)"
    return rows


# What an extract is made of, from its rows to its section: ``property_leaves`` the other way round.
# More may come out than changes an extract, and less never; what does is asked of each section itself.
_CANDIDATES = text(f"""
    WITH street AS ({_touched("address.street", "street_id")}),
    door AS (
        SELECT parcel_id, building_id FROM address.entrance
         WHERE recorded_leaf = ANY (:leaves) AND load_id IS NULL
         UNION SELECT parcel_id, building_id FROM address.entrance WHERE superseded_leaf = ANY (:leaves)
         UNION SELECT parcel_id, building_id FROM address.entrance JOIN street ON street.id = street_id),
    plot AS (
        {_touched("cadastre.parcel_version", "parcel_id")}
         UNION {_touched("registry.investigation", "parcel_id", loaded=False)}
         UNION SELECT parcel_id FROM door),
    house AS (
        {_touched("cadastre.building", "building_id")}
         UNION {_touched("cadastre.building_site", "building_id", loaded=False)}
         UNION SELECT building_id FROM door
         UNION SELECT building_id FROM cadastre.building WHERE parcel_id IN (SELECT id FROM plot)
         UNION SELECT building_id FROM cadastre.building_site WHERE parcel_id IN (SELECT id FROM plot)),
    ground AS (
        SELECT id FROM plot
         UNION SELECT parcel_id FROM cadastre.building WHERE building_id IN (SELECT id FROM house)
         UNION SELECT parcel_id FROM cadastre.building_site WHERE building_id IN (SELECT id FROM house)),
    home AS (
        {_touched("cadastre.building_unit", "unit_id")}
         UNION SELECT unit_id FROM cadastre.building_unit WHERE building_id IN (SELECT id FROM house)),
    section AS (
        {_touched("cadastre.property", "property_id")}
         UNION {_touched("cadastre.property_object", "property_id")}
         UNION {_touched("cadastre.property_right", "property_id")}
         UNION {_touched("cadastre.restriction", "property_id")}
         UNION {_touched("cadastre.restriction", "benefits_property_id")}
         UNION {_touched("cadastre.property_closure", "property_id", loaded=False)}
         UNION {_touched("cadastre.property_lineage", "from_property_id", loaded=False, closes=False)}
         UNION {_touched("registry.paper_extract", "property_id", loaded=False)}
         UNION {_touched("registry.investigation", "property_id", loaded=False)}
         UNION SELECT property_id FROM cadastre.property_object WHERE parcel_id IN (SELECT id FROM ground)
         UNION SELECT property_id FROM cadastre.property_object WHERE building_id IN (SELECT id FROM house)
         UNION SELECT property_id FROM cadastre.property_object WHERE unit_id IN (SELECT id FROM home))
    SELECT DISTINCT w.property_id
      FROM registry.property_watch w JOIN section ON section.id = w.property_id
     WHERE w.superseded_leaf IS NULL AND w.property_id > :after
     ORDER BY w.property_id LIMIT :most
""")
# Who is bound to his own is told while he stands in the section, and of the entry by which he ceased to.
_TO_TELL = text("""
    SELECT w.subject, p.register_number
      FROM registry.property_watch w JOIN cadastre.property p USING (property_id)
     WHERE w.property_id = :property AND w.superseded_leaf IS NULL
       AND (w.parties IS NULL
            OR EXISTS (SELECT FROM cadastre.restriction r
                        WHERE r.property_id = w.property_id AND r.beneficiary_party_id = ANY (w.parties)
                          AND (r.superseded_leaf IS NULL AND r.valid_to IS NULL
                               OR r.superseded_leaf = ANY (:leaves)))
            OR EXISTS (SELECT FROM cadastre.property_right r
                        WHERE r.property_id = w.property_id AND r.party_id = ANY (w.parties)
                          AND (r.superseded_leaf IS NULL AND r.valid_to IS NULL
                               OR r.superseded_leaf = ANY (:leaves))))
       AND EXISTS (SELECT FROM unnest(CAST(:leaves AS bigint[])) AS change (leaf_id)
                    WHERE ledger.index_of(change.leaf_id) > ledger.index_of(w.recorded_leaf)
                      AND NOT EXISTS (SELECT FROM registry.event e
                                       WHERE e.audience = w.subject AND e.recorded_leaf = change.leaf_id
                                         AND (e.property_id = w.property_id OR e.kind = 'case.registered')))
     ORDER BY w.subject
""")


@dataclass(frozen=True, slots=True)
class WatchTurn:
    """Entries whose watchers are to be told: after one and up to another, of sections after one."""

    after: int
    upto: int
    property_id: int


def take_turn(connection: Connection) -> WatchTurn | None:
    """Give what is to be told next, None while another tells."""
    row = connection.execute(_TURN, {"window": WINDOW}).one_or_none()
    return None if row is None else WatchTurn(row.after, row.upto, row.property_id)


def leave_turn(connection: Connection, turn: WatchTurn, property_id: int | None) -> None:
    """Write down how far was told: up to a section, or, with None, of all of them."""
    if property_id is None:
        connection.execute(_FOLLOWED, {"upto": turn.upto})
    else:
        connection.execute(_REST, {"upto": turn.upto, "property": property_id})


def list_entries(connection: Connection, turn: WatchTurn) -> list[int]:
    """Give the leaves of a turn that may bear on a section."""
    return list(connection.execute(_LEAVES, {"after": turn.after, "upto": turn.upto}).scalars())


def list_candidates(connection: Connection, leaves: Sequence[int], after: int, most: int) -> list[int]:
    """Give watched sections after one that some leaves may bear on, in order; after a load, all of them."""
    values: dict[str, Any] = {"after": after, "most": most}
    if connection.execute(_HAS_LOAD, {"leaves": list(leaves)}).scalar_one():
        return list(connection.execute(_WATCHED, values).scalars())
    return list(connection.execute(_CANDIDATES, values | {"leaves": list(leaves)}).scalars())


def list_to_tell(connection: Connection, property_id: int, leaves: Sequence[int]) -> Sequence[Row[Any]]:
    """Give who is to be told that these leaves have changed a section, and has not been told of them yet."""
    return connection.execute(_TO_TELL, {"property": property_id, "leaves": list(leaves)}).all()


__all__ = [
    "WINDOW",
    "WatchTurn",
    "leave_turn",
    "list_candidates",
    "list_entries",
    "list_to_tell",
    "take_turn",
]
