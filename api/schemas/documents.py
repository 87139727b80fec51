"""A scan that the register keeps."""

from __future__ import annotations

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field

from cadastre.domain.document import KeptDocument


class Document(BaseModel):
    """A document as it is kept for ever."""

    id: UUID = Field(description="Applications name the document by it.")
    sha256: str = Field(description="Digest of the bytes, hexadecimal.")
    kind: str = Field(description="Codelist basis_kinds or document_kinds.")
    file_name: str
    media_type: str
    size_bytes: int
    pages: int | None
    received_at: datetime

    @classmethod
    def of(cls, kept: KeptDocument) -> Self:
        """Describe a document that is kept."""
        return cls(
            id=kept.document_id,
            sha256=kept.sha256,
            kind=kept.kind,
            file_name=kept.file_name,
            media_type=kept.media_type,
            size_bytes=kept.size_bytes,
            pages=kept.pages,
            received_at=kept.received_at,
        )


__all__ = ["Document"]
