"""Brings a database to the newest schema: revisions, all routines whole, codelists; then fills the log."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.engine import URL
from sqlalchemy.pool import NullPool

from cadastre.db.codelist_sync import sync_codelists
from cadastre.db.schema_files import migration_sources, routine_files, schema_digest
from cadastre.kernel.errors import Unavailable

REQUIRED_EXTENSIONS = ("postgis", "btree_gist", "pg_trgm", "pgcrypto")
_MIGRATION_LOCK = 0x6B616461  # "kada": one migrating process at a time

_LOG_BATCH = 10_000


def upgrade(admin_url: str | URL) -> str:
    """Migrate the database behind ``admin_url`` and return its revision.

    Parameters
    ----------
    admin_url
        SQLAlchemy URL of a login role that is a member of ``cadastre_owner``.

    Raises
    ------
    Unavailable
        The database lacks an extension that only its administrator may create.
    """
    engine = create_engine(admin_url, poolclass=NullPool)
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")
            _require_extensions(connection)
            _require_idle_login(connection)
            connection.exec_driver_sql("SET LOCAL ROLE cadastre_owner")
            _run_alembic(connection)
            for path in routine_files():
                _execute_file(connection, path)
            sync_codelists(connection)
            connection.exec_driver_sql(f"COMMENT ON SCHEMA ledger IS '{schema_digest()}'")
            revision = connection.exec_driver_sql(
                "SELECT version_num FROM public.schema_version"
            ).scalar_one()
        _enter_numbered(engine)
    finally:
        engine.dispose()
    return str(revision)


def _require_extensions(connection: Connection) -> None:
    rows = connection.exec_driver_sql("SELECT extname FROM pg_extension").scalars()
    missing = sorted(set(REQUIRED_EXTENSIONS) - set(rows))
    if missing:
        raise Unavailable(
            f"The database lacks the extension(s) {', '.join(missing)}; "
            "let its administrator run cadastre/db/bootstrap.sql first.",
            code="extension-missing",
            missing=missing,
        )


def _require_idle_login(connection: Connection) -> None:
    """Refuse a login of the application that holds its roles' rights without having said as whom it acts."""
    held = connection.exec_driver_sql(
        "SELECT count(*) FROM pg_roles WHERE rolname = 'cadastre_app'"
        " AND pg_has_role('cadastre_app', 'cadastre_write', 'USAGE')"
    ).scalar_one()
    if held:
        raise Unavailable(
            "The login cadastre_app inherits what its roles may do; let the database's administrator run "
            "cadastre/db/bootstrap.sql again.",
            code="login-inherits",
        )


def _run_alembic(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", "cadastre.db:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _enter_numbered(engine: Engine) -> None:
    """Enter leaves into the public log that were numbered before there was one, in batches that stay."""
    size, numbered = -1, 0
    while size < numbered:
        with engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL ROLE cadastre_owner")
            size, numbered = connection.exec_driver_sql(
                f"SELECT ledger.grow_tree({_LOG_BATCH}), tree_size FROM ledger.sequencer"
            ).one()


def _execute_file(connection: Connection, path: Path) -> None:
    cursor = connection.connection.cursor()
    try:
        cursor.execute(path.read_text(encoding="utf-8"))
    finally:
        cursor.close()


__all__ = ["REQUIRED_EXTENSIONS", "migration_sources", "upgrade"]
