"""Databases for tests: one migrated template per state of the schema files, cheap copies of it."""

from __future__ import annotations

import fcntl
import hashlib
import itertools
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from cadastre.db.cluster.layout import layout_of
from cadastre.db.local_cluster import ClusterUrls, ensure_running, prepare_database, stop
from cadastre.db.migrate import upgrade
from cadastre.db.places import checkout_root
from cadastre.db.schema_files import migration_sources
from cadastre.db.settings import DatabaseSettings

TEMPLATES_KEPT = 3
MEMORY = Path("/dev/shm")
MEMORY_FREE = 2 << 30  # ten times what a run was seen to take
THROW_AWAY = {
    "fsync": "off",
    "full_page_writes": "off",
    "max_wal_size": "512MB",
    "shared_buffers": "256MB",  # all of it is looked through when a database is made or dropped
    "shared_preload_libraries": "postgis-3",  # else each of thousands of sessions loads it anew
}
_SERIAL = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Database:
    """One migrated database of the test cluster."""

    name: str
    app_url: str
    admin_url: str
    superuser_url: str

    @property
    def environ(self) -> dict[str, str]:
        """Environment for a ``cadastre`` process that shall use it."""
        return {"CADASTRE_DATABASE_URL": self.app_url, "CADASTRE_ADMIN_URL": self.admin_url}


def test_settings() -> DatabaseSettings:
    """Settings of the cluster that only tests use."""
    home = Path(os.environ.get("CADASTRE_TEST_HOME") or _roomiest_home()).absolute()
    return DatabaseSettings(home=home, database_url=None, admin_url=None, database_port=None)


def _roomiest_home() -> Path:
    """Give a folder in memory where there is plenty of it, since hundreds of databases are copied; else on disk."""
    on_disk = checkout_root() / ".local" / "test"
    in_memory = MEMORY / f"kadastr-test-{hashlib.sha256(bytes(on_disk)).hexdigest()[:8]}"
    return in_memory if in_memory.is_dir() or memory_is_roomy() else on_disk


def memory_is_roomy() -> bool:
    """Whether clusters of tests may lie in memory."""
    return os.access(MEMORY, os.W_OK | os.X_OK) and shutil.disk_usage(MEMORY).free >= MEMORY_FREE


def schema_digest() -> str:
    """Digest of every file that shapes the schema."""
    digest = hashlib.sha256()
    db = checkout_root() / "cadastre" / "db"
    for path in sorted({*migration_sources(), *db.rglob("*.sql"), *(db / "migrations").rglob("*.py")}):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


class TestCluster:
    """The cluster, its template, and the making and dropping of copies."""

    __test__ = False

    def __init__(self, settings: DatabaseSettings) -> None:
        self.settings = settings
        settings.home.mkdir(parents=True, exist_ok=True)
        self._in_use = (settings.home / "in-use.lock").open("w")
        fcntl.flock(self._in_use, fcntl.LOCK_SH)
        self.urls = _running_server(settings)
        self.template = f"kt_template_{schema_digest()}"

    def close(self) -> None:
        """Tell that this process needs the server no more."""
        self._in_use.close()

    def prepare_template(self) -> None:
        """Build the migrated template unless another worker or an earlier run did."""
        with _file_lock(self.settings.home / "template.lock"), self._superuser() as connection:
            self._drop_leftovers(connection)
            if self._exists(connection, self.template):
                return
            draft = f"kt_draft_{os.getpid()}"
            connection.execute(text(f'DROP DATABASE IF EXISTS "{draft}" WITH (FORCE)'))
            prepare_database(self.settings, draft)
            upgrade(self.urls.of_database(draft).admin_url)
            connection.execute(text(f'ALTER DATABASE "{draft}" RENAME TO "{self.template}"'))

    def create_copy(self) -> Database:
        """Make a fresh copy of the template, owned by the owner role."""
        name = f"kt_{os.getpid()}_{next(_SERIAL)}"
        with self._superuser() as connection:
            connection.execute(
                text(
                    f'CREATE DATABASE "{name}" TEMPLATE "{self.template}" OWNER cadastre_owner '
                    "STRATEGY file_copy"  # half of what writing each page to the log takes
                )
            )
        urls = self.urls.of_database(name)
        return Database(name, urls.app_url, urls.admin_url, urls.superuser_url)

    def create_bare(self) -> Database:
        """Make a database with roles and extensions and no register, as an administrator leaves it."""
        name = f"kt_{os.getpid()}_{next(_SERIAL)}"
        prepare_database(self.settings, name)
        urls = self.urls.of_database(name)
        return Database(name, urls.app_url, urls.admin_url, urls.superuser_url)

    def drop_copy(self, database: Database) -> None:
        """Drop a copy, ending whatever sessions a test left open."""
        with self._superuser() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{database.name}" WITH (FORCE)'))

    @contextmanager
    def _superuser(self) -> Iterator[Connection]:
        url = self.urls.of_database("postgres").superuser_url
        engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            yield connection

    @staticmethod
    def _exists(connection: Connection, name: str) -> bool:
        found = connection.execute(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name})
        return found.first() is not None

    @staticmethod
    def _drop_leftovers(connection: Connection) -> None:
        """Drop copies of processes that died, and all but the newest templates."""
        names = connection.execute(
            text("SELECT datname FROM pg_database WHERE datname LIKE 'kt\\_%' ORDER BY oid DESC")
        ).scalars()
        templates = 0
        for name in list(names):
            owner = name.split("_")[1] if name.split("_")[1].isdigit() else name.split("_")[2]
            if name.startswith("kt_template_"):
                templates += 1
                dead = templates > TEMPLATES_KEPT
            else:
                dead = not Path(f"/proc/{owner}").exists()
            if dead:
                connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))


def stop_when_idle(settings: DatabaseSettings) -> bool:
    """Stop the test server unless another test process is using it; give back the memory that it lay in."""
    settings.home.mkdir(parents=True, exist_ok=True)
    with (settings.home / "in-use.lock").open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        stopped = stop(settings)
        if settings.home.parent == MEMORY:
            shutil.rmtree(settings.home)
        return stopped


def _running_server(settings: DatabaseSettings) -> ClusterUrls:
    """Start the server; one that is new gets the settings of servers whose data nobody will miss."""
    layout = layout_of(settings.home)
    with _file_lock(settings.home / "start.lock"):
        is_new = not layout.ready_file.exists()
        urls = ensure_running(settings)
        if is_new:
            hba = layout.base / "pg_hba.conf"
            hba.write_text("local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n")
            hba.chmod(0o644)
            engine = create_engine(urls.superuser_url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                for name, value in {**THROW_AWAY, "hba_file": str(hba)}.items():
                    connection.exec_driver_sql(f"ALTER SYSTEM SET {name} = '{value}'")
            stop(settings)
            urls = ensure_running(settings)
    return urls


@contextmanager
def _file_lock(path: Path) -> Iterator[None]:
    with path.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    stop_when_idle(test_settings())
