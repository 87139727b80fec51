"""Start and stop the server process, and say in one sentence why it would not start."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

from cadastre.db.cluster.binaries import PostgresBinaries
from cadastre.db.cluster.layout import ClusterState, Layout, port_is_free
from cadastre.db.places import server_account
from cadastre.kernel.errors import InvalidInput, Unavailable

START_SECONDS = 120
STOP_SECONDS = 120
LEAST_FREE_BYTES = 120 * 1024 * 1024

SERVER_SETTINGS = """\
# Written at every start by cadastre.db.cluster.server; changes here are lost.
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = '{run_dir}'
password_encryption = scram-sha-256
fsync = on
full_page_writes = on
synchronous_commit = on
timezone = 'UTC'
log_timezone = 'UTC'
jit = off
max_connections = 100
shared_buffers = 1GB
effective_cache_size = 8GB
work_mem = 32MB
maintenance_work_mem = 512MB
wal_buffers = 16MB
max_wal_size = 8GB
min_wal_size = 512MB
wal_compression = lz4
checkpoint_timeout = 15min
checkpoint_completion_target = 0.9
random_page_cost = 1.1
max_worker_processes = 8
max_parallel_workers = 2
max_parallel_workers_per_gather = 2
dynamic_shared_memory_type = posix
log_line_prefix = '%m [%p] %q%u@%d '
log_checkpoints = off
idle_in_transaction_session_timeout = '30min'
"""

HBA = """\
# Written by cadastre.db.cluster.server: passwords everywhere, nobody from outside this machine.
local all all scram-sha-256
host all all 127.0.0.1/32 scram-sha-256
local replication all scram-sha-256
"""

_SENTENCES = (
    (
        r"No space left on device",
        "the disk under {base} is full: free some room and start again",
        "disk-full",
    ),
    (
        r"could not bind .*Address already in use|could not create any TCP/IP sockets",
        "port {port} is in use by another program: stop it or set CADASTRE_DATABASE_PORT",
        "port-in-use",
    ),
    (
        r"could not map anonymous shared memory|could not resize shared memory|Cannot allocate memory",
        "there is not enough memory to start the embedded database",
        "no-memory",
    ),
    (
        r"database files are incompatible with server",
        "the data directory {base}/data was made by another PostgreSQL version",
        "wrong-data-version",
    ),
)


def run_as_server(
    command: list[str], binaries: PostgresBinaries, *, timeout: float = START_SECONDS
) -> subprocess.CompletedProcess[str]:
    """Run a server program as the unprivileged account (or the caller, when he is not root)."""
    account = server_account()
    identity: dict[str, object] = {}
    if account is not None:
        identity = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=binaries.environment(),
            cwd="/",
            timeout=timeout,
            check=False,
            **identity,  # type: ignore[call-overload]
        )
        output.seek(0)
        return subprocess.CompletedProcess(command, done.returncode, output.read(), "")


def create_data_dir(layout: Layout, state: ClusterState, binaries: PostgresBinaries) -> None:
    """``initdb`` with checksums, UTF-8 and the neutral C.UTF-8 locale; a failed try leaves nothing behind."""
    require_room(layout)
    account = server_account()
    with tempfile.NamedTemporaryFile("w", dir=layout.run_dir, suffix=".pw") as password_file:
        password_file.write(state.passwords["postgres"] + "\n")
        password_file.flush()
        if account is not None:
            os.chown(password_file.name, account.pw_uid, account.pw_gid)
        done = run_as_server(
            [
                binaries.program("initdb"),
                f"--pgdata={layout.data_dir}",
                "--data-checksums",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--auth=scram-sha-256",
                "--username=postgres",
                f"--pwfile={password_file.name}",
            ],
            binaries,
        )
    if done.returncode != 0:
        _empty(layout.data_dir)
        raise explain(layout, state, done.stdout, "the embedded database could not be created")


def start_server(layout: Layout, state: ClusterState, binaries: PostgresBinaries) -> None:
    """Write the settings and start the server; returns when it accepts connections."""
    require_same_version(layout, binaries)
    drop_stale_pid_file(layout)
    if not port_is_free(state.port):
        raise Unavailable(
            f"port {state.port} is in use by another program: stop it or set CADASTRE_DATABASE_PORT",
            code="port-in-use",
        )
    try:
        _write_settings(layout, state)
        log_offset = layout.log_file.stat().st_size if layout.log_file.exists() else 0
    except OSError as error:
        raise explain(layout, state, str(error), "the embedded database could not be configured") from error
    done = run_as_server(
        [
            binaries.program("pg_ctl"),
            "start",
            f"--pgdata={layout.data_dir}",
            f"--log={layout.log_file}",
            "--wait",
            f"--timeout={START_SECONDS}",
        ],
        binaries,
        timeout=START_SECONDS + 30,
    )
    if done.returncode != 0:
        said = done.stdout + _tail(layout.log_file, log_offset)
        raise explain(layout, state, said, "the embedded database did not start")


def stop_server(layout: Layout, binaries: PostgresBinaries) -> None:
    """Fast, clean shutdown (sessions are ended, a checkpoint is written), waited for."""
    done = run_as_server(
        [
            binaries.program("pg_ctl"),
            "stop",
            f"--pgdata={layout.data_dir}",
            "--mode=fast",
            "--wait",
            f"--timeout={STOP_SECONDS}",
        ],
        binaries,
        timeout=STOP_SECONDS + 30,
    )
    if done.returncode != 0 and server_pid(layout) is not None:
        raise Unavailable(
            f"the embedded database did not stop; its log is {layout.log_file}", code="cluster-stop"
        )


def accepts_connections(layout: Layout, port: int) -> bool:
    """Whether the server says it is ready and its socket answers (a fraction of a millisecond)."""
    lines = _pid_lines(layout)
    if len(lines) < 8 or lines[7].strip() != "ready":
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(layout.socket_file(port)))
        except OSError:
            return False
    return True


def server_pid(layout: Layout) -> int | None:
    """Process id of the running server, None when it is not running."""
    lines = _pid_lines(layout)
    if not lines or not lines[0].strip().isdigit():
        return None
    pid = int(lines[0])
    try:
        if Path(f"/proc/{pid}/comm").read_text().strip() != "postgres":
            return None
        working_dir = Path(f"/proc/{pid}/cwd").readlink()
    except PermissionError:
        return pid
    except OSError:
        return None
    return pid if working_dir == layout.data_dir.resolve() else None


def drop_stale_pid_file(layout: Layout) -> bool:
    """Remove a ``postmaster.pid`` whose process is gone or is somebody else's; True when one was removed."""
    pid_file = layout.data_dir / "postmaster.pid"
    if not pid_file.exists() or server_pid(layout) is not None:
        return False
    pid_file.unlink()
    return True


