"""Flags of investigation: what a registrar or court marks as in doubt is told to everybody who reads it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from api.auth import Scope
from api.deps import RoomsDep, require_json, require_unique_keys, signed_in
from api.openapi import problems
from api.preconditions import RequestKeyDep, write_answer
from api.schemas.investigations import (
    Investigation,
    InvestigationAsked,
    InvestigationNumber,
    InvestigationQuestion,
)
from cadastre.db.unit_of_work import Isolation, UnitOfWork
from cadastre.domain.caller import Caller
from cadastre.services.idempotent import Answer, answer_once
from cadastre.services.investigations import flag_attribute, lift_flag, show_flags

router = APIRouter(prefix="/v1/investigations", tags=["properties"])
Investigator = Annotated[Caller, Depends(signed_in(Scope.INVESTIGATE))]


@router.get("", responses=problems(400, 401, 403, 404, 422))
def list_flags(
    asked: Annotated[InvestigationQuestion, Query()],
    caller: Investigator,
    rooms: RoomsDep,
    response: Response,
) -> list[Investigation]:
    """List the flags that stand on a section, its parcels, entries and parties; the look is logged."""
    response.headers["Cache-Control"] = "private, no-store"
    rows = rooms.database.run(
        lambda uow: show_flags(
            uow, asked.register_number, caller, purpose=asked.purpose, today=rooms.today()
        ),
        isolation=Isolation.REPEATABLE_READ,
    )
    return [Investigation.model_validate(row) for row in rows]


@router.post(
    "",
    status_code=201,
    response_model=InvestigationNumber,
    responses=problems(400, 401, 403, 404, 409, 413, 415, 422),
    dependencies=[Depends(require_json), Depends(require_unique_keys)],
)
def begin_flag(
    asked: InvestigationAsked, caller: Investigator, key: RequestKeyDep, rooms: RoomsDep, request: Request
) -> Response:
    """Flag an attribute as under investigation from today on. It blocks nothing; it is told."""

    def begin(uow: UnitOfWork) -> Answer:
        number = flag_attribute(uow, asked.to_order(), caller, today=rooms.today())
        return Answer(201, InvestigationNumber(investigation_id=number).model_dump_json())

    return write_answer(request, answer_once(rooms.database, key, begin))


@router.delete("/{investigation_id}", status_code=204, responses=problems(401, 403, 404, 422))
def end_flag(
    investigation_id: Annotated[int, Path(ge=1, lt=2**63)], caller: Investigator, rooms: RoomsDep
) -> Response:
    """End a flag today; its past stays readable. Repeated, it stays ended. A court's flag a court ends."""
    rooms.database.run(
        lambda uow: lift_flag(uow, investigation_id, caller, today=rooms.today()),
        isolation=Isolation.READ_COMMITTED,
    )
    return Response(status_code=204)


__all__ = ["router"]
