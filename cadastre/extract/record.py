"""What a register extract says, as plain values: the store fills it, the statement is built from it.

Codes stay codes here; :mod:`cadastre.extract.statement` labels them.  Units and precision:

* areas are ``Decimal`` square metres, money ``Decimal`` AZN (or ``currency``);
* coordinates are metres of the parcel's legal UTM zone, ``northing`` first, floats as they
  come from the geometry; the statement rounds them to the millimetre (half even);
* instants are aware, written in Azerbaijan time with offset.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from cadastre.extract.kinds import ExistenceRecord, TerminatedRecord
from cadastre.extract.kinds import StatementKind as StatementKind
from cadastre.extract.neighbour import NeighbourRecord
from cadastre.extract.servitude import ServitudeRecord


class IdentifierPolicy(StrEnum):
    """How FİN and VÖEN of parties are written into the statement."""

    FULL = "full"
    MASKED = "masked"  # first two characters, the rest as asterisks
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Text3:
    """A text in the three languages of the system; ``en``/``ru`` fall back to ``az``."""

    az: str
    en: str | None = None
    ru: str | None = None


class TurningPoint(NamedTuple):
    """A boundary corner, metres in the legal zone; X (northing) first as plans print it."""

    northing: float
    easting: float


Ring = tuple[TurningPoint, ...]
"""Corners of a ring; the first point may or may not be repeated at the end, any direction."""


@dataclass(frozen=True, slots=True)
class District:
    """An administrative unit, with its parent's name when it lies in a city (Xəzər in Bakı)."""

    code: str
    name: Text3
    parent_name: Text3 | None = None


@dataclass(frozen=True, slots=True)
class CrsOperation:
    """How the coordinates came into the legal zone."""

    source_srid: int | None = None
    operation: str | None = None  # "EPSG:1808"; None when surveyed in the legal zone
    accuracy_m: Decimal | None = None


@dataclass(frozen=True, slots=True)
class BuildingOutline:
    """A building standing on the parcel; rings[0] is the outer one, none when no outline is registered.

    ``belongs`` means that it is part of the property: land and the building on it are one object.
    """

    rings: tuple[Ring, ...]
    label: str | None = None  # short mark drawn inside, e.g. "2YE": storeys and kind
    storeys: int | None = None
    number: str | None = None
    kind: str | None = None  # codelist object_kind
    footprint_m2: Decimal | None = None
    belongs: bool = False


@dataclass(frozen=True, slots=True)
class ParcelRecord:
    """One land parcel of the property; ``rings`` is empty when no geometry is registered."""

    cadastral_number: str
    district: District
    land_category: str | None  # codelist land_category "1".."7"; None: not recorded
    ownership_form: str | None  # codelist ownership_form; None: not recorded
    srid: int  # 32638 or 32639
    rings: tuple[Ring, ...] = ()  # outer ring, then holes
    cadastral_zone: str | None = None
    purpose: str | None = None  # as registered, Azerbaijani
    quality_group: str | None = None
    documentary_area_m2: Decimal | None = None
    surveyed_area_m2: Decimal | None = None  # ellipsoidal
    crs: CrsOperation = field(default_factory=CrsOperation)
    survey_accuracy_m: Decimal | None = None
    source_number: str | None = None
    source_date: date | None = None
    buildings: tuple[BuildingOutline, ...] = ()
    neighbours: tuple[NeighbourRecord, ...] | None = None  # None: not asked for


@dataclass(frozen=True, slots=True)
class UnitArea:
    """An area of a building or flat, by document and as measured, square metres."""

    kind: str  # "total" | "living" | "auxiliary"
    documentary_m2: Decimal | None = None
    factual_m2: Decimal | None = None


@dataclass(frozen=True, slots=True)
class UnitRecord:
    """Which part of which building a flat or other unit is."""

    number: str
    building_number: str
    district: District
    building_entrance: int | None = None
    cadastral_number: str | None = None  # of the land under the building


@dataclass(frozen=True, slots=True)
class PropertyRecord:
    """The register section (bölmə, LA_BAUnit)."""

    register_number: str
    object_kind: str  # codelist object_kind
    opened: date
    book: str | None = None
    sheet: str | None = None
    ownership_form: str | None = None
    unit: UnitRecord | None = None
    unit_areas: tuple[UnitArea, ...] = ()
    room_count: int | None = None
    floor: int | None = None
    storeys: int | None = None
    divisible: bool | None = None
    address: Text3 | None = None
    former_address: Text3 | None = None
    paper_series: str | None = None  # series and number of the paper kupça it replaces
    paper_number: str | None = None
    flags: tuple[FlagRecord, ...] = ()
    closing: ClosingRecord | None = None


@dataclass(frozen=True, slots=True)
class PartyRecord:
    """A person named by a right or restriction; the identifier is always full here."""

    name: str
    kind: str  # codelist party_kind
    fin: str | None = field(default=None, repr=False)
    voen: str | None = None


class Share(NamedTuple):
    """An exact share."""

    numerator: int
    denominator: int


@dataclass(frozen=True, slots=True)
class BasisRecord:
    """The document an entry rests on (LA_AdministrativeSource)."""

    kind: str  # codelist source_kind
    number: str | None = None
    date: date | None = None
    issuer: str | None = None
    series: str | None = None


