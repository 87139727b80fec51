"""Worklists: what waits for the office, by territory; to registrars and auditors."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import JSONResponse

from api.auth import Scope
from api.deps import RoomsDep, signed_in
from api.languages import preferred_language
from api.openapi import problems
from api.schemas.worklists import Worklists, WorklistShown, write_line, write_worklist
from cadastre.domain.caller import Caller
from cadastre.services.worklists import MAX_LISTED, WorkAsked, list_worklists, read_worklist

PRIVATE = {"Cache-Control": "private, no-store"}
router = APIRouter(prefix="/v1/worklists", tags=["worklists"])
Reader = Annotated[Caller, Depends(signed_in(Scope.READ_WORKLIST))]


@router.get("", response_model=Worklists, responses=problems(401, 403))
def name_worklists(caller: Reader, rooms: RoomsDep) -> Response:
    """Name the lists in three languages, with what is done about what they hold."""
    lines = Worklists(worklists=[write_line(entry) for entry in list_worklists(rooms.today())])
    return JSONResponse(lines.model_dump(mode="json"), headers=PRIVATE)


@router.get("/{name}", response_model=WorklistShown, responses=problems(400, 401, 403, 404, 422))
def read_one_worklist(
    name: Annotated[str, Path(pattern="^[a-z_]{1,40}$")],
    caller: Reader,
    rooms: RoomsDep,
    request: Request,
    district: Annotated[str | None, Query(pattern="^[A-Z]{2,3}(-[A-Z]{3})?$")] = None,
    office: Annotated[str | None, Query(pattern="^[0-9]{2}$")] = None,
    after: Annotated[int, Query(ge=0, le=2**53 - 1, description="Key of the last item seen.")] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_LISTED)] = 50,
) -> Response:
    """Give what waits, in the order of its keys: to a registrar what lies in his territory.

    What a term depends on may be undecided (holidays of a coming year): `due_certain` is then false.
    """
    asked = WorkAsked(name, district, office, after, limit)
    found = read_worklist(rooms.database, rooms.clock, asked, caller)
    language = preferred_language(request.headers.get("accept-language"), default="en")
    shown = write_worklist(found, language, rooms.today())
    return JSONResponse(shown.model_dump(mode="json"), headers=PRIVATE)


__all__ = ["router"]
