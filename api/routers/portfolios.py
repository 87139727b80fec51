"""Portfolios: extracts of many numbers in one order, and news of sections that are watched."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from api.auth import Scope
from api.deps import RoomsDep, require_json, require_unique_keys, signed_in
from api.openapi import problems
from api.preconditions import RequestKeyDep, write_answer
from api.schemas.portfolios import Batch, BatchAsked, BatchResults, WatchAsked, Watched, WatchList
from cadastre.db.unit_of_work import Isolation, Role, UnitOfWork
from cadastre.domain.caller import Caller
from cadastre.kernel.ids import TimeOrderedIds
from cadastre.services.batches import MAX_LISTED, find_batch, list_batch_results, submit_batch
from cadastre.services.idempotent import Answer, answer_once
from cadastre.services.watches import end_watch, list_watches, watch_properties

router = APIRouter(prefix="/v1", tags=["extracts"])
Applicant = Annotated[Caller, Depends(signed_in(Scope.REQUEST_EXTRACT))]
Watcher = Annotated[Caller, Depends(signed_in(Scope.READ_EVENTS))]
ONE_JSON = [Depends(require_json), Depends(require_unique_keys)]


@router.post(
    "/extract-batches",
    status_code=202,
    response_model=Batch,
    responses=problems(400, 401, 403, 409, 413, 415, 422),
    dependencies=ONE_JSON,
)
def order_batch(
    asked: BatchAsked, caller: Applicant, key: RequestKeyDep, rooms: RoomsDep, request: Request
) -> Response:
    """Order the extracts of at most 10,000 numbers; each is decided and refused by itself, by the worker."""
    order, batch_id = asked.to_order(), TimeOrderedIds(rooms.clock).new_id()

    def submit(uow: UnitOfWork) -> Answer:
        state = submit_batch(uow, order, caller, batch_id=batch_id, today=rooms.today())
        path = request.app.url_path_for("read_batch", batch_id=batch_id)
        return Answer(202, Batch.of(state).model_dump_json(), str(path))

    return write_answer(request, answer_once(rooms.database, key, submit))


@router.get("/extract-batches/{batch_id}", responses=problems(401, 403, 404, 422))
def read_batch(batch_id: UUID, caller: Applicant, rooms: RoomsDep, response: Response) -> Batch:
    """Tell how far an order has come."""
    response.headers["Cache-Control"] = "private, no-store"
    return Batch.of(find_batch(rooms.database, batch_id, caller))


@router.get("/extract-batches/{batch_id}/results", responses=problems(401, 403, 404, 422))
def read_batch_results(
    batch_id: UUID,
    caller: Applicant,
    rooms: RoomsDep,
    response: Response,
    after: Annotated[int, Query(ge=0, le=2**31 - 1, description="Place of the last result seen.")] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_LISTED)] = 100,
) -> BatchResults:
    """Give what became of each number, in the order in which they were given."""
    response.headers["Cache-Control"] = "private, no-store"
    page = list_batch_results(rooms.database, batch_id, caller, after=after, limit=limit)
    return BatchResults.of(page)


@router.post("/watches", responses=problems(400, 401, 403, 413, 415, 422), dependencies=ONE_JSON)
def watch_sections(asked: WatchAsked, caller: Watcher, rooms: RoomsDep, response: Response) -> Watched:
    """Have `property.changed` among the account's news whenever an entry changes one of these sections.

    A bank watches what it stands in, and hears of it until it stands there no more.
    """
    response.headers["Cache-Control"] = "private, no-store"
    numbers = asked.register_numbers
    results = rooms.database.run(
        lambda uow: watch_properties(uow, numbers, caller), isolation=Isolation.READ_COMMITTED
    )
    return Watched(results=results)


@router.get("/watches", responses=problems(401, 403, 422))
def list_watched_sections(
    caller: Watcher,
    rooms: RoomsDep,
    response: Response,
    after: Annotated[str, Query(max_length=40, description="Last number seen.")] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> WatchList:
    """List what the account watches."""
    response.headers["Cache-Control"] = "private, no-store"
    numbers = rooms.database.read(
        lambda uow: list_watches(uow, caller, after=after, limit=limit), role=Role.WRITE
    )
    return WatchList(register_numbers=numbers)


@router.delete("/watches/{register_number}", status_code=204, responses=problems(400, 401, 403, 404, 422))
def end_watching(
    register_number: Annotated[str, Path(max_length=40)], caller: Watcher, rooms: RoomsDep
) -> Response:
    """Watch a section no longer."""
    rooms.database.run(
        lambda uow: end_watch(uow, register_number, caller), isolation=Isolation.READ_COMMITTED
    )
    return Response(status_code=204)


__all__ = ["router"]
