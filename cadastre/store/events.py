"""News by audience in the order of the ledger, who has acknowledged how much, and the queue of deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

_POLL = text("""
    SELECT e.event_id, e.kind, l.ledger_index, l.recorded_time, e.payload
      FROM registry.event e JOIN ledger.leaf l ON l.leaf_id = e.recorded_leaf
     WHERE e.audience = :audience AND l.ledger_index > :after
     ORDER BY l.ledger_index FETCH FIRST :limit ROWS WITH TIES
""")
_SUBSCRIPTION = text("""
    SELECT subscription_id, audience, webhook_url, acknowledged_index, active
      FROM registry.subscription WHERE subject = :subject AND audience = :audience
""")
_ACKNOWLEDGE = text("""
    INSERT INTO registry.subscription AS s (subscription_id, subject, audience, acknowledged_index)
    VALUES (CAST(:subscription AS uuid), :subject, :audience, :index)
    ON CONFLICT (subject, audience)
    DO UPDATE SET acknowledged_index = greatest(s.acknowledged_index, excluded.acknowledged_index)
    RETURNING acknowledged_index
""")
_SUBSCRIBE = text("""
    INSERT INTO registry.subscription (subscription_id, subject, audience, webhook_url)
    VALUES (CAST(:subscription AS uuid), :subject, :audience, :url)
    ON CONFLICT (subject, audience) DO UPDATE SET webhook_url = excluded.webhook_url
""")
_FAN_OUT = text("""
    INSERT INTO registry.delivery (subscription_id, event_id)
    SELECT s.subscription_id, e.event_id
      FROM registry.subscription s
      JOIN registry.event e ON e.audience = s.audience
      JOIN ledger.leaf l ON l.leaf_id = e.recorded_leaf
     WHERE s.active AND s.webhook_url IS NOT NULL AND l.ledger_index > s.acknowledged_index
       AND NOT EXISTS (SELECT FROM registry.delivery d
                        WHERE d.subscription_id = s.subscription_id AND d.event_id = e.event_id)
     ORDER BY l.ledger_index FETCH FIRST :most ROWS WITH TIES
    ON CONFLICT DO NOTHING
""")
# What is claimed is sent outside the transaction; it falls due again when its sender does not come back.
_CLAIM = text("""
    WITH due AS (
        SELECT d.subscription_id, d.event_id
          FROM registry.delivery d JOIN registry.subscription s USING (subscription_id)
         WHERE d.delivered_at IS NULL AND d.next_attempt_at <= clock_timestamp()
           AND s.active AND s.webhook_url IS NOT NULL
         ORDER BY d.next_attempt_at, d.event_id LIMIT :most FOR UPDATE OF d SKIP LOCKED)
    UPDATE registry.delivery d
       SET attempts = d.attempts + 1, next_attempt_at = clock_timestamp() + make_interval(secs => :lease_s)
      FROM due, registry.subscription s, registry.event e, ledger.leaf l
     WHERE d.subscription_id = due.subscription_id AND d.event_id = due.event_id
       AND s.subscription_id = d.subscription_id AND e.event_id = d.event_id AND l.leaf_id = e.recorded_leaf
    RETURNING d.subscription_id, d.event_id, d.attempts, s.webhook_url, e.kind, l.ledger_index,
              l.recorded_time, e.payload
""")
_DELIVERED = text("""
    UPDATE registry.delivery SET delivered_at = clock_timestamp(), last_status = :status
     WHERE subscription_id = CAST(:subscription AS uuid) AND event_id = :event
""")
_FAILED = text("""
    UPDATE registry.delivery
       SET last_status = :status, next_attempt_at = clock_timestamp() + make_interval(secs => :pause_s)
     WHERE subscription_id = CAST(:subscription AS uuid) AND event_id = :event AND delivered_at IS NULL
""")
_ADVANCE = text("""
    UPDATE registry.subscription s SET acknowledged_index = :index
     WHERE s.subscription_id = CAST(:subscription AS uuid) AND s.acknowledged_index < :index
       AND NOT EXISTS (SELECT FROM registry.delivery d
                         JOIN registry.event e USING (event_id)
                         JOIN ledger.leaf l ON l.leaf_id = e.recorded_leaf
                        WHERE d.subscription_id = s.subscription_id AND d.delivered_at IS NULL
                          AND l.ledger_index <= :index)
""")
_UNCONFIRMED = text("""
    SELECT r.restriction_id, r.property_id, r.registration_number, r.confirm_by, p.register_number
      FROM cadastre.restriction r JOIN cadastre.property p USING (property_id)
     WHERE r.confirm_by < :now AND r.superseded_leaf IS NULL AND r.valid_to IS NULL
       AND NOT EXISTS (SELECT FROM registry.event e
                        WHERE e.audience = :audience AND e.kind = :kind AND e.property_id = r.property_id
                          AND e.payload ->> 'registration_number' = r.registration_number)
     ORDER BY r.confirm_by LIMIT :most
