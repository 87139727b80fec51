"""The question that is asked most, a section in its plain form, answered past the layers that others need.

Whatever differs from the plain form in the least (another parameter, a header twice, a number that is too
long) is left to the route that FastAPI declares, and so is every refusal of it. What is plain gets the same
answer from the same function.
"""

from __future__ import annotations

import asyncio
import os
import re
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import URLPath
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.types import Receive, Scope, Send

from api import auth
from api.composition import Rooms
from api.schemas.properties import Property
from api.settings import ApiSettings
from cadastre.domain.caller import Caller
from cadastre.domain.entity_tag import EntityTag
from cadastre.domain.moment import AskedMoment
from cadastre.services.ledger_clock import PATIENCE_S, LedgerBusy
from cadastre.services.properties import get_property_view

SECTION: Final = "/v1/properties/{register_number}"
_ASKED: Final = "kadastr.express"
_PATH: Final = re.compile(r"/v1/properties/([^/]{1,40})")
_QUERY: Final = re.compile(rb"purpose=([a-z_]{1,40})(?:&as_of=([0-9]{4}-[0-9]{2}-[0-9]{2}))?")
_BEARER: Final = re.compile(rb"Bearer ([A-Za-z0-9._~+/=-]+)")


@dataclass(frozen=True, slots=True)
class PlainQuestion:
    """What is asked for, as it was written; nothing of it is judged yet."""

    register_number: str
    purpose: str
    as_of: date | None
    token: str


def read_plain(scope: Scope) -> PlainQuestion | None:
    """Read a question for one section in its plain form; None for whatever else is asked."""
    if scope["type"] != "http" or scope["method"] != "GET" or scope.get("root_path"):
        return None
    path = _PATH.fullmatch(scope["path"])
    if path is None:
        return None
    query = _QUERY.fullmatch(scope["query_string"])
    said = [value for name, value in scope["headers"] if name == b"authorization"]
    bearer = _BEARER.fullmatch(said[0]) if len(said) == 1 else None
    if query is None or bearer is None:
        return None
    try:
        as_of = None if query[2] is None else date.fromisoformat(query[2].decode())
    except ValueError:
        return None
    return PlainQuestion(path[1], query[1].decode(), as_of, bearer[1].decode())


def answer_section(
    rooms: Rooms,
    register_number: str,
    caller: Caller,
    purpose: str,
    moment: AskedMoment,
    patience_s: float = PATIENCE_S,
) -> Response:
    """Read a section and write the answer, in the thread that has read it."""
    view = get_property_view(
        rooms.database,
        register_number,
        caller=caller,
        purpose=purpose,
        today=rooms.today(),
        moment=moment,
        patience_s=patience_s,
    )
    headers = {"Cache-Control": "private, no-store"}
    if view.version is not None:
        headers["ETag"] = str(EntityTag(view.register_number, view.version))
    return Response(Property.json_of(view), headers=headers, media_type="application/json")


def reader_count(settings: ApiSettings) -> int:
    """Give the number of threads that read: twice the cores, for the disk to work meanwhile.

    More would answer no more. Each has a connection that must plan its statements first (some 40 ms), and
    after a stall of the disk all that wait would do so at once.
    """
    return min(settings.database_pool, 2 * (os.cpu_count() or 1))


class ExpressRoute(BaseRoute):
    """Answers plain questions for one section in a few threads that wait for the database only.

    Who has to wait for an entry to be numbered waits in another.
    """

    path = SECTION

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Take what is plain, and nothing else."""
        asked = read_plain(scope)
        return (Match.NONE, {}) if asked is None else (Match.FULL, {_ASKED: asked, "route": self})

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """Give no address: the declared route does."""
        raise NoMatchFound(name, path_params)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Judge who asks and answer; what is refused is raised, as in any route."""
        asked: PlainQuestion = scope[_ASKED]
        rooms: Rooms = scope["app"].state.rooms
        readers: Executor = scope["app"].state.readers
        caller = rooms.tokens.authenticate(asked.token)
        scope["kadastr.role"] = caller.role.value
        auth.require_scope(caller, auth.Scope.READ_PROPERTY)
        question = (rooms, asked.register_number, caller, asked.purpose, AskedMoment(as_of=asked.as_of))
        try:
            answer = await asyncio.get_running_loop().run_in_executor(readers, answer_section, *question, 0)
        except LedgerBusy:
            answer = await run_in_threadpool(answer_section, *question)
        await answer(scope, receive, send)


__all__ = ["SECTION", "ExpressRoute", "PlainQuestion", "answer_section", "read_plain", "reader_count"]
