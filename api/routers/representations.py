"""Powers of attorney, guardians, signatories and consents: entered on a scan, ended with a reason."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from api.auth import Scope
from api.deps import RoomsDep, require_json, require_unique_keys, signed_in
from api.openapi import problems
from api.preconditions import RequestKeyDep, write_answer
from api.schemas.representations import (
    ConsentNumber,
    ConsentOrder,
    Representation,
    RepresentationEnd,
    RepresentationNumber,
    RepresentationOrder,
    RepresentationQuestion,
)
from cadastre.db.unit_of_work import Isolation, UnitOfWork
from cadastre.domain.caller import Caller
from cadastre.domain.look import require_purpose
from cadastre.kernel.errors import InvalidInput
from cadastre.kernel.person_numbers import parse_fin, parse_voen
from cadastre.services.acting import (
    give_consent,
    register_representation,
    revoke_representation,
    show_representations,
)
from cadastre.services.idempotent import Answer, answer_once

router = APIRouter(prefix="/v1", tags=["parties"])
Officer = Annotated[Caller, Depends(signed_in(Scope.REPRESENT))]
_JSON = [Depends(require_json), Depends(require_unique_keys)]
_ACT = problems(400, 401, 403, 404, 409, 413, 415, 422)


@router.get("/representations", responses=problems(400, 401, 403, 422))
def list_party_representations(
    asked: Annotated[RepresentationQuestion, Query()], caller: Officer, rooms: RoomsDep, response: Response
) -> list[Representation]:
    """List the representations of and by the party of a number; the look is logged."""
    response.headers["Cache-Control"] = "private, no-store"
    require_purpose(asked.purpose, caller, rooms.today())
    if (asked.fin is None) == (asked.voen is None):
        raise InvalidInput("Give either fin or voen.", code="bad-question")
    fin = None if asked.fin is None else parse_fin(asked.fin)
    voen = None if asked.voen is None else parse_voen(asked.voen)
    rows = rooms.database.run(
        lambda uow: show_representations(uow, caller, fin=fin, voen=voen, purpose=asked.purpose),
        isolation=Isolation.REPEATABLE_READ,
    )
    return [Representation.model_validate(row) for row in rows]


@router.post(
    "/representations",
    status_code=201,
    response_model=RepresentationNumber,
    responses=_ACT,
    dependencies=_JSON,
)
def enter_party_representation(
    order: RepresentationOrder, caller: Officer, key: RequestKeyDep, rooms: RoomsDep, request: Request
) -> Response:
    """Register a power of attorney, a guardian, a signatory, an administrator or a successor."""

    def enter(uow: UnitOfWork) -> Answer:
        number = register_representation(uow, order.to_new(), caller, today=rooms.today())
        return Answer(201, RepresentationNumber(representation_id=number).model_dump_json())

    return write_answer(request, answer_once(rooms.database, key, enter))


@router.post(
    "/representations/{representation_id}/end",
    status_code=201,
    response_model=RepresentationNumber,
    responses=_ACT,
    dependencies=_JSON,
)
def end_party_representation(
    representation_id: Annotated[int, Path(ge=1, lt=2**63)],
    end: RepresentationEnd,
    caller: Officer,
    key: RequestKeyDep,
    rooms: RoomsDep,
    request: Request,
) -> Response:
    """End a representation today: revoked, died, replaced. What was done on it before stands."""

    def close(uow: UnitOfWork) -> Answer:
        number = revoke_representation(uow, representation_id, caller, reason=end.reason)
        return Answer(201, RepresentationNumber(representation_id=number).model_dump_json())

    return write_answer(request, answer_once(rooms.database, key, close))


@router.post("/consents", status_code=201, response_model=ConsentNumber, responses=_ACT, dependencies=_JSON)
def enter_consent(
    order: ConsentOrder, caller: Officer, key: RequestKeyDep, rooms: RoomsDep, request: Request
) -> Response:
    """Add a consent (spouse, co-owner, mortgagee, guardianship authority) to an open case."""

    def enter(uow: UnitOfWork) -> Answer:
        number = give_consent(uow, order.to_new(), caller, today=rooms.today())
        return Answer(201, ConsentNumber.of(number).model_dump_json())

    return write_answer(request, answer_once(rooms.database, key, enter))


__all__ = ["router"]
