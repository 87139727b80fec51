"""Statements that are planned once: as many plans as statements, the same answers, no connection left lame."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from cadastre.db.prepared import prepared
from cadastre.db.unit_of_work import Database, UnitOfWork
from tests.database import Database as MigratedCopy

_SUM = prepared(
    "SELECT :one + 1 AS sum, '100 %' AS share, CAST(:names AS text[]) AS names, CAST(:key AS uuid)"
)
_DOUBLE = prepared("""
    SELECT set_config('test.seen', CAST(:seen AS text), true);

    SELECT current_setting('test.seen') || :seen
""")
_KEPT = text("SELECT name, generic_plans, custom_plans FROM pg_prepared_statements ORDER BY name")
_KEY = UUID(int=7)


@pytest.fixture
def database(fresh_database: MigratedCopy) -> Iterator[Database]:
    made = Database(fresh_database.app_url, pool_size=1)
    yield made
    made.close()


def _add(uow: UnitOfWork, one: int, names: list[str]) -> tuple[object, ...]:
    return tuple(uow.connection.execute(_SUM, {"one": one, "names": names, "key": str(_KEY)}).one())


def test_one_plan_serves_all_values(database: Database) -> None:
    for one, names in ((1, ["a"]), (2, []), (3, ["ə", "it's", "%"])):
        assert database.run(lambda uow, n=one, t=names: _add(uow, n, t)) == (one + 1, "100 %", names, _KEY)
    kept = database.run(lambda uow: uow.connection.execute(_KEPT).all())
    assert [tuple(row) for row in kept] == [("kept_1", 3, 0)]


def test_several_statements_go_in_one_and_the_last_answers(database: Database) -> None:
    for seen in ("one", "two"):
        given = {"seen": seen}
        assert database.run(lambda uow, v=given: uow.connection.execute(_DOUBLE, v).scalar_one()) == seen * 2
    assert len(database.run(lambda uow: uow.connection.execute(_KEPT).all())) == 2


def test_what_failed_is_prepared_again(database: Database) -> None:
    quotient = prepared("SELECT 1 / CAST(:by AS integer)")
    with pytest.raises(DBAPIError, match="division by zero"):
        database.run(lambda uow: uow.connection.execute(quotient, {"by": 0}).scalar_one())
    assert database.run(lambda uow: uow.connection.execute(quotient, {"by": 1}).scalar_one()) == 1


def test_forgotten_plans_are_made_anew(database: Database) -> None:
    """Whoever pools connections outside may have discarded them: the transaction is repeated on another one."""
    database.run(lambda uow: _add(uow, 1, []))
    database.run(lambda uow: uow.connection.execute(text("DEALLOCATE ALL")))
    assert database.run(lambda uow: _add(uow, 1, []))[0] == 2


def test_plans_that_no_longer_fit_are_made_anew(database: Database, fresh_database: MigratedCopy) -> None:
    owner = Database(fresh_database.superuser_url)
    with owner.engine.begin() as connection:
        connection.execute(text("CREATE TABLE public.shape (width integer)"))
        connection.execute(text("GRANT SELECT ON public.shape TO PUBLIC"))
    width = prepared("SELECT * FROM public.shape")
    database.run(lambda uow: uow.connection.execute(width).all())
    with owner.engine.begin() as connection:
        connection.execute(text("ALTER TABLE public.shape ADD COLUMN height integer"))
    owner.close()
    assert list(database.run(lambda uow: uow.connection.execute(width).keys())) == ["width", "height"]


def test_a_connection_that_died_meanwhile_is_replaced(
    database: Database, fresh_database: MigratedCopy
) -> None:
    mine = database.run(lambda uow: uow.connection.execute(text("SELECT pg_backend_pid()")).scalar_one())
    killer = Database(fresh_database.superuser_url)
    with killer.engine.begin() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": mine})
    killer.close()
    assert database.run(lambda uow: _add(uow, 1, []))[0] == 2
