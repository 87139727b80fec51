"""Priority notices: the place before a property that a notary takes while he reads it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from api.auth import Scope
from api.deps import RoomsDep, require_json, require_unique_keys, signed_in
from api.openapi import problems
from api.preconditions import RequestKeyDep, write_answer
from api.schemas.priority import NoticeAsked, PriorityNotice, PriorityTaken
from api.schemas.properties import Property
from cadastre.db.unit_of_work import Isolation, Role, UnitOfWork
from cadastre.domain.caller import Caller
from cadastre.domain.entity_tag import EntityTag
from cadastre.domain.property import PropertyView
from cadastre.kernel.ids import TimeOrderedIds
from cadastre.services.idempotent import Answer, Refused, answer_once
from cadastre.services.ledger_clock import repeat_when_numbered
from cadastre.services.priority import RefusedNotice, release_place, renew_place, show_place, take_place
from cadastre.services.properties import get_property_view

router = APIRouter(prefix="/v1/priority-notices", tags=["priority"])
Holder = Annotated[Caller, Depends(signed_in(Scope.TAKE_PRIORITY))]
PRIVATE = {"Cache-Control": "private, no-store"}


@router.post(
    "",
    status_code=201,
    response_model=PriorityTaken,
    responses=problems(400, 401, 403, 404, 409, 413, 415, 422),
    dependencies=[Depends(require_json), Depends(require_unique_keys)],
)
def take_priority(
    asked: NoticeAsked, caller: Holder, key: RequestKeyDep, rooms: RoomsDep, request: Request
) -> Response:
    """Read a property and take the next place before it, in one transaction.

    `holds` says whether an application may be filed on it now, `ahead` how many stand before it. An
    arrest or act of a court waits for no notice. A repetition gives the same notice, and the property as
    it is by then: what names people is not kept with the answer.
    """
    order, looked = asked.to_order(), dict[str, PropertyView]()
    notice_id = TimeOrderedIds(rooms.clock).new_id()

    def once(uow: UnitOfWork) -> Answer | Refused:
        taken = take_place(uow, order, caller, notice_id=notice_id, now=rooms.clock.now())
        if isinstance(taken, RefusedNotice):
            return Refused(taken.error)
        if taken.view is not None:
            looked[taken.register_number] = taken.view
        path = request.app.url_path_for("read_priority", notice_id=notice_id)
        return Answer(201, PriorityNotice.of(taken).model_dump_json(), str(path))

    answer = repeat_when_numbered(rooms.database, lambda: answer_once(rooms.database, key, once))
    kept = json.loads(answer.body)
    number = kept["register_number"]
    view = None if answer.replayed else looked.get(number)
    if view is None:
        view = get_property_view(
            rooms.database, number, caller=caller, purpose=order.purpose, today=rooms.today()
        )
    told = PriorityTaken(**kept, property=Property.model_validate(view))
    answer = replace(answer, body=told.model_dump_json())
    return write_answer(request, answer, etag=EntityTag(number, told.property.version or 0))


@router.get("/{notice_id}", response_model=PriorityNotice, responses=problems(401, 403, 404, 422))
def read_priority(notice_id: UUID, caller: Holder, rooms: RoomsDep) -> Response:
    """Give a notice of the caller's as it now stands."""
    found = rooms.database.read(lambda uow: show_place(uow.connection, notice_id, caller), role=Role.WRITE)
    return JSONResponse(PriorityNotice.of(found).model_dump(mode="json"), headers=PRIVATE)


@router.post(
    "/{notice_id}/renewals",
    status_code=201,
    response_model=PriorityNotice,
    responses=problems(400, 401, 403, 404, 409, 422),
)
def renew_priority(
    notice_id: UUID, caller: Holder, key: RequestKeyDep, rooms: RoomsDep, request: Request
) -> Response:
    """Prolong a notice by its term from now; its place stays."""

    def once(uow: UnitOfWork) -> Answer:
        renewed = renew_place(uow, notice_id, caller, now=rooms.clock.now())
        return Answer(201, PriorityNotice.of(renewed).model_dump_json())

    return write_answer(request, answer_once(rooms.database, key, once))


@router.delete("/{notice_id}", status_code=204, responses=problems(401, 403, 404, 409, 422))
def release_priority(notice_id: UUID, caller: Holder, rooms: RoomsDep) -> Response:
    """Give a place up; whoever is next holds the priority and is told. Repeated, it stays given up."""
    rooms.database.run(lambda uow: release_place(uow, notice_id, caller), isolation=Isolation.READ_COMMITTED)
    return Response(status_code=204)


__all__ = ["router"]
