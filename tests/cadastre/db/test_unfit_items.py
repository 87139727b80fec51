"""Rows of batches, which name no leaf, are held against the digest of the order and the extracts that answer it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from cadastre.store.ledger import append_leaf
from tests.cadastre.db.planted_rows import lift_checks
from tests.database import Database

BATCH = "00000000-0000-0000-0000-0000000000b1"
NUMBERS = ["203000000001", "203 000 000 002", "Ə-3"]
_ORDER = text("""
    INSERT INTO evidence.extract_batch (batch_id, requester, requester_role, requester_name, kind, capacity, basis,
                                        purpose, item_count, leaf_id)
    VALUES (:batch, 'bank-1', 'bank', 'Bank', 'extract', 'bank', 'x', 'x', 3, :leaf)
""")
_ITEM = text(
    "INSERT INTO evidence.batch_item (batch_id, place, register_number) VALUES (:batch, :place, :number)"
)
_REQUEST = text("""
    INSERT INTO evidence.extract_request (request_id, requester, requester_role, capacity, basis, purpose,
                                          register_number, kind, requested_at, leaf_id)
    VALUES (:id, 'bank-1', 'bank', 'bank', 'x', 'x', 'x', 'extract', now(), :leaf)
""")
_EXTRACT = text("""
    INSERT INTO evidence.extract (extract_id, request_id, document_number, kind, register_number, issued_at,
        ledger_index, valid_time, statement, statement_sha256, verify_token, leaf_id)
    VALUES (:id, :id, :number, 'extract', 'x', now(), 0, now()::date, '', '', :id, :leaf)
""")
_RESULT = text("""
    INSERT INTO evidence.batch_result (batch_id, place, extract_id, problem) VALUES (:batch, :place, :id, :problem)
""")
EDITS = {
    "UPDATE evidence.batch_item SET register_number = '203000000009' WHERE place = 1": "evidence.batch_item",
    "UPDATE evidence.batch_item SET place = 9 WHERE place = 1": "evidence.batch_item",
    "DELETE FROM evidence.batch_item WHERE place = 3": "evidence.batch_item",
    "DELETE FROM evidence.batch_item": "evidence.batch_item",
    "UPDATE evidence.extract_request SET requester = 'another'": "evidence.batch_result",
    "UPDATE evidence.batch_result SET extract_id = '00000000-0000-0000-0000-000000000001'": "evidence.batch_result",
    "UPDATE evidence.batch_result SET extract_id = gen_random_uuid()": "evidence.batch_result",
    "DELETE FROM evidence.batch_result WHERE place = 2": "evidence.batch_end",
}


@pytest.fixture
def register(worker_database: Database) -> Iterator[Connection]:
    """A superuser's session with every guard off and one order that is answered; what is done is undone."""
    engine = create_engine(worker_database.superuser_url, poolclass=NullPool)
    with engine.connect() as connection, connection.begin() as transaction:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        lift_checks(connection)
        enter(connection)
        yield connection
        transaction.rollback()
    engine.dispose()


def enter(connection: Connection) -> None:
    listed = hashlib.sha256("\n".join(NUMBERS).encode()).hexdigest()
    payload = {"batch": BATCH, "items": 3, "kind": "extract", "sha256": listed}
    leaf = append_leaf(connection, kind="extract.batch", actor="bank-1", payload=payload)
    connection.execute(_ORDER, {"batch": BATCH, "leaf": leaf})
    for place, number in enumerate(NUMBERS, 1):
        connection.execute(_ITEM, {"batch": BATCH, "place": place, "number": number})
        one = f"00000000-0000-0000-0000-{place:012d}"
        connection.execute(_REQUEST, {"id": one, "leaf": leaf})
        connection.execute(_EXTRACT, {"id": one, "number": 900_000 + place, "leaf": leaf})
        connection.execute(_RESULT, {"batch": BATCH, "place": place, "id": one, "problem": None})
    connection.execute(text("INSERT INTO evidence.batch_end (batch_id) VALUES (:batch)"), {"batch": BATCH})


def strays(connection: Connection) -> set[str]:
    return set(connection.execute(text("SELECT relation FROM ledger.count_strays()")).scalars())


def test_what_was_ordered_and_answered_fits(register: Connection) -> None:
    assert strays(register) == set()


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_is_counted_among_the_rows_that_no_leaf_answers_for(register: Connection, edit: str) -> None:
    register.exec_driver_sql(edit)
    assert EDITS[edit] in strays(register)