@dataclass(frozen=True, slots=True)
class PartRecord:
    """The part of the land that an entry is about."""

    rings: tuple[Ring, ...]  # outer ring, then holes
    srid: int  # 32638 or 32639
    area_m2: Decimal  # ellipsoidal


@dataclass(frozen=True, slots=True)
class RentRecord:
    """What is paid for a lease or the like."""

    amount: Decimal
    currency: str
    period: str  # codelist rent_period


@dataclass(frozen=True, slots=True)
class FlagRecord:
    """Something that is under investigation; ``number`` names the entry or parcel."""

    subject: str  # "property" | "parcel" | "entry" | "party"
    attribute: str  # codelist investigated_attribute
    since: date
    number: str | None = None


@dataclass(frozen=True, slots=True)
class ClosingRecord:
    """That the section is closed; the statement shows it as it stood at its end."""

    closed_on: date
    reason: str  # codelist closing_reason
    successors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HolderRecord:
    """A holder of a right; ``joint`` means ümumi birgə: no share is written."""

    party: PartyRecord
    share: Share | None = None
    joint: bool = False
    registration_number: str | None = None  # when it differs from the right's own
    registration_date: date | None = None
    journal_number: int | None = None  # of the case by which it was registered here
    dispose_by: date | None = None  # last day for a foreign heir to dispose of the land


@dataclass(frozen=True, slots=True)
class RightRecord:
    """A registered right; lease, usufruct and the like are shown among the restrictions too."""

    kind: str  # codelist right_kind
    holders: tuple[HolderRecord, ...]
    registration_number: str
    registration_date: date
    bases: tuple[BasisRecord, ...] = ()
    until: date | None = None
    scope: str | None = None  # the burdened part, when not the whole
    encumbers: bool = False  # the kinds that the law names always do, whatever is said here
    rent: RentRecord | None = None
    part: PartRecord | None = None


@dataclass(frozen=True, slots=True)
class RestrictionRecord:
    """A registered restriction or encumbrance."""

    kind: str  # codelist restriction_kind
    registration_number: str
    registration_date: date
    beneficiaries: tuple[PartyRecord, ...] = ()
    bases: tuple[BasisRecord, ...] = ()
    until: date | None = None
    scope: str | None = None
    amount: Decimal | None = None
    currency: str = "AZN"
    rank: int | None = None
    journal_number: int | None = None
    burdened: PartyRecord | None = None  # the holder whose right alone is burdened; None: the whole
    benefits: str | None = None  # register number of the property that a servitude is for
    interest_rate: Decimal | None = None  # percent a year
    note_number: str | None = None  # mortgage note
    note_dated: date | None = None
    authority: str | None = None  # who imposed it
    confirm_by: datetime | None = None  # when a court must have been told of an urgent act
    part: PartRecord | None = None


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """The application (ərizə): who asked, as whom, on what basis, what for, when."""

    subject: str  # the account, as the identity provider names it
    name: str
    capacity: str  # codelist capacity: disposer, attorney, heir, notary …
    basis: str
    purpose: str
    requested_at: datetime
    number: str | None = None  # number in the application journal
    acting_for: str | None = None  # whom a notary or an attorney asks for


@dataclass(frozen=True, slots=True)
class RegisterState:
    """The state of the register that the statement describes.

    ``historic`` means that a past one was asked for: ``valid_time`` is then the
    first instant of the day asked about, never the moment of issue.
    """

    valid_time: datetime
    ledger_index: int
    recorded_time: datetime  # of the ledger leaf with that index
    historic: bool = False


@dataclass(frozen=True, slots=True)
class IssuingOffice:
    """Who answers for the document."""

    code: str
    name: Text3
    head: str | None = None  # Ərazi İdarəsinin rəisi
    executor: str | None = None  # Qeydiyyat icraçısı


@dataclass(frozen=True, slots=True)
class Registrar:
    """Who keeps the register, and the body it belongs to."""

    name: Text3
    authority: Text3


@dataclass(frozen=True, slots=True)
class ExtractRecord:
    """Everything a statement needs; ``property`` is None exactly when ``kind`` is ``NOT_IN_REGISTER``.

    The number asked for is always in ``register_number``.
    """

    kind: StatementKind
    id: str
    number: str  # short number of the document, for reading out
    register_number: str
    issued_at: datetime
    registrar: Registrar
    office: IssuingOffice
    request: RequestRecord
    state: RegisterState
    token: str  # of the verification page
    verify_url: str  # full address that the QR opens, contains the token
    property: PropertyRecord | None = None
    parcels: tuple[ParcelRecord, ...] = ()
    rights: tuple[RightRecord, ...] = ()
    restrictions: tuple[RestrictionRecord, ...] = ()
    servitudes: tuple[ServitudeRecord, ...] = ()  # that other sections bear for this one
    terminated: tuple[TerminatedRecord, ...] = ()
    existence: ExistenceRecord | None = None
    asked_kind: StatementKind | None = None  # what was asked when the answer is "not in the register"
    identifiers: IdentifierPolicy = IdentifierPolicy.MASKED
    validity: Text3 | None = None  # validity text, from configuration
    synthetic: bool = False
