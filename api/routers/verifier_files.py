"""What anyone needs to judge documents without this service: a program, and whom it believes."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from importlib import resources
from pathlib import Path

from fastapi import APIRouter, Request, Response

from api.deps import RoomsDep
from api.etag import matches
from api.openapi import problems
from cadastre.extract.published_keys import list_published_keys

NAME = "kadastr_verify.py"
_KEPT = "public, max-age=300"
_SHOWN = ("*.pem", "*.crl", "jws.json", "ledger.policy", "ledger.handovers")

router = APIRouter(prefix="/verify", tags=["verification"])


@router.get(f"/{NAME}", response_class=Response, responses={200: {"content": {"text/x-python": {}}}})
def standalone_verifier(request: Request) -> Response:
    """Give the standalone verifier: one Python file of at most 300 lines that needs `cryptography` only."""
    return _answer(request, _program(), "text/x-python; charset=utf-8")


@router.get(f"/{NAME}.sha256", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
def standalone_digest(request: Request) -> Response:
    """Give its SHA-256 as `sha256sum -c` reads it."""
    line = f"{hashlib.sha256(_program()).hexdigest()}  {NAME}\n"
    return _answer(request, line.encode(), "text/plain; charset=utf-8")


@router.get(
    "/trust.zip",
    response_class=Response,
    responses={200: {"content": {"application/zip": {}}}, **problems()},
)
def trust_folder(rooms: RoomsDep, request: Request) -> Response:
    """Give the trust folder: certificates, revocations, statement keys, the ledger's policy; nothing secret.

    Who asks for it over an untrusted line compares it with a copy from elsewhere: all verdicts rest on it.
    """
    packed = _pack(rooms.settings.signing_dir / "trust")
    return _answer(request, packed, "application/zip")


@router.get("/keys.json", response_class=Response, responses={200: {"content": {"application/json": {}}}})
def published_keys(rooms: RoomsDep, request: Request) -> Response:
    """Give every key that ever sealed, signed statements or signed the ledger here, and until when it did.

    Keys stay on the list for ever, as what they made does; which heads of the ledger each of its keys
    answers for stands in the handovers between them.
    """
    ledger = rooms.ledger.keys
    keys = {
        **list_published_keys(rooms.settings.signing_dir),
        "ledger": [{"key": key.line, "in_use": key == ledger.signer.verifier} for key in ledger.verifiers],
        "handovers": list(ledger.handovers),
    }
    return _answer(request, json.dumps(keys, ensure_ascii=False, indent=1).encode(), "application/json")


def _answer(request: Request, content: bytes, media_type: str) -> Response:
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": _KEPT}
    if matches(request.headers.get("if-none-match"), tag):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=media_type, headers=headers)


def _program() -> bytes:
    return resources.files("cadastre.extract").joinpath(NAME).read_bytes()


def _pack(folder: Path) -> bytes:
    """Pack the files that may be shown; the same files give the same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(path for shape in _SHOWN for path in folder.glob(shape)):
            archive.writestr(zipfile.ZipInfo(f"trust/{path.name}"), path.read_bytes())
    return packed.getvalue()


__all__ = ["router"]
