"""The order that is given most, for an extract in its plain form, taken past the layers that others need.

Whatever differs from the plain form in the least is left to the route that FastAPI declares, and so is the
refusal of a body that does not fit. What is plain gets the same answer from the same functions.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any, Final

from pydantic import ValidationError
from starlette.datastructures import URLPath
from starlette.requests import Request
from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.types import Message, Receive, Scope, Send

from api import auth
from api.composition import Rooms
from api.routers.extracts import answer_promised
from api.schemas.extracts import ExtractOrder
from cadastre.extract.strict_json import read_object
from cadastre.kernel.errors import InvalidInput

EXTRACTS: Final = "/v1/extracts"
_PLAIN: Final = frozenset(
    {
        b"host",
        b"content-type",
        b"content-length",
        b"authorization",
        b"accept-encoding",
        b"connection",
        b"user-agent",
        b"accept",
    }
)
_LEFT: Final = "kadastr.left_to_declared"
_BEARER: Final = re.compile(rb"Bearer ([A-Za-z0-9._~+/=-]+)")
_MOST_BYTES: Final = 4_000


def read_token(scope: Scope) -> str | None:
    """Give the token of an order in its plain form; None for whatever else is asked."""
    if scope["type"] != "http" or scope["path"] != EXTRACTS or scope["method"] != "POST" or _LEFT in scope:
        return None
    said = dict(scope["headers"])
    length = said.get(b"content-length", b"")
    bearer = _BEARER.fullmatch(said.get(b"authorization", b""))
    is_plain = (
        len(said) == len(scope["headers"])
        and said.keys() <= _PLAIN
        and said.get(b"content-type") == b"application/json"
        and said.get(b"accept", b"*/*") in (b"*/*", b"application/json")
        and length.isdigit()
        and int(length) <= _MOST_BYTES
        and not scope["query_string"]
        and not scope.get("root_path")
    )
    return bearer[1].decode() if is_plain and bearer else None


class OrderRoute(BaseRoute):
    """Takes plain orders; what turns out to be none is left to the route that FastAPI declares."""

    path = EXTRACTS

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Take what looks plain before its body is read."""
        token = read_token(scope)
        return (Match.NONE, {}) if token is None else (Match.FULL, {"kadastr.token": token, "route": self})

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """Give no address: the declared route does."""
        raise NoMatchFound(name, path_params)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Judge who orders and answer; what is refused is raised, as in any route."""
        rooms: Rooms = scope["app"].state.rooms
        caller = rooms.tokens.authenticate(scope["kadastr.token"])
        scope["kadastr.role"] = caller.role.value
        auth.require_scope(caller, auth.Scope.REQUEST_EXTRACT)
        body = await _read(receive)
        order = read_order(body)
        if order is None:
            await scope["app"].router({**scope, _LEFT: True}, _again(body), send)
            return
        issued = await asyncio.wrap_future(rooms.issuing.issue(order.to_request(), caller))
        await answer_promised(issued, Request(scope))(scope, receive, send)


def read_order(body: bytes) -> ExtractOrder | None:
    """Read an order; None when anything about it has to be told to whoever sent it."""
    try:
        return ExtractOrder.model_validate(read_object(body))
    except (InvalidInput, ValidationError):
        return None


async def _read(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def _again(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


__all__ = ["EXTRACTS", "OrderRoute", "read_order", "read_token"]
