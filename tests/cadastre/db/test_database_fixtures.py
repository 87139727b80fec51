"""The fixtures every database test stands on: fresh copies, rolled-back connections, role rights."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.pool import NullPool

from tests.database import Database


def test_application_login_is_no_owner(connection: Connection) -> None:
    user, superuser = connection.execute(
        text("SELECT session_user, rolsuper FROM pg_roles WHERE rolname = session_user")
    ).one()
    assert (user, superuser) == ("cadastre_app", False)
    with pytest.raises(ProgrammingError, match="permission denied"):
        connection.execute(text("CREATE TABLE public.intruder (id int)"))


def test_owner_login_is_no_superuser(admin_connection: Connection) -> None:
    row = admin_connection.execute(
        text(
            "SELECT current_user::text, rolsuper, rolcreatedb, pg_has_role('cadastre_owner', 'MEMBER') "
            "FROM pg_roles WHERE rolname = current_user"
        )
    ).one()
    assert tuple(row) == ("cadastre_admin", False, True, True)


def test_extensions_and_neutral_locale(connection: Connection) -> None:
    names = set(connection.execute(text("SELECT extname FROM pg_extension")).scalars())
    assert {"postgis", "btree_gist", "pg_trgm", "pgcrypto"} <= names
    locale = connection.execute(
        text(
            "SELECT datcollate, pg_encoding_to_char(encoding) FROM pg_database "
            "WHERE datname = current_database()"
        )
    ).one()
    assert tuple(locale) == ("C.UTF-8", "UTF8")


def test_fresh_database_keeps_commits_to_itself(fresh_database: Database, worker_database: Database) -> None:
    engine = create_engine(fresh_database.admin_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE public.mine (id int)"))
    for database, expected in ((fresh_database, True), (worker_database, False)):
        other = create_engine(database.superuser_url, poolclass=NullPool)
        with other.connect() as connection:
            found = connection.execute(text("SELECT to_regclass('public.mine') IS NOT NULL")).scalar_one()
        assert found is expected
