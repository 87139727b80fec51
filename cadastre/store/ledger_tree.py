"""Grows the public log and reads its entries, tiles, checkpoints and cosignatures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from cadastre.db.prepared import carry_out, fetch, prepared
from cadastre.ledger.tiles import Tile, split_hashes

_GROW = prepared("SELECT ledger.grow_tree(:most) AS size, tree_size AS numbered FROM ledger.sequencer")
_NUMBER = prepared("SELECT tree_size AS before, ledger.sequence_leaves() AS size FROM ledger.sequencer")
_NUMBERED = prepared("SELECT tree_size FROM ledger.sequencer")
NUMBERED_AT_ONCE = 50_000
"""Leaves that one transaction numbers at most (routine 020)."""
_SIZE = prepared("SELECT coalesce(max(ledger_index) + 1, 0) FROM ledger.entry")
_ENTRIES = prepared("""
    SELECT body || rows AS entry FROM ledger.entry
     WHERE ledger_index >= :start AND ledger_index < :beyond ORDER BY ledger_index
""")
_TILES = prepared("""
    SELECT w.level, w.tile_index, CASE
        WHEN w.width = 256 THEN (SELECT t.hashes FROM ledger.tile t
                                  WHERE t.level = w.level AND t.tile_index = w.tile_index)
        WHEN w.level = 0 THEN (SELECT string_agg(sha256(decode('00', 'hex') || e.body || e.rows), ''
                                                 ORDER BY e.ledger_index)
                                 FROM ledger.entry e WHERE e.ledger_index >= w.tile_index * 256
                                  AND e.ledger_index < w.tile_index * 256 + w.width)
        ELSE (SELECT string_agg(t.root, '' ORDER BY t.tile_index) FROM ledger.tile t
               WHERE t.level = w.level - 1 AND t.tile_index >= w.tile_index * 256
                 AND t.tile_index < w.tile_index * 256 + w.width) END AS hashes
      FROM unnest(CAST(:levels AS bigint[]), CAST(:indexes AS bigint[]), CAST(:widths AS bigint[]))
           AS w (level, tile_index, width)
""")
_NEWEST = prepared("SELECT * FROM ledger.checkpoint ORDER BY tree_size DESC LIMIT 1")
_COVERING = prepared("SELECT * FROM ledger.checkpoint WHERE tree_size >= :size ORDER BY tree_size LIMIT 1")
# by the lines, which stand under few heads: heads without are not gone through
_WITNESSED = prepared("""
    SELECT c.* FROM ledger.checkpoint c
     WHERE c.tree_size = (SELECT s.tree_size FROM ledger.cosignature s WHERE s.tree_size >= :size
                           GROUP BY s.tree_size HAVING count(*) >= :witnesses ORDER BY s.tree_size LIMIT 1)
""")
_AT = prepared("SELECT * FROM ledger.checkpoint WHERE tree_size = :size")
_TERM = prepared("SELECT * FROM ledger.checkpoint WHERE tree_size = (SELECT ledger.term_head())")
_ADD = prepared("""
    INSERT INTO ledger.checkpoint (tree_size, root, note, signed_at)
    VALUES (:tree_size, :root, :note, :signed_at)
""")
_LINES = prepared("SELECT line FROM ledger.cosignature WHERE tree_size = :size ORDER BY witness")
_COSIGN = prepared("""
    INSERT INTO ledger.cosignature (tree_size, witness, line) VALUES (:tree_size, :witness, :line)
    ON CONFLICT DO NOTHING
""")
_LEAF = prepared("""
    SELECT l.ledger_index, l.payload, l.salt, e.rows
      FROM ledger.leaf l JOIN ledger.entry e ON e.ledger_index = l.ledger_index
     WHERE l.leaf_id = :leaf_id
""")
_EXTRACT_LEAVES = prepared("""
    SELECT w.extract_id, l.ledger_index, l.payload, l.salt, e.rows
      FROM (SELECT i.extract_id, evidence.find_extract_leaf(i.extract_id) AS leaf_id
              FROM unnest(CAST(:extract_ids AS uuid[])) AS i (extract_id)) AS w
      JOIN ledger.leaf l ON l.leaf_id = w.leaf_id
      JOIN ledger.entry e ON e.ledger_index = l.ledger_index
