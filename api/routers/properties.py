"""Sections of the register with their rights: signed-in callers only, and every look is logged."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from api.auth import Scope
from api.deps import RoomsDep, signed_in
from api.express import answer_section
from api.moments import AsOf, KnownAt, moment_of
from api.openapi import problems
from api.schemas.codes import codes_of
from api.schemas.properties import Property
from api.schemas.search import PropertyList, PropertyQuestion
from cadastre.domain.caller import Caller
from cadastre.services.search import find_properties

router = APIRouter(prefix="/v1/properties", tags=["properties"])
Entitled = Annotated[Caller, Depends(signed_in(Scope.READ_PROPERTY))]
Purpose = Annotated[
    str,
    Query(max_length=40, description="Codelist purposes; logged.", json_schema_extra=codes_of("purposes")),
]


@router.get("", responses=problems(400, 401, 403, 422, 503))
def find_sections(
    asked: Annotated[PropertyQuestion, Query()], caller: Entitled, rooms: RoomsDep, response: Response
) -> PropertyList:
    """Find properties by party, paper extract, parcel or address; no names, and the search is logged.

    Of any moment: `as_of`, `known_at`.
    """
    response.headers["Cache-Control"] = "private, no-store"
    question, today = asked.question(), rooms.today()
    found = find_properties(
        rooms.database,
        question,
        caller,
        purpose=asked.purpose,
        today=today,
        limit=asked.limit,
        moment=moment_of(asked.as_of, asked.known_at),
    )
    return PropertyList.of(found)


@router.get("/{register_number}", response_model=Property, responses=problems(400, 401, 403, 404, 422, 503))
def read_property(
    register_number: Annotated[str, Path(max_length=40, examples=["203015000123"])],
    purpose: Purpose,
    caller: Entitled,
    rooms: RoomsDep,
    as_of: AsOf = None,
    known_at: KnownAt = None,
) -> Response:
    """Give a property with its rights and restrictions; owners and banks see their own only.

    `ETag` names the version that was read; whoever applies for an entry sends it back as `If-Match`.
    A state of the past has none. A closed section is read for ever: `closing` says what came of it.
    """
    return answer_section(rooms, register_number, caller, purpose, moment_of(as_of, known_at))


__all__ = ["router"]
