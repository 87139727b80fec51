"""What registered cases did to the register, and what rests on it: what a cancellation undoes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from cadastre.domain.property_state import RestrictionState, RightState


@dataclass(frozen=True, slots=True)
class PlacedRight:
    """A right in a section; ``ended`` when the row states its end."""

    property_id: int
    right: RightState
    ended: bool = False


@dataclass(frozen=True, slots=True)
class PlacedRestriction:
    """A restriction in a section; ``ended`` when the row states its end."""

    property_id: int
    restriction: RestrictionState
    ended: bool = False


@dataclass(frozen=True, slots=True)
class FormerVersion:
    """A parcel version that the cases closed, and those versions of theirs that came of it and stand."""

    version_id: int
    successors: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PlacedFact:
    """What is on record beside the sections: the stage of a building, what became of a paper extract."""

    kind: Literal["stage", "paper"]
    row_id: int


@dataclass(frozen=True, slots=True)
class Dependant:
    """A later case whose entries rest on what the cases entered, and the numbers of those that stand."""

    case_id: UUID
    journal_number: int
    service: str
    registration_numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseEffects:
    """What cases entered and what they closed; both only as far as nobody has closed or voided it since.

    ``opened`` are sections that they opened and that are open, ``closed`` those that they closed, ``facts``
    stages of buildings and papers. The stage on which units of others rest is not among them.
    """

    rights: tuple[PlacedRight, ...] = ()
    former_rights: tuple[PlacedRight, ...] = ()
    restrictions: tuple[PlacedRestriction, ...] = ()
    former_restrictions: tuple[PlacedRestriction, ...] = ()
    memberships: tuple[int, ...] = ()
    former_memberships: tuple[int, ...] = ()
    versions: tuple[int, ...] = ()
    former_versions: tuple[FormerVersion, ...] = ()
    opened: tuple[int, ...] = ()
    closed: tuple[int, ...] = ()
    facts: tuple[PlacedFact, ...] = ()
    former_facts: tuple[PlacedFact, ...] = ()
    dependants: tuple[Dependant, ...] = field(default=())


__all__ = [
    "CaseEffects",
    "Dependant",
    "FormerVersion",
    "PlacedFact",
    "PlacedRestriction",
    "PlacedRight",
]
