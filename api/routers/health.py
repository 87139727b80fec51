"""Tells whether the process is alive and can serve."""

from __future__ import annotations

from fastapi import APIRouter

from api.deps import RoomsDep
from api.openapi import problems
from api.schemas.health import Live, Ready
from cadastre.db.schema_state import require_current_schema

router = APIRouter(prefix="/health", tags=["health"])


@router.get("/live")
def live() -> Live:
    """Answer while the process runs, whatever the state of the database."""
    return Live()


@router.get("/ready", responses=problems(503))
def ready(rooms: RoomsDep) -> Ready:
    """Answer when the database is reached, its schema fits, and its ledger is what was signed before."""
    revision = rooms.database.read(require_current_schema)
    rooms.ledger.checkpoints.examine()
    return Ready(schema_revision=revision)


__all__ = ["router"]
