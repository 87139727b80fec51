"""Start and stop the server process, and say in one sentence why it would not start."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from cadastre.db.cluster.binaries import PostgresBinaries
from cadastre.db.cluster.configuration import write_settings
from cadastre.db.cluster.diagnosis import explain, require_room, require_same_version
from cadastre.db.cluster.layout import ClusterState, Layout, port_is_free
from cadastre.db.places import server_account
from cadastre.kernel.errors import Unavailable

START_SECONDS = 120
STOP_SECONDS = 120
ORPHAN_SECONDS = 20
STILL_IN_USE = "pre-existing shared memory block"


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
    """``initdb`` with checksums, UTF-8 and the neutral C.UTF-8 locale; never half done."""
    require_room(layout)
    account = server_account()
    shutil.rmtree(layout.draft_dir, ignore_errors=True)
    with tempfile.NamedTemporaryFile("w", dir=layout.run_dir, suffix=".pw") as password_file:
        password_file.write(state.passwords["postgres"] + "\n")
        password_file.flush()
        if account is not None:
            os.chown(password_file.name, account.pw_uid, account.pw_gid)
        done = run_as_server(
            [
                binaries.program("initdb"),
                f"--pgdata={layout.draft_dir}",
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
        failure = explain(layout, state, done.stdout, "the embedded database could not be created")
        shutil.rmtree(layout.draft_dir, ignore_errors=True)
        raise failure
    layout.draft_dir.replace(layout.data_dir)


def start_server(layout: Layout, state: ClusterState, binaries: PostgresBinaries) -> None:
    """Write the settings and start the server; returns when it accepts connections."""
    require_same_version(layout, binaries)
    drop_stale_lock_files(layout, state.port)
    if not port_is_free(state.port):
        raise Unavailable(
            f"port {state.port} is in use by another program: stop it or set CADASTRE_DATABASE_PORT",
            code="port-in-use",
        )
    try:
        write_settings(layout, state)
        log_offset = layout.log_file.stat().st_size if layout.log_file.exists() else 0
    except OSError as error:
        raise explain(layout, state, str(error), "the embedded database could not be configured") from error
    said = _launch(layout, binaries, log_offset)
    deadline = time.monotonic() + ORPHAN_SECONDS
    while said is not None and STILL_IN_USE in said and time.monotonic() < deadline:
        time.sleep(0.2)  # processes of a killed server are just ending
        said = _launch(layout, binaries, layout.log_file.stat().st_size)
    if said is not None:
        raise explain(layout, state, said, "the embedded database did not start")


def _launch(layout: Layout, binaries: PostgresBinaries, log_offset: int) -> str | None:
    """Start the server; None when it is ready, else all that it said."""
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
    return None if done.returncode == 0 else done.stdout + _tail(layout.log_file, log_offset)


def stop_server(layout: Layout, binaries: PostgresBinaries) -> None:
    """Fast, clean shutdown (sessions are ended, a checkpoint is written), waited for.

    A server that is just recovering from a killed process may never finish it; it is then stopped at once,
    and recovers when it starts again. Nothing that was committed is lost either way.
    """
    for mode in ("fast", "immediate"):
        done = run_as_server(
            [
                binaries.program("pg_ctl"),
                "stop",
                f"--pgdata={layout.data_dir}",
                f"--mode={mode}",
                "--wait",
                f"--timeout={STOP_SECONDS}",
            ],
            binaries,
            timeout=STOP_SECONDS + 30,
        )
        if done.returncode == 0 or server_pid(layout) is None:
            return
    raise Unavailable(
        f"the embedded database did not stop; its log is {layout.log_file}", code="cluster-stop"
    )


def await_ready(layout: Layout, state: ClusterState) -> None:
    """Wait for a server that another process started, or that is still recovering from a crash."""
    deadline = time.monotonic() + START_SECONDS
    while server_pid(layout) is not None:
        if accepts_connections(layout, state.port):
            return
        if time.monotonic() > deadline:
            break
        time.sleep(0.05)
    raise Unavailable(
        f"the embedded database is not ready yet (log: {layout.log_file})", code="cluster-start"
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
    pid = _first_number(layout.data_dir / "postmaster.pid")
    return pid if pid is not None and _is_our_server(layout, pid) else None


def drop_stale_lock_files(layout: Layout, port: int) -> list[Path]:
    """Remove lock files whose number now belongs to another program, or to a dead process nobody buried.

    PostgreSQL takes such a number for a running server. A number that
    nobody has is left to PostgreSQL, which also looks for processes of the
    dead server that still hold its shared memory.
    """
    socket_file = layout.socket_file(port)
    dropped = []
    for path in (layout.data_dir / "postmaster.pid", socket_file.with_name(f"{socket_file.name}.lock")):
        pid = _first_number(path)
        if pid is not None and Path(f"/proc/{pid}").exists() and not _is_our_server(layout, pid):
            path.unlink()
            dropped.append(path)
    return dropped


def _is_our_server(layout: Layout, pid: int) -> bool:
    process = Path(f"/proc/{pid}")
    try:
        name, _, rest = (process / "stat").read_text().partition("(")[2].rpartition(")")
        if name != "postgres" or rest.split()[0] == "Z":
            return False
        return (process / "cwd").readlink() == layout.data_dir.resolve()
    except PermissionError:
        return True
    except OSError:
        return False


def _first_number(path: Path) -> int | None:
    try:
        first = path.read_text().partition("\n")[0].strip()
    except OSError:
        return None
    return int(first) if first.isdigit() else None


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


__all__ = [
    "accepts_connections",
    "await_ready",
    "create_data_dir",
    "drop_stale_lock_files",
    "run_as_server",
    "server_pid",
    "start_server",
    "stop_server",
]
