"""What a case asks the register to do: one typed command per operation, parsed from the signed payload."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from shapely import Polygon

from cadastre.domain.case_effects import CaseEffects
from cadastre.domain.property_state import Encumbrance, RightState, Terms
from cadastre.domain.share import Share


@dataclass(frozen=True, slots=True)
class Taking:
    """What one party gives up: a share of his right, or all of it when ``share`` is None."""

    party_id: UUID
    share: Share | None = None


@dataclass(frozen=True, slots=True)
class Acquisition:
    """What one party acquires; ``share`` of the whole property, or None with ``joint``.

    ``dispose_by`` is the last day on which a foreign heir of land disposes of it.
    """

    party_id: UUID
    share: Share | None
    joint: bool = False
    dispose_by: date | None = None


@dataclass(frozen=True, slots=True)
class Transfer:
    """Sale, gift, exchange leg, inheritance, court, auction, privatisation: who gives, who takes."""

    property_id: int
    takings: tuple[Taking, ...]
    acquisitions: tuple[Acquisition, ...]
    kind: str = "ownership"


@dataclass(frozen=True, slots=True)
class RegisterMortgage:
    """Enter a mortgage; the rank is the next free one unless the contract names it.

    ``mortgagors`` are those who give it: all the owners the whole, one of several his share.
    """

    property_id: int
    contents: Encumbrance
    mortgagors: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeRanks:
    """Give mortgages new ranks; every mortgagee that falls behind has consented."""

    property_id: int
    ranks: tuple[tuple[int, int], ...]  # restriction_id, new rank


@dataclass(frozen=True, slots=True)
class AssignMortgage:
    """Another creditor steps in."""

    property_id: int
    restriction_id: int
    to_party_id: UUID


@dataclass(frozen=True, slots=True)
class EndEntry:
    """Discharge a mortgage, release an arrest, end a lease or servitude: one right or restriction."""

    property_id: int
    restriction_id: int | None = None
    right_id: int | None = None
    confirmed_by_party: bool = False


@dataclass(frozen=True, slots=True)
class GrantRight:
    """Lease, use, usufruct, trust management, superficies: a right beside ownership.

    ``benefits_property_id`` is the property that a servitude is for, whoever holds it.
    """

    property_id: int
    kind: str
    party_id: UUID
    terms: Terms = field(default_factory=Terms)
    benefits_property_id: int | None = None


@dataclass(frozen=True, slots=True)
class Impose:
    """Arrest, prohibition, court dispute notice; ``urgent`` is a bailiff's act without a ruling yet."""

    property_id: int
    contents: Encumbrance
    urgent: bool = False
    confirms_restriction_id: int | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """One resulting parcel: outline on the mm grid in the district's UTM zone, and what it is for.

    ``building_ids`` and ``unit_ids`` are those of the divided property that go with it.
    """

    outline: Polygon
    purpose: str | None = None
    documentary_area_m2: str | None = None
    building_ids: tuple[int, ...] = ()
    unit_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Divide:
    """Cut one parcel of a property into pieces; each becomes a property of the same holders."""

    property_id: int
    parcel_id: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Merge:
    """Join adjacent parcels of the same holders into one."""

    property_ids: tuple[int, ...]
    outline: Polygon


@dataclass(frozen=True, slots=True)
class ShiftBoundary:
    """Neighbours redraw their common boundary; ids and numbers stay, the total area stays."""

    outlines: tuple[tuple[int, Polygon], ...]  # parcel_id, new outline
    is_partial_transfer: bool = False


@dataclass(frozen=True, slots=True)
class NewUnit:
    """A flat or premises as the design of an unfinished building describes it."""

    building_id: int
    number: str
    kind: str
    entrance_number: int | None = None
    floor: int | None = None
    room_count: int | None = None
    total_area_m2: str | None = None
    living_area_m2: str | None = None


@dataclass(frozen=True, slots=True)
class GrantedRight:
    """A use or lease that enters with the ownership of the state or a municipality, on a title of its own."""

    kind: str
    party_id: UUID
    terms: Terms = field(default_factory=Terms)


