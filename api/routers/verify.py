"""Judges documents: authentic or not, and whether the register still says so."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from api.deps import CallerDep, RoomsDep, media_type_of, read_body
from api.errors import UnsupportedMedia
from api.languages import preferred_language
from api.openapi import problems
from api.schemas.extracts import Extract
from api.schemas.verify import Verdict

router = APIRouter(prefix="/v1/verify", tags=["verification"])

_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/pdf": {"schema": {"type": "string", "format": "binary"}},
            "application/json": {"schema": Extract.model_json_schema()},
        },
    }
}


@router.post("", response_model=Verdict, responses=problems(401, 413, 415), openapi_extra=_BODY)
def verify_document(
    body: Annotated[bytes, Depends(read_body)], caller: CallerDep, rooms: RoomsDep, request: Request
) -> Response:
    """Judge a PDF, or the JSON that issuing answered with; any bytes get a verdict."""
    desk = rooms.desks.verification
    judges = {"application/pdf": desk.verify_pdf, "application/json": desk.verify_bundle}
    kind = media_type_of(request)
    if kind not in judges:
        raise UnsupportedMedia("Send application/pdf or application/json.", accepted=list(judges))
    language = preferred_language(request.headers.get("accept-language"), default="en")
    verdict = Verdict.of(judges[kind](body, caller), language)
    headers = {"Content-Language": language, "Cache-Control": "no-store"}
    return JSONResponse(verdict.model_dump(mode="json"), headers=headers)


__all__ = ["router"]
