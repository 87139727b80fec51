"""The embedded cluster, for real: it starts, survives, and says in one sentence why it cannot."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from cadastre.db import local_cluster
from cadastre.db.cluster import server
from cadastre.db.cluster.layout import choose_port, layout_of, load_state
from cadastre.db.cluster.server import server_pid
from cadastre.db.places import server_account
from cadastre.db.settings import DatabaseSettings
from cadastre.kernel.errors import InvalidInput, NotFound, Unavailable
from tests.cadastre.db.cluster_homes import ask, copy_home, open_folder, settings_for, tell


@pytest.fixture(scope="module")
def seed() -> Iterator[Path]:
    """Home of a created and stopped cluster."""
    with open_folder() as folder:
        settings = settings_for(folder / "seed")
        local_cluster.ensure_running(settings)
        assert local_cluster.stop(settings)
        yield settings.home


@pytest.fixture
def stopped(seed: Path) -> Iterator[DatabaseSettings]:
    """Stopped cluster of one test."""
    with open_folder() as folder:
        yield copy_home(seed, folder / "home")


@pytest.fixture(scope="module")
def running(seed: Path) -> Iterator[DatabaseSettings]:
    """Running cluster for the tests that only look at it."""
    with open_folder() as folder:
        home = copy_home(seed, folder / "home").home
        settings = settings_for(home, port=choose_port())  # the copies of other tests have the seed's
        local_cluster.ensure_running(settings)
        yield settings


def test_three_logins_and_a_server_that_is_not_root(running: DatabaseSettings) -> None:
    urls = local_cluster.known_urls(running)
    assert ask(urls.app_url, "SELECT current_user::text") == "cadastre_app"
    assert ask(urls.admin_url, "SELECT current_user::text") == "cadastre_admin"
    assert ask(urls.superuser_url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is True
    pid = local_cluster.status(running).pid
    assert pid is not None
    assert Path(f"/proc/{pid}").stat().st_uid != 0


def test_durable_neutral_settings(running: DatabaseSettings) -> None:
    urls = local_cluster.known_urls(running)
    wanted = {
        "data_checksums": "on",
        "fsync": "on",
        "full_page_writes": "on",
        "jit": "off",
        "TimeZone": "UTC",
        "server_encoding": "UTF8",
        "lc_collate": "C.UTF-8",
        "listen_addresses": "127.0.0.1",
        "password_encryption": "scram-sha-256",
    }
    assert {name: ask(urls.app_url, f"SHOW {name}") for name in wanted} == wanted


def test_loopback_asks_for_the_password(running: DatabaseSettings) -> None:
    url = make_url(local_cluster.known_urls(running).app_url)
    port = int(str(url.query["port"]))
    parts = {"host": "127.0.0.1", "port": port, "dbname": "cadastre", "user": "cadastre_app"}
    psycopg2.connect(**parts, password=url.password).close()
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(**parts, password="guess")


def test_passwords_are_for_the_caller_only(running: DatabaseSettings) -> None:
    assert (running.home / "cluster.json").stat().st_mode & 0o777 == 0o600


def test_clean_stop_and_restart_keep_data_and_port(stopped: DatabaseSettings) -> None:
    urls = local_cluster.ensure_running(stopped)
    tell(urls.admin_url, "CREATE TABLE kept AS SELECT 7 AS number")
    assert local_cluster.stop(stopped)
    assert not local_cluster.stop(stopped)
    assert not local_cluster.status(stopped).running
    assert local_cluster.ensure_running(stopped) == urls
    assert ask(urls.admin_url, "SELECT number FROM kept") == 7


def test_kill_9_loses_nothing_committed(stopped: DatabaseSettings) -> None:
    urls = local_cluster.ensure_running(stopped)
    tell(urls.admin_url, "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS number")
    pid = local_cluster.status(stopped).pid
    assert pid is not None
    watch = os.pidfd_open(pid)
    os.kill(pid, signal.SIGKILL)
    assert select.select([watch], [], [], 30)[0], "the server did not die"
    os.close(watch)
    local_cluster.ensure_running(stopped)
    assert ask(urls.admin_url, "SELECT sum(number) FROM kept") == 500500


def test_a_server_that_cannot_end_cleanly_is_stopped_and_keeps_what_was_committed(
    stopped: DatabaseSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    urls = local_cluster.ensure_running(stopped)
    tell(urls.admin_url, "CREATE TABLE kept AS SELECT 7 AS number")
    monkeypatch.setattr(server, "STOP_SECONDS", 6)
    with create_engine(urls.admin_url, poolclass=NullPool).connect() as connection:
        frozen = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        os.kill(frozen, signal.SIGSTOP)
        assert local_cluster.stop(stopped)
        connection.invalidate()
    assert not local_cluster.status(stopped).running
    local_cluster.ensure_running(stopped)
    assert ask(urls.admin_url, "SELECT number FROM kept") == 7


def test_stale_pid_file_of_a_live_stranger_does_no_harm(stopped: DatabaseSettings) -> None:
    layout = layout_of(stopped.home)
    pid_file = layout.data_dir / "postmaster.pid"
    pid_file.write_text(
        f"{os.getpid()}\n{layout.data_dir}\n0\n1\n{layout.run_dir}\n127.0.0.1\n0 0\nready   \n"
    )
    assert server_pid(layout) is None
    assert not local_cluster.status(stopped).running
    urls = local_cluster.ensure_running(stopped)
    assert ask(urls.app_url, "SELECT 1") == 1


def test_port_taken_by_another_program(stopped: DatabaseSettings) -> None:
    state = load_state(layout_of(stopped.home))
    assert state is not None
    with socket.create_server(("127.0.0.1", state.port)):
        insisting = settings_for(stopped.home, port=state.port)
        with pytest.raises(Unavailable, match=f"port {state.port} is in use by another program") as caught:
            local_cluster.ensure_running(insisting)
        assert caught.value.code == "port-in-use"
        urls = local_cluster.ensure_running(stopped)
    assert f"port={state.port}" not in urls.app_url
    assert ask(urls.app_url, "SELECT 1") == 1


def test_data_of_another_version(stopped: DatabaseSettings) -> None:
    (layout_of(stopped.home).data_dir / "PG_VERSION").write_text("12\n")
    with pytest.raises(InvalidInput, match="was written by PostgreSQL 12") as caught:
        local_cluster.ensure_running(stopped)
    assert caught.value.code == "wrong-data-version"


def test_lost_passwords(stopped: DatabaseSettings) -> None:
    (stopped.home / "cluster.json").unlink()
    with pytest.raises(Unavailable, match=r"passwords .* are gone"):
        local_cluster.ensure_running(stopped)


if server_account() is not None:

    def test_changed_permissions_never_give_an_empty_register(stopped: DatabaseSettings) -> None:
        stopped.home.parent.chmod(0o700)
        with pytest.raises(Unavailable, match="restore the permissions") as caught:
            local_cluster.ensure_running(stopped)
        assert caught.value.code == "cluster-moved"
        assert not layout_of(stopped.home).base.exists()
        stopped.home.parent.chmod(0o755)
        assert ask(local_cluster.ensure_running(stopped).app_url, "SELECT 1") == 1


def test_unreadable_state(stopped: DatabaseSettings) -> None:
    (stopped.home / "cluster.json").write_text("{")
    with pytest.raises(Unavailable, match="cannot be read"):
        local_cluster.ensure_running(stopped)


def test_creation_broken_off_begins_again(seed: Path) -> None:
    with open_folder() as folder:
        settings = settings_for(folder / "home")
        half = layout_of(settings.home).draft_dir
        half.mkdir(parents=True)
        (half / "PG_VERSION").write_text("15\n")
        urls = local_cluster.ensure_running(settings)
        assert ask(urls.app_url, "SELECT 1") == 1
        assert not half.exists()


def test_three_starters_make_one_cluster() -> None:
    with open_folder() as folder:
        environment = {**os.environ, "CADASTRE_HOME": str(folder / "home")}
        environment.pop("CADASTRE_DATABASE_URL", None)
        command = [sys.executable, "-c", "import api.cli; api.cli.main(['db', 'start'])"]
        starters = [
            subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(3)
        ]
        said = {starter.communicate(timeout=120)[0] for starter in starters}
        assert [starter.returncode for starter in starters] == [0, 0, 0]
        assert len(said) == 1
        assert "running: process" in said.pop()


def test_reset_gives_an_empty_database_with_the_same_urls(stopped: DatabaseSettings) -> None:
    urls = local_cluster.ensure_running(stopped)
    tell(urls.admin_url, "CREATE TABLE doomed AS SELECT 1")
    assert local_cluster.reset_database(stopped) == urls
    assert ask(urls.admin_url, "SELECT to_regclass('doomed') IS NULL") is True


def test_urls_of_a_cluster_that_never_was() -> None:
    with open_folder() as folder:
        settings = settings_for(folder / "nothing")
        with pytest.raises(NotFound, match="cadastre db start"):
            local_cluster.known_urls(settings)
        assert not local_cluster.stop(settings)


def test_home_that_is_no_folder() -> None:
    with open_folder() as folder:
        (folder / "file").write_text("")
        with pytest.raises(InvalidInput, match="is not a folder"):
            local_cluster.ensure_running(settings_for(folder / "file" / "home"))


def test_long_home_gets_a_short_socket_path() -> None:
    layout = layout_of(Path("/tmp") / ("long" * 30))
    assert len(str(layout.socket_file(65535))) < 107
