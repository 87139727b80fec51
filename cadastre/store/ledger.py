"""Writes ledger leaves and reads the register's clock."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from cadastre.db.prepared import fetch, prepared
from cadastre.ledger import SALT_BYTES, canonical_payload, compute_leaf_hash

LEAF: Final = """
    INSERT INTO ledger.leaf (kind, actor, payload, salt, leaf_hash)
    VALUES (:leaf_kind, :leaf_actor, :leaf_payload, :leaf_salt, :leaf_hash) RETURNING leaf_id
"""
THIS_LEAF: Final = """
    SELECT leaf_id FROM ledger.leaf
     WHERE num_nonnulls(ledger_index) = 0 AND xid = pg_current_xact_id_if_assigned()
       AND leaf_hash = CAST(:leaf_hash AS bytea)
"""
"""Finds the leaf that the statement before wrote, by its hash, which is salted."""
_APPEND = prepared(LEAF)
_HEAD = prepared("SELECT tree_size - 1 FROM ledger.sequencer")
_RECORDED = prepared("SELECT recorded_time FROM ledger.leaf WHERE ledger_index = :index")
# Indexes follow the order of closing, times that of writing: of the first written after the instant, the
# one that closed first comes next. What closes later is numbered later, so the answer never moves again.
_AT = prepared("""
    SELECT coalesce((SELECT min(ledger_index) FROM (SELECT ledger_index FROM ledger.leaf
                      WHERE recorded_time > :instant ORDER BY recorded_time LIMIT 1000) AS later),
                    (SELECT tree_size FROM ledger.sequencer)) - 1
""")
_UNNUMBERED = prepared("""
    SELECT count(*) FILTER (WHERE ledger_index IS NULL) FROM ledger.leaf WHERE leaf_id = ANY(:leaves)
""")


def append_leaf(connection: Connection, *, kind: str, actor: str, payload: Mapping[str, Any]) -> int:
    """Append one leaf in the caller's transaction and give its ``leaf_id``.

    Parameters
    ----------
    kind
        Dotted event name: ``load.parcels``, ``extract.issued``, ``access.property`` ...
    actor
        Account that acts (an opaque subject, never a name).
    payload
        JSON object without personal data; numbers only as integers or strings.
    """
    return enter_leaf(connection, leaf_values(kind=kind, actor=actor, payload=payload))


def enter_leaf(connection: Connection, values: Mapping[str, object]) -> int:
    """Append the leaf of some ``leaf_values``, whose salt the caller then knows."""
    return int(fetch(connection, _APPEND, values)[0][0])


def leaf_values(*, kind: str, actor: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Give what ``LEAF`` binds: for a leaf that is written in one round trip with what rests on it."""
    body = canonical_payload(payload)
    salt = secrets.token_bytes(SALT_BYTES)
    return {
        "leaf_kind": kind,
        "leaf_actor": actor,
        "leaf_payload": body,
        "leaf_salt": salt,
        "leaf_hash": compute_leaf_hash(body, salt),
    }


def sequence_leaves(connection: Connection) -> int:
    """Number all finished leaves; give the tree size. Only at READ COMMITTED, in its own transaction."""
    return int(connection.exec_driver_sql("SELECT ledger.sequence_leaves()").scalar_one())


def get_head_index(connection: Connection) -> int:
    """Index of the newest numbered leaf as this transaction's snapshot sees it."""
    return int(fetch(connection, _HEAD, {})[0][0])


def get_recorded_time(connection: Connection, index: int) -> datetime:
    """When the numbered leaf with this index was recorded."""
    recorded: datetime = connection.execute(_RECORDED, {"index": index}).scalar_one()
    return recorded


def find_index_at(connection: Connection, instant: datetime) -> int:
    """Newest ledger index of what was recorded by an instant; -1 when nothing was."""
    return int(connection.execute(_AT, {"instant": instant}).scalar_one())


def count_unnumbered(connection: Connection, leaves: Sequence[int]) -> int:
    """How many of these leaves have no index yet in this snapshot."""
    return int(fetch(connection, _UNNUMBERED, {"leaves": list(leaves)})[0][0])


__all__ = [
    "LEAF",
    "THIS_LEAF",
    "append_leaf",
    "count_unnumbered",
    "enter_leaf",
    "find_index_at",
    "get_head_index",
    "get_recorded_time",
    "leaf_values",
    "sequence_leaves",
]