@dataclass(frozen=True, slots=True)
class FirstRegistration:
    """Open a section for an object without one, for its first holders, on a listed title.

    With ``joins_property_id`` buildings join the section of their plot instead. ``begins_building_id``
    is a building that the case enters as one under construction, ``stage`` the stage of the unit's
    building once it is registered. ``granted`` is the right that the title gives when it is no ownership.
    """

    object_kind: str
    district_code: str
    parcel_ids: tuple[int, ...]
    building_ids: tuple[int, ...]
    unit_id: int | None
    holders: tuple[Acquisition, ...]
    title_kind: str
    title_dated: date
    future: bool = False
    new_unit: NewUnit | None = None
    joins_property_id: int | None = None
    begins_building_id: int | None = None
    stage: str | None = None
    granted: GrantedRight | None = None


@dataclass(frozen=True, slots=True)
class CompleteUnit:
    """The building is accepted: the claim becomes ownership of the same holders.

    ``stage`` is that of the building once it is registered.
    """

    property_id: int
    building_ids: tuple[int, ...] = ()
    stage: str | None = None


@dataclass(frozen=True, slots=True)
class DissolveClaim:
    """The contract with the builder has ended before the building: the unit is free to be claimed again.

    ``party_ids`` are those who give the claim back; ``by_court`` when a court has ended the contract.
    ``stage`` is that of the building.
    """

    property_id: int
    party_ids: tuple[UUID, ...]
    by_court: bool = False
    stage: str | None = None


@dataclass(frozen=True, slots=True)
class PrintedEntry:
    """Number and day of registration as a paper extract prints them beside a holder."""

    number: str
    registered_on: date


@dataclass(frozen=True, slots=True)
class ConvertPaper:
    """Take a paper extract in: from now on the section speaks for itself.

    Where only the paper tells of a property, its section is opened (``opens``) with the entries as they
    were ``printed``, one for each holder, and the book and sheet that the paper names.
    """

    property_id: int | None
    series: str
    number: str
    issued_on: date | None = None
    opens: FirstRegistration | None = None
    printed: tuple[PrintedEntry, ...] = ()
    book_number: str | None = None
    sheet_number: str | None = None


@dataclass(frozen=True, slots=True)
class Correct:
    """Correct a technical error of one entry; the wrong row is voided, not ended.

    Of a right its holder, share (None: joint) and terms are said as they are right, of a restriction its
    contents; of a parcel (``version_id``) those ``attributes`` that were wrong. ``past`` are rows of the
    same entry that have ended and name the same wrong holder, read by whoever decides.
    """

    property_id: int
    right_id: int | None = None
    restriction_id: int | None = None
    version_id: int | None = None
    party_id: UUID | None = None
    share: Share | None = None
    terms: Terms | None = None
    contents: Encumbrance | None = None
    attributes: Mapping[str, str | int | None] = field(default_factory=dict)
    past: tuple[RightState, ...] = ()


@dataclass(frozen=True, slots=True)
class CancelEntries:
    """Void what cases entered, by court decision, and restore what they closed.

    ``property_ids`` are those that the cancelling case names; ``effects`` is what the cases did, read by
    whoever decides.
    """

    property_ids: tuple[int, ...]
    case_ids: tuple[UUID, ...]
    effects: CaseEffects | None = None


@dataclass(frozen=True, slots=True)
class Rename:
    """Re-register a holder's entries under his new name (party linked as renamed)."""

    property_id: int
    from_party_id: UUID
    to_party_id: UUID


@dataclass(frozen=True, slots=True)
class Succeed:
    """Universal succession: everything that a legal person has here passes to its successor by law."""

    property_id: int
    from_party_id: UUID
    to_party_id: UUID


Command = (
    Transfer
    | RegisterMortgage
    | ChangeRanks
    | AssignMortgage
    | EndEntry
    | GrantRight
    | Impose
    | Divide
    | Merge
    | ShiftBoundary
    | FirstRegistration
    | CompleteUnit
    | DissolveClaim
    | ConvertPaper
    | Correct
    | CancelEntries
    | Rename
    | Succeed
)

__all__ = [
    "Acquisition",
    "AssignMortgage",
    "CancelEntries",
    "ChangeRanks",
    "Command",
    "CompleteUnit",
    "ConvertPaper",
    "Correct",
    "DissolveClaim",
    "Divide",
    "EndEntry",
    "FirstRegistration",
    "GrantRight",
    "GrantedRight",
    "Impose",
    "Merge",
    "NewUnit",
    "Piece",
    "PrintedEntry",
    "RegisterMortgage",
    "Rename",
    "ShiftBoundary",
    "Succeed",
    "Taking",
    "Transfer",
]
