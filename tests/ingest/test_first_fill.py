"""The spatial index after a load that set it aside: as it was, whatever became of the load."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from cadastre.kernel.errors import Unavailable
from ingest import first_fill
from ingest.first_fill import WORTH_IT_ROWS, spatial_index_set_aside
from ingest.load_transaction import LoadTransaction
from tests.database import Database
from tests.register import Register, square

_DEFINITION = "SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_parcel_version_geom'"


def definition(database: Database) -> str | None:
    engine = create_engine(database.admin_url, poolclass=NullPool)
    with engine.connect() as connection:
        return connection.execute(text(_DEFINITION)).scalar_one_or_none()


def owner_of(database: Database) -> str:
    engine = create_engine(database.admin_url, poolclass=NullPool)
    with engine.connect() as connection:
        query = "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE relname = 'ix_parcel_version_geom'"
        return str(connection.execute(text(query)).scalar_one())


def test_a_first_large_load_builds_it_at_the_end(fresh_database: Database) -> None:
    before = definition(fresh_database), owner_of(fresh_database)
    with LoadTransaction(fresh_database.admin_url) as transaction:
        with spatial_index_set_aside(transaction, WORTH_IT_ROWS) as aside:
            assert aside
            assert transaction.fetch(_DEFINITION) == []
        transaction.commit()
    assert (definition(fresh_database), owner_of(fresh_database)) == before


def test_a_load_given_up_leaves_it_where_it_was(fresh_database: Database) -> None:
    before = definition(fresh_database)
    with (
        pytest.raises(Unavailable, match="nothing was changed"),
        LoadTransaction(fresh_database.admin_url) as transaction,
        spatial_index_set_aside(transaction, WORTH_IT_ROWS),
    ):
        transaction.execute("SELECT 1 / 0")
    assert definition(fresh_database) == before


@pytest.mark.parametrize("rows", [WORTH_IT_ROWS - 1, WORTH_IT_ROWS])
def test_readers_of_a_filled_register_keep_it(fresh_database: Database, rows: int) -> None:
    engine = create_engine(fresh_database.app_url, poolclass=NullPool)
    with engine.begin() as connection:
        Register(connection).parcel("A-1", square(0, 0))
    with (
        LoadTransaction(fresh_database.admin_url) as transaction,
        spatial_index_set_aside(transaction, rows) as aside,
    ):
        assert not aside
        assert len(transaction.fetch(_DEFINITION)) == 1


def test_a_small_load_is_not_worth_it(fresh_database: Database) -> None:
    with (
        LoadTransaction(fresh_database.admin_url) as transaction,
        spatial_index_set_aside(transaction, first_fill.WORTH_IT_ROWS - 1) as aside,
    ):
        assert not aside
