"""Archive copies: what guards them until when, which are due to be renewed, and whether one is still good."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

app = typer.Typer(help=__doc__, no_args_is_help=True)
Limit = Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")]


@app.command()
def status() -> int:
    """Tell what guards the copies: one line for each time-stamp certificate; exit 1 while copies are due."""
    from api.composition import opened_rooms
    from api.settings import read_api_settings

    with opened_rooms(read_api_settings()) as rooms:
        rooms.renewals.examine(1000)
        found, now = [each for each in rooms.renewals.survey() if each.copies], rooms.clock.now()
    for each in found:
        late = " DUE" if each.due_at <= now else ""
        typer.echo(
            f"{each.copies:,} copies until {each.ends_at:%Y-%m-%d} ({each.ended_by}), "
            f"to be renewed from {each.due_at:%Y-%m-%d}{late}: {each.subject}"
        )
    typer.echo(f"{sum(each.copies for each in found):,} archive copies")
    return 1 if any(each.due_at <= now for each in found) else 0


@app.command()
def due(
    by: Annotated[str | None, typer.Option(help="Due by the end of this day, YYYY-MM-DD; else now.")] = None,
    after: Annotated[UUID | None, typer.Option(help="Identifier of the last one seen.")] = None,
    limit: Limit = 50,
) -> None:
    """List the copies to be renewed: identifier, revision, due since, good until and why not longer."""
    from datetime import timedelta

    from api.composition import opened_rooms
    from api.key_file import start_of
    from api.settings import read_api_settings

    until = None if by is None else start_of(by) + timedelta(days=1)
    with opened_rooms(read_api_settings()) as rooms:
        found = rooms.renewals.list_due(until or rooms.clock.now(), after=after, limit=limit)
    for each in found:
        typer.echo(
            f"{each.extract_id} revision {each.revision} archived {each.archived_at:%Y-%m-%d} "
            f"due {each.due_at:%Y-%m-%d} until {each.ends_at:%Y-%m-%d} ({each.ended_by})"
        )
    if len(found) == limit:
        typer.echo(f"more: --after {found[-1].extract_id}", err=True)


@app.command()
def renew(limit: Limit = 100) -> None:
    """Renew what is due now, as the worker does by itself; old revisions stay as they are."""
    from api.composition import opened_rooms
    from api.settings import read_api_settings

    with opened_rooms(read_api_settings()) as rooms:
        done = rooms.renewals.renew_due(limit)
    typer.echo(f"{done:,} archive copies renewed or examined")


@app.command()
def judge(
    file: Annotated[Path, typer.Argument(help="Archive copy (PDF).")],
    trust: Annotated[Path | None, typer.Option(help="Trust folder; else this installation's.")] = None,
    status_url: Annotated[
        str | None, typer.Option(help="Service that says which certificates hold; else nobody is asked.")
    ] = None,
) -> int:
    """Let an independent engine judge a copy for the long term (EN 319 102-1): exit 0 good, 1 not any more.

    A copy whose last time stamp is older than a week needs somebody who says that its certificate holds.
    """
    from api.extract_file import read_document
    from api.settings import read_api_settings
    from cadastre.extract import Trust
    from cadastre.extract.archive import HttpStatus, NotArchived, require_long_term
    from cadastre.extract.archive_renewal import said_today

    data, now = read_document(file)[0], datetime.now(UTC)
    believed = Trust.read(trust or read_api_settings().signing_dir / "trust")
    try:
        asked = None if status_url is None else said_today(data, believed, HttpStatus(status_url), now)
        require_long_term(data, believed, now, beside=asked)
    except NotArchived as refused:
        typer.echo(refused.message)
        return 1
    typer.echo("The archive copy validates for the long term.")
    return 0
