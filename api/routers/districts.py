"""Administrative units, their codes and names."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.deps import CallerDep, RoomsDep
from api.etag import answer_with_etag
from api.openapi import problems
from api.schemas.districts import DistrictList
from cadastre.services.districts import list_districts

router = APIRouter(prefix="/v1/districts", tags=["districts"])


@router.get("", response_model=DistrictList, responses=problems(401))
def read_districts(request: Request, rooms: RoomsDep, caller: CallerDep) -> Response:
    """List the rayons, cities and districts in force today."""
    found = rooms.database.read(lambda uow: list_districts(uow, day=rooms.today()))
    body = DistrictList.of(found)
    return answer_with_etag(request, body, media_type="application/json", cache_control="no-cache")


__all__ = ["router"]
