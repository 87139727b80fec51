"""What a parcel or a property came of, and what came of it, across any chain of operations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from datetime import date

    from api.composition import Rooms
    from cadastre.domain.lineage import Direction, Lineage
    from cadastre.domain.moment import AskedMoment


def command(
    number: Annotated[str, typer.Argument(help="Cadastral number of a parcel, or register number.")],
    up: Annotated[bool, typer.Option("--up/--down", help="What it came of, or what came of it.")] = True,
    depth: Annotated[int, typer.Option(help="Most steps from it.")] = 10_000,
    as_of: Annotated[str | None, typer.Option(help="Day: what began later is left out.")] = None,
    known_at: Annotated[
        str | None, typer.Option(help="Ledger index or instant: what was entered later is left out.")
    ] = None,
    purpose: Annotated[str, typer.Option(help="Why a property is looked at; logged.")] = "official_duty",
    token: Annotated[
        str | None,
        typer.Option(envvar="CADASTRE_TOKEN", help="Who asks (see 'cadastre token'); else the operator."),
    ] = None,
) -> None:
    """Print the lineage of a parcel (public) or a property (logged), one member a line."""
    from api.composition import opened_rooms
    from api.extract_file import parse_day
    from api.settings import read_api_settings
    from cadastre.domain.lineage import Direction
    from cadastre.domain.moment import AskedMoment, parse_known_at

    moment = AskedMoment(
        None if as_of is None else parse_day(as_of), None if known_at is None else parse_known_at(known_at)
    )
    direction = Direction.UP if up else Direction.DOWN
    with opened_rooms(read_api_settings()) as rooms:
        _tell(_ask(rooms, number, direction, depth, moment, purpose, token))


def _ask(
    rooms: Rooms,
    number: str,
    direction: Direction,
    depth: int,
    moment: AskedMoment,
    purpose: str,
    token: str | None,
) -> Lineage:
    from api.extract_file import operator
    from cadastre.kernel.ids import is_register_number
    from cadastre.services.lineage import get_parcel_lineage, get_property_lineage

    if not is_register_number(number):
        return rooms.database.read(
            lambda uow: get_parcel_lineage(
                uow, number, direction, depth=depth, as_of=moment.as_of, known_at=moment.known_at
            )
        )
    caller = operator() if token is None else rooms.tokens.authenticate(token)
    return get_property_lineage(
        rooms.database,
        number,
        direction,
        caller=caller,
        purpose=purpose,
        today=rooms.today(),
        depth=depth,
        as_of=moment.as_of,
        known_at=moment.known_at,
    )


def _tell(lineage: Lineage) -> None:
    manners: dict[int, tuple[str, date]] = {}
    for step in lineage.steps:
        manners.setdefault(step.to_id, (step.manner, step.on))
    for member in lineage.members:
        ended = "current" if member.ended_on is None else f"until {member.ended_on.isoformat()}"
        area = "" if member.area_m2 is None else f", {member.area_m2} m2"
        manner = manners.get(member.id)
        came = "" if manner is None else f", by {manner[0]} on {manner[1].isoformat()}"
        typer.echo(
            f"{member.generation:>5}  {member.number}  from {member.began_on.isoformat()} {ended}{area}{came}"
        )
    if not lineage.is_complete:
        typer.echo("(cut short by --depth)")
