"""What happens to every request: an id, a log line, security headers, a bound on the body, HEAD."""

from __future__ import annotations

import logging
import sys
import time
from dataclasses import dataclass
from uuid import uuid4

from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.logs import REQUEST_LOGGER
from api.security_headers import SECURITY_HEADERS

UNLESS_SAID = {"Cache-Control": "no-store"}
"""An answer may be kept only where its route says so."""
_DRESS = tuple(
    (name.lower().encode(), value.encode()) for name, value in {**SECURITY_HEADERS, **UNLESS_SAID}.items()
)
DOCUMENTS = "/v1/documents"
_log = logging.getLogger(REQUEST_LOGGER)


class RequestTrail:
    """Give each request an id, add the security headers, write one log line when it ends."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = scope["kadastr.request_id"] = uuid4().hex
        started = time.perf_counter()
        status = 500

        async def send_dressed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                given = message.get("headers", ())
                said = {name for name, _ in given} | {b"x-request-id"}
                message["headers"] = [
                    *(pair for pair in given if pair[0] != b"x-request-id"),
                    (b"x-request-id", request_id.encode()),
                    *(pair for pair in _DRESS if pair[0] not in said),
                ]
            await send(message)

        try:
            await self.app(scope, receive, send_dressed)
        finally:
            _log_request(scope, request_id, status, time.perf_counter() - started)


def _log_request(scope: Scope, request_id: str, status: int, seconds: float) -> None:
    route = scope.get("route")
    facts = {
        "request_id": request_id,
        "method": scope["method"],
        "route": getattr(route, "path", "none"),
        "status": status,
        "milliseconds": round(seconds * 1000, 1),
        "role": scope.get("kadastr.role", "public"),
    }
    level = logging.ERROR if status >= 500 else logging.INFO
    _log.log(level, "request", extra={"facts": facts}, exc_info=sys.exc_info()[1])


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """Largest body by address and media type, in bytes."""

    pdf_bytes: int
    other_bytes: int
    document_bytes: int

    def limit_for(self, path: str, content_type: str) -> int:
        """Largest body of this media type at this address."""
        if path == DOCUMENTS:
            return self.document_bytes
        kind = content_type.partition(";")[0].strip().lower()
        return self.pdf_bytes if kind == "application/pdf" else self.other_bytes


class BodyBound:
    """Refuse a body that is too large, by its declared length or as soon as it has come that far."""

    def __init__(self, app: ASGIApp, limits: BodyLimits) -> None:
        self.app = app
        self.limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        limit = self.limits.limit_for(scope["path"], headers.get("content-type", ""))
        declared = headers.get("content-length", "0")
        too_much = declared.isascii() and declared.isdigit() and int(declared) > limit
        received = 0
        refusal = HTTPException(413, f"The body of the request may have {limit:,} bytes at most.")

        async def receive_bounded() -> Message:
            nonlocal received
            if too_much:
                raise refusal
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise refusal
            return message

        await self.app(scope, receive_bounded, send)


class HeadAsGet:
    """Answer HEAD as GET is answered, without the body (RFC 9110, 9.3.2)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def send_bare(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        asked = {**scope, "method": "GET"}
        try:
            await self.app(asked, receive, send_bare)
        finally:
            scope.update({**asked, "method": "HEAD"})  # the log names the route that was found


__all__ = ["BodyBound", "BodyLimits", "HeadAsGet", "RequestTrail"]
