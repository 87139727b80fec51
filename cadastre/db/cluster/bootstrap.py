"""Create roles, database and extensions by ``bootstrap.sql``, the file a DBA runs on a server of his own."""

from __future__ import annotations

import subprocess
from pathlib import Path

from cadastre.db.cluster.binaries import PostgresBinaries
from cadastre.db.cluster.diagnosis import explain
from cadastre.db.cluster.layout import ClusterState, Layout

BOOTSTRAP_SQL = Path(__file__).parents[1] / "bootstrap.sql"
DATABASE = "cadastre"


def bootstrap(
    layout: Layout, state: ClusterState, binaries: PostgresBinaries, *, database: str = DATABASE
) -> None:
    """Run ``bootstrap.sql`` as the superuser; safe to repeat."""
    _psql(layout, state, binaries, f"--file={BOOTSTRAP_SQL}", database)


def drop_database(layout: Layout, state: ClusterState, binaries: PostgresBinaries, database: str) -> None:
    """Drop a database and end the sessions on it."""
    _psql(layout, state, binaries, f'--command=DROP DATABASE IF EXISTS "{database}" WITH (FORCE)', database)


def _psql(
    layout: Layout, state: ClusterState, binaries: PostgresBinaries, action: str, database: str
) -> None:
    environment = {
        **binaries.environment(),
        "PGPASSWORD": state.passwords["postgres"],
        "PGOPTIONS": "-c client_min_messages=warning",
        "CADASTRE_DATABASE": database,
        "CADASTRE_ADMIN_PASSWORD": state.passwords["cadastre_admin"],
        "CADASTRE_APP_PASSWORD": state.passwords["cadastre_app"],
    }
    command = [
        binaries.program("psql"),
        "--no-psqlrc",
        "--quiet",
        "--set=ON_ERROR_STOP=1",
        f"--host={layout.run_dir}",
        f"--port={state.port}",
        "--username=postgres",
        "--dbname=postgres",
        action,
    ]
    done = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise explain(layout, state, done.stderr, "the embedded database could not be prepared")


__all__ = ["BOOTSTRAP_SQL", "DATABASE", "bootstrap", "drop_database"]
