"""The indexes of parcels after a load that set them aside: as they were, whatever became of the load."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from cadastre.kernel.errors import Conflict, Unavailable
from ingest.first_fill import WORTH_IT_ROWS, indexes_set_aside
from ingest.load_transaction import LoadTransaction
from tests.database import Database
from tests.register import Register, square

_INDEXES = """
    SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisprimary,
           c.conname, pg_get_constraintdef(c.oid), pg_get_userbyid(r.relowner)
      FROM pg_index i JOIN pg_class r ON r.oid = i.indexrelid
      LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype IN ('p', 'u')
     WHERE i.indrelid IN ('cadastre.parcel'::regclass, 'cadastre.parcel_version'::regclass)
     ORDER BY 1
"""
_KEPT = ["cadastre.pk_parcel"]  # foreign keys lean on it


def list_indexes(database: Database) -> list[tuple[object, ...]]:
    engine = create_engine(database.admin_url, poolclass=NullPool)
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(_INDEXES))]


def test_a_first_large_load_builds_them_at_the_end(fresh_database: Database) -> None:
    before = list_indexes(fresh_database)
    assert len(before) == 9
    with LoadTransaction(fresh_database.admin_url) as transaction:
        with indexes_set_aside(transaction, WORTH_IT_ROWS) as aside:
            assert aside
            assert [row[0] for row in transaction.fetch(_INDEXES)] == _KEPT
        transaction.commit()
    assert list_indexes(fresh_database) == before


def test_a_load_given_up_leaves_them_where_they_were(fresh_database: Database) -> None:
    before = list_indexes(fresh_database)
    with (
        pytest.raises(Unavailable, match="nothing was changed"),
        LoadTransaction(fresh_database.admin_url) as transaction,
        indexes_set_aside(transaction, WORTH_IT_ROWS),
    ):
        transaction.execute("SELECT 1 / 0")
    assert list_indexes(fresh_database) == before


def test_what_breaks_a_key_meanwhile_ends_the_load(fresh_database: Database) -> None:
    before = list_indexes(fresh_database)
    with (
        pytest.raises(Conflict, match="uq_parcel_cadastral_number"),
        LoadTransaction(fresh_database.admin_url) as transaction,
        indexes_set_aside(transaction, WORTH_IT_ROWS),
    ):
        transaction.execute(
            "INSERT INTO cadastre.parcel (cadastral_number, district_code) "
            "SELECT 'A-1', code FROM cadastre.district ORDER BY code LIMIT 2"
        )
    assert list_indexes(fresh_database) == before


@pytest.mark.parametrize("rows", [WORTH_IT_ROWS - 1, WORTH_IT_ROWS])
def test_readers_of_a_filled_register_keep_them(fresh_database: Database, rows: int) -> None:
    engine = create_engine(fresh_database.app_url, poolclass=NullPool)
    with engine.begin() as connection:
        Register(connection).parcel("A-1", square(0, 0))
    with (
        LoadTransaction(fresh_database.admin_url) as transaction,
        indexes_set_aside(transaction, rows) as aside,
    ):
        assert not aside
        assert len(transaction.fetch(_INDEXES)) == 9


def test_a_small_load_is_not_worth_it(fresh_database: Database) -> None:
    with (
        LoadTransaction(fresh_database.admin_url) as transaction,
        indexes_set_aside(transaction, WORTH_IT_ROWS - 1) as aside,
    ):
        assert not aside
