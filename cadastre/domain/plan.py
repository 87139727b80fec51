"""What an operation does to the register: a list of closings and openings that the store carries out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NewType
from uuid import UUID

from shapely import Polygon

from cadastre.domain.case_effects import PlacedFact
from cadastre.domain.commands import NewUnit, PrintedEntry
from cadastre.domain.property_state import Encumbrance, RestrictionState, RightState, Terms
from cadastre.domain.share import Share

NewRef = NewType("NewRef", str)
"""Name, within one plan, of a property or parcel that the plan opens."""
PropertyRef = int | NewRef
ParcelRef = int | NewRef


@dataclass(frozen=True, slots=True)
class EndRight:
    """Close a right and restate it with today's end, so that the past stays readable."""

    right: RightState


@dataclass(frozen=True, slots=True)
class VoidRight:
    """Close a right as never rightly entered (correction, cancellation): its past is not restated."""

    right: RightState


@dataclass(frozen=True, slots=True)
class OpenRight:
    """Enter a right; with ``continues`` it restates that one (rest of a share, carried to a successor).

    ``since`` is the day on which it began when that is not today: of what was entered wrongly. ``ended``
    when the row that it continues states its end, which it then states too. ``printed`` is
    what a paper extract says of its registration; it is given no other number.
    """

    property: PropertyRef
    kind: str
    party_id: UUID
    share: Share | None
    terms: Terms = field(default_factory=Terms)
    continues: RightState | None = None
    keeps_registration: bool = False
    since: date | None = None
    ended: bool = False
    printed: PrintedEntry | None = None


@dataclass(frozen=True, slots=True)
class EndRestriction:
    """Close a restriction and restate it with today's end."""

    restriction: RestrictionState


@dataclass(frozen=True, slots=True)
class OpenRestriction:
    """Enter a restriction; with ``continues`` it is carried unchanged, number and date included.

    With ``keeps_basis`` it goes on resting on its own document, whatever changes. ``since``: see OpenRight.
    """

    property: PropertyRef
    contents: Encumbrance
    continues: RestrictionState | None = None
    confirms: RestrictionState | None = None
    urgent: bool = False
    keeps_basis: bool = False
    since: date | None = None


@dataclass(frozen=True, slots=True)
class VoidRestriction:
    """Close a restriction as never rightly entered: its past is not restated."""

    restriction: RestrictionState


@dataclass(frozen=True, slots=True)
class RestoreRight:
    """Enter a closed right again as it stood, first day, number and (if ``ended``) its end included."""

    property: int
    right: RightState
    ended: bool = False


@dataclass(frozen=True, slots=True)
class RestoreRestriction:
    """Enter a closed restriction again as it stood."""

    property: int
    restriction: RestrictionState
    ended: bool = False


@dataclass(frozen=True, slots=True)
class VoidObjects:
    """Close memberships of objects in sections, and versions of parcels, as never rightly entered."""

    property_object_ids: tuple[int, ...]
    version_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RestoreMembership:
    """Enter a closed membership of an object in a section again as it stood."""

    property_object_id: int


@dataclass(frozen=True, slots=True)
class RestoreParcel:
    """Enter a closed version of a parcel again as it stood; it comes of the versions that are voided."""

    version_id: int
    from_version_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class VoidFact:
    """Close the stage of a building, or what became of a paper extract, as never rightly entered."""

    fact: PlacedFact


@dataclass(frozen=True, slots=True)
class RestoreFact:
    """Enter a closed stage of a building, or a closed record of a paper extract, again as it stood."""

    fact: PlacedFact


@dataclass(frozen=True, slots=True)
class CorrectParcel:
    """Replace attributes of a parcel version that were entered wrongly; everything else stays."""

    version_id: int
    attributes: Mapping[str, str | int | None]


@dataclass(frozen=True, slots=True)
class ReopenProperty:
    """Void the closing of a section."""

    property_id: int


@dataclass(frozen=True, slots=True)
class EndParcel:
    """Close a parcel version and restate it with today's end."""

    version_id: int


@dataclass(frozen=True, slots=True)
class OpenParcel:
    """Enter a parcel (new number when ``parcel`` is a new name) or the next version of one.

    ``outline`` is one valid polygon, mm grid, in the UTM zone ``srid``; its area is computed by the store.
    """

    parcel: ParcelRef
    district_code: str
    outline: Polygon | None
    srid: int
    attributes: Mapping[str, str | int | None]
    from_version_ids: tuple[int, ...]
    manner: str


@dataclass(frozen=True, slots=True)
class OpenProperty:
    """Open a section; ``book_number`` and ``sheet_number`` are those of the register book it comes from."""

    ref: NewRef
    object_kind: str
    district_code: str
    from_property_ids: tuple[int, ...] = ()
    manner: str | None = None
    book_number: str | None = None
    sheet_number: str | None = None


@dataclass(frozen=True, slots=True)
class MoveObject:
    """End an object's membership of a section and, unless ``to`` is None, begin it in another.

    One that ``is_first`` has no section: should it have one, the entry is refused.
    """

    property_object_id: int | None
    parcel: ParcelRef | None
    unit_id: int | NewRef | None
    building_id: int | None
    to: PropertyRef | None
    is_first: bool = False


@dataclass(frozen=True, slots=True)
class OpenUnit:
    """Enter a unit of a building as its design describes it."""

    ref: NewRef
    unit: NewUnit


@dataclass(frozen=True, slots=True)
class ReachStage:
    """A building is under construction, or completed; nothing is entered when it is so already."""

    building_id: int
    stage: str


@dataclass(frozen=True, slots=True)
class TakeInPaper:
    """A paper extract of the section is converted: it counts no more."""

    property: PropertyRef
    series: str
    number: str
    issued_on: date | None = None


@dataclass(frozen=True, slots=True)
class CloseProperty:
    """Close a section that has become empty."""

    property_id: int
    reason: str


Act = (
    EndRight
    | VoidRight
    | OpenRight
    | EndRestriction
    | OpenRestriction
    | EndParcel
    | OpenParcel
    | OpenProperty
    | MoveObject
    | CloseProperty
    | VoidRestriction
    | RestoreRight
    | RestoreRestriction
    | VoidObjects
    | RestoreMembership
    | RestoreParcel
    | CorrectParcel
    | ReopenProperty
    | OpenUnit
    | ReachStage
    | TakeInPaper
    | VoidFact
    | RestoreFact
)


@dataclass(frozen=True, slots=True)
class Plan:
    """Acts in the order in which they are carried out; closings stand before openings.

    ``event`` is the leaf's kind, such as ``register.transfer``.
    """

    event: str
    acts: tuple[Act, ...]


__all__ = [
    "Act",
    "CloseProperty",
    "CorrectParcel",
    "EndParcel",
    "EndRestriction",
    "EndRight",
    "MoveObject",
    "NewRef",
    "OpenParcel",
    "OpenProperty",
    "OpenRestriction",
    "OpenRight",
    "OpenUnit",
    "ParcelRef",
    "Plan",
    "PropertyRef",
    "ReachStage",
    "ReopenProperty",
    "RestoreFact",
    "RestoreMembership",
    "RestoreParcel",
    "RestoreRestriction",
    "RestoreRight",
    "TakeInPaper",
    "VoidFact",
    "VoidObjects",
    "VoidRestriction",
    "VoidRight",
]
