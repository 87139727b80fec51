"""Tells whether the database has the schema that this program was made for."""

from __future__ import annotations

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import URL
from sqlalchemy.pool import NullPool

from cadastre.db.schema_files import newest_revision
from cadastre.db.unit_of_work import Database, UnitOfWork
from cadastre.kernel.errors import Unavailable

FIND_REVISION = text("SELECT version_num FROM public.schema_version")
REVISION_TABLE = text("SELECT to_regclass('public.schema_version') IS NOT NULL")


class SchemaNotCurrent(Unavailable):
    """The schema is missing, older or newer than the program's."""

    default_code = "schema-not-current"


def require_current_schema(uow: UnitOfWork) -> str:
    """Give the database's revision.

    Raises
    ------
    SchemaNotCurrent
        The schema is missing, older or newer than the program's.
    """
    return _require_current(uow.connection)


def require_current_register(url: str | URL) -> None:
    """Refuse to work on a database whose schema is another one, before anything is begun.

    Raises
    ------
    SchemaNotCurrent
        The schema is missing, older or newer than the program's.
    """
    engine = create_engine(url, poolclass=NullPool)
    try:
        with engine.connect() as connection:
            _require_current(connection)
    finally:
        engine.dispose()


def refuse_other_schema(database: Database) -> None:
    """Refuse a database with another schema; one that does not answer just now may be waited for.

    Raises
    ------
    SchemaNotCurrent
        The schema is missing, older or newer than the program's.
    """
    try:
        database.read(require_current_schema)
    except SchemaNotCurrent:
        raise
    except Unavailable as error:
        if error.code in {"schema-not-current", "roles-missing"}:
            raise


def explain_revision(found: str | None) -> SchemaNotCurrent:
    """Say which schema was found and what to do about it."""
    wanted = newest_revision()
    if found is None:
        sentence = f"The database has no register yet (this program needs schema {wanted})"
    else:
        sentence = f"The database schema is at revision {found} and this program needs {wanted}"
    advice = "update this program" if found is not None and found > wanted else "run 'cadastre db migrate'"
    return SchemaNotCurrent(f"{sentence}; {advice}.", found=found, wanted=wanted)


def _require_current(connection: Connection) -> str:
    found = None
    if connection.execute(REVISION_TABLE).scalar_one():
        found = connection.execute(FIND_REVISION).scalar_one_or_none()
    if found is None or found != newest_revision():
        raise explain_revision(found)
    return str(found)


__all__ = [
    "FIND_REVISION",
    "REVISION_TABLE",
    "SchemaNotCurrent",
    "explain_revision",
    "newest_revision",
    "refuse_other_schema",
    "require_current_register",
    "require_current_schema",
]
