"""What endpoints ask for: the parts of this process, and who calls."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, cast

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.auth import Scope, require_scope
from api.composition import Rooms
from api.errors import UnsupportedMedia, json_fault
from cadastre.db.unit_of_work import Database
from cadastre.domain.caller import PUBLIC, Caller
from cadastre.extract.strict_json import read_object
from cadastre.kernel.errors import InvalidInput, NotAuthenticated

_bearer = HTTPBearer(
    auto_error=False, bearerFormat="JWT", description="Token of the identity provider (`cadastre token`)."
)


def get_rooms(request: Request) -> Rooms:
    """Give the parts that the lifespan built."""
    return cast(Rooms, request.app.state.rooms)


# Asynchronous though they wait for nothing: FastAPI sends what is not through a thread of its own, each time.
async def find_rooms(request: Request) -> Rooms:
    """Give the parts that the lifespan built."""
    return get_rooms(request)


async def get_database(rooms: Annotated[Rooms, Depends(find_rooms)]) -> Database:
    """Give the connection pool."""
    return rooms.database


async def get_caller(
    request: Request,
    rooms: Annotated[Rooms, Depends(find_rooms)],
    credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
) -> Caller:
    """Give who calls: the public without a token; a bad token is refused, never overlooked."""
    if credentials is None:
        if request.headers.get("authorization"):
            raise NotAuthenticated("Sign in with a bearer token.", code="token-invalid")
        return PUBLIC
    caller = rooms.tokens.authenticate(credentials.credentials)
    request.scope["kadastr.role"] = caller.role.value
    return caller


def signed_in(scope: Scope) -> Callable[[Caller], Awaitable[Caller]]:
    """Make the dependency that lets through only callers with a scope."""

    async def entitled(caller: Annotated[Caller, Depends(get_caller)]) -> Caller:
        require_scope(caller, scope)
        return caller

    return entitled


def media_type_of(request: Request) -> str:
    """Give the media type of the body, without parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def require_json(request: Request) -> None:
    """Refuse a body that does not say it is JSON, before anybody tries to read it."""
    if media_type_of(request) != "application/json":
        raise UnsupportedMedia("Send application/json.", accepted=["application/json"])


async def require_unique_keys(request: Request) -> None:
    """Refuse a JSON body that says a thing twice: readers would differ on which one counts."""
    try:
        read_object(await request.body())
    except InvalidInput as error:
        raise json_fault(error) from None


def address_of(request: Request, route: str, **values: object) -> str:
    """Give the address of a route: full when this server knows its own, else its path.

    What the caller calls us (the Host header) is never repeated: it can be forged.
    """
    base = get_rooms(request).settings.served_url or ""
    return f"{base}{request.app.url_path_for(route, **values)}"


async def read_body(request: Request) -> bytes:
    """Read the whole body; its size is bounded by ``api.middleware``."""
    return await request.body()


DatabaseDep = Annotated[Database, Depends(get_database)]
RoomsDep = Annotated[Rooms, Depends(find_rooms)]
CallerDep = Annotated[Caller, Depends(get_caller)]

__all__ = [
    "CallerDep",
    "DatabaseDep",
    "RoomsDep",
    "address_of",
    "find_rooms",
    "get_caller",
    "get_database",
    "get_rooms",
    "media_type_of",
    "read_body",
    "require_json",
    "require_unique_keys",
    "signed_in",
]
