"""One statement as a transaction of its own: committed when it is answered, in one round trip, as the right role."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from cadastre.db.prepared import PreparedQuery
from cadastre.db.unit_of_work import Database, Isolation, Role
from tests.database import Database as MigratedCopy

_WHO = PreparedQuery.of(
    "SELECT CAST(current_user AS text), current_setting('transaction_isolation'), CAST(:given AS text)"
)
_KEEP_TWICE = PreparedQuery.of("""
    INSERT INTO public.said VALUES (CAST(:what AS text));

    SELECT count(*), (SELECT 1 / CAST(:by AS integer)) FROM public.said
""")
_TOLD = PreparedQuery.of("SELECT said FROM public.said ORDER BY said")


@pytest.fixture
def database(fresh_database: MigratedCopy) -> Iterator[Database]:
    owner = Database(fresh_database.superuser_url)
    with owner.engine.begin() as connection:
        connection.execute(text("CREATE TABLE public.said (said text)"))
        connection.execute(text("GRANT ALL ON public.said TO PUBLIC"))
    owner.close()
    made = Database(fresh_database.app_url, pool_size=1)
    yield made
    made.close()


def _told(database: Database) -> list[str]:
    return [said for (said,) in database.ask(_TOLD, {})]


def test_role_and_level_are_those_that_were_asked_for(database: Database) -> None:
    for role, level in ((Role.WRITE, Isolation.REPEATABLE_READ), (Role.READ, Isolation.READ_COMMITTED)):
        (row,) = database.ask(_WHO, {"given": "ə"}, role=role, isolation=level)
        assert tuple(row) == (role.value, level.value.lower(), "ə")


def test_all_of_it_is_kept_or_nothing(database: Database) -> None:
    with pytest.raises(DBAPIError, match="division by zero"):
        database.ask(_KEEP_TWICE, {"what": "lost", "by": 0})
    (row,) = database.ask(_KEEP_TWICE, {"what": "kept", "by": 1})
    assert tuple(row) == (1, 1)  # the second statement sees what the first has written
    assert _told(database) == ["kept"]


def test_the_connection_serves_transactions_of_several_steps_as_before(database: Database) -> None:
    database.ask(_TOLD, {})

    def fail(_: object) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        database.run(
            lambda uow: fail(uow.connection.execute(text("INSERT INTO public.said VALUES ('half')")))
        )
    assert _told(database) == []


def test_a_connection_that_died_meanwhile_is_replaced(
    database: Database, fresh_database: MigratedCopy
) -> None:
    who = PreparedQuery.of("SELECT pg_backend_pid()")
    (mine,) = database.ask(who, {})
    killer = Database(fresh_database.superuser_url)
    with killer.engine.begin() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": mine[0]})
    killer.close()
    (other,) = database.ask(who, {})
    assert other[0] != mine[0]
