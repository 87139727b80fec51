"""Legacy records of parties: matched, proposed by one officer and linked by another, with evidence."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from api.auth import Scope
from api.deps import RoomsDep, require_json, require_unique_keys, signed_in
from api.openapi import problems
from api.preconditions import RequestKeyDep, write_answer
from api.schemas.party_links import (
    LinkDecided,
    LinkDecision,
    LinkOrder,
    MatchQuestion,
    PartyCandidate,
    ProposalMade,
    WaitingLink,
)
from cadastre.db.unit_of_work import Isolation, UnitOfWork
from cadastre.domain.caller import Caller
from cadastre.domain.look import require_purpose
from cadastre.kernel.errors import NotFound
from cadastre.kernel.person_numbers import parse_fin, parse_voen
from cadastre.services.idempotent import Answer, answer_once
from cadastre.services.parties import (
    decide_link,
    get_mention,
    list_proposals,
    match_parties,
    propose_link,
)

router = APIRouter(prefix="/v1", tags=["parties"])
Officer = Annotated[Caller, Depends(signed_in(Scope.LINK_PARTIES))]
_JSON = [Depends(require_json), Depends(require_unique_keys)]
_ACT = problems(400, 401, 403, 404, 409, 413, 415, 422)


@router.get("/party-matches", responses=problems(400, 401, 403, 404, 422))
def find_party_matches(
    asked: Annotated[MatchQuestion, Query()], caller: Officer, rooms: RoomsDep, response: Response
) -> list[PartyCandidate]:
    """List records without a number that resemble a party, among the holders of a section or district."""
    response.headers["Cache-Control"] = "private, no-store"
    require_purpose(asked.purpose, caller, rooms.today())
    scope, named = asked.scope(), asked.mention()
    fin = None if asked.fin is None else parse_fin(asked.fin)
    voen = None if asked.voen is None else parse_voen(asked.voen)

    def look(uow: UnitOfWork) -> list[PartyCandidate] | None:
        mention = named or get_mention(uow, caller, fin=fin, voen=voen, purpose=asked.purpose)
        if mention is None:
            return None
        found = match_parties(uow, mention, scope, caller, purpose=asked.purpose)
        return [PartyCandidate.of(each) for each in found]

    found = rooms.database.run(look, isolation=Isolation.REPEATABLE_READ)
    if found is None:
        raise NotFound("No party of the register has this number.", code="party-not-found")
    return found


@router.get("/party-links", responses=problems(401, 403))
def list_party_links(caller: Officer, rooms: RoomsDep, response: Response) -> list[WaitingLink]:
    """List the proposals that wait for a second officer, oldest first."""
    response.headers["Cache-Control"] = "private, no-store"
    waiting = rooms.database.run(lambda uow: list_proposals(uow, caller), isolation=Isolation.REPEATABLE_READ)
    return [WaitingLink.of(each) for each in waiting]


@router.post("/party-links", status_code=201, response_model=ProposalMade, responses=_ACT, dependencies=_JSON)
def propose_party_link(
    order: LinkOrder, caller: Officer, key: RequestKeyDep, rooms: RoomsDep, request: Request
) -> Response:
    """Propose that one record stands for another; both keep their printed spelling."""

    def propose(uow: UnitOfWork) -> Answer:
        made = ProposalMade(proposal_id=propose_link(uow, order.to_proposal(), caller))
        return Answer(201, made.model_dump_json())

    return write_answer(request, answer_once(rooms.database, key, propose))


@router.post(
    "/party-links/{proposal_id}/decision",
    status_code=201,
    response_model=LinkDecided,
    responses=_ACT,
    dependencies=_JSON,
)
def decide_party_link(
    proposal_id: Annotated[int, Path(ge=1, lt=2**63)],
    decision: LinkDecision,
    caller: Officer,
    key: RequestKeyDep,
    rooms: RoomsDep,
    request: Request,
) -> Response:
    """Link the records or reject the proposal; another officer than who proposed it decides."""

    def decide(uow: UnitOfWork) -> Answer:
        decided = decide_link(uow, proposal_id, caller, accept=decision.decision == "link")
        return Answer(201, LinkDecided.of(decided).model_dump_json())

    return write_answer(request, answer_once(rooms.database, key, decide))


__all__ = ["router"]
