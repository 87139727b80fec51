"""Objects that have no section yet: how an application names them, and what is known of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from cadastre.domain.unit import UnitKey, parse_unit_number
from cadastre.kernel.errors import InvalidInput
from cadastre.kernel.ids import parse_cadastral_number

MAX_NAMED: Final = 50
UNFINISHED: Final = frozenset({"planned", "under_construction"})
"""Stages of a building in which its units are claimed, not owned."""


@dataclass(frozen=True, slots=True)
class ObjectNames:
    """What an application names by numbers of its own: parcels, buildings, one unit of a building."""

    parcels: tuple[str, ...] = ()
    buildings: tuple[str, ...] = ()
    unit: UnitKey | None = None

    @property
    def keys(self) -> tuple[tuple[str, str], ...]:
        """Kind and number of each, as cases keep them.

        Examples
        --------
        >>> ObjectNames(("P-1",), unit=UnitKey("B-1", "12")).keys
        (('parcel', 'P-1'), ('unit', 'B-1 / 12'))
        """
        named = [("parcel", number) for number in self.parcels]
        named += [("building", number) for number in self.buildings]
        if self.unit is not None:
            named.append(("unit", f"{self.unit.building_number} / {self.unit.unit_number}"))
        return tuple(named)

    @property
    def contended(self) -> tuple[tuple[str, ...], ...]:
        """Rows of the turnstile that whoever decides about them takes, in groups: the unit's building last.

        What a case names is taken first, because a decision knows it before it has read the terms; everybody
        takes the groups in this order, so that nobody waits for whoever waits for him.
        """
        own = tuple(f"{kind}:{number}" for kind, number in self.keys)
        return (own,) if self.unit is None else (own, (f"building:{self.unit.building_number}",))


def read_object_names(terms: Mapping[str, Any]) -> ObjectNames:
    """Read the numbers of the objects from the terms ``parcels``, ``buildings`` and ``unit``.

    Raises
    ------
    InvalidInput
        Nothing is named, something twice, or a number is malformed.
    """
    parcels = tuple(str(parse_cadastral_number(number)) for number in _numbers(terms, "parcels"))
    buildings = tuple(_numbers(terms, "buildings"))
    unit = terms.get("unit")
    key = None
    if unit is not None:
        if not isinstance(unit, Mapping) or not all(
            isinstance(unit.get(k), str) for k in ("building", "number")
        ):
            raise InvalidInput(
                "unit is an object with building and number.", code="term-malformed", term="unit"
            )
        key = UnitKey(unit["building"].strip(), parse_unit_number(unit["number"]))
    names = ObjectNames(parcels, buildings, key)
    if not names.keys:
        raise InvalidInput(
            "The application names no object; write parcels, buildings or unit.", code="object-missing"
        )
    if len(set(names.keys)) < len(names.keys):
        raise InvalidInput("The application names an object twice.", code="object-repeated")
    return names


def _numbers(terms: Mapping[str, Any], key: str) -> list[str]:
    given = terms.get(key) or []
    if not isinstance(given, list) or len(given) > MAX_NAMED:
        raise InvalidInput(f"{key} is a list of at most {MAX_NAMED}.", code="term-malformed", term=key)
    numbers = [number.strip() if isinstance(number, str) else "" for number in given]
    if not all(0 < len(number) <= 60 for number in numbers):
        raise InvalidInput(f"{key} are numbers, as text.", code="term-malformed", term=key)
    return numbers


@dataclass(frozen=True, slots=True)
class FoundParcel:
    """A parcel as it is now; ``property_id`` is the section it belongs to."""

    parcel_id: int
    number: str
    district_code: str
    property_id: int | None = None


@dataclass(frozen=True, slots=True)
class FoundBuilding:
    """A building as it is now; ``stage`` None says that nobody entered one.

    ``is_shared`` tells that units of it have sections of their own.
    """

    building_id: int
    number: str
    district_code: str | None
    parcel_id: int | None = None
    stage: str | None = None
    property_id: int | None = None
    is_shared: bool = False


@dataclass(frozen=True, slots=True)
class FoundUnit:
    """A unit of a building; ``unit_id`` is None while only its design is known."""

    key: UnitKey
    unit_id: int | None = None
    kind: str | None = None
    property_id: int | None = None


@dataclass(frozen=True, slots=True)
class LandSection:
    """The section of the plot that a building stands on; ``owners`` are persons, merged records as one."""

    property_id: int
    owners: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class FirstObjects:
    """What is known of the objects that an application names, read while their turnstiles are held.

    ``site`` is the building of the unit, ``lands`` are sections by parcel, ``persons`` says for which
    record each party of the application stands.
    """

    parcels: tuple[FoundParcel, ...] = ()
    buildings: tuple[FoundBuilding, ...] = ()
    site: FoundBuilding | None = None
    unit: FoundUnit | None = None
    lands: Mapping[int, LandSection] = field(default_factory=dict)
    persons: Mapping[UUID, UUID] = field(default_factory=dict)

    @property
    def district_code(self) -> str:
        """The one district that all of them lie in.

        Raises
        ------
        InvalidInput
            They lie in several, or in none that is known.
        """
        of_buildings = [found.district_code for found in (*self.buildings, self.site) if found is not None]
        districts = {*(parcel.district_code for parcel in self.parcels), *of_buildings}
        if len(districts) != 1 or None in districts:
            raise InvalidInput("The objects do not lie in one district.", code="objects-of-several-districts")
        return str(next(iter(districts)))


@dataclass(frozen=True, slots=True)
class UnfinishedBuilding:
    """A building that a section is about, or a unit of it, with its stage (None: nobody entered one)."""

    building_id: int
    number: str
    stage: str | None


@dataclass(frozen=True, slots=True)
class KnownPaper:
    """A paper extract that is on record."""

    property_id: int
    state: str


@dataclass(frozen=True, slots=True)
class Found:
    """What was looked up for an application; ``basis_kind`` is the kind of its basis document."""

    objects: FirstObjects | None = None
    buildings: Mapping[int, tuple[UnfinishedBuilding, ...]] = field(default_factory=dict)
    paper: KnownPaper | None = None
    basis_kind: str | None = None


__all__ = [
    "UNFINISHED",
    "FirstObjects",
    "Found",
    "FoundBuilding",
    "FoundParcel",
    "FoundUnit",
    "KnownPaper",
    "LandSection",
    "ObjectNames",
    "UnfinishedBuilding",
    "read_object_names",
]
