"""The embedded PostGIS: start it when nobody named a database, stop it cleanly, say how it is."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from cadastre.db.cluster.binaries import PostgresBinaries
from cadastre.db.cluster.bootstrap import DATABASE, bootstrap, drop_database
from cadastre.db.cluster.layout import (
    ClusterState,
    Layout,
    choose_port,
    fresh_state,
    layout_of,
    load_state,
    make_folders,
    port_is_free,
    require_same_place,
    save_state,
    url_for,
)
from cadastre.db.cluster.postgis import require_postgis
from cadastre.db.cluster.server import (
    accepts_connections,
    await_ready,
    create_data_dir,
    server_pid,
    start_server,
    stop_server,
)
from cadastre.db.settings import DatabaseSettings
from cadastre.kernel.errors import NotFound, Unavailable


@dataclass(frozen=True, slots=True)
class ClusterUrls:
    """SQLAlchemy URLs of the embedded cluster, over its unix socket."""

    app_url: str
    admin_url: str
    superuser_url: str

    def of_database(self, database: str) -> ClusterUrls:
        """Give the same logins on another database of the same cluster."""
        old, new = f"@/{DATABASE}?", f"@/{database}?"
        return ClusterUrls(
            *(url.replace(old, new) for url in (self.app_url, self.admin_url, self.superuser_url))
        )


@dataclass(frozen=True, slots=True)
class ClusterStatus:
    """What ``cadastre db status`` tells."""

    running: bool
    pid: int | None
    port: int | None
    data_dir: Path
    log_file: Path


def ensure_running(settings: DatabaseSettings) -> ClusterUrls:
    """Start the embedded cluster when it is not running yet (creating it at first) and give its URLs."""
    layout = layout_of(settings.home)
    state = load_state(layout)
    if state is not None and accepts_connections(layout, state.port) and layout.ready_file.exists():
        return cluster_urls(layout, state)
    with _locked(layout):
        return cluster_urls(layout, _start_locked(layout, settings.database_port))


def stop(settings: DatabaseSettings) -> bool:
    """Stop the embedded cluster; False when it was not running."""
    layout = layout_of(settings.home)
    if server_pid(layout) is None:
        return False
    with _locked(layout):
        if server_pid(layout) is None:
            return False
        stop_server(layout, _binaries_for(layout))
    return True


def status(settings: DatabaseSettings) -> ClusterStatus:
    """Tell whether the cluster runs, and where."""
    layout = layout_of(settings.home)
    state = load_state(layout)
    return ClusterStatus(
        running=state is not None and accepts_connections(layout, state.port),
        pid=server_pid(layout),
        port=None if state is None else state.port,
        data_dir=layout.data_dir,
        log_file=layout.log_file,
    )


def known_urls(settings: DatabaseSettings) -> ClusterUrls:
    """URLs of a cluster that exists, without starting it."""
    layout = layout_of(settings.home)
    state = load_state(layout)
    if state is None:
        raise NotFound("there is no embedded database yet: run 'cadastre db start'", code="no-cluster")
    return cluster_urls(layout, state)


def cluster_urls(layout: Layout, state: ClusterState) -> ClusterUrls:
    """URLs of the three logins."""
    return ClusterUrls(
        app_url=url_for(layout, state, "cadastre_app", DATABASE),
        admin_url=url_for(layout, state, "cadastre_admin", DATABASE),
        superuser_url=url_for(layout, state, "postgres", DATABASE),
    )


def prepare_database(settings: DatabaseSettings, database: str) -> None:
    """Create another database of the cluster with the same owner, grants and extensions."""
    ensure_running(settings)
    layout = layout_of(settings.home)
    state = load_state(layout)
    if state is None:
        raise NotFound("there is no embedded database yet: run 'cadastre db start'", code="no-cluster")
    bootstrap(layout, state, _binaries_for(layout), database=database)


def prepare_register(settings: DatabaseSettings) -> None:
    """Bring roles, grants and extensions of the register's database to what this program expects."""
    layout = layout_of(settings.home)
    with _locked(layout):
        state = load_state(layout)
        if state is None:
            raise NotFound("there is no embedded database yet: run 'cadastre db start'", code="no-cluster")
        bootstrap(layout, state, _binaries_for(layout))


def reset_database(settings: DatabaseSettings) -> ClusterUrls:
    """Drop the register's database, ending its sessions, and create it empty again."""
    urls = ensure_running(settings)
    layout = layout_of(settings.home)
    with _locked(layout):
        layout.ready_file.unlink(missing_ok=True)
        state = load_state(layout)
        if state is None:
            raise NotFound("there is no embedded database yet: run 'cadastre db start'", code="no-cluster")
        binaries = _binaries_for(layout)
        drop_database(layout, state, binaries, DATABASE)
        bootstrap(layout, state, binaries)
        layout.ready_file.touch()
    return urls


def drop_other_database(settings: DatabaseSettings, database: str) -> None:
    """Drop a database that :func:`prepare_database` made."""
    layout = layout_of(settings.home)
    state = load_state(layout)
    if state is not None:
        drop_database(layout, state, _binaries_for(layout), database)


def _start_locked(layout: Layout, wanted_port: int | None) -> ClusterState:
    known = load_state(layout)
    if known is not None:
        require_same_place(layout, known)
    binaries = _binaries_for(layout)
    make_folders(layout)
    state = _remembered_state(layout, wanted_port)
    if not (layout.data_dir / "PG_VERSION").exists():
        create_data_dir(layout, state, binaries)
    if server_pid(layout) is None:
        start_server(layout, state, binaries)
    await_ready(layout, state)
    if not layout.ready_file.exists():
        bootstrap(layout, state, binaries)
        layout.ready_file.touch()
    return state


def _remembered_state(layout: Layout, wanted_port: int | None) -> ClusterState:
    """Give the state to start with; an automatically chosen port moves when another program took it."""
    state = load_state(layout)
    running = server_pid(layout) is not None
    if state is None:
        if layout.data_dir.exists():
            raise Unavailable(
                f"{layout.data_dir} holds a database whose passwords ({layout.state_file}) are gone; "
                "restore that file, or remove the directory to begin with an empty database",
                code="cluster-state-lost",
            )
        state = fresh_state(layout, wanted_port or choose_port())
    elif running:
        return state
    elif wanted_port is not None:
        state = replace(state, port=wanted_port)
    elif not port_is_free(state.port):
        state = replace(state, port=choose_port())
    save_state(layout, state)
    return state


def _binaries_for(layout: Layout) -> PostgresBinaries:
    try:
        written_by: int | None = int((layout.data_dir / "PG_VERSION").read_text())
    except (OSError, ValueError):
        written_by = None
    return require_postgis(major=written_by)


@contextmanager
def _locked(layout: Layout) -> Iterator[None]:
    """Let one process at a time create, start or stop the cluster."""
    try:
        layout.home.mkdir(parents=True, exist_ok=True)
        stream = layout.lock_file.open("w")
    except OSError as error:
        raise Unavailable(f"{layout.home} cannot be written: {error.strerror}", code="no-room") from error
    with stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


__all__ = [
    "ClusterStatus",
    "ClusterUrls",
    "cluster_urls",
    "drop_other_database",
    "ensure_running",
    "known_urls",
    "prepare_database",
    "prepare_register",
    "reset_database",
    "status",
    "stop",
]
