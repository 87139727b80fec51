"""The embedded register is there and up to date for whoever asks for its address, and never set back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from cadastre.db.migrate import upgrade
from cadastre.db.schema_files import newest_revision, schema_digest
from cadastre.db.schema_state import SchemaNotCurrent, require_current_register
from cadastre.db.settings import DatabaseSettings, DatabaseUrls, resolve_urls
from tests.cadastre.db.cluster_homes import ask, open_folder, settings_for, tell
from tests.database import TestCluster

STAMP = "SELECT obj_description('ledger'::regnamespace, 'pg_namespace')"


@pytest.fixture(scope="module")
def settings() -> Iterator[DatabaseSettings]:
    """Home of a machine where nobody has run anything yet."""
    with open_folder() as folder:
        yield settings_for(folder / "home")


@pytest.fixture
def urls(settings: DatabaseSettings) -> DatabaseUrls:
    return resolve_urls(settings)


def test_the_first_question_finds_a_register(urls: DatabaseUrls) -> None:
    require_current_register(urls.require_admin())
    assert ask(urls.require_admin(), STAMP) == schema_digest()


def test_an_older_one_is_migrated_and_a_current_one_left_alone(
    settings: DatabaseSettings, urls: DatabaseUrls
) -> None:
    admin = urls.require_admin()
    tell(admin, "COMMENT ON SCHEMA ledger IS 'of an older program'")
    tell(admin, "DROP FUNCTION publish.is_synthetic()")
    resolve_urls(settings)
    assert ask(admin, STAMP) == schema_digest()
    assert ask(admin, "SELECT publish.is_synthetic()") is False
    tell(admin, "COMMENT ON FUNCTION publish.is_synthetic() IS 'not made again'")
    tell(
        admin,
        "CREATE OR REPLACE FUNCTION publish.is_synthetic() RETURNS boolean LANGUAGE sql AS 'SELECT true'",
    )
    resolve_urls(settings)
    assert ask(admin, "SELECT publish.is_synthetic()") is True


def test_a_newer_one_is_not_touched(settings: DatabaseSettings, urls: DatabaseUrls) -> None:
    admin = urls.require_admin()
    tell(admin, "COMMENT ON SCHEMA ledger IS 'of a newer program'")
    tell(admin, "UPDATE public.schema_version SET version_num = '9999'")
    with pytest.raises(SchemaNotCurrent, match="update this program"):
        resolve_urls(settings)
    assert ask(admin, STAMP) == "of a newer program"
    tell(admin, f"UPDATE public.schema_version SET version_num = '{newest_revision()}'")


def test_the_newest_revision_is_the_one_that_migrating_reaches(test_cluster: TestCluster) -> None:
    database = test_cluster.create_bare()
    try:
        with pytest.raises(SchemaNotCurrent, match=r"no register yet .* run 'cadastre db migrate'"):
            require_current_register(database.admin_url)
        assert upgrade(database.admin_url) == newest_revision()
        require_current_register(database.admin_url)
    finally:
        test_cluster.drop_copy(database)


def test_an_older_foreign_register_is_refused_and_not_migrated(test_cluster: TestCluster) -> None:
    database = test_cluster.create_copy()
    engine = create_engine(database.admin_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE public.schema_version SET version_num = '0001'")
    engine.dispose()
    try:
        with pytest.raises(SchemaNotCurrent, match=r"at revision 0001 .* run 'cadastre db migrate'"):
            require_current_register(database.admin_url)
    finally:
        test_cluster.drop_copy(database)