""")
_ONE_SIGNER = prepared("SELECT pg_advisory_xact_lock(1801544801, 2)")


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """A signed head of the log as it is kept: the note with the signature of the log only."""

    tree_size: int
    root: bytes
    note: str
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class LeafInLog:
    """What a leaf is made of, and where it stands in the log.

    Parameters
    ----------
    salt
        None when it was dropped: nobody can open the entry of such a look any more.
    """

    ledger_index: int
    payload: str
    salt: bytes | None
    rows: bytes


def number_leaves(connection: Connection) -> tuple[int, bool]:
    """Number finished leaves; give how many are, and whether more may wait. Only at READ COMMITTED."""
    row = fetch(connection, _NUMBER, {})[0]
    return int(row.size), row.size - row.before >= NUMBERED_AT_ONCE


def grow_tree(connection: Connection, most: int) -> tuple[int, int]:
    """Enter numbered leaves into the log; give its size and how many are numbered. At READ COMMITTED."""
    row = fetch(connection, _GROW, {"most": most})[0]
    return int(row.size), int(row.numbered)


def get_tree_size(connection: Connection) -> int:
    """How many entries the log has."""
    return int(fetch(connection, _SIZE, {})[0][0])


def get_numbered(connection: Connection) -> int:
    """How many leaves have a number, whether or not they are in the log yet."""
    return int(fetch(connection, _NUMBERED, {})[0][0])


def list_entries(connection: Connection, start: int, beyond: int) -> list[bytes]:
    """Entries of a range of indexes, 64 bytes each."""
    rows = fetch(connection, _ENTRIES, {"start": start, "beyond": beyond})
    return [bytes(row.entry) for row in rows]


def list_hashes(connection: Connection, level: int, index: int, width: int) -> list[bytes]:
    """The first hashes of one tile, full or not."""
    return read_tiles(connection, [Tile(level, index, width)])[level, index]


def read_tiles(connection: Connection, tiles: Sequence[Tile]) -> dict[tuple[int, int], list[bytes]]:
    """Hashes of tiles, full or not, by level and index; fewer than asked for where there are fewer."""
    values = {
        "levels": [tile.level for tile in tiles],
        "indexes": [tile.index for tile in tiles],
        "widths": [tile.width for tile in tiles],
    }
    rows = fetch(connection, _TILES, values)
    return {(row.level, row.tile_index): split_hashes(bytes(row.hashes or b"")) for row in rows}


def lock_signing(connection: Connection) -> None:
    """Let no other process sign a checkpoint until this transaction ends."""
    fetch(connection, _ONE_SIGNER, {})


def find_newest_checkpoint(connection: Connection) -> StoredCheckpoint | None:
    """Newest signed head, or None."""
    return _checkpoint(fetch(connection, _NEWEST, {}))


def find_checkpoint_covering(
    connection: Connection, size: int, witnesses: int = 0
) -> StoredCheckpoint | None:
    """First signed head of at least so many entries and lines of witnesses, or None."""
    if witnesses:
        return _checkpoint(fetch(connection, _WITNESSED, {"size": size, "witnesses": witnesses}))
    return _checkpoint(fetch(connection, _COVERING, {"size": size}))


def find_checkpoint(connection: Connection, size: int) -> StoredCheckpoint | None:
    """Signed head of exactly this size, or None."""
    return _checkpoint(fetch(connection, _AT, {"size": size}))


def find_term_head(connection: Connection) -> StoredCheckpoint | None:
    """Signed head below which the salts of looks may be gone, or None while no term is over."""
    return _checkpoint(fetch(connection, _TERM, {}))


def insert_checkpoint(connection: Connection, checkpoint: StoredCheckpoint) -> None:
    """Keep a signed head."""
    values = {
        "tree_size": checkpoint.tree_size,
        "root": checkpoint.root,
        "note": checkpoint.note,
        "signed_at": checkpoint.signed_at,
    }
    carry_out(connection, _ADD, values)


def insert_cosignature(connection: Connection, size: int, witness: str, line: str) -> bool:
    """Keep a witness's line under a checkpoint; False when it has one there already."""
    return carry_out(connection, _COSIGN, {"tree_size": size, "witness": witness, "line": line}) > 0


def list_cosignatures(connection: Connection, size: int) -> Sequence[str]:
    """Lines of witnesses under the checkpoint of this size."""
    return [row.line for row in fetch(connection, _LINES, {"size": size})]


def find_leaf(connection: Connection, leaf_id: int) -> LeafInLog | None:
    """What a leaf is made of and where it stands, or None when it is not in the log yet."""
    rows = fetch(connection, _LEAF, {"leaf_id": leaf_id})
    return _leaf(rows[0]) if rows else None


def list_extract_leaves(connection: Connection, extract_ids: Sequence[UUID]) -> dict[UUID, LeafInLog]:
    """Leaves by which extracts were issued, as far as they are in the log; they name nobody."""
    rows = fetch(connection, _EXTRACT_LEAVES, {"extract_ids": [str(one) for one in extract_ids]})
    return {UUID(str(row.extract_id)): _leaf(row) for row in rows}


def _leaf(row: Any) -> LeafInLog:
    salt = None if row.salt is None else bytes(row.salt)
    return LeafInLog(row.ledger_index, row.payload, salt, bytes(row.rows))


def _checkpoint(rows: list[Any]) -> StoredCheckpoint | None:
    if not rows:
        return None
    row = rows[0]
    return StoredCheckpoint(row.tree_size, bytes(row.root), row.note, row.signed_at)


__all__ = [
    "NUMBERED_AT_ONCE",
    "LeafInLog",
    "StoredCheckpoint",
    "find_checkpoint",
    "find_checkpoint_covering",
    "find_leaf",
    "find_newest_checkpoint",
    "find_term_head",
    "get_numbered",
    "get_tree_size",
    "grow_tree",
    "insert_checkpoint",
    "insert_cosignature",
    "list_cosignatures",
    "list_entries",
    "list_extract_leaves",
    "list_hashes",
    "lock_signing",
    "number_leaves",
    "read_tiles",
]
