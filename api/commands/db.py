"""The database: start, stop and inspect the embedded PostGIS, migrate or reset the schema."""

from __future__ import annotations

import json
from typing import Annotated

import typer

app = typer.Typer(help=__doc__, no_args_is_help=True)
_ELSEWHERE = "CADASTRE_DATABASE_URL is set: other commands use that database; this is about the embedded one"


@app.command()
def start() -> None:
    """Start the embedded database (created at the first start, installed when missing)."""
    from cadastre.db import local_cluster
    from cadastre.db.settings import read_settings

    settings = read_settings()
    if settings.database_url is not None:
        typer.echo("CADASTRE_DATABASE_URL is set: that database is used, nothing is started here", err=True)
        return
    local_cluster.ensure_running(settings)
    found = local_cluster.status(settings)
    typer.echo(f"running: process {found.pid}, 127.0.0.1:{found.port}, data in {found.data_dir}")


@app.command()
def stop() -> None:
    """Stop the embedded database cleanly."""
    from cadastre.db import local_cluster
    from cadastre.db.settings import read_settings

    settings = read_settings()
    stopped = local_cluster.stop(settings)
    typer.echo("stopped" if stopped else "not running")
    if settings.database_url is not None:
        typer.echo(_ELSEWHERE, err=True)


@app.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of a sentence.")] = False,
) -> int:
    """Tell whether the embedded database runs (exit 0) or not (exit 1), and where its files are."""
    from cadastre.db import local_cluster
    from cadastre.db.settings import read_settings

    settings = read_settings()
    found = local_cluster.status(settings)
    if settings.database_url is not None:
        typer.echo(_ELSEWHERE, err=True)
    if as_json:
        facts = {"running": found.running, "pid": found.pid, "port": found.port}
        typer.echo(json.dumps({**facts, "data_dir": str(found.data_dir), "log_file": str(found.log_file)}))
    elif found.running:
        typer.echo(f"running: process {found.pid}, 127.0.0.1:{found.port}, data in {found.data_dir}")
    else:
        typer.echo(f"not running (data directory {found.data_dir})")
    return 0 if found.running else 1


@app.command()
def url(
    admin: Annotated[bool, typer.Option("--admin", help="The owner's URL instead.")] = False,
    libpq: Annotated[bool, typer.Option("--libpq", help="As psql and ogr2ogr understand it.")] = False,
) -> None:
    """Print the database URL that every other command uses."""
    from cadastre.db.settings import DRIVER, resolve_urls

    urls = resolve_urls()
    text = urls.require_admin() if admin else urls.app_url
    typer.echo(text.replace(DRIVER, "postgresql", 1) if libpq else text)


@app.command()
def migrate() -> None:
    """Bring the schema to the newest revision."""
    from cadastre.db.migrate import upgrade
    from cadastre.db.settings import resolve_urls

    typer.echo(f"schema {upgrade(resolve_urls().require_admin())}")


@app.command()
def reset(
    yes: Annotated[bool, typer.Option("--yes", help="Really delete the whole register.")] = False,
) -> None:
    """Delete the embedded register and begin with an empty, migrated one, and a log with a new key."""
    from datetime import UTC, datetime

    from api.retired_log import retire_log
    from api.settings import read_api_settings
    from cadastre.db.local_cluster import reset_database
    from cadastre.db.migrate import upgrade
    from cadastre.db.settings import read_settings
    from cadastre.kernel.errors import InvalidInput

    settings = read_settings()
    if settings.database_url is not None:
        raise InvalidInput(
            "reset works on the embedded database only: CADASTRE_DATABASE_URL names a server of its own",
            code="not-embedded",
        )
    if not yes:
        raise InvalidInput("reset deletes the whole register: repeat with --yes", code="not-confirmed")
    admin_url = reset_database(settings).admin_url
    retire_log(read_api_settings(), datetime.now(UTC))
    typer.echo(f"schema {upgrade(admin_url)}")
