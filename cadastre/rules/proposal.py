"""What is proposed to the register, with every fact that a rule may ask for; no database, no clock."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import TypeVar
from uuid import UUID

from cadastre.domain.codelist import Entry
from cadastre.domain.commands import Command
from cadastre.domain.plan import Plan
from cadastre.domain.property_state import PartyState, PropertyState
from cadastre.rules.outcome import Outcome, project
from cadastre.rules.sides import Sides, find_sides

C = TypeVar("C")


class Stage(StrEnum):
    """When the register is judged: a case is filed, a case is decided, the nightly sweep."""

    INTAKE = "intake"
    DECISION = "decision"
    SWEEP = "sweep"


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """The service that a case asks for, as the rules see it (codelist services)."""

    code: str
    operation: str
    by_authority: bool = False
    overrides_block: bool = False
    basis: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()

    @classmethod
    def of(cls, entry: Entry) -> ServiceFacts:
        """Read the facts from an entry of the codelist services."""
        return cls(
            code=entry.code,
            operation=entry.text("operation"),
            by_authority=entry.flag("by_authority"),
            overrides_block=entry.flag("overrides_block"),
            basis=entry.texts("basis"),
            documents=entry.texts("documents"),
        )


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """A document of the case; ``role`` says what it serves as, ``basis`` for the one it rests on.

    ``concerns`` is the party it was given to or by, ``land_category`` the category that it states.
    """

    role: str
    kind: str
    dated: date | None = None
    scanned: bool = True
    legible: bool = True
    concerns: UUID | None = None
    land_category: str | None = None


@dataclass(frozen=True, slots=True)
class Acting:
    """Somebody signs for a party; ``signed_on`` is the day on which his authority must stand."""

    agent: UUID
    principal: UUID
    signed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Mandate:
    """A registered representation: who may act for whom, in what, from when to when."""

    kind: str
    principal: UUID
    agent: UUID
    valid_from: date
    valid_to: date | None = None
    end_reason: str | None = None
    operations: tuple[str, ...] = ()
    property_id: int | None = None
    has_permission: bool = False


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent filed with the case: spouse, co_owner, mortgagee, guardianship_authority."""

    kind: str
    party_id: UUID | None
    given_on: date
    until: date | None = None

    def stands_on(self, day: date) -> bool:
        """Tell whether it was given and has not run out."""
        return self.given_on <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class OpenCase:
    """Another case about a property that is not decided; ``place`` is its place in the order."""

    journal_number: int
    property_id: int
    place: int
    operation: str


@dataclass(frozen=True, slots=True)
class LivingNotice:
    """The priority notice that holds a property now; ``ours`` when the case rests on it."""

    property_id: int
    journal_number: int
    ours: bool


@dataclass(frozen=True, slots=True)
class HouseFacts:
    """A house to be registered for the first time; ``land_held`` is ownership, lease or use."""

    built_year: int | None = None
    height_m: Decimal | None = None
    storeys: int | None = None
    span_m: Decimal | None = None
    residential: bool | None = None
    land_held: str | None = None


@dataclass(frozen=True, slots=True)
class Identifier:
    """A number as it was written in the application: fin, voen or register_number."""

    field: str
    kind: str
    text: str


