"""Parties: find legacy records that resemble one, propose and decide that they are one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

if TYPE_CHECKING:
    from api.composition import Rooms
    from cadastre.domain.caller import Caller

app = typer.Typer(help=__doc__, no_args_is_help=True)
Token = Annotated[
    str | None,
    typer.Option(envvar="CADASTRE_TOKEN", help="Who acts (see 'cadastre token'); else the operator."),
]
Purpose = Annotated[str, typer.Option(help="Code of the list purposes; logged.")]
DUTY = "official_duty"


@app.command()
def match(
    name: Annotated[str, typer.Argument(help="Name in any alphabet and spelling.")],
    kind: Annotated[str, typer.Option(help="Code of the list party_kinds.")] = "natural",
    section: Annotated[str | None, typer.Option(help="Register number among whose holders to look.")] = None,
    district: Annotated[str | None, typer.Option(help="District among whose holders to look.")] = None,
    purpose: Purpose = DUTY,
    token: Token = None,
) -> int:
    """List records without a number that resemble a name, likeliest first; exit 1 when there are none."""
    from api.composition import opened_rooms
    from api.schemas.party_links import MatchQuestion
    from api.settings import read_api_settings
    from cadastre.db.unit_of_work import Isolation
    from cadastre.domain.look import require_purpose
    from cadastre.domain.party import PartyKind
    from cadastre.domain.party_match import Mention
    from cadastre.kernel.errors import InvalidInput
    from cadastre.kernel.text import clean_text
    from cadastre.services.parties import match_parties

    if kind not in list(PartyKind):
        raise InvalidInput(f"kind must be one of {', '.join(PartyKind)}.", code="unknown-party-kind")
    mention = Mention(PartyKind(kind), clean_text(name, field="name", max_length=300))
    scope = MatchQuestion(name=name, register_number=section, district=district, purpose=purpose).scope()
    with opened_rooms(read_api_settings()) as rooms:
        caller = _officer(rooms, token)
        require_purpose(purpose, caller, rooms.today())
        found = rooms.database.run(
            lambda uow: match_parties(uow, mention, scope, caller, purpose=purpose),
            isolation=Isolation.REPEATABLE_READ,
        )
    for each in found:
        sections = ", ".join(each.register_numbers)
        reasons = ", ".join(each.match.reasons)
        typer.echo(f"{each.match.score:.3f}  {each.party_id}  {each.name}  ({sections}; {reasons})")
    return 0 if found else 1


@app.command()
def waiting(token: Token = None) -> None:
    """List the proposals that wait for a second officer, oldest first."""
    from api.composition import opened_rooms
    from api.settings import read_api_settings
    from cadastre.db.unit_of_work import Isolation
    from cadastre.services.parties import list_proposals

    with opened_rooms(read_api_settings()) as rooms:
        caller = _officer(rooms, token)
        found = rooms.database.run(
            lambda uow: list_proposals(uow, caller), isolation=Isolation.REPEATABLE_READ
        )
    for each in found:
        what = f"{each.names[0]} stands for {each.names[1]} ({each.link.manner}, {each.link.evidence})"
        typer.echo(f"{each.proposal_id}  {what}, proposed by {each.proposed_by}")


@app.command()
def propose(
    record: Annotated[UUID, typer.Argument(help="Record that stands for the other one.")],
    party: Annotated[UUID, typer.Argument(help="Record that stays.")],
    document: Annotated[UUID, typer.Option(help="Scan that shows it.")],
    manner: Annotated[str, typer.Option(help="same, renamed or succeeded.")] = "same",
    evidence: Annotated[str, typer.Option(help="fin_document, register_book, ...")] = "fin_document",
    token: Token = None,
) -> None:
    """Propose that one record stands for another; both keep their printed spelling."""
    from api.composition import opened_rooms
    from api.settings import read_api_settings
    from cadastre.db.unit_of_work import Isolation
    from cadastre.domain.party_link import LinkEvidence, LinkManner, LinkProposal
    from cadastre.kernel.errors import InvalidInput
    from cadastre.services.parties import propose_link

    if manner not in list(LinkManner) or evidence not in list(LinkEvidence):
        known = f"manner is one of {', '.join(LinkManner)}; evidence one of {', '.join(LinkEvidence)}"
        raise InvalidInput(f"The {known}.", code="unknown-code")
    link = LinkProposal(record, party, LinkManner(manner), LinkEvidence(evidence), document)
    with opened_rooms(read_api_settings()) as rooms:
        caller = _officer(rooms, token)
        number = rooms.database.run(
            lambda uow: propose_link(uow, link, caller), isolation=Isolation.READ_COMMITTED
        )
    typer.echo(f"proposal {number}")


@app.command()
def decide(
    proposal: Annotated[int, typer.Argument(min=1, max=2**63 - 1, help="Number of the proposal.")],
    reject: Annotated[bool, typer.Option("--reject", help="Reject it instead of linking.")] = False,
    token: Token = None,
) -> None:
    """Link what was proposed, or reject it; another officer than who proposed it decides."""
    from api.composition import opened_rooms
    from api.settings import read_api_settings
    from cadastre.db.unit_of_work import Isolation
    from cadastre.services.parties import decide_link

    with opened_rooms(read_api_settings()) as rooms:
        caller = _officer(rooms, token)
        decided = rooms.database.run(
            lambda uow: decide_link(uow, proposal, caller, accept=not reject),
            isolation=Isolation.READ_COMMITTED,
        )
    typer.echo("rejected" if decided.link_id is None else f"link {decided.link_id}")


def _officer(rooms: Rooms, token: str | None) -> Caller:
    """Give who acts, once he may link parties."""
    from api.auth import Scope
    from api.auth.scopes import require_scope
    from api.extract_file import operator

    caller = operator() if token is None else rooms.tokens.authenticate(token)
    require_scope(caller, Scope.LINK_PARTIES)
    return caller


__all__ = ["app"]
