"""Scans as they are handed in: which formats are kept, whether the bytes are what they are called."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Final
from uuid import UUID

from cadastre.domain.codelist import load_codelist
from cadastre.kernel.errors import InvalidInput, UnreadableInput
from cadastre.kernel.text import clean_text

MAX_DOCUMENT_BYTES: Final = 32 * 1024 * 1024
MAX_FILE_NAME: Final = 200
_AT_END: Final = 4096
_LOCKED: Final = re.compile(rb"/Encrypt\s+\d{1,10}\s+\d{1,5}\s+R\b")


@dataclass(frozen=True, slots=True)
class Format:
    """How the bytes of a media type begin, what stands near their end, and how its files are called."""

    begins: tuple[bytes, ...]
    ends: bytes
    suffix: str


FORMATS: Final = MappingProxyType(
    {
        "application/pdf": Format((b"%PDF-",), b"%%EOF", "pdf"),
        "image/png": Format((b"\x89PNG\r\n\x1a\n",), b"IEND", "png"),
        "image/jpeg": Format((b"\xff\xd8\xff",), b"\xff\xd9", "jpg"),
        "image/tiff": Format((b"II*\x00", b"MM\x00*"), b"", "tif"),
    }
)
"""Media types that are kept: pages that a person reads, in formats that can be read for ever."""


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A document as it is handed in; ``kind`` is a code of basis_kinds or document_kinds."""

    kind: str
    file_name: str
    media_type: str
    content: bytes
    pages: int | None = None


@dataclass(frozen=True, slots=True)
class KeptDocument:
    """A document as it is kept; ``sha256`` names its bytes."""

    document_id: UUID
    sha256: str
    kind: str
    file_name: str
    media_type: str
    size_bytes: int
    pages: int | None
    received_at: datetime


def require_document(new: NewDocument, today: date) -> NewDocument:
    """Give the document with its name cleaned, once nothing is wrong with it.

    Raises
    ------
    InvalidInput
        The kind is in no list, the name is no name of a file.
    UnreadableInput
        The bytes are not whole, or not what the media type says.

    Examples
    --------
    >>> scan = NewDocument("sale_contract", " müqavilə.pdf ", "application/pdf", b"%PDF-1.7 ... %%EOF")
    >>> require_document(scan, date(2026, 1, 5)).file_name
    'müqavilə.pdf'
    """
    _require_kind(new.kind, today)
    name = require_file_name(new.file_name)
    _require_readable(new.media_type, new.content)
    return NewDocument(new.kind, name, new.media_type, new.content, new.pages)


def require_file_name(name: str) -> str:
    r"""Give the name of a file, composed; it is shown and never used as a path.

    Examples
    --------
    >>> require_file_name("../etc/passwd")
    Traceback (most recent call last):
        ...
    cadastre.kernel.errors.InvalidInput: A file name has 1 to 200 characters and neither / nor \ in it.
    """
    cleaned = clean_text(name[: 10 * MAX_FILE_NAME], field="file name")
    if not 1 <= len(cleaned) <= MAX_FILE_NAME or set(cleaned) & {"/", "\\"}:
        raise InvalidInput(
            f"A file name has 1 to {MAX_FILE_NAME} characters and neither / nor \\ in it.",
            code="file-name-unfit",
        )
    return cleaned


def _require_kind(kind: str, today: date) -> None:
    lists = [load_codelist(name) for name in ("basis_kinds", "document_kinds")]
    if not any(entries.find_entry(kind, today) for entries in lists):
        known = [code for entries in lists for code in entries.codes_at(today)]
        raise InvalidInput(
            "The kind of the document is in neither list, basis_kinds nor document_kinds.",
            code="unknown-document-kind",
            known=known,
        )


def _require_readable(media_type: str, content: bytes) -> None:
    expected = FORMATS[media_type]
    if not content:
        raise UnreadableInput("The document is empty.", code="document-unreadable", media_type=media_type)
    if not content.startswith(expected.begins):
        raise UnreadableInput(
            f"The bytes are not those of {media_type}; scan the document again, or name its type.",
            code="document-unreadable",
            media_type=media_type,
        )
    if media_type == "application/pdf" and _LOCKED.search(content):
        raise UnreadableInput(
            "The PDF is locked with a password or against copying; what is kept for ever must open for ever.",
            code="document-unreadable",
            media_type=media_type,
        )
    if expected.ends not in content[-_AT_END:]:
        raise UnreadableInput(
            f"The {media_type} breaks off before its end; send it again, whole.",
            code="document-unreadable",
            media_type=media_type,
        )


__all__ = [
    "FORMATS",
    "MAX_DOCUMENT_BYTES",
    "Format",
    "KeptDocument",
    "NewDocument",
    "require_document",
    "require_file_name",
]
