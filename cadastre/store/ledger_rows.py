"""Reads what binds the rows of the register to the log, as the tables stand now."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from sqlalchemy import Connection, Row, text

from cadastre.ledger.commitment import DIGEST_BYTES, BoundLeaf, LostLeaf, Published

_LIST = text("""
    WITH wanted AS MATERIALIZED (
        SELECT l.ledger_index, l.leaf_id FROM ledger.leaf l
         WHERE l.ledger_index >= :start AND l.ledger_index < :beyond
    )
    SELECT i.ledger_index, c.leaf_id, c.body, c.own, c.commitments
      FROM generate_series(CAST(:start AS bigint), CAST(:beyond AS bigint) - 1) AS i (ledger_index)
      LEFT JOIN wanted w ON w.ledger_index = i.ledger_index
      LEFT JOIN ledger.list_commitments(ARRAY(SELECT leaf_id FROM wanted)) c ON c.leaf_id = w.leaf_id
     ORDER BY i.ledger_index, c.part
""")
_STRAYS = text("SELECT relation, strays FROM ledger.count_strays() ORDER BY relation")
_PARTS_AT_ONCE = 64
"""Of at most a megabyte each: a leaf that bound a whole load comes in many."""


def list_bound_leaves(connection: Connection, start: int, beyond: int) -> Iterator[tuple[int, Published]]:
    """Give every leaf of a range of indexes with the commitments computed from the rows of this snapshot."""
    asked = {"start": start, "beyond": beyond}
    options = {"stream_results": True, "yield_per": _PARTS_AT_ONCE}
    rows = connection.execute(_LIST, asked, execution_options=options)
    for index, parts in groupby(rows, key=lambda row: int(row.ledger_index)):
        yield index, _leaf(list(parts))


def count_strays(connection: Connection) -> dict[str, int]:
    """How many rows of which tables name a leaf that is not there, or are named by no row that does."""
    return {row.relation: int(row.strays) for row in connection.execute(_STRAYS)}


def _leaf(parts: list[Row[tuple[object, ...]]]) -> Published:
    first = parts[0]
    if first.body is None or first.own is None:
        return LostLeaf(is_erased=first.leaf_id is not None)
    joined = b"".join(bytes(part.commitments) for part in parts)
    starts = range(0, len(joined), DIGEST_BYTES)
    return BoundLeaf(
        bytes(first.body), bytes(first.own), tuple(joined[at : at + DIGEST_BYTES] for at in starts)
    )


__all__ = ["count_strays", "list_bound_leaves"]
