"""Tells whether the process is alive and can serve."""

from __future__ import annotations

from fastapi import APIRouter

from api.deps import DatabaseDep
from api.openapi import problems
from api.schemas.health import Live, Ready
from cadastre.db.schema_state import require_current_schema

router = APIRouter(prefix="/health", tags=["health"])


@router.get("/live")
def live() -> Live:
    """Answer while the process runs, whatever the state of the database."""
    return Live()


@router.get("/ready", responses=problems(503))
def ready(database: DatabaseDep) -> Ready:
    """Answer when the database is reached and its schema is the one this program was made for."""
    revision = database.read(require_current_schema)
    return Ready(schema_revision=revision)


__all__ = ["router"]
