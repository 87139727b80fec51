"""Scans that stand beside cases: handed in as raw bytes, kept for ever, opened by the entitled."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from api.auth import Scope
from api.deps import RoomsDep, media_type_of, read_body, signed_in
from api.errors import UnsupportedMedia
from api.file_names import read_file_name, write_disposition
from api.openapi import problems
from api.preconditions import RequestKeyDep, write_answer
from api.schemas.codes import codes_of
from api.schemas.documents import Document
from cadastre.db.unit_of_work import UnitOfWork
from cadastre.domain.caller import Caller
from cadastre.domain.document import FORMATS, NewDocument
from cadastre.kernel.id_source import TimeOrderedIds
from cadastre.services.documents import keep_document, open_document
from cadastre.services.idempotent import Answer, answer_once

router = APIRouter(prefix="/v1/documents", tags=["documents"])
Bringer = Annotated[Caller, Depends(signed_in(Scope.PUT_DOCUMENT))]
Reader = Annotated[Caller, Depends(signed_in(Scope.READ_DOCUMENT))]
Purpose = Annotated[
    str,
    Query(max_length=40, description="Codelist purposes; logged.", json_schema_extra=codes_of("purposes")),
]
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_BODY: dict[str, Any] = {"requestBody": {"required": True, "content": dict.fromkeys(FORMATS, _BINARY)}}


def get_new_document(
    request: Request,
    body: Annotated[bytes, Depends(read_body)],
    kind: Annotated[str, Query(max_length=60, description="Code of basis_kinds or document_kinds.")],
    content_disposition: Annotated[
        str | None, Header(description="Name of the file: `attachment; filename*=UTF-8''...`.")
    ] = None,
    pages: Annotated[int | None, Query(ge=1, le=10_000)] = None,
) -> NewDocument:
    """Read the document that a request carries; its name comes in a header, for addresses are logged."""
    media_type = media_type_of(request)
    if media_type not in FORMATS:
        raise UnsupportedMedia(f"Send one of {', '.join(FORMATS)}.", accepted=list(FORMATS))
    name = read_file_name(content_disposition) or f"{kind}.{FORMATS[media_type].suffix}"
    return NewDocument(kind, name, media_type, body, pages)


@router.post(
    "",
    status_code=201,
    response_model=Document,
    responses=problems(400, 401, 403, 413, 415, 422),
    openapi_extra=_BODY,
)
def put_document(
    caller: Bringer,
    key: RequestKeyDep,
    new: Annotated[NewDocument, Depends(get_new_document)],
    rooms: RoomsDep,
    request: Request,
) -> Response:
    """Keep a scan of at most 32 MiB; applications name it by the `id` that this answers with."""
    document_id = TimeOrderedIds(rooms.clock).new_id()

    def keep(uow: UnitOfWork) -> Answer:
        kept = keep_document(uow, new, caller, document_id=document_id, today=rooms.today())
        location = request.app.url_path_for("read_document", document_id=document_id)
        return Answer(201, Document.of(kept).model_dump_json(), location)

    return write_answer(request, answer_once(rooms.database, key, keep))


@router.get(
    "/{document_id}",
    response_class=Response,
    responses={200: {"content": dict.fromkeys(FORMATS, _BINARY)}, **problems(400, 401, 403, 404, 422)},
)
def read_document(
    document_id: UUID,
    purpose: Purpose,
    caller: Reader,
    rooms: RoomsDep,
) -> Response:
    """Open a scan, byte for byte as it was handed in; the look is logged."""
    opened = open_document(rooms.database, document_id, caller, purpose=purpose, today=rooms.today())
    headers = {
        "Content-Disposition": write_disposition(opened.kept.file_name),
        "ETag": f'"{opened.kept.sha256}"',
        "Cache-Control": "private, no-store",
    }
    return Response(opened.content, media_type=opened.kept.media_type, headers=headers)


__all__ = ["router"]