@dataclass(frozen=True)
class Proposal:
    """Everything that one judgement looks at; what is left out is not asked for, or makes it undecided.

    ``places`` are those of the case in the order about each property, ``place`` the one about any that
    they do not name; ``building_stage`` is planned, under_construction, completed or demolished.
    """

    stage: Stage
    today: date
    now: datetime
    states: Mapping[int, PropertyState]
    service: ServiceFacts | None = None
    commands: tuple[Command, ...] = ()
    plan: Plan | None = None
    place: int | None = None
    places: Mapping[int, int] = field(default_factory=dict)
    parties: Mapping[UUID, PartyState] = field(default_factory=dict)
    acting: tuple[Acting, ...] = ()
    mandates: tuple[Mandate, ...] = ()
    consents: tuple[Consent, ...] = ()
    spouses: Mapping[UUID, UUID | None] = field(default_factory=dict)
    documents: tuple[DocumentFacts, ...] = ()
    other_cases: tuple[OpenCase, ...] = ()
    notices: tuple[LivingNotice, ...] = ()
    versions_seen: Mapping[int, int] = field(default_factory=dict)
    competent_districts: frozenset[str] | None = None
    pending_parcels: frozenset[int] = frozenset()
    property_values: Mapping[int, Decimal] = field(default_factory=dict)
    house: HouseFacts | None = None
    building_stage: str | None = None
    confirm_by: Mapping[int, datetime] = field(default_factory=dict)
    identifiers: tuple[Identifier, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def outcome(self) -> Outcome:
        """What would stand in every section once the plan is carried out; without one, what stands."""
        return project(self.states, self.plan, self.person)

    @cached_property
    def bargains(self) -> tuple[Sides, ...]:
        """Who gives and who takes, for each command; an exchange has two."""
        return tuple(find_sides(command, self.states) for command in self.commands)

    @cached_property
    def givers(self) -> tuple[UUID, ...]:
        """Everybody who gives."""
        return tuple(dict.fromkeys(party for sides in self.bargains for party in sides.givers))

    @cached_property
    def takers(self) -> tuple[UUID, ...]:
        """Everybody who takes."""
        return tuple(dict.fromkeys(party for sides in self.bargains for party in sides.takers))

    def asked(self, kind: type[C]) -> tuple[C, ...]:
        """Give the commands of one type."""
        return tuple(command for command in self.commands if isinstance(command, kind))

    @property
    def operation(self) -> str | None:
        """The operation of the service, None in the sweep."""
        return None if self.service is None else self.service.operation

    @property
    def by_authority(self) -> bool:
        """Tell whether a court or bailiff asks, who waits for nobody."""
        return self.service is not None and self.service.by_authority

    def place_of(self, property_id: int) -> int | None:
        """Give the place of the case in the order about a property.

        One that is being filed stands last, unless it rests on a notice.
        """
        place = self.places.get(property_id, self.place)
        if self.stage is not Stage.INTAKE:
            return place
        own = [n.journal_number for n in self.notices if n.ours and n.property_id == property_id]
        return min([*own, sys.maxsize if place is None else place])

    def person(self, party_id: UUID) -> UUID:
        """Give the record that a party record stands for; itself when it was merged into none."""
        party = self.parties.get(party_id)
        return party_id if party is None else party.stands_for

    def kind_of(self, party_id: UUID) -> str | None:
        """Give the kind of a party, None when the proposal does not know it."""
        party = self.parties.get(party_id)
        return None if party is None else party.kind.value

    def is_foreign(self, party_id: UUID) -> bool:
        """Tell whether a party is a foreign or stateless person, a foreign firm or a foreign state."""
        return (self.kind_of(party_id) or "").startswith("foreign")

    def has_consent(self, kind: str, party_id: UUID | None) -> bool:
        """Tell whether a consent of a kind stands today; of one party, unless None asks for anybody's."""
        return any(
            consent.kind == kind
            and consent.stands_on(self.today)
            and (
                party_id is None
                or (consent.party_id is not None and self.person(consent.party_id) == self.person(party_id))
            )
            for consent in self.consents
        )

    def name_of(self, ref: int | str) -> str:
        """Give the register number of a section, or the plan's name for one that it opens."""
        state = self.states.get(ref) if isinstance(ref, int) else None
        return str(ref) if state is None else state.register_number


__all__ = [
    "Acting",
    "Consent",
    "DocumentFacts",
    "HouseFacts",
    "Identifier",
    "LivingNotice",
    "Mandate",
    "OpenCase",
    "Proposal",
    "ServiceFacts",
    "Stage",
]
