"""Vector tiles of the public map."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api.compression import accepts_gzip
from api.deps import RoomsDep
from api.etag import matches
from api.openapi import problems
from tiles import Tile, TileServer

MVT = "application/vnd.mapbox-vector-tile"
KEPT = "public, max-age=60, must-revalidate"

router = APIRouter(prefix="/tiles", tags=["tiles"])


def get_tile_server(request: Request, rooms: RoomsDep) -> TileServer:
    """Give the process's tile server; its cache lives as long as the application."""
    state = request.app.state
    if not hasattr(state, "tile_server"):
        state.tile_server = TileServer(rooms.database)
    server: TileServer = state.tile_server
    return server


@router.get(
    "/{layer}/{z}/{x}/{y}.mvt",
    response_class=Response,
    responses={
        200: {"content": {MVT: {}}},
        204: {"description": "Nothing lies there."},
        **problems(404, 503),
    },
)
def read_tile(
    layer: str,
    z: int,
    x: int,
    y: int,
    request: Request,
    server: Annotated[TileServer, Depends(get_tile_server)],
) -> Response:
    """Give a tile of parcels, buildings, streets, entrances or districts; 204 where nothing lies."""
    return tile_response(request, server.get_tile(layer, z, x, y))


def tile_response(request: Request, tile: Tile) -> Response:
    """Answer with a tile, compressed when the caller takes that, or with 304 when he has it."""
    if tile.is_empty:
        return Response(status_code=204, headers={"Cache-Control": KEPT})
    gzipped = accepts_gzip(request.headers.get("accept-encoding"))
    tag = f'"{tile.digest}{"-gz" if gzipped else ""}"'
    headers = {"ETag": tag, "Cache-Control": KEPT, "Vary": "Accept-Encoding"}
    if matches(request.headers.get("if-none-match"), tag):
        return Response(status_code=304, headers=headers)
    if gzipped:
        return Response(tile.gzipped, media_type=MVT, headers={**headers, "Content-Encoding": "gzip"})
    return Response(tile.body(), media_type=MVT, headers=headers)


__all__ = ["get_tile_server", "router", "tile_response"]
