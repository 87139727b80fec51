"""Public facts of parcels."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from api.deps import CallerDep, DatabaseDep
from api.etag import answer_with_etag
from api.openapi import problems
from api.schemas.boxes import ParcelQuestion
from api.schemas.parcels import Parcel, ParcelList
from cadastre.services.parcels import get_parcel, list_parcels_at, list_parcels_in_box

PRINTABLE = r"^[^\x00-\x1f\x7f]+$"
GEO_JSON = "application/geo+json"

router = APIRouter(prefix="/v1/parcels", tags=["parcels"])


@router.get("", response_model=ParcelList, responses=problems(400, 401, 422))
def find_parcels(
    question: Annotated[ParcelQuestion, Query()], database: DatabaseDep, caller: CallerDep
) -> Response:
    """List registered parcels touching a box (`bbox`), or containing a point (`lon` and `lat`)."""
    limit = question.limit
    if question.bbox is None:
        lon, lat = question.point()
        found = database.read(lambda uow: list_parcels_at(uow, lon=lon, lat=lat))
    else:
        west, south, east, north = question.box()
        found = database.read(
            lambda uow: list_parcels_in_box(uow, west=west, south=south, east=east, north=north, limit=limit)
        )
    return Response(ParcelList.of(found, limit).model_dump_json(), media_type=GEO_JSON)


@router.get("/{cadastral_number:path}", response_model=Parcel, responses=problems(401, 404, 422))
def read_parcel(
    cadastral_number: Annotated[
        str, Path(max_length=60, pattern=PRINTABLE, description="URL-encoded; may contain slashes.")
    ],
    request: Request,
    database: DatabaseDep,
    caller: CallerDep,
) -> Response:
    """Give the public facts of a parcel and its boundary; `ETag` and `If-None-Match` are understood."""
    facts = database.read(lambda uow: get_parcel(uow, cadastral_number))
    return answer_with_etag(request, Parcel.of(facts), media_type=GEO_JSON, cache_control="no-cache")


__all__ = ["router"]
