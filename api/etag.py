"""Strong validators: a caller who has the bytes already gets 304 and no bytes (RFC 9110, 8.8 and 13.1.2)."""

from __future__ import annotations

import hashlib

from fastapi import Request, Response
from pydantic import BaseModel


def answer_with_etag(request: Request, body: BaseModel, *, media_type: str, cache_control: str) -> Response:
    """Answer with the body, or with 304 when the caller's copy is the same.

    The tag is a digest of the bytes themselves, so that whatever changes in
    the answer (a new version, a right registered, an address) changes it.
    """
    content = body.model_dump_json().encode()
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": cache_control}
    if matches(request.headers.get("if-none-match"), tag):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=media_type, headers=headers)


def matches(if_none_match: str | None, tag: str) -> bool:
    """Tell whether the header names the tag; comparison is weak, as for If-None-Match it must be.

    Examples
    --------
    >>> matches('"a", W/"b"', '"b"'), matches("*", '"b"'), matches(None, '"b"'), matches('"bb"', '"b"')
    (True, True, False, False)
    """
    if if_none_match is None:
        return False
    named = {part.strip().removeprefix("W/") for part in if_none_match.split(",")}
    return "*" in named or tag in named


__all__ = ["answer_with_etag", "matches"]
