"""Territories: say which notary or registrar acts for which district."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

app = typer.Typer(help=__doc__, no_args_is_help=True)


class Kind(StrEnum):
    """Who is bound."""

    notary = "notary"
    registrar = "registrar"


@app.command()
def give(
    kind: Annotated[Kind, typer.Argument(help="notary or registrar.")],
    subject: Annotated[str, typer.Argument(help="Account, as its tokens name it.")],
    district: Annotated[str, typer.Argument(help="Code of the district; all inside it are meant too.")],
    since: Annotated[str | None, typer.Option(help="First day, YYYY-MM-DD; else today.")] = None,
) -> None:
    """Record a territory; an account without any is not bound to one."""
    from api.composition import opened_rooms
    from api.extract_file import operator, parse_day
    from api.settings import read_api_settings
    from cadastre.services.territories import CompetenceKind, Territory, give_territory

    with opened_rooms(read_api_settings()) as rooms:
        day = rooms.today() if since is None else parse_day(since)
        territory = Territory(CompetenceKind(kind.value), subject, district, day)
        number = rooms.database.run(lambda uow: give_territory(uow, territory, operator()))
    typer.echo(f"{number}: {kind.value} {subject} acts for {district} from {day}")


@app.command()
def end(
    number: Annotated[int, typer.Argument(min=1, help="Number that 'give' and 'list' print.")],
    on: Annotated[str | None, typer.Option(help="First day without it, YYYY-MM-DD; else today.")] = None,
) -> None:
    """Let a territory end; the entry stays readable."""
    from api.composition import opened_rooms
    from api.extract_file import operator, parse_day
    from api.settings import read_api_settings
    from cadastre.services.territories import end_territory

    with opened_rooms(read_api_settings()) as rooms:
        day = rooms.today() if on is None else parse_day(on)
        rooms.database.run(lambda uow: end_territory(uow, number, day, operator()))
    typer.echo(f"{number}: ends on {day}")


@app.command("list")
def list_all(
    subject: Annotated[str | None, typer.Option(help="One account only.")] = None,
) -> None:
    """List territories, one a line."""
    from api.composition import opened_rooms
    from api.settings import read_api_settings
    from cadastre.db.unit_of_work import Role
    from cadastre.services.territories import list_territories

    with opened_rooms(read_api_settings()) as rooms:
        rows = rooms.database.read(lambda uow: list_territories(uow, subject), role=Role.WRITE)
    for row in rows:
        until = f" to {row.valid_to}" if row.valid_to else ""
        typer.echo(
            f"{row.competence_id}: {row.kind} {row.subject} {row.district_code} from {row.valid_from}{until}"
        )
