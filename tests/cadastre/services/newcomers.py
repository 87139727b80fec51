"""Objects without a section in a real database, and applications about them (synthetic)."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text

from cadastre.domain.caller import Caller
from cadastre.domain.case import StepKind
from cadastre.domain.filing import ApplicationOrder, CasePartyRole, NamedDocument, NamedParty, NamedProperty
from cadastre.domain.party import PartyKind
from cadastre.domain.share import WHOLE
from cadastre.services.case_steps import StepTaken
from tests.cadastre.services.counter import CHIEF, DECIDER, PREPARER, Counter
from tests.register import DAY, Register, square

HOLDER = NamedParty(CasePartyRole.HOLDER, PartyKind.NATURAL, "Rəna Quliyeva", fin="7QK1M0B", share=WHOLE)
RIVAL = NamedParty(CasePartyRole.HOLDER, PartyKind.NATURAL, "Tural Əliyev", fin="8AB2C3E", share=WHOLE)
DATED = date(1998, 6, 1)
BASE_PAPERS = ("plan", "sketch_design")
_SERIAL = itertools.count(1)

_BUILDING = text("""
    INSERT INTO cadastre.building (building_number, parcel_id, kind, floors, valid_from, recorded_leaf)
    VALUES (:number, :parcel, :kind, :floors, :day, :leaf) RETURNING building_id
""")
_UNIT = text("""
    INSERT INTO cadastre.building_unit (building_id, kind, unit_number, entrance_number, floor, room_count,
                                        total_area_m2, recorded_leaf)
    VALUES (:building, :kind, :number, 1, 3, 2, 61.40, :leaf) RETURNING unit_id
""")
_SECTIONS = text("""
    SELECT p.property_id, p.register_number, p.object_kind, p.district_code
      FROM registry.case_property c JOIN cadastre.property p USING (property_id)
     WHERE c.case_id = :case ORDER BY p.property_id
""")
_STAGE_OF = text(
    "SELECT stage FROM registry.building_stage WHERE building_id = :id AND superseded_leaf IS NULL"
)
_OBJECTS = text("""
    SELECT count(parcel_id), count(building_id), count(unit_id) FROM cadastre.property_object
     WHERE property_id = :id AND superseded_leaf IS NULL AND valid_to IS NULL
""")


@dataclass
class Newcomers(Counter):
    """A counter at which objects without a section are registered; every number is used once."""

    def parcel(self) -> tuple[int, str]:
        """A parcel without a section; gives id and cadastral number."""
        serial = next(_SERIAL)
        number = f"NEW-{serial}"
        return self.write(lambda register: register.parcel(number, square(30.0 * serial, 900.0))), number

    def building(self, parcel_id: int | None, *, kind: str = "building", floors: int = 2) -> tuple[int, str]:
        """A surveyed building; gives id and number."""
        number = f"B-{next(_SERIAL)}"
        values = {"number": number, "parcel": parcel_id, "kind": kind, "floors": floors, "day": DAY}
        return int(self._insert(_BUILDING, **values)), number

    def unit(self, building_id: int, number: str = "12", *, kind: str = "flat") -> int:
        """A measured unit."""
        return int(self._insert(_UNIT, building=building_id, number=number, kind=kind))

    def stage(self, building_id: int, stage: str) -> None:
        """The stage of a building, whatever it was before."""
        self.write(lambda register: register.stage(building_id, stage, DAY))

    def order(self, kind: str, *papers: str, basis: str = "state_act", **changes: Any) -> ApplicationOrder:
        """A first registration of a property of a kind, on a title and other papers."""
        dated = changes.pop("dated", DATED)
        terms = {"object_kind": kind, **changes.pop("terms", {})}
        documents = [NamedDocument(self.paper(basis, CHIEF), "basis", "17", dated)]
        documents += [
            NamedDocument(self.paper(paper, CHIEF), paper, dated=DATED) for paper in ("plan", *papers)
        ]
        order = ApplicationOrder(
            service="first_registration",
            capacity="registry_officer",
            parties=(HOLDER,),
            documents=tuple(documents),
            terms=terms,
        )
        return replace(order, **changes)

    def claim(
        self,
        building: str,
        number: str = "12",
        *,
        design: Mapping[str, Any] | None = None,
        by: Caller = CHIEF,
        **changes: Any,
    ) -> ApplicationOrder:
        """A contract with the builder for a flat that is not built yet."""
        stated = {"building": building, "number": number, **(design or {})}
        terms = {"object_kind": "flat", "unit": stated}
        documents = (
            NamedDocument(self.paper("sale_contract", by), "basis", "5", date(2026, 4, 1)),
            NamedDocument(self.paper("building_permit", by), "building_permit", dated=date(2025, 1, 9)),
        )
        order = ApplicationOrder(
            service="future_unit",
            capacity="registry_officer",
            parties=(HOLDER,),
            documents=documents,
            terms=terms,
        )
        return replace(order, **changes)

    def acceptance(self, *numbers: str) -> ApplicationOrder:
        """The acceptance of a building, for these sections."""
        return ApplicationOrder(
            service="completion",
            capacity="registry_officer",
            properties=tuple(NamedProperty(number) for number in numbers),
            documents=(NamedDocument(self.paper("acceptance_act", CHIEF), "basis", "3", date(2026, 4, 30)),),
        )

    def conversion(self, number: str, paper: str) -> ApplicationOrder:
        """A paper extract that is brought to be converted."""
        return ApplicationOrder(
            service="paper_conversion",
            capacity="registry_officer",
            properties=(NamedProperty(number),),
            documents=(NamedDocument(self.paper("paper_extract", CHIEF), "basis", paper, date(2009, 3, 3)),),
            terms={"paper": paper, "issued_on": "2009-03-03"},
        )

    def registered(self, order: ApplicationOrder, by: Caller = CHIEF) -> UUID:
        """File an application and decide it; gives ``case_id``."""
        case_id = self.waiting(order, by)
        self.decide(case_id)
        return case_id

    def waiting(self, order: ApplicationOrder, by: Caller = CHIEF) -> UUID:
        """File an application and prepare it."""
        case_id = self.file(order, by).case_id
        self.step(case_id, StepKind.ASSIGN, CHIEF, assignee=PREPARER.subject)
        self.step(case_id, StepKind.PREPARE, PREPARER)
        return case_id

    def decide(self, case_id: UUID) -> StepTaken:
        """Register a prepared case by other eyes."""
        return self.step(case_id, StepKind.REGISTER, DECIDER)

    def refuse(self, case_id: UUID) -> None:
        """Refuse a case, so that later ones are not kept waiting."""
        self.step(case_id, StepKind.REFUSE, DECIDER, ground="not_entitled", reason="Sınaq.")

    def section_of(self, case_id: UUID) -> Any:
        """The one section of a case."""
        return self._read(_SECTIONS, case=case_id).one()

    def stage_of(self, building_id: int) -> str | None:
        """The stage that a building has reached, None when nobody entered one."""
        stage = self._read(_STAGE_OF, id=building_id).scalar_one_or_none()
        return None if stage is None else str(stage)

    def objects_of(self, property_id: int) -> tuple[int, int, int]:
        """How many parcels, buildings and units a section has."""
        return tuple(self._read(_OBJECTS, id=property_id).one())

    def _insert(self, statement: Any, **values: Any) -> Any:
        def write(register: Register) -> Any:
            row = {**values, "leaf": register._current_leaf()}
            return register.connection.execute(statement, row).scalar_one()

        return self.write(write)

    def _read(self, statement: Any, **values: Any) -> Any:
        return self.database.run(lambda uow: uow.connection.execute(statement, values).freeze())()
