"""Tables of the office at work: heads, journal, cases, notices, documents, events; see ``store.tables``.

``registration_journal`` is where entries are asked for; requests for extracts have a journal and
numbers of their own (``tables.extract_request``).
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Integer,
    Interval,
    LargeBinary,
    Numeric,
    SmallInteger,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from cadastre.store.tables import metadata

property_head = Table(
    "property_head",
    metadata,
    Column("property_id", BigInteger, primary_key=True),
    Column("touched", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    schema="registry",
)

turnstile = Table(
    "turnstile",
    metadata,
    Column("key", Text, primary_key=True),
    Column("passed", BigInteger, nullable=False),
    schema="registry",
)

service = Table(
    "service",
    metadata,
    Column("code", Text, primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("valid_to", Date),
    Column("operation", Text, nullable=False),
    Column("by_authority", Boolean, nullable=False),
    Column("overrides_block", Boolean, nullable=False),
    Column("four_eyes", Boolean, nullable=False),
    Column("source", Text, nullable=False),
    schema="registry",
)

restriction_kind = Table(
    "restriction_kind",
    metadata,
    Column("code", Text, primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("valid_to", Date),
    Column("blocks_disposal", Boolean, nullable=False),
    Column("by_authority", Boolean, nullable=False),
    schema="registry",
)

case_transition = Table(
    "case_transition",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("from_state", Text, primary_key=True),
    Column("to_state", Text, nullable=False),
    schema="registry",
)

registration_journal = Table(
    "registration_journal",
    metadata,
    Column("journal_number", BigInteger, primary_key=True),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("kind", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("office_code", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("recorded_leaf", BigInteger, nullable=False),
    schema="registry",
)

case_file = Table(
    "case_file",
    metadata,
    Column("case_id", Uuid, primary_key=True),
    Column("journal_number", BigInteger, nullable=False),
    Column("service", Text, nullable=False),
    Column("service_from", Date, nullable=False),
    Column("tier", Text, nullable=False),
    Column("applicant_subject", Text, nullable=False),
    Column("applicant_role", Text, nullable=False),
    Column("capacity", Text, nullable=False),
    Column("payload_sha256", LargeBinary),
    Column("due_on", Date, nullable=False),
    Column("recorded_leaf", BigInteger, nullable=False),
    Column("closed_leaf", BigInteger),
    schema="registry",
)

case_step = Table(
    "case_step",
    metadata,
    Column("case_id", Uuid, primary_key=True),
    Column("step_number", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("actor_role", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("duration_s", Numeric(14, 3), nullable=False),
    Column("fee", Numeric(12, 2), nullable=False),
    Column("currency", Text, nullable=False),
    Column("assignee", Text),
    Column("ground", Text),
    Column("due_on", Date),
    Column("notify_by", DateTime(timezone=True)),
    Column("report_sha256", LargeBinary),
    Column("recorded_leaf", BigInteger, nullable=False),
    schema="registry",
)

case_property = Table(
    "case_property",
    metadata,
    Column("case_id", Uuid, primary_key=True),
    Column("property_id", BigInteger, primary_key=True),
    Column("place", BigInteger, nullable=False),
    Column("notice_id", Uuid),
    Column("version_seen", BigInteger),
    Column("recorded_leaf", BigInteger, nullable=False),
    schema="registry",
)

case_object = Table(
    "case_object",
    metadata,
    Column("case_id", Uuid, primary_key=True),
    Column("object_kind", Text, primary_key=True),
    Column("object_number", Text, primary_key=True),
    Column("district_code", Text, nullable=False),
    Column("place", BigInteger, nullable=False),
    Column("recorded_leaf", BigInteger, nullable=False),
    schema="registry",
)

case_party = Table(
    "case_party",
    metadata,
    Column("case_id", Uuid, primary_key=True),
    Column("party_id", Uuid, primary_key=True),
    Column("role", Text, primary_key=True),
    Column("recorded_leaf", BigInteger, nullable=False),
    schema="registry",
)

registration = Table(
    "registration",
    metadata,
    Column("registration_number", Text, primary_key=True),
    Column("case_id", Uuid, nullable=False),
    Column("registered_on", Date, nullable=False),
    Column("recorded_leaf", BigInteger, nullable=False),
    schema="registry",
)

priority_notice = Table(
    "priority_notice",
    metadata,
    Column("version_id", BigInteger, primary_key=True),
    Column("notice_id", Uuid, nullable=False),
    Column("property_id", BigInteger, nullable=False),
    Column("journal_number", BigInteger, nullable=False),
    Column("queue_number", Integer, nullable=False),
    Column("holder_subject", Text, nullable=False),
    Column("for_party_id", Uuid),
    Column("service", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("renewals", SmallInteger, nullable=False),
    Column("term", Interval, nullable=False),
    Column("taken_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("recorded_leaf", BigInteger, nullable=False),
    Column("superseded_leaf", BigInteger),
    schema="registry",
)

document_content = Table(
    "document_content",
    metadata,
    Column("sha256", LargeBinary, primary_key=True),
    Column("media_type", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    schema="party",
)

document = Table(
    "document",
    metadata,
    Column("document_id", Uuid, primary_key=True),
    Column("sha256", LargeBinary, nullable=False),
    Column("kind", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("pages", Integer),
    Column("uploaded_by", Text, nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("recorded_leaf", BigInteger, nullable=False),
    schema="registry",
)

case_document = Table(
    "case_document",
    metadata,
    Column("case_id", Uuid, primary_key=True),
    Column("document_id", Uuid, primary_key=True),
    Column("role", Text, nullable=False),
    Column("recorded_leaf", BigInteger, nullable=False),
    schema="registry",
)

event = Table(
    "event",
    metadata,
    Column("event_id", BigInteger, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("audience", Text, nullable=False),
    Column("property_id", BigInteger),
    Column("case_id", Uuid),
    Column("payload", JSONB, nullable=False),
    Column("recorded_leaf", BigInteger, nullable=False),
    schema="registry",
)

subscription = Table(
    "subscription",
    metadata,
    Column("subscription_id", Uuid, primary_key=True),
    Column("subject", Text, nullable=False),
    Column("audience", Text, nullable=False),
    Column("webhook_url", Text),
    Column("acknowledged_index", BigInteger, nullable=False),
    Column("active", Boolean, nullable=False),
    schema="registry",
)

delivery = Table(
    "delivery",
    metadata,
    Column("subscription_id", Uuid, primary_key=True),
    Column("event_id", BigInteger, primary_key=True),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", DateTime(timezone=True), nullable=False),
    Column("last_status", Integer),
    Column("delivered_at", DateTime(timezone=True)),
    schema="registry",
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("route", Text, nullable=False),
    Column("body_sha256", LargeBinary, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("status", SmallInteger),
    Column("response", Text),
    Column("location", Text),
    schema="registry",
)
