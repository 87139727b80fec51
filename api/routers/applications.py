"""Applications, and the cases that they open: filed once, taken step by step, decided by other eyes."""

from __future__ import annotations

import json
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import JSONResponse

from api.auth import Scope
from api.deps import CallerDep, RoomsDep, read_body, require_json, require_unique_keys, signed_in
from api.languages import preferred_language
from api.openapi import problems
from api.preconditions import RequestKeyDep, VersionsSeenDep, get_request_key, write_answer
from api.schemas.applications import Application, StepAsked
from api.schemas.cases import (
    Case,
    CaseList,
    FiledApplication,
    StepDone,
    write_case,
    write_filed,
    write_list,
    write_step,
)
from cadastre.db.unit_of_work import Isolation, UnitOfWork
from cadastre.domain.caller import Caller
from cadastre.domain.case import CaseState
from cadastre.domain.entity_tag import EntityTag, require_version
from cadastre.services.case_intake import with_versions_seen
from cadastre.services.cases import MAX_LISTED, CaseFilter
from cadastre.services.idempotent import Answer, RequestKey, answer_once

PRIVATE = {"Cache-Control": "private, no-store"}

router = APIRouter(prefix="/v1/applications", tags=["applications"])
Applicant = Annotated[Caller, Depends(signed_in(Scope.FILE_APPLICATION))]
Reader = Annotated[Caller, Depends(signed_in(Scope.READ_APPLICATION))]
FRESH = Isolation.READ_COMMITTED
ONE_JSON = [Depends(require_json), Depends(require_unique_keys)]


def get_step_key(
    request: Request,
    caller: CallerDep,
    body: Annotated[bytes, Depends(read_body)],
    idempotency_key: Annotated[str | None, Header(description="Makes a repetition harmless.")] = None,
) -> RequestKey | None:
    """Give the name that the caller gave his request, or None when he gave it none."""
    return None if idempotency_key is None else get_request_key(request, caller, body, idempotency_key)


StepKey = Annotated[RequestKey | None, Depends(get_step_key)]


@router.post(
    "",
    status_code=201,
    response_model=FiledApplication,
    responses=problems(400, 401, 403, 404, 409, 412, 413, 415, 422, 428),
    dependencies=ONE_JSON,
)
def file_application(
    application: Application,
    caller: Applicant,
    key: RequestKeyDep,
    seen: VersionsSeenDep,
    rooms: RoomsDep,
    request: Request,
) -> Response:
    """Take an application into the registration journal; the entry is the answer.

    Every property is named with the version that was read (`If-Match`, or `version` beside it);
    acts of authority need none. An application whose papers are incomplete is entered and returned at
    once: its state is `returned`, and `missing_documents` says why.
    """
    order = with_versions_seen(application.to_order(), seen, rooms.today())
    language = preferred_language(request.headers.get("accept-language"), default="en")

    def once(uow: UnitOfWork) -> Answer:
        filed = rooms.desks.cases.file_within(uow, order, caller)
        path = request.app.url_path_for("read_application", case_id=filed.case_id)
        return Answer(201, write_filed(filed, language).model_dump_json(), str(path))

    return write_answer(request, answer_once(rooms.database, key, once))


@router.get("", response_model=CaseList, responses=problems(400, 401, 403, 422))
def list_applications(
    caller: Reader,
    rooms: RoomsDep,
    state: CaseState | None = None,
    office: Annotated[str | None, Query(pattern="^[0-9]{2}$")] = None,
    assignee: Annotated[str | None, Query(max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")] = None,
    after: Annotated[int, Query(ge=0, le=2**53 - 1, description="Last journal number seen.")] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_LISTED)] = 50,
) -> Response:
    """List cases in the order of the journal: the office sees all, others what they filed."""
    rows = rooms.desks.cases.list(CaseFilter(state, office, assignee, after, limit), caller)
    return JSONResponse(write_list(rows).model_dump(mode="json"), headers=PRIVATE)


@router.get("/{case_id}", response_model=Case, responses=problems(401, 403, 404, 422))
def read_application(case_id: UUID, caller: Reader, rooms: RoomsDep) -> Response:
    """Give a case with its steps to its applicant, its parties, the office; `ETag` names its newest step."""
    case = write_case(rooms.desks.cases.show(case_id, caller))
    tag = EntityTag(str(case_id), case.step)
    return JSONResponse(case.model_dump(mode="json"), headers={"ETag": str(tag), **PRIVATE})


@router.post(
    "/{case_id}/steps",
    status_code=201,
    response_model=StepDone,
    responses=problems(400, 401, 403, 404, 409, 412, 413, 415, 422, 428),
    dependencies=ONE_JSON,
)
def take_step(
    case_id: UUID,
    step: StepAsked,
    caller: Reader,
    key: StepKey,
    seen: VersionsSeenDep,
    rooms: RoomsDep,
    request: Request,
) -> Response:
    """Take a case further; `If-Match` repeats the `ETag` of the case as it was read.

    Two who take the same step meet: one of them gets 412 or 409. A registration is decided by another
    officer than the one who prepared it (403 `four-eyes`). With an `Idempotency-Key` a repetition gets
    the answer of the first; without one it gets 412, for the case has moved on.
    """
    order = step.to_order(require_version(seen, str(case_id)))
    language = preferred_language(request.headers.get("accept-language"), default="en")

    def take(uow: UnitOfWork) -> Answer:
        done = rooms.desks.steps.take_within(uow, case_id, order, caller)
        return Answer(201, write_step(done, language).model_dump_json())

    answer = answer_once(rooms.database, key, take) if key else rooms.database.run(take, isolation=FRESH)
    return write_answer(request, answer, etag=EntityTag(str(case_id), json.loads(answer.body)["number"]))


__all__ = ["router"]
