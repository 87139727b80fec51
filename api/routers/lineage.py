"""Lineage of parcels, which is public, and of sections, for whoever may see the section."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from api.auth import Scope
from api.deps import CallerDep, DatabaseDep, RoomsDep, signed_in
from api.etag import answer_with_etag
from api.moments import AsOf, KnownAt, moment_of
from api.openapi import problems
from api.routers.parcels import PRINTABLE
from api.routers.properties import Purpose
from api.schemas.lineage import Lineage
from cadastre.domain.caller import Caller
from cadastre.domain.lineage import Direction
from cadastre.services.lineage import MAX_DEPTH, get_parcel_lineage, get_property_lineage

router = APIRouter(prefix="/v1")
Entitled = Annotated[Caller, Depends(signed_in(Scope.READ_PROPERTY))]
Way = Annotated[Direction, Query(description="up: what it came of; down: what came of it.")]
Depth = Annotated[int, Query(ge=1, le=MAX_DEPTH, description="Most steps from it.")]


@router.get(
    "/parcels/{cadastral_number:path}/lineage",
    response_model=Lineage,
    tags=["parcels"],
    responses=problems(400, 401, 404, 422),
)
def read_parcel_lineage(
    cadastral_number: Annotated[str, Path(max_length=60, pattern=PRINTABLE)],
    request: Request,
    database: DatabaseDep,
    caller: CallerDep,
    direction: Way = Direction.UP,
    depth: Depth = MAX_DEPTH,
    as_of: AsOf = None,
    known_at: KnownAt = None,
) -> Response:
    """Give the lineage of a parcel, current or not: numbers, days and areas of all versions."""
    at = moment_of(as_of, known_at)
    found = database.read(
        lambda uow: get_parcel_lineage(
            uow, cadastral_number, direction, depth=depth, as_of=at.as_of, known_at=at.known_at
        )
    )
    return answer_with_etag(
        request,
        Lineage.model_validate(found),
        media_type="application/json",
        cache_control="no-cache",
    )


@router.get(
    "/properties/{register_number}/lineage",
    tags=["properties"],
    responses=problems(400, 401, 403, 404, 422, 503),
)
def read_property_lineage(
    register_number: Annotated[str, Path(max_length=40, examples=["203015000123"])],
    purpose: Purpose,
    caller: Entitled,
    rooms: RoomsDep,
    response: Response,
    direction: Way = Direction.UP,
    depth: Depth = MAX_DEPTH,
    as_of: AsOf = None,
    known_at: KnownAt = None,
) -> Lineage:
    """Give the sections that a section came of, or that came of it; the look at it is logged."""
    response.headers["Cache-Control"] = "private, no-store"
    at = moment_of(as_of, known_at)
    found = get_property_lineage(
        rooms.database,
        register_number,
        direction,
        caller=caller,
        purpose=purpose,
        today=rooms.today(),
        depth=depth,
        as_of=at.as_of,
        known_at=at.known_at,
    )
    return Lineage.model_validate(found)


__all__ = ["router"]
