"""News for notaries, banks, courts and the office: asked for and acknowledged, or sent to an address."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from api.auth import Scope
from api.deps import RoomsDep, require_json, require_unique_keys, signed_in
from api.openapi import problems
from api.schemas.events import Acknowledged, Acknowledgement, EventPage, SubscriptionAsked
from api.webhooks import require_address
from cadastre.domain.caller import Caller
from cadastre.kernel.ids import TimeOrderedIds
from cadastre.services.events import MAX_EVENTS, Audience, acknowledge, poll, subscribe

router = APIRouter(prefix="/v1", tags=["events"])
Reader = Annotated[Caller, Depends(signed_in(Scope.READ_EVENTS))]
ONE_JSON = [Depends(require_json), Depends(require_unique_keys)]


@router.get("/events", responses=problems(401, 403, 422))
def read_events(
    caller: Reader,
    rooms: RoomsDep,
    response: Response,
    audience: Audience = Audience.ACCOUNT,
    after: Annotated[
        int | None, Query(ge=0, le=2**53 - 1, description="Ledger index; else what was acknowledged.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_EVENTS)] = 100,
) -> EventPage:
    """Give the news after an index in the order of the ledger, as often as they are asked for."""
    response.headers["Cache-Control"] = "private, no-store"
    return EventPage.of(poll(rooms.database, caller, audience, after=after, limit=limit))


@router.post(
    "/events/acknowledgements", responses=problems(400, 401, 403, 413, 415, 422), dependencies=ONE_JSON
)
def acknowledge_events(asked: Acknowledgement, caller: Reader, rooms: RoomsDep) -> Acknowledged:
    """Say that everything up to an index has arrived; said again, or of a lower one, it changes nothing."""
    reached = acknowledge(
        rooms.database,
        caller,
        asked.audience,
        asked.index,
        subscription_id=TimeOrderedIds(rooms.clock).new_id(),
    )
    return Acknowledged(acknowledged_index=reached)


@router.put(
    "/subscriptions/{audience}",
    status_code=204,
    responses=problems(400, 401, 403, 413, 415, 422),
    dependencies=ONE_JSON,
)
def subscribe_to_events(
    audience: Audience, asked: SubscriptionAsked, caller: Reader, rooms: RoomsDep
) -> Response:
    """Have the news that are not acknowledged, and all to come, sent to an address by POST.

    Each comes at least once, until the address answers 2xx, which acknowledges it; `event_id` tells a
    repetition.
    """
    if asked.webhook_url is not None:
        require_address(asked.webhook_url, may_be_private=rooms.settings.webhooks_private)
    ids = TimeOrderedIds(rooms.clock)
    subscribe(rooms.database, caller, audience, asked.webhook_url, subscription_id=ids.new_id())
    return Response(status_code=204)


__all__ = ["router"]
