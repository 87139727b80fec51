"""Several extracts in one transaction: what is asked, read and written of all goes together."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection

from cadastre.db.prepared import PreparedQuery, fetch, prepared
from cadastre.domain.moment import Moment
from cadastre.store.nested_rows import NestedRows
from cadastre.store.properties import PropertyRows, read_answers, section_questions
from cadastre.store.standing import bound

# Leaves of extracts and of looks enter nothing into the register: of others few have no number yet.
_BEGIN: Final = prepared("""
    WITH asked AS MATERIALIZED (
        SELECT * FROM json_to_recordset(CAST(:rows AS json)) AS a (
            place integer, number text, actor text, payload text, salt text, leaf_hash text,
            actor_role text, actor_name text, purpose text, as_of date, disclosed_from date)),
    written AS (
        INSERT INTO ledger.leaf (kind, actor, payload, salt, leaf_hash)
        SELECT 'extract.requested', actor, payload, decode(salt, 'hex'), decode(leaf_hash, 'hex')
          FROM asked ORDER BY place
        RETURNING leaf_id, leaf_hash),
    found AS MATERIALIZED (
        SELECT a.*, w.leaf_id, p.property_id, (SELECT tree_size - 1 FROM ledger.sequencer) AS head
          FROM asked a JOIN written w ON w.leaf_hash = decode(a.leaf_hash, 'hex')
          LEFT JOIN cadastre.property p ON p.register_number = a.number),
    looked AS (
        INSERT INTO evidence.look (leaf_id, property_id, as_of, known_at, actor_role, actor_name, purpose,
                                   disclosed_from)
        SELECT leaf_id, property_id, as_of, head, actor_role, actor_name, purpose, disclosed_from
          FROM found WHERE property_id IS NOT NULL)
    SELECT f.property_id, f.leaf_id, f.head,
           (SELECT l.recorded_time FROM ledger.leaf l WHERE l.ledger_index = f.head) AS recorded_time,
           publish.is_synthetic() AS synthetic,
           (SELECT count(*) FROM ledger.leaf u WHERE num_nonnulls(u.ledger_index) = 0
               AND u.kind NOT LIKE 'extract.%' AND u.kind NOT LIKE 'access.%') > 0 AS has_pending
      FROM found f ORDER BY f.place
""")
_NUMBERS: Final = prepared("""
    SELECT nextval('evidence.journal_number') AS journal, nextval('evidence.document_number') AS document
      FROM generate_series(1, CAST(:count AS integer))
""")
_ENTER: Final = prepared("""
    WITH given AS MATERIALIZED (
        SELECT * FROM json_to_recordset(CAST(:rows AS json)) AS g (
            extract_id uuid, request_id uuid, request_leaf bigint, journal_number bigint,
            document_number bigint, requester text, requester_role text, requester_name text,
            capacity text, acting_for text, basis text, purpose text, asked_kind text, property_id bigint,
            kind text, register_number text, verify_token text, issued_at timestamptz, valid_time date,
            ledger_index bigint, statement text, statement_sha256 text, statement_jws text,
            payload text, salt text, leaf_hash text, key text, route text, body_sha256 text)),
    written AS (
        INSERT INTO ledger.leaf (kind, actor, payload, salt, leaf_hash)
        SELECT 'extract.issued', requester, payload, decode(salt, 'hex'), decode(leaf_hash, 'hex')
          FROM given ORDER BY journal_number
        RETURNING leaf_id, leaf_hash),
    requested AS (
        INSERT INTO evidence.extract_request (request_id, requester, requester_role, requester_name,
            journal_number, capacity, acting_for, basis, purpose, register_number, kind, requested_at,
            leaf_id)
        SELECT request_id, requester, requester_role, requester_name, journal_number, capacity,
               acting_for, basis, purpose, register_number, asked_kind, issued_at, request_leaf
          FROM given),
    issued AS (
        INSERT INTO evidence.extract (extract_id, request_id, document_number, property_id, kind,
            register_number, verify_token, issued_at, valid_time, ledger_index, statement, statement_sha256,
            statement_jws, leaf_id)
        SELECT g.extract_id, g.request_id, g.document_number, g.property_id, g.kind, g.register_number,
               g.verify_token, g.issued_at, g.valid_time, g.ledger_index, convert_to(g.statement, 'UTF8'),
               decode(g.statement_sha256, 'hex'), g.statement_jws, w.leaf_id
          FROM given g JOIN written w ON w.leaf_hash = decode(g.leaf_hash, 'hex')),
    keyed AS (
        INSERT INTO registry.idempotency (subject, key, route, body_sha256, status, response)
        SELECT requester, key, route, decode(body_sha256, 'hex'), 201, extract_id::text
          FROM given WHERE key IS NOT NULL
        ON CONFLICT DO NOTHING RETURNING 1)
    SELECT count(*) AS taken FROM keyed
""")


@dataclass(frozen=True, slots=True)
class Begun:
    """Where an application stands once it is written down, and what of the register it may speak of."""

    property_id: int | None
    leaf_id: int
    head: int
    recorded_time: datetime
    synthetic: bool
    has_pending: bool


def begin_requests(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> list[Begun]:
    """Write down several applications, each a look at the section that it names; gives them in their order.

    ``has_pending`` tells that some entry of the register, about whatever, has no ledger index yet.
    """
    placed = [{**row, "place": place} for place, row in enumerate(rows)]
    return [Begun(*row) for row in fetch(connection, _BEGIN, {"rows": _json(placed)})]


def find_sections(
    connection: Connection, property_ids: Sequence[int], at: Moment
) -> dict[int, PropertyRows | None]:
    """Give everything registered on some properties at a moment, with their ground, by one statement."""
    questions, sql = _sections()
    found = fetch(connection, sql, bound(at, properties=list(property_ids)))
    return {row.property_id: read_answers(questions, row.answers) for row in found}


@cache
def _sections() -> tuple[tuple[NestedRows, ...], PreparedQuery]:
    """Ask the questions of one section for each of several: starting them costs as much as answering."""
    questions, one = section_questions(ground=True)
    each = one.replace("%(property)s", "asked.property_id")
    sql = f"""SELECT asked.property_id, CAST(all_of_it.answers AS text) AS answers
                FROM unnest(CAST(%(properties)s AS bigint[])) AS asked (property_id)
               CROSS JOIN LATERAL ({each}) AS all_of_it"""
    return questions, PreparedQuery(sql)


def draw_numbers(connection: Connection, count: int) -> list[tuple[int, int]]:
    """Give numbers of the application journal, and of documents with them, for good."""
    return [(row.journal, row.document) for row in fetch(connection, _NUMBERS, {"count": count})]


def enter_extracts(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> int:
    """Enter requests and extracts with their leaves; tells how many keys of requests were new."""
    return int(fetch(connection, _ENTER, {"rows": _json(rows)})[0].taken)


def _json(rows: Sequence[Mapping[str, Any]]) -> str:
    return json.dumps(rows, ensure_ascii=False, default=_written)


def _written(value: object) -> str:
    if isinstance(value, bytes):
        return value.hex()
    return value.isoformat() if isinstance(value, date) else str(value)


__all__ = ["Begun", "begin_requests", "draw_numbers", "enter_extracts", "find_sections"]
