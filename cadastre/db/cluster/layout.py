"""Where the embedded cluster keeps its files, and the small state it remembers between starts."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import socket
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote

from cadastre.db.places import reachable_for_server, server_account
from cadastre.kernel.errors import InvalidInput, Unavailable

SOCKET_PATH_LIMIT = 100
BASE_NAME = "postgres"
LOGINS = ("postgres", "cadastre_admin", "cadastre_app")


@dataclass(frozen=True, slots=True)
class ClusterState:
    """What must survive a restart: port, generated passwords (file mode 0600) and where the data was put.

    ``outside`` is empty when the data lies in the home itself, so that a
    checkout may be moved or copied as a whole.
    """

    port: int
    passwords: dict[str, str]
    outside: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """Paths of one embedded cluster; ``home`` is the caller's, ``base`` the server account's."""

    home: Path
    base: Path
    run_dir: Path

    @property
    def outside(self) -> str:
        """Base as text when it is not in the home, else empty."""
        return "" if self.base == self.home / BASE_NAME else str(self.base)

    @property
    def data_dir(self) -> Path:
        """PostgreSQL's data directory."""
        return self.base / "data"

    @property
    def draft_dir(self) -> Path:
        """Data directory while it is being created."""
        return self.base / "data.new"

    @property
    def log_file(self) -> Path:
        """Server log."""
        return self.base / "server.log"

    @property
    def lock_file(self) -> Path:
        """Held while a cluster is created, started or stopped."""
        return self.home / "cluster.lock"

    @property
    def state_file(self) -> Path:
        """Port and passwords."""
        return self.home / "cluster.json"

    @property
    def ready_file(self) -> Path:
        """Present once roles, database and extensions exist."""
        return self.base / "bootstrapped"

    def socket_file(self, port: int) -> Path:
        """Unix socket of the server listening on ``port``."""
        return self.run_dir / f".s.PGSQL.{port}"


def layout_of(home: Path) -> Layout:
    """Lay out the cluster of ``home``, keeping the socket path short enough for the kernel."""
    base = reachable_for_server(home) / BASE_NAME
    run_dir = base / "run"
    if len(os.fsencode(run_dir / ".s.PGSQL.65535.lock")) > SOCKET_PATH_LIMIT:
        digest = hashlib.sha256(str(base).encode()).hexdigest()[:10]
        run_dir = Path("/tmp") / f"kadastr-{os.geteuid()}-{digest}"  # noqa: S108 - ownership is checked
    return Layout(home=home, base=base, run_dir=run_dir)


def make_folders(layout: Layout) -> None:
    """Create home, base and socket folder; the server account owns what it writes to."""
    account = server_account()
    try:
        layout.home.mkdir(parents=True, exist_ok=True)
        for folder, mode in ((layout.base, 0o755), (layout.run_dir, 0o755)):
            folder.mkdir(parents=True, exist_ok=True)
            owner = os.geteuid() if account is None else account.pw_uid
            if account is not None and folder.stat().st_uid == 0:
                os.chown(folder, account.pw_uid, account.pw_gid)
            if folder.stat().st_uid != owner:
                raise Unavailable(
                    f"{folder} belongs to another user; remove it or choose another CADASTRE_HOME",
                    code="cluster-folder-taken",
                )
            folder.chmod(mode)
    except OSError as error:
        raise Unavailable(
            f"the embedded database cannot use {layout.base}: {error.strerror or error}", code="no-room"
        ) from error


def load_state(layout: Layout) -> ClusterState | None:
    """Remembered port and passwords, or None before the first start."""
    try:
        raw = json.loads(layout.state_file.read_text())
        return ClusterState(
            port=int(raw["port"]), passwords={name: raw["passwords"][name] for name in LOGINS}
        )
    except FileNotFoundError:
        return None
    except NotADirectoryError as error:
        raise InvalidInput(f"CADASTRE_HOME {layout.home} is not a folder", code="bad-setting") from error
    except PermissionError as error:
        raise Unavailable(
            f"{layout.state_file} belongs to another user: run this as that user or set CADASTRE_HOME to a "
            "folder of your own",
            code="cluster-folder-taken",
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Unavailable(
            f"{layout.state_file} cannot be read; restore it from a copy, or remove {layout.base} with it "
            "to begin with an empty database",
            code="cluster-state-lost",
        ) from error


def save_state(layout: Layout, state: ClusterState) -> None:
    """Write port and passwords, readable by the caller only, in one step."""
    draft = layout.state_file.with_suffix(".new")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            json.dump(asdict(state), stream)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(layout.state_file)
    except OSError as error:
        raise Unavailable(
            f"{layout.state_file} cannot be written: {error.strerror}", code="no-room"
        ) from error


def fresh_state(layout: Layout, port: int) -> ClusterState:
    """State of a cluster that is about to be created."""
    return ClusterState(port, {name: secrets.token_urlsafe(24) for name in LOGINS}, layout.outside)


def require_same_place(layout: Layout, state: ClusterState) -> None:
    """Refuse to begin an empty register because folders moved or their permissions changed."""
    if state.outside == layout.outside:
        return
    known = state.outside or str(layout.home / BASE_NAME)
    raise Unavailable(
        f"the database of {layout.home} lies in {known}, but with the present folder permissions it would be "
        f"looked for in {layout.base}: restore the permissions, or move it there",
        code="cluster-moved",
    )


def port_is_free(port: int) -> bool:
    """Whether nobody listens on the loopback port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def choose_port() -> int:
    """Free loopback port, above the well-known and below the ephemeral ones where possible."""
    for _ in range(50):
        candidate = 20000 + secrets.randbelow(12000)
        if port_is_free(candidate):
            return candidate
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def url_for(layout: Layout, state: ClusterState, login: str, database: str) -> str:
    """SQLAlchemy URL over the unix socket."""
    password = quote(state.passwords[login], safe="")
    host = quote(str(layout.run_dir), safe="/")
    return f"postgresql+psycopg2://{login}:{password}@/{quote(database)}?host={host}&port={state.port}"


__all__ = [
    "ClusterState",
    "Layout",
    "choose_port",
    "fresh_state",
    "layout_of",
    "load_state",
    "make_folders",
    "port_is_free",
    "require_same_place",
    "save_state",
    "url_for",
]
