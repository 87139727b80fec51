"""Extracts as files: what the command line writes, and what it reads to have judged."""

from __future__ import annotations

import getpass
import json
import os
import tempfile
from datetime import date
from pathlib import Path
from typing import Literal

from cadastre.domain.caller import Caller, CallerRole
from cadastre.kernel.errors import InvalidInput, UnreadableInput

FileKind = Literal["pdf", "json"]
MAX_BYTES = 32_000_000


def file_kind_of(path: Path) -> FileKind:
    """Tell which form a file's name asks for, and refuse a place that cannot be written."""
    suffix = path.suffix.lower()
    if suffix not in {".pdf", ".json"}:
        raise InvalidInput(f"{path}: the name must end in .pdf or .json.", code="unknown-form")
    if path.is_dir() or not path.parent.is_dir():
        raise InvalidInput(f"{path}: no file can be written there.", code="no-such-folder")
    return "pdf" if suffix == ".pdf" else "json"


def parse_day(text: str) -> date:
    """Read a day such as 2026-03-03."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"{text!r} is not a day; write YYYY-MM-DD.", code="day-malformed") from None


def operator() -> Caller:
    """Give the caller that a command at the office's machine acts as: its account, in the role registrar."""
    account = getpass.getuser()
    return Caller(subject=f"operator:{account}", role=CallerRole.REGISTRAR, name=f"operator {account}")


def write_extract_file(path: Path, content: bytes) -> None:
    """Write the file whole or not at all."""
    handle, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        Path(draft).replace(path)
    except OSError:
        Path(draft).unlink()
        raise


def indented(body: bytes) -> bytes:
    """Write a JSON body for people to read."""
    return json.dumps(json.loads(body), ensure_ascii=False, indent=2).encode() + b"\n"


def read_document(path: Path) -> tuple[bytes, FileKind]:
    """Read a document to be judged, and tell by its first bytes which form it claims.

    Raises
    ------
    UnreadableInput
        A folder, too large a file, or one that claims neither form.
    """
    if path.is_dir():
        raise UnreadableInput(f"{path} is a folder; name a PDF or a JSON file.", code="not-a-file")
    with path.open("rb") as stream:
        data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise UnreadableInput(f"{path} is larger than {MAX_BYTES} bytes.", code="payload-too-large")
    if data.lstrip()[:1] == b"{":
        return data, "json"
    if not data.startswith(b"%PDF-"):
        what = "neither a PDF nor a JSON object" if data else "empty"
        raise UnreadableInput(f"{path} is {what}; there is nothing to judge.", code="not-a-document")
    return data, "pdf"


__all__ = [
    "FileKind",
    "file_kind_of",
    "indented",
    "operator",
    "parse_day",
    "read_document",
    "write_extract_file",
]
