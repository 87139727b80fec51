"""Keeps the answer to each numbered request, so that its repetition is answered and not done again."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, text

_ENTER = text("""
    INSERT INTO registry.idempotency (subject, key, route, body_sha256)
    VALUES (:subject, :key, :route, :body_sha256) ON CONFLICT DO NOTHING
""")
_GET = text("""
    SELECT route, body_sha256, status, response, location FROM registry.idempotency
     WHERE subject = :subject AND key = :key FOR UPDATE
""")
_KEEP = text("""
    UPDATE registry.idempotency SET status = :status, response = :response, location = :location
     WHERE subject = :subject AND key = :key
""")


def enter_request(connection: Connection, *, subject: str, key: str, route: str, body_sha256: bytes) -> bool:
    """Enter a request, first thing in its transaction; whether it is the first of this key.

    It waits for another transaction that holds the key. At REPEATABLE READ and SERIALIZABLE a key
    that was taken after the snapshot ends the transaction (40001), and ``Database.run`` repeats it.
    """
    row = {"subject": subject, "key": key, "route": route, "body_sha256": body_sha256}
    return connection.execute(_ENTER, row).rowcount == 1


def hold_request(connection: Connection, *, subject: str, key: str) -> Row[Any]:
    """Give the request that entered under this key, with its answer; nobody else answers it meanwhile."""
    return connection.execute(_GET, {"subject": subject, "key": key}).one()


def keep_answer(
    connection: Connection, *, subject: str, key: str, status: int, response: str, location: str | None
) -> None:
    """Keep the answer to a request, last thing in its transaction."""
    row = {"subject": subject, "key": key, "status": status, "response": response, "location": location}
    connection.execute(_KEEP, row)


__all__ = ["enter_request", "hold_request", "keep_answer"]
