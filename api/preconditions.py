"""What a request must bring before anything is done: a key of its own, the version it relies on."""

from __future__ import annotations

import hashlib
import re
from typing import Annotated

from fastapi import Depends, Header, Request, Response

from api.deps import CallerDep, get_rooms, read_body
from cadastre.domain.entity_tag import EntityTag, parse_entity_tags
from cadastre.kernel.errors import InvalidInput
from cadastre.services.idempotent import Answer, RequestKey

REPLAYED = "Idempotency-Replayed"
_KEY = re.compile(r"[\x21\x23-\x7e]{8,200}")
_JSON = "application/json"


def get_request_key(
    request: Request,
    caller: CallerDep,
    body: Annotated[bytes, Depends(read_body)],
    idempotency_key: Annotated[
        str | None, Header(description="A new one (UUID) for each act, the same for each repetition of it.")
    ] = None,
) -> RequestKey:
    """Give the name that the caller gave his request; a repetition under it is answered, not done again."""
    sent = request.headers.getlist("idempotency-key")
    if idempotency_key is None or not sent:
        raise InvalidInput(
            "Send an Idempotency-Key, such as a UUID: it makes a repetition of this request harmless.",
            code="idempotency-key-missing",
        )
    key = sent[0][1:-1] if re.fullmatch(r'".*"', sent[0]) else sent[0]
    if len(sent) > 1 or not _KEY.fullmatch(key):
        raise InvalidInput(
            "Idempotency-Key must be one word of 8 to 200 ASCII characters, such as a UUID.",
            code="idempotency-key-malformed",
        )
    route = f"{request.method} {request.url.path}"
    route = f"{route}?{request.url.query}" if request.url.query else route
    return RequestKey(caller.subject, key, route, hashlib.sha256(body).digest())


async def find_request_key(
    request: Request,
    caller: CallerDep,
    body: Annotated[bytes, Depends(read_body)],
    idempotency_key: Annotated[
        str | None,
        Header(description="A new one (UUID) for each order: a repetition under it gets the same extract."),
    ] = None,
) -> RequestKey | None:
    """Give the name that the caller gave his request, or None when he gave it none."""
    if idempotency_key is None:
        return None
    return get_request_key(request, caller, body, idempotency_key)


def get_versions_seen(
    if_match: Annotated[
        str | None, Header(description='Versions that the request relies on: ETags such as "203015000123.4".')
    ] = None,
) -> tuple[EntityTag, ...] | None:
    """Give the versions that the caller says he has read, or None when he says nothing."""
    return None if if_match is None else parse_entity_tags(if_match)


def write_answer(request: Request, answer: Answer, *, etag: EntityTag | None = None) -> Response:
    """Hand out an answer that was kept, or is kept from now on."""
    headers = {"Cache-Control": "private, no-store", REPLAYED: str(answer.replayed).lower()}
    if answer.location is not None:
        headers["Location"] = f"{get_rooms(request).settings.public_url or ''}{answer.location}"
    if etag is not None:
        headers["ETag"] = str(etag)
    return Response(answer.body, answer.status, headers=headers, media_type=_JSON)


RequestKeyDep = Annotated[RequestKey, Depends(get_request_key)]
FoundRequestKeyDep = Annotated[RequestKey | None, Depends(find_request_key)]
VersionsSeenDep = Annotated[tuple[EntityTag, ...] | None, Depends(get_versions_seen)]

__all__ = [
    "REPLAYED",
    "FoundRequestKeyDep",
    "RequestKeyDep",
    "VersionsSeenDep",
    "find_request_key",
    "get_request_key",
    "get_versions_seen",
    "write_answer",
]
