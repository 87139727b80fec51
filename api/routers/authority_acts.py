"""The court channel: an arrest, prohibition, dispute notice or release binds once the call returns."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api.auth import Scope
from api.deps import RoomsDep, require_json, require_unique_keys, signed_in
from api.languages import preferred_language
from api.openapi import problems
from api.preconditions import RequestKeyDep, write_answer
from api.schemas.applications import Application
from api.schemas.cases import FiledApplication, write_filed
from cadastre.db.unit_of_work import UnitOfWork
from cadastre.domain.caller import Caller
from cadastre.domain.case import CaseState
from cadastre.kernel.ids import TimeOrderedIds
from cadastre.services.authority import enter_act
from cadastre.services.idempotent import Answer, answer_once
from cadastre.services.judgement import RuleJudge

router = APIRouter(prefix="/v1/authority-acts", tags=["applications"])
Authority = Annotated[Caller, Depends(signed_in(Scope.ENTER_AUTHORITY_ACT))]


class EnteredAct(FiledApplication):
    """The journal entry, and the numbers under which the act was registered by the same call."""

    registration_numbers: list[str]


@router.post(
    "",
    status_code=201,
    response_model=EnteredAct,
    responses=problems(400, 401, 403, 404, 409, 413, 415, 422),
    dependencies=[Depends(require_json), Depends(require_unique_keys)],
)
def enter_authority_act(
    act: Application, caller: Authority, key: RequestKeyDep, rooms: RoomsDep, request: Request
) -> Response:
    """Enter an act of a court or bailiff: when this answers, it binds the register.

    It waits for no priority notice, earlier case or second officer. What a bailiff imposes is urgent: the
    court confirms it within 24 hours (`terms.confirms` names its registration number) or releases it.
    """
    order, language = act.to_order(), preferred_language(request.headers.get("accept-language"), default="en")
    case_id = TimeOrderedIds(rooms.clock).new_id()

    def once(uow: UnitOfWork) -> Answer:
        judge = RuleJudge(rooms.clock)
        done = enter_act(
            uow,
            order,
            caller,
            case_id=case_id,
            now=rooms.clock.now(),
            judge=judge,
            signatures=rooms.desks.cases.signatures,
        )
        told = write_filed(done.filed, language).model_dump() | {"registration_numbers": []}
        if done.registered is not None:
            numbers = list(done.registered.registration_numbers)
            told |= {"registration_numbers": numbers, "state": CaseState.REGISTERED}
            told["step"] += 1
        path = request.app.url_path_for("read_application", case_id=case_id)
        return Answer(201, EnteredAct(**told).model_dump_json(), str(path))

    return write_answer(request, answer_once(rooms.database, key, once))


__all__ = ["router"]