def require_same_version(layout: Layout, binaries: PostgresBinaries) -> None:
    """Refuse a data directory that another major version wrote."""
    try:
        written_by = (layout.data_dir / "PG_VERSION").read_text().strip()
    except OSError as error:
        raise InvalidInput(
            f"{layout.data_dir} is not a PostgreSQL data directory: move it away and start again",
            code="not-a-data-directory",
        ) from error
    if written_by != str(binaries.major):
        raise InvalidInput(
            f"the data directory {layout.data_dir} was written by PostgreSQL {written_by}, this machine has "
            f"{binaries.major}: install postgresql-{written_by} or upgrade the data with pg_upgrade",
            code="wrong-data-version",
        )


def require_room(layout: Layout) -> None:
    """Refuse to begin on a disk that cannot hold an empty cluster."""
    free = shutil.disk_usage(layout.base).free
    if free < LEAST_FREE_BYTES:
        raise Unavailable(
            f"the disk under {layout.base} is full: {free // 2**20} MB are free, an empty database needs "
            f"{LEAST_FREE_BYTES // 2**20} MB",
            code="disk-full",
        )


def explain(layout: Layout, state: ClusterState, said: str, otherwise: str) -> Unavailable:
    """Turn what PostgreSQL said into one plain sentence."""
    for pattern, sentence, code in _SENTENCES:
        if re.search(pattern, said):
            return Unavailable(sentence.format(base=layout.base, port=state.port), code=code)
    last = [line for line in said.splitlines() if re.search(r"FATAL|PANIC|error", line)]
    detail = f": {last[-1].strip()}" if last else ""
    return Unavailable(f"{otherwise}{detail} (log: {layout.log_file})", code="cluster-start")


def _write_settings(layout: Layout, state: ClusterState) -> None:
    main = layout.data_dir / "postgresql.conf"
    include = "include_if_exists = 'cadastre.conf'"
    text = main.read_text()
    if include not in text:
        main.write_text(f"{text.rstrip()}\n\n{include}\n")
    settings = SERVER_SETTINGS.format(port=state.port, run_dir=layout.run_dir)
    for name, content in (("cadastre.conf", settings), ("pg_hba.conf", HBA)):
        (layout.data_dir / name).write_text(content)
        account = server_account()
        if account is not None:
            os.chown(layout.data_dir / name, account.pw_uid, account.pw_gid)


def _pid_lines(layout: Layout) -> list[str]:
    try:
        return (layout.data_dir / "postmaster.pid").read_text().splitlines()
    except OSError:
        return []


def _tail(path: Path, offset: int) -> str:
    try:
        with path.open("rb") as stream:
            stream.seek(offset)
            return stream.read(65536).decode(errors="replace")
    except OSError:
        return ""


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink(missing_ok=True)


__all__ = [
    "accepts_connections",
    "create_data_dir",
    "drop_stale_pid_file",
    "explain",
    "require_room",
    "require_same_version",
    "run_as_server",
    "server_pid",
    "start_server",
    "stop_server",
]
