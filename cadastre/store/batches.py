"""Keeps orders for the extracts of many numbers, and the result of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

_BATCH = text("""
    INSERT INTO evidence.extract_batch (batch_id, requester, requester_role, requester_name, requester_fin,
        requester_voen, kind, capacity, basis, purpose, acting_for, as_of, item_count, leaf_id)
    VALUES (:batch_id, :requester, :requester_role, :requester_name, :requester_fin, :requester_voen, :kind,
            :capacity, :basis, :purpose, :acting_for, :as_of, :item_count, :leaf_id)
    RETURNING submitted_at
""")
_ITEMS = text("""
    INSERT INTO evidence.batch_item (batch_id, place, register_number)
    SELECT :batch_id, place, number
      FROM unnest(CAST(:numbers AS text[])) WITH ORDINALITY AS i (number, place)
""")
_WAITING = text("""
    SELECT b.*, i.place, i.register_number
      FROM (SELECT * FROM evidence.extract_batch o
             WHERE NOT EXISTS (SELECT FROM evidence.batch_end e WHERE e.batch_id = o.batch_id)
             ORDER BY submitted_at, batch_id LIMIT 1) AS b
      JOIN evidence.batch_item i ON i.batch_id = b.batch_id
     WHERE NOT EXISTS (SELECT FROM evidence.batch_result r
                        WHERE r.batch_id = i.batch_id AND r.place = i.place)
     ORDER BY i.place LIMIT :limit
""")
_TAKE = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:batch || '/' || :place, 19))")
_IS_DONE = text("""
    SELECT EXISTS (SELECT FROM evidence.batch_result WHERE batch_id = :batch_id AND place = :place)
""")
_RESULT = text("""
    INSERT INTO evidence.batch_result (batch_id, place, extract_id, problem)
    VALUES (:batch_id, :place, :extract_id, :problem) ON CONFLICT DO NOTHING
""")
_END = text("""
    INSERT INTO evidence.batch_end (batch_id)
    SELECT b.batch_id FROM evidence.extract_batch b
     WHERE NOT EXISTS (SELECT FROM evidence.batch_end e WHERE e.batch_id = b.batch_id)
       AND b.item_count = (SELECT count(*) FROM evidence.batch_result r WHERE r.batch_id = b.batch_id)
    ON CONFLICT DO NOTHING
""")
_FIND = text("""
    SELECT b.batch_id, b.kind, b.item_count, b.submitted_at, e.ended_at,
           (SELECT count(*) FROM evidence.batch_result r WHERE r.batch_id = b.batch_id) AS done,
           (SELECT count(*) FROM evidence.batch_result r
             WHERE r.batch_id = b.batch_id AND r.problem IS NOT NULL) AS failed
      FROM evidence.extract_batch b LEFT JOIN evidence.batch_end e USING (batch_id)
     WHERE b.batch_id = :batch_id AND b.requester = :requester
""")
_RESULTS = text("""
    SELECT i.place, i.register_number, r.extract_id, r.problem, r.decided_at
      FROM evidence.batch_item i LEFT JOIN evidence.batch_result r USING (batch_id, place)
     WHERE i.batch_id = :batch_id AND i.place > :after ORDER BY i.place LIMIT :limit
""")


def enter_batch(connection: Connection, values: Mapping[str, Any], numbers: Sequence[str]) -> Any:
    """Enter an order with its numbers, in their order; gives when it was submitted."""
    submitted_at = connection.execute(_BATCH, dict(values)).scalar_one()
    connection.execute(_ITEMS, {"batch_id": values["batch_id"], "numbers": list(numbers)})
    return submitted_at


def list_waiting(connection: Connection, limit: int) -> Sequence[Row[Any]]:
    """Give items that nobody has decided, of the order that came first."""
    return connection.execute(_WAITING, {"limit": limit}).all()


def take_item(connection: Connection, batch_id: UUID, place: int) -> bool:
    """Tell whether an item is to be decided by this transaction, and by no other meanwhile."""
    taken = connection.execute(_TAKE, {"batch": str(batch_id), "place": str(place)}).scalar_one()
    values = {"batch_id": batch_id, "place": place}
    return bool(taken) and not connection.execute(_IS_DONE, values).scalar_one()


def enter_result(
    connection: Connection, batch_id: UUID, place: int, *, extract_id: UUID | None, problem: str | None
) -> None:
    """Enter what became of an item."""
    values = {"batch_id": batch_id, "place": place, "extract_id": extract_id, "problem": problem}
    connection.execute(_RESULT, values)


def end_batches(connection: Connection) -> int:
    """Mark the orders whose every item is decided; give how many."""
    return connection.execute(_END).rowcount


def find_batch(connection: Connection, batch_id: UUID, requester: str) -> Row[Any] | None:
    """Give how far an order of the requester's has come."""
    return connection.execute(_FIND, {"batch_id": batch_id, "requester": requester}).one_or_none()


def list_results(connection: Connection, batch_id: UUID, *, after: int, limit: int) -> Sequence[Row[Any]]:
    """Give the items after a place with what became of them."""
    return connection.execute(_RESULTS, {"batch_id": batch_id, "after": after, "limit": limit}).all()


__all__ = [
    "end_batches",
    "enter_batch",
    "enter_result",
    "find_batch",
    "list_results",
    "list_waiting",
    "take_item",
]
