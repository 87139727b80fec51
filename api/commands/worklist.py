"""Worklists: what waits for the office, one a line."""

from __future__ import annotations

from typing import Annotated

import typer


def command(
    name: Annotated[
        str | None, typer.Argument(help="Name of a list; without one the lists are named.")
    ] = None,
    district: Annotated[
        str | None, typer.Option(help="Code of a district; all inside it are meant too.")
    ] = None,
    office: Annotated[str | None, typer.Option(help="Two digits of the office.")] = None,
    after: Annotated[int, typer.Option(min=0, help="Key of the last item seen.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
    language: Annotated[str, typer.Option(help="az, en or ru.")] = "az",
    token: Annotated[
        str | None,
        typer.Option(envvar="CADASTRE_TOKEN", help="Who asks (see 'cadastre token'); else the operator."),
    ] = None,
) -> None:
    """Show what waits: key, number, since when, until when, and what is known of it."""
    from api.composition import opened_rooms
    from api.extract_file import operator
    from api.languages import LANGUAGES
    from api.schemas.worklists import write_worklist
    from api.settings import read_api_settings
    from cadastre.kernel.errors import InvalidInput
    from cadastre.services.worklists import WorkAsked, list_worklists, read_worklist

    chosen = next((known for known in LANGUAGES if known == language), None)
    if chosen is None:
        raise InvalidInput(f"language is one of {', '.join(LANGUAGES)}.", code="unknown-language")
    with opened_rooms(read_api_settings()) as rooms:
        if name is None:
            for entry in list_worklists(rooms.today()):
                typer.echo(f"{entry.code}: {entry.name(chosen)}")
            return
        caller = operator() if token is None else rooms.tokens.authenticate(token)
        asked = WorkAsked(name, district, office, after, limit)
        found = read_worklist(rooms.database, rooms.clock, asked, caller)
        shown = write_worklist(found, chosen, rooms.today())
    for item in shown.items:
        facts = ", ".join(
            f"{key} {_say(value)}" for key, value in item.facts.items() if value not in (None, [], {})
        )
        since = "" if item.since is None else f" since {item.since}"
        due = "" if item.due is None else f" due {item.due}{' LATE' if item.is_late else ''}"
        doubt = "" if item.due_certain else " (INDETERMINATE)"
        typer.echo(f"{item.key} {item.subject} {'/'.join(item.district_codes)}{since}{due}{doubt}: {facts}")
    if shown.after is not None:
        typer.echo(f"more: --after {shown.after}", err=True)


def _say(value: object) -> str:
    return "/".join(map(str, value)) if isinstance(value, list) else str(value)
