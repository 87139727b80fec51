"""Who looked: to every person and organisation, the looks at its own data."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from api.auth import Scope
from api.deps import RoomsDep, signed_in
from api.openapi import problems
from api.schemas.looks import LookList, write_looks
from cadastre.domain.caller import Caller
from cadastre.services.looks import MAX_LISTED, list_looks_at_me

router = APIRouter(prefix="/v1", tags=["persons"])
Person = Annotated[Caller, Depends(signed_in(Scope.READ_OWN_LOOKS))]
Before = Annotated[int, Query(ge=1, le=2**53 - 1, description="Key of the last look seen.")]
Limit = Annotated[int, Query(ge=1, le=MAX_LISTED)]


@router.get("/persons/me/looks", responses=problems(401, 403, 422))
def read_looks_at_me(
    caller: Person, rooms: RoomsDep, response: Response, before: Before = 2**53 - 1, limit: Limit = 50
) -> LookList:
    """Tell who looked at the caller's data, newest first: by his number and all records that are his.

    A look is here as soon as it is answered; one for a criminal investigation from its day of disclosure on.
    """
    response.headers["Cache-Control"] = "private, no-store"
    return write_looks(list_looks_at_me(rooms.database, caller, before=before, limit=limit))


@router.get("/properties/{register_number}/looks", responses=problems(401, 403, 404, 422))
def read_looks_at_property(
    register_number: Annotated[str, Path(max_length=40, examples=["203015000123"])],
    caller: Person,
    rooms: RoomsDep,
    response: Response,
    before: Before = 2**53 - 1,
    limit: Limit = 50,
) -> LookList:
    """Tell who looked at a property while, or as of when, the caller stood in it."""
    response.headers["Cache-Control"] = "private, no-store"
    found = list_looks_at_me(
        rooms.database, caller, register_number=register_number, before=before, limit=limit
    )
    return write_looks(found)


__all__ = ["router"]
