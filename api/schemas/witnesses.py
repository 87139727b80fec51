"""How far the log is witnessed."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel, Field

from cadastre.services.witnessing import WitnessingState


class WitnessProgress(BaseModel):
    """How far one witness has cosigned."""

    name: str
    tree_size: int | None = Field(
        description="Entries of the newest head with its line; null before the first."
    )
    received_at: datetime | None


class Witnessing(BaseModel):
    """Whether the newest head has the lines of enough witnesses."""

    status: Literal["witnessed", "behind", "not-witnessed"]
    signed_size: int | None = Field(description="Entries of the newest signed head.")
    witnessed_size: int | None = Field(
        description="Entries of the newest head that enough witnesses cosigned."
    )
    quorum: int = Field(
        description="Lines that make a head a witnessed one; 0 when no witness is configured."
    )
    witnesses: list[WitnessProgress]

    @classmethod
    def of(cls, state: WitnessingState) -> Self:
        """Write what the desk found."""
        behind: Literal["witnessed", "behind"] = "witnessed" if state.is_witnessed else "behind"
        return cls(
            status="not-witnessed" if state.quorum == 0 else behind,
            signed_size=state.signed_size,
            witnessed_size=state.witnessed_size,
            quorum=state.quorum,
            witnesses=[
                WitnessProgress(name=w.name, tree_size=w.tree_size, received_at=w.received_at)
                for w in state.witnesses
            ],
        )


__all__ = ["WitnessProgress", "Witnessing"]
