"""Answers for whoever runs the service."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field


class Live(BaseModel):
    """The process runs."""

    status: Literal["live"] = "live"


class Ready(BaseModel):
    """The process can serve."""

    status: Literal["ready"] = "ready"
    schema_revision: str = Field(description="Revision of the database schema.")


__all__ = ["Live", "Ready"]
