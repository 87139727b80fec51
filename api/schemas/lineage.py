"""What a parcel or a section came of, and what came of it."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from cadastre.domain.lineage import Direction


class LineageStep(BaseModel):
    """One member came of another."""

    model_config = ConfigDict(from_attributes=True)

    from_id: int
    to_id: int
    manner: str = Field(
        description="division, merger, boundary_change, partial_transfer, correction; of sections also "
        "renumbering and completion."
    )
    on: date


class LineageMember(BaseModel):
    """A version of a parcel, or a section."""

    model_config = ConfigDict(from_attributes=True)

    id: int = Field(description="Names the member in the steps.")
    number: str = Field(description="Cadastral or register number; one parcel may have several versions.")
    generation: int = Field(description="Steps from what was asked for.")
    began_on: date
    ended_on: date | None = Field(description="Null while it is current.")
    area_m2: float | None = Field(description="Ellipsoidal area of a parcel version, m².")


class Lineage(BaseModel):
    """Members by generation, and the steps between them."""

    model_config = ConfigDict(from_attributes=True)

    number: str = Field(examples=["BAK-XEZ-00000123"])
    direction: Direction
    members: list[LineageMember]
    steps: list[LineageStep]
    is_complete: bool = Field(description="False when the depth cut it short.")
    as_of: date | None = Field(description="Day that was asked for: what began later is left out.")
    known_at: int | None = Field(description="Ledger index that was asked for.")


__all__ = ["Lineage", "LineageMember", "LineageStep"]
