"""Homes of embedded clusters for tests: entered by the server account, stopped and removed afterwards."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from cadastre.db import local_cluster
from cadastre.db.settings import DatabaseSettings
from tests.database import MEMORY, memory_is_roomy


def settings_for(home: Path, *, port: int | None = None) -> DatabaseSettings:
    """Settings of an embedded cluster in ``home``, whatever the environment says."""
    return DatabaseSettings(home=home, database_url=None, admin_url=None, database_port=port)


@contextmanager
def open_folder(*, on_disk: bool = False) -> Iterator[Path]:
    """Give a folder that every account may enter, in memory where it may; clusters below it are stopped in the end."""
    parent = MEMORY if memory_is_roomy() and not on_disk else Path("/tmp")
    folder = Path(tempfile.mkdtemp(prefix="kt-", dir=parent))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        for state_file in folder.rglob("cluster.json"):
            local_cluster.stop(settings_for(state_file.parent))
        shutil.rmtree(folder, ignore_errors=True)


def copy_home(seed: Path, target: Path) -> DatabaseSettings:
    """Copy a stopped cluster with its owners."""
    subprocess.run(["cp", "-a", str(seed), str(target)], check=True)
    return settings_for(target)


def ask(url: str, question: str) -> object:
    """One value from the database."""
    with create_engine(url, poolclass=NullPool).connect() as connection:
        return connection.execute(text(question)).scalar_one()


def tell(url: str, statement: str) -> None:
    """Run and commit one statement."""
    with create_engine(url, poolclass=NullPool).begin() as connection:
        connection.execute(text(statement))
