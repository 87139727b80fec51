"""Fixtures shared by all tests: real PostGIS databases and the shared data folder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from cadastre.db.places import checkout_root
from tests.database import Database, TestCluster, test_settings


@pytest.fixture(scope="session")
def test_cluster() -> Iterator[TestCluster]:
    """Running test cluster with its migrated template."""
    cluster = TestCluster(test_settings())
    cluster.prepare_template()
    yield cluster
    cluster.close()


@pytest.fixture(scope="session")
def worker_database(test_cluster: TestCluster) -> Iterator[Database]:
    """Migrated database of this test process; tests leave no trace in it (they roll back)."""
    database = test_cluster.create_copy()
    yield database
    test_cluster.drop_copy(database)


@pytest.fixture(scope="session", autouse=True)
def keys_in_files() -> Iterator[None]:
    """Keep the keys of homes that tests make in files; the tests of tokens say where theirs are."""
    with pytest.MonkeyPatch.context() as patch:
        if "CADASTRE_KEYS" not in os.environ:
            patch.setenv("CADASTRE_KEYS", "file")
        yield


@pytest.fixture
def fresh_database(test_cluster: TestCluster) -> Iterator[Database]:
    """Migrated database of one test, which may commit; dropped afterwards."""
    database = test_cluster.create_copy()
    yield database
    test_cluster.drop_copy(database)


@pytest.fixture(scope="module")
def untouched_database(test_cluster: TestCluster) -> Iterator[Database]:
    """Migrated database shared by those tests of a module which prove that nothing comes into it."""
    database = test_cluster.create_copy()
    yield database
    test_cluster.drop_copy(database)


@pytest.fixture
def untouched_environment(untouched_database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """Point this process's ``CADASTRE_*`` variables to the database that nothing comes into."""
    for name, value in untouched_database.environ.items():
        monkeypatch.setenv(name, value)
    return untouched_database


@pytest.fixture
def database_environment(fresh_database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """Point this process's ``CADASTRE_*`` variables to a fresh database."""
    for name, value in fresh_database.environ.items():
        monkeypatch.setenv(name, value)
    return fresh_database


@pytest.fixture
def connection(worker_database: Database) -> Iterator[Connection]:
    """Connection as the application role; everything is rolled back."""
    yield from _rolled_back(worker_database.app_url, "cadastre_write")


@pytest.fixture
def admin_connection(worker_database: Database) -> Iterator[Connection]:
    """Connection as the owner's login; everything is rolled back."""
    yield from _rolled_back(worker_database.admin_url)


@pytest.fixture
def shared_data(tmp_path: Path) -> Callable[[str], Path]:
    """Give a function that copies a file or folder of the shared data folder and returns the copy."""
    folder = Path(os.environ.get("CADASTRE_TEST_DATA", checkout_root().parent / "shared" / "data"))

    def fetch(name: str) -> Path:
        source = folder / name
        if not source.exists():
            reason = f"shared data {name} is not there (CADASTRE_TEST_DATA={folder})"
            if os.environ.get("CADASTRE_REQUIRE_DATA") == "1":
                pytest.fail(reason)
            pytest.skip(reason)
        copy = tmp_path / "data" / source.name
        copy.parent.mkdir(exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, copy, copy_function=shutil.copyfile)
        else:
            shutil.copyfile(source, copy)
        return copy

    return fetch


def _rolled_back(url: str, role: str | None = None) -> Iterator[Connection]:
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        transaction = connection.begin()
        if role is not None:
            connection.exec_driver_sql(f"SET LOCAL ROLE {role}")
        yield connection
        if transaction.is_active:
            transaction.rollback()
    engine.dispose()
