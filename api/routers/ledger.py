"""The public log: signed heads, proofs, and the tiles that auditors copy. No personal data is in it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from api.deps import RoomsDep
from api.etag import answer_with_etag
from api.negotiation import choose_media_type
from api.openapi import problems
from api.schemas.ledger import Consistency, Inclusion
from cadastre.kernel.errors import NotFound
from cadastre.ledger.checkpoint import MAX_SIZE
from cadastre.ledger.handover import write_handovers
from cadastre.ledger.tiles import parse_tile_path
from cadastre.services.ledger_export import read_term, read_tile

JSON, TEXT, BYTES = "application/json", "text/plain", "application/octet-stream"
UTF8_TEXT = f"{TEXT}; charset=utf-8"
FOR_EVER = "public, max-age=31536000, immutable"
FOR_A_MOMENT = "public, max-age=2"

router = APIRouter(tags=["ledger"])
Place = Annotated[int, Path(ge=0, le=MAX_SIZE, description="Ledger index of the entry.")]
Size = Annotated[
    int | None, Query(ge=1, le=MAX_SIZE, description="Entries of the tree; else the newest signed.")
]
_TEXT: dict[int | str, dict[str, Any]] = {200: {"content": {TEXT: {"schema": {"type": "string"}}}}}


@router.get("/v1/ledger/checkpoint", response_class=Response, responses={**_TEXT, **problems(503)})
@router.get("/ledger/checkpoint", response_class=Response, include_in_schema=False)
def read_checkpoint(rooms: RoomsDep) -> Response:
    """Give the newest signed head of the log (C2SP tlog-checkpoint) with the lines of its witnesses."""
    note = rooms.ledger.proofs.newest() or rooms.ledger.checkpoints.sign().note
    return Response(note, media_type=UTF8_TEXT, headers={"Cache-Control": FOR_A_MOMENT})


@router.get("/v1/ledger/key", response_class=Response, responses={**_TEXT, **problems(503)})
def read_keys(rooms: RoomsDep) -> Response:
    """Give the keys whose checkpoints count (C2SP signed-note), one to a line, the one in use first."""
    lines = "".join(f"{verifier.line}\n" for verifier in rooms.ledger.keys.verifiers)
    return Response(lines, media_type=UTF8_TEXT, headers={"Cache-Control": "public, max-age=300"})


@router.get("/v1/ledger/handovers", response_class=Response, responses={**_TEXT, **problems(503)})
@router.get("/ledger/handovers", response_class=Response, include_in_schema=False)
def read_handovers(rooms: RoomsDep) -> Response:
    """Give the notes by which keys of the log handed over to the next, signed by both; oldest first."""
    notes = write_handovers(rooms.ledger.keys.handovers)
    return Response(notes, media_type=UTF8_TEXT, headers={"Cache-Control": FOR_A_MOMENT})


@router.get("/ledger/term", response_class=Response, include_in_schema=False)
def read_term_head(rooms: RoomsDep) -> Response:
    """Give a head that witnesses signed so long ago that the salts of looks before it may be gone."""
    note = read_term(rooms.database)
    return Response(note, media_type=UTF8_TEXT, headers={"Cache-Control": FOR_A_MOMENT})


@router.get(
    "/v1/ledger/proof/{index}",
    response_model=Inclusion,
    responses={**_TEXT, **problems(404, 406, 422)},
)
def read_inclusion(index: Place, rooms: RoomsDep, request: Request, tree_size: Size = None) -> Response:
    """Prove that an entry is in the log: as JSON, or as c2sp.org/tlog-proof@v1 (`Accept: text/plain`).

    Who holds an extract finds in it a proof that also says what the entry is made of.
    """
    kind = choose_media_type(request.headers.get("accept"), [JSON, TEXT])
    shown = rooms.ledger.proofs.prove(index, tree_size)
    caching = FOR_A_MOMENT if tree_size is None else "public, max-age=3600"
    if kind == JSON:
        answer = answer_with_etag(request, Inclusion.of(shown), media_type=JSON, cache_control=caching)
    elif shown.proof is None:
        raise NotFound(f"No head of {shown.size} entries was signed.", code="checkpoint-not-found")
    else:
        answer = Response(shown.proof.write(), media_type=UTF8_TEXT, headers={"Cache-Control": caching})
    answer.headers["Vary"] = "Accept"
    return answer


@router.get("/v1/ledger/consistency", response_model=Consistency, responses=problems(400, 404, 422))
def read_consistency(
    rooms: RoomsDep,
    request: Request,
    from_: Annotated[int, Query(alias="from", ge=0, le=MAX_SIZE, description="Entries of the smaller tree.")],
    to: Size = None,
) -> Response:
    """Prove that a tree of the log begins with a smaller one: nothing was changed or taken away."""
    shown = Consistency.of(rooms.ledger.proofs.prove_consistency(from_, to))
    caching = FOR_A_MOMENT if to is None else FOR_EVER
    return answer_with_etag(request, shown, media_type=JSON, cache_control=caching)


@router.get(
    "/ledger/tile/{path:path}",
    response_class=Response,
    responses={
        200: {"content": {BYTES: {"schema": {"type": "string", "format": "binary"}}}},
        **problems(400, 404),
    },
)
def read_log_tile(path: str, rooms: RoomsDep) -> Response:
    """Give a tile of hashes or a bundle of entries, addressed as in C2SP tlog-tiles; none ever changes."""
    content = read_tile(rooms.database, parse_tile_path(path))
    return Response(content, media_type=BYTES, headers={"Cache-Control": FOR_EVER})


__all__ = ["router"]
