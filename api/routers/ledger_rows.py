"""What binds the rows of the register to the log, for auditors; and how far witnesses have seen the log."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.deps import RoomsDep
from api.openapi import problems
from api.schemas.witnesses import Witnessing
from cadastre.ledger.tiles import parse_tile_path

BYTES, JSON = "application/octet-stream", "application/json"
NOW = {"Cache-Control": "no-store"}

router = APIRouter(tags=["ledger"])


@router.get(
    "/ledger/commitments/strays.json",
    response_class=Response,
    responses={200: {"content": {JSON: {"schema": {"type": "object"}}}}, **problems(503)},
)
def read_strays(rooms: RoomsDep) -> Response:
    """Give how many rows no leaf answers for, by table: none in an honest register."""
    return Response(rooms.ledger.commitments.read_strays(), media_type=JSON, headers=NOW)


@router.get(
    "/ledger/commitments/{path:path}",
    response_class=Response,
    responses={
        200: {"content": {BYTES: {"schema": {"type": "string", "format": "binary"}}}},
        **problems(400, 404, 503),
    },
)
def read_commitments(path: str, rooms: RoomsDep) -> Response:
    """Give the commitments of up to 256 leaves, computed from the rows now; addressed like bundles."""
    content = rooms.ledger.commitments.read_block(parse_tile_path(f"entries/{path}"))
    return Response(content, media_type=BYTES, headers=NOW)


@router.get("/health/ledger", responses=problems(503))
def read_witnessing(rooms: RoomsDep) -> Witnessing:
    """Tell how far the log is signed and witnessed; the register goes on while a witness does not answer."""
    return Witnessing.of(rooms.ledger.witnesses.look())


__all__ = ["router"]
