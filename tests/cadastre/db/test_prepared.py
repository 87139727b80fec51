"""Statements that are planned once: as many plans as statements, the same answers, no connection left lame."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import Text, bindparam, cast, func, select, text
from sqlalchemy.exc import DBAPIError

from cadastre.db.prepared import PreparedQuery, fetch, prepared, written
from cadastre.db.unit_of_work import Database, Isolation, Role, UnitOfWork
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


def test_connections_that_died_meanwhile_are_replaced(fresh_database: MigratedCopy) -> None:
    """As after a restart of the server: every kept one is dead, and the next caller notices nothing."""
    database, killer = Database(fresh_database.app_url), Database(fresh_database.superuser_url)
    pid = text("SELECT pg_backend_pid()")

    def both(uow: UnitOfWork) -> list[int]:
        other = database.run(lambda inner: int(inner.connection.execute(pid).scalar_one()))
        return [int(uow.connection.execute(pid).scalar_one()), other]

    mine = database.run(both)
    assert len(set(mine)) == 2
    with killer.engine.begin() as connection:
        for process in mine:
            connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": process})
    killer.close()
    assert database.run(lambda uow: _add(uow, 1, []))[0] == 2
    database.close()


def test_fetched_rows_are_those_of_a_result(database: Database) -> None:
    values = {"one": 1, "names": ["ə"], "key": str(_KEY)}
    (row,) = database.run(lambda uow: fetch(uow.connection, _SUM, values))
    assert (row.sum, row.share, row.names) == (2, "100 %", ["ə"])
    (again,) = database.run(lambda uow: fetch(uow.connection, _SUM, values | {"one": 2}))
    assert again.sum == 3


def test_a_composed_query_keeps_its_own_values(database: Database) -> None:
    query = select(func.concat("50 %", ", ", cast(bindparam("what"), Text)).label("said"))
    (row,) = database.run(lambda uow: fetch(uow.connection, written(query), {"what": "it's"}))
    assert row.said == "50 %, it's"


def test_what_a_fetched_statement_breaks_is_told_as_ever(database: Database) -> None:
    quotient = prepared("SELECT 1 / CAST(:by AS integer) AS quotient")
    with pytest.raises(DBAPIError, match="division by zero"):
        database.run(lambda uow: fetch(uow.connection, quotient, {"by": 0}))
    (row,) = database.run(lambda uow: fetch(uow.connection, quotient, {"by": 1}))
    assert row.quotient == 1


def test_a_value_that_stands_in_several_places_is_given_once(database: Database) -> None:
    twice = PreparedQuery.of(
        "SELECT CAST(:n AS bigint) + CAST(:n AS bigint) AS sum, CAST(:n AS text) AS said"
    )
    for number in (4, 5):
        (row,) = database.run(lambda uow, n=number: fetch(uow.connection, twice, {"n": n}))
        assert (row.sum, row.said) == (2 * number, str(number))
    types = "SELECT CAST(parameter_types AS text) AS given FROM pg_prepared_statements ORDER BY name"
    (first, *_) = database.run(lambda uow: fetch(uow.connection, prepared(types), {}))
    assert first.given == "{bigint,text}"


def test_a_role_is_taken_in_the_round_trip_of_the_first_statement(database: Database) -> None:
    who = "SELECT CAST(current_user AS text) AS acts_as, current_setting('transaction_isolation') AS level"

    def look(uow: UnitOfWork) -> tuple[str, str]:
        (row,) = fetch(uow.connection, prepared(who), {})
        return row.acts_as, row.level

    level = Isolation.REPEATABLE_READ
    assert database.run(look, role=Role.READ, isolation=level) == ("cadastre_read", "repeatable read")
    composed = database.run(lambda uow: uow.connection.execute(text(who)).one(), role=Role.TILES)
    assert composed.acts_as == "cadastre_tiles"


def test_what_was_announced_and_never_sent_meets_nobody_else(database: Database) -> None:
    database.run(lambda uow: None, role=Role.TILES)
    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT CAST(current_user AS text)")).scalar_one() == "cadastre_app"


_MARK = prepared("""
    INSERT INTO registry.idempotency (subject, key, route, body_sha256)
    VALUES ('marker', :key, '/v1/marks', sha256('marked')) RETURNING key
""")
_MARKED = prepared("SELECT count(*) AS found FROM registry.idempotency WHERE key = :key")


def _mark(database: Database, key: str, statement: str | None = None, *, read_only: bool = False) -> None:
    def work(uow: UnitOfWork) -> None:
        fetch(uow.connection, _MARK, {"key": key})
        if statement is not None:
            uow.connection.exec_driver_sql(statement)

    database.run(work, read_only=read_only)


def _count(database: Database, key: str) -> int:
    return int(database.run(lambda uow: fetch(uow.connection, _MARKED, {"key": key})[0].found))


def test_what_one_transaction_does_is_committed_whole_or_not_at_all(database: Database) -> None:
    _mark(database, "mark:kept")
    with pytest.raises(DBAPIError, match="division by zero"):
        _mark(database, "mark:lost", "SELECT 1 / 0")
    with pytest.raises(DBAPIError, match="read-only"):
        _mark(database, "mark:refused", read_only=True)
    assert [_count(database, f"mark:{key}") for key in ("kept", "lost", "refused")] == [1, 0, 0]


def test_what_a_caller_raises_undoes_what_was_done(database: Database) -> None:
    def work(uow: UnitOfWork) -> None:
        fetch(uow.connection, _MARK, {"key": "mark:raised"})
        raise KeyError("a fault of the caller")

    with pytest.raises(KeyError):
        database.run(work)
    assert _count(database, "mark:raised") == 0


def test_what_is_judged_at_the_commit_is_told_and_undone(database: Database) -> None:
    deferred = (
        """CREATE TABLE judged (n integer, CONSTRAINT uq_judged UNIQUE (n) DEFERRABLE INITIALLY DEFERRED)"""
    )
    with pytest.raises(DBAPIError, match="uq_judged"):
        _mark(database, "mark:judged", f"{deferred}; INSERT INTO judged VALUES (1), (1)")
    assert _count(database, "mark:judged") == 0
    _mark(database, "mark:after")
    assert _count(database, "mark:after") == 1


def test_rows_come_in_parts_from_a_cursor_of_the_server(database: Database) -> None:
    def work(uow: UnitOfWork) -> list[int]:
        options = {"stream_results": True, "yield_per": 2}
        rows = uow.connection.execute(text("SELECT generate_series(1, 5)"), execution_options=options)
        return list(rows.scalars())

    assert database.read(work) == [1, 2, 3, 4, 5]
    assert _add_again(database)


def _add_again(database: Database) -> bool:
    return database.run(lambda uow: _add(uow, 1, [])) == (2, "100 %", [], _KEY)
