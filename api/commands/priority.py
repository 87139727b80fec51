"""Places before a property: take one, show it, prolong it, give it up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

if TYPE_CHECKING:
    from cadastre.services.priority import TakenNotice

app = typer.Typer(help=__doc__, no_args_is_help=True)
Token = Annotated[
    str, typer.Option(envvar="CADASTRE_TOKEN", help="Token of the notary or bank; see 'cadastre token'.")
]
NoticeId = Annotated[UUID, typer.Argument(help="Identifier of the notice.")]


@app.command()
def take(
    register_number: Annotated[str, typer.Argument(help="Property.")],
    token: Token,
    service: Annotated[str, typer.Option(help="What the place is for (codelist services).")] = "sale",
    purpose: Annotated[str, typer.Option(help="Why the property is looked at; logged.")] = "disposal",
) -> int:
    """Read a property and take the next place before it; exit 1 when others stand before."""
    from api.composition import opened_rooms
    from api.settings import read_api_settings
    from cadastre.db.unit_of_work import Isolation, UnitOfWork
    from cadastre.kernel.ids import TimeOrderedIds
    from cadastre.services.ledger_clock import repeat_when_numbered
    from cadastre.services.priority import NoticeOrder, RefusedNotice, take_place

    order = NoticeOrder(register_number, service, purpose)
    with opened_rooms(read_api_settings()) as rooms:
        caller = rooms.tokens.authenticate(token)
        notice_id = TimeOrderedIds(rooms.clock).new_id()

        def work(uow: UnitOfWork) -> TakenNotice | RefusedNotice:
            return take_place(uow, order, caller, notice_id=notice_id, now=rooms.clock.now())

        taken = repeat_when_numbered(
            rooms.database, lambda: rooms.database.run(work, isolation=Isolation.READ_COMMITTED)
        )
    if isinstance(taken, RefusedNotice):
        raise taken.error
    _tell(taken)
    return 0 if taken.holds else 1


@app.command()
def show(notice_id: NoticeId, token: Token) -> None:
    """Show how a notice stands."""
    from api.composition import opened_rooms
    from api.settings import read_api_settings
    from cadastre.db.unit_of_work import Role
    from cadastre.services.priority import show_place

    with opened_rooms(read_api_settings()) as rooms:
        caller = rooms.tokens.authenticate(token)
        _tell(rooms.database.read(lambda uow: show_place(uow.connection, notice_id, caller), role=Role.WRITE))


@app.command()
def renew(notice_id: NoticeId, token: Token) -> None:
    """Prolong a notice by its term from now; its place stays."""
    from api.composition import opened_rooms
    from api.settings import read_api_settings
    from cadastre.db.unit_of_work import Isolation
    from cadastre.services.priority import renew_place

    with opened_rooms(read_api_settings()) as rooms:
        caller, now = rooms.tokens.authenticate(token), rooms.clock.now()
        _tell(
            rooms.database.run(
                lambda uow: renew_place(uow, notice_id, caller, now=now), isolation=Isolation.READ_COMMITTED
            )
        )


@app.command()
def release(notice_id: NoticeId, token: Token) -> None:
    """Give a place up; whoever is next holds the priority."""
    from api.composition import opened_rooms
    from api.settings import read_api_settings
    from cadastre.db.unit_of_work import Isolation
    from cadastre.services.priority import release_place

    with opened_rooms(read_api_settings()) as rooms:
        caller = rooms.tokens.authenticate(token)
        rooms.database.run(
            lambda uow: release_place(uow, notice_id, caller), isolation=Isolation.READ_COMMITTED
        )
    typer.echo(f"released: {notice_id}")


def _tell(taken: TakenNotice) -> None:
    notice = taken.notice
    standing = notice.state.value if notice.state.value != "held" else "holds" if taken.holds else "waits"
    typer.echo(
        f"{standing}: notice {notice.notice_id}, property {taken.register_number} "
        f"at version {taken.version}, journal number {notice.journal_number}, {taken.ahead} before it, "
        f"until {notice.expires_at.isoformat()}"
    )
