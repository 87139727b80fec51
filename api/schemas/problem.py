"""The body of every failure (RFC 9457)."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field


class Problem(BaseModel):
    """What went wrong; programs read ``code`` and ``facts``, people ``title`` and ``detail``."""

    type: str = Field(examples=["urn:kadastr:problem:parcel-not-found"])
    title: str
    status: int
    detail: str
    code: str = Field(description="Stable identifier, never reworded.", examples=["parcel-not-found"])
    facts: dict[str, Any] = Field(description="Typed details, never personal.")
    incident: str = Field(description="Tell the office this number when you ask for help.")


__all__ = ["Problem"]
