"""Public facts of parcels."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from api.deps import CallerDep, RoomsDep
from api.etag import answer_with_etag
from api.moments import AsOf, KnownAt, moment_of
from api.openapi import problems
from api.schemas.boxes import ParcelQuestion
from api.schemas.parcels import Parcel, ParcelList
from cadastre.db.unit_of_work import UnitOfWork
from cadastre.domain.parcel import ParcelFacts
from cadastre.services.moments import find_moment
from cadastre.services.parcels import get_parcel, list_parcels_at, list_parcels_in_box

PRINTABLE = r"^[^\x00-\x1f\x7f]+$"
GEO_JSON = "application/geo+json"

router = APIRouter(prefix="/v1/parcels", tags=["parcels"])


@router.get("", response_model=ParcelList, responses=problems(400, 401, 422))
def find_parcels(
    question: Annotated[ParcelQuestion, Query()], rooms: RoomsDep, caller: CallerDep
) -> Response:
    """List registered parcels touching a box (`bbox`), or containing a point (`lon` and `lat`).

    As they stood at any moment: `as_of`, `known_at`.
    """
    limit, asked = question.limit, moment_of(question.as_of, question.known_at)

    def find(uow: UnitOfWork) -> list[ParcelFacts]:
        at = find_moment(uow.connection, asked, rooms.today())
        if question.bbox is None:
            lon, lat = question.point()
            return list_parcels_at(uow, lon=lon, lat=lat, at=at)
        west, south, east, north = question.box()
        return list_parcels_in_box(uow, west=west, south=south, east=east, north=north, limit=limit, at=at)

    return Response(ParcelList.of(rooms.database.read(find), limit).model_dump_json(), media_type=GEO_JSON)


@router.get("/{cadastral_number:path}", response_model=Parcel, responses=problems(400, 401, 404, 422))
def read_parcel(
    cadastral_number: Annotated[
        str, Path(max_length=60, pattern=PRINTABLE, description="URL-encoded; may contain slashes.")
    ],
    request: Request,
    rooms: RoomsDep,
    caller: CallerDep,
    as_of: AsOf = None,
    known_at: KnownAt = None,
) -> Response:
    """Give the public facts of a parcel and its boundary; `ETag` and `If-None-Match` are understood."""
    asked = moment_of(as_of, known_at)

    def get(uow: UnitOfWork) -> ParcelFacts:
        return get_parcel(uow, cadastral_number, find_moment(uow.connection, asked, rooms.today()))

    facts = rooms.database.read(get)
    return answer_with_etag(request, Parcel.of(facts), media_type=GEO_JSON, cache_control="no-cache")


__all__ = ["router"]