""")
_LAPSED = text("SELECT cardinality(properties) > 0 FROM registry.list_lapsed(clock_timestamp())")
_TELL_LAPSED = text("SELECT registry.tell_lapsed(:leaf)")
_TELL = text("""
    INSERT INTO registry.event (kind, audience, property_id, payload, recorded_leaf)
    VALUES (:kind, :audience, :property, CAST(:payload AS jsonb), :leaf)
""")


def list_events(connection: Connection, audience: str, *, after: int, limit: int) -> Sequence[Row[Any]]:
    """Give news after a ledger index, in its order; those of one index come together, whatever the limit."""
    rows = connection.execute(_POLL, {"audience": audience, "after": after, "limit": limit}).all()
    return sorted(rows, key=lambda row: (row.ledger_index, row.event_id))


def find_subscription(connection: Connection, subject: str, audience: str) -> Row[Any] | None:
    """Give what an account has acknowledged and where its news are sent."""
    return connection.execute(_SUBSCRIPTION, {"subject": subject, "audience": audience}).one_or_none()


def acknowledge(
    connection: Connection, subscription_id: UUID, subject: str, audience: str, index: int
) -> int:
    """Record that everything up to a ledger index has arrived; give the highest one so recorded."""
    values = {"subscription": subscription_id, "subject": subject, "audience": audience, "index": index}
    return int(connection.execute(_ACKNOWLEDGE, values).scalar_one())


def subscribe(
    connection: Connection, subscription_id: UUID, subject: str, audience: str, url: str | None
) -> None:
    """Record where the news of an audience are sent to; None: nowhere, they are asked for."""
    values = {"subscription": subscription_id, "subject": subject, "audience": audience, "url": url}
    connection.execute(_SUBSCRIBE, values)


def queue_deliveries(connection: Connection, *, most: int) -> int:
    """Queue what is numbered and not acknowledged, the oldest first; give how much was queued."""
    return connection.execute(_FAN_OUT, {"most": most}).rowcount


def claim_deliveries(connection: Connection, *, most: int, lease: timedelta) -> Sequence[Row[Any]]:
    """Take deliveries that are due; nobody else gets them before the lease ends."""
    values = {"most": most, "lease_s": lease.total_seconds()}
    rows = connection.execute(_CLAIM, values).all()
    return sorted(rows, key=lambda row: (row.ledger_index, row.event_id))


def mark_delivered(connection: Connection, subscription_id: UUID, event_id: int, status: int) -> None:
    """Record that the receiver took it."""
    connection.execute(_DELIVERED, {"subscription": subscription_id, "event": event_id, "status": status})


def mark_failed(
    connection: Connection, subscription_id: UUID, event_id: int, status: int | None, pause: timedelta
) -> None:
    """Record what the receiver answered, None when nothing, and when to try again."""
    values = {"subscription": subscription_id, "event": event_id, "status": status}
    connection.execute(_FAILED, {**values, "pause_s": pause.total_seconds()})


def advance(connection: Connection, subscription_id: UUID, index: int) -> None:
    """Count deliveries as acknowledged up to an index, unless an earlier one is still on its way."""
    connection.execute(_ADVANCE, {"subscription": subscription_id, "index": index})


def list_unconfirmed(
    connection: Connection, *, kind: str, audience: str, now: object, most: int
) -> Sequence[Row[Any]]:
    """Give urgent acts whose time to be confirmed is over and that this audience was not told of."""
    values = {"kind": kind, "audience": audience, "now": now, "most": most}
    return connection.execute(_UNCONFIRMED, values).all()


def has_lapsed(connection: Connection) -> bool:
    """Tell whether a priority notice has run out since that was last told."""
    return bool(connection.execute(_LAPSED).scalar_one())


def tell_lapsed(connection: Connection, leaf: int) -> int:
    """Tell holders which notices ran out, and whoever is next that he holds; give how many ran out."""
    return int(connection.execute(_TELL_LAPSED, {"leaf": leaf}).scalar_one())


def tell(
    connection: Connection, *, kind: str, audience: str, property_id: int, payload: str, leaf: int
) -> None:
    """Write news for an audience; ``payload`` is a JSON object without personal data."""
    values = {"kind": kind, "audience": audience, "property": property_id, "payload": payload, "leaf": leaf}
    connection.execute(_TELL, values)


__all__ = [
    "acknowledge",
    "advance",
    "claim_deliveries",
    "find_subscription",
    "has_lapsed",
    "list_events",
    "list_unconfirmed",
    "mark_delivered",
    "mark_failed",
    "queue_deliveries",
    "subscribe",
    "tell",
    "tell_lapsed",
]
