"""Tells whether the database has the schema that this program was made for."""

from __future__ import annotations

from functools import cache

from sqlalchemy import text

from cadastre.db.unit_of_work import UnitOfWork
from cadastre.kernel.errors import Unavailable

_REVISION = text("SELECT version_num FROM public.schema_version")
_EXISTS = text("SELECT to_regclass('public.schema_version') IS NOT NULL")


@cache
def newest_revision() -> str:
    """Newest revision that this program ships."""
    from alembic.config import Config  # a third of a second that only this question needs
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", "cadastre.db:migrations")
    config.set_main_option("path_separator", "os")
    return str(ScriptDirectory.from_config(config).get_current_head())


def require_current_schema(uow: UnitOfWork) -> str:
    """Give the database's revision.

    Raises
    ------
    Unavailable
        The schema is missing, older or newer than the program's.
    """
    wanted, found = newest_revision(), None
    if uow.connection.execute(_EXISTS).scalar_one():
        found = uow.connection.execute(_REVISION).scalar_one_or_none()
    if found != wanted:
        raise Unavailable(
            f"The database schema is at revision {found or 'none'} and this program needs {wanted}; "
            "run 'cadastre db migrate'.",
            code="schema-not-current",
            found=found,
            wanted=wanted,
        )
    return wanted


__all__ = ["newest_revision", "require_current_schema"]
