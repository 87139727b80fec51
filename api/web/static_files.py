"""Serves our own scripts and styles and those that set-up fetched, compressed once per process."""

from __future__ import annotations

import gzip
import mimetypes
from functools import lru_cache
from pathlib import Path

from fastapi import Request, Response
from fastapi.responses import FileResponse
from starlette.exceptions import HTTPException

from api.compression import accepts_gzip
from api.etag import matches

_KEPT_FOR_GOOD = "public, max-age=31536000, immutable"
_ASKED_EACH_TIME = "no-cache"
_TEXT = frozenset({".css", ".js", ".json", ".svg", ".ttf"})


def static_root() -> Path:
    """Folder of everything under ``/static``."""
    return Path(__file__).parent / "static"


def static_response(request: Request, path: str) -> Response:
    """Answer with one file below ``static_root``; anything else is not found."""
    file = _find_file(path)
    if file is None:
        raise HTTPException(404)
    info = file.stat()
    wants_gzip = file.suffix in _TEXT and accepts_gzip(request.headers.get("accept-encoding"))
    tag = f'"{info.st_mtime_ns:x}-{info.st_size:x}{"-gz" if wants_gzip else ""}"'
    headers = {
        "ETag": tag,
        "Cache-Control": _KEPT_FOR_GOOD if "v" in request.query_params else _ASKED_EACH_TIME,
        "Vary": "Accept-Encoding",
    }
    if matches(request.headers.get("if-none-match"), tag):
        return Response(status_code=304, headers=headers)
    media_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    if wants_gzip:
        body = _compressed(file, info.st_mtime_ns)
        return Response(body, media_type=media_type, headers={**headers, "Content-Encoding": "gzip"})
    return FileResponse(file, media_type=media_type, headers=headers)


def _find_file(path: str) -> Path | None:
    """Resolve a path below ``static_root``; None for a name that is impossible or leads outside."""
    root = static_root().resolve()
    try:
        file = (root / path).resolve()
        return file if file.is_relative_to(root) and file.is_file() else None
    except (OSError, ValueError):  # a name too long, or with a zero byte
        return None


@lru_cache(maxsize=64)
def _compressed(file: Path, modified_ns: int) -> bytes:
    return gzip.compress(file.read_bytes(), 6, mtime=0)


__all__ = ["static_response", "static_root"]
