"""The embedded register, ready to be used: running, and with the schema of this program."""

from __future__ import annotations

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from cadastre.db.local_cluster import ClusterUrls, ensure_running, prepare_register
from cadastre.db.schema_files import newest_revision, schema_digest
from cadastre.db.schema_state import FIND_REVISION, REVISION_TABLE, explain_revision
from cadastre.db.settings import DatabaseSettings

_STAMP = text("SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = 'ledger'")


def ensure_current(settings: DatabaseSettings) -> ClusterUrls:
    """Start the embedded cluster and bring its schema up to date; one cheap question when it is.

    Raises
    ------
    Unavailable
        It cannot be started, or a newer program has migrated it.
    """
    urls = ensure_running(settings)
    if not _is_current(urls.admin_url):
        from cadastre.db.migrate import upgrade

        prepare_register(settings)  # roles and grants that only the superuser may change
        upgrade(urls.admin_url)
    return urls


def _is_current(admin_url: str) -> bool:
    engine = create_engine(admin_url, poolclass=NullPool)
    try:
        with engine.connect() as connection:
            if connection.execute(_STAMP).scalar_one_or_none() == schema_digest():
                return True
            if connection.execute(REVISION_TABLE).scalar_one():
                found = connection.execute(FIND_REVISION).scalar_one_or_none()
                if found is not None and found > newest_revision():
                    raise explain_revision(found)
            return False
    finally:
        engine.dispose()


__all__ = ["ensure_current"]
