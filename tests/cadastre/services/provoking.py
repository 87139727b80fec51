"""How each rule of the register is provoked through the services that ship, or why it cannot be."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from shapely import Polygon, box
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from cadastre.domain.caller import Caller, CallerRole
from cadastre.domain.case import StepKind
from cadastre.domain.filing import ApplicationOrder, CasePartyRole, NamedDocument, NamedParty, NamedProperty
from cadastre.domain.party import PartyKind
from cadastre.domain.share import WHOLE, Share
from cadastre.rules.engine import Report
from tests.cadastre.services.counter import CHIEF, DECIDER, NOTARY, PREPARER, Counter
from tests.register import KHAZAR_EAST, KHAZAR_NORTH, Register

COUNTER = Caller("registrar-8", CallerRole.REGISTRAR, "Qeydiyyatçı")
DAY = date(2026, 5, 4)
HALF = Share(1, 2)
Role, Kind = CasePartyRole, PartyKind


@dataclass
class Scene(Counter):
    """A counter with ever new people and properties, so that all rules share one register."""

    serial: Any = field(default_factory=lambda: itertools.count(1))
    superuser_url: str = ""

    def as_owner(self, statement: Any, values: Any) -> None:
        """Change a row as a fault or a restore would leave it: no trigger watches."""
        engine = create_engine(self.superuser_url, poolclass=NullPool)
        with engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            connection.execute(statement, values)
        engine.dispose()

    def person(self, role: Role = Role.DISPOSER, **values: Any) -> NamedParty:
        """Somebody new; ``kind`` and numbers may be given."""
        number = next(self.serial)
        plain: dict[str, Any] = {"kind": Kind.NATURAL, "name": f"Şəxs {number}"}
        if values.get("kind", Kind.NATURAL) in (Kind.NATURAL, Kind.FOREIGN_NATURAL):
            plain["fin"] = f"5ZK{number:04d}"
        return NamedParty(**{"role": role, **plain, **values})

    def record(self, party: NamedParty) -> UUID:
        """The record of a person, entered before the case."""

        def write(register: Register) -> UUID:
            found = register.connection.execute(
                text("SELECT party_id FROM party.party WHERE fin = :fin OR voen = :voen"),
                {"fin": party.fin, "voen": party.voen},
            ).scalar_one_or_none()
            return found or register.party(party.name, kind=party.kind, fin=party.fin, voen=party.voen)

        return self.write(write)

    def home(
        self,
        *owners: NamedParty,
        shape: Polygon | None = None,
        held_as: str = "ownership",
        **values: Any,
    ) -> str:
        """A property of these owners in equal shares, on land when a shape is given; its register number."""
        number = f"2030152{next(self.serial):05d}"
        records = [self.record(owner) for owner in owners]

        def write(register: Register) -> None:
            parcels = () if shape is None else (register.parcel(f"R-{number}", shape),)
            property_id = register.property(number, *parcels, **values)
            register.serial = next(self.serial) * 50
            for record in records:
                register.right(property_id, record, (1, len(records)), kind=held_as)

        self.write(write)
        return number

    def id_of(self, number: str) -> int:
        """Id of a property."""
        query = text("SELECT property_id FROM cadastre.property WHERE register_number = :number")
        return self.database.run(lambda uow: uow.connection.execute(query, {"number": number}).scalar_one())

    def ground(self, *, east_m: float = 0.0, width_m: float = 40.0, row: int | None = None) -> Polygon:
        """Land that nobody holds yet, 40 m high, EPSG:32639."""
        north = KHAZAR_NORTH + 5000 + 100 * (next(self.serial) if row is None else row)
        west = KHAZAR_EAST + 6000 + east_m
        return box(west, north, west + width_m, north + 40)

    def burden(self, number: str, kind: str, creditor: NamedParty | None = None, **values: Any) -> str:
        """A restriction on a property; its registration number."""
        beneficiary = None if creditor is None else self.record(creditor)
        property_id = self.id_of(number)

        def write(register: Register) -> str:
            register.serial = next(self.serial) * 50
            if kind in ("arrest", "prohibition"):
                entry = register.arrest(property_id, kind=kind)
            else:
                entry = register.restriction(property_id, kind, beneficiary, **values)
            query = text("SELECT registration_number FROM cadastre.restriction WHERE restriction_id = :id")
            return str(register.connection.execute(query, {"id": entry}).scalar_one())

        return self.write(write)

    def ask(
        self, service: str, *numbers: str, paper: str = "sale_contract", **values: Any
    ) -> ApplicationOrder:
        """An application by a notary unless another ``capacity`` is given."""
        by = values.pop("by", NOTARY)
        more = values.pop("papers", ())
        documents = (NamedDocument(self.paper(paper, by), "basis", "17", DAY), *more)
        properties = tuple(NamedProperty(number) for number in numbers)
        return ApplicationOrder(
            service, values.pop("capacity", "notary"), properties=properties, documents=documents, **values
        )

    def sell(self, number: str, seller: NamedParty, *more: NamedParty, **values: Any) -> ApplicationOrder:
        """A sale of the whole by one person to somebody new."""
        buyer = values.pop("buyer", None) or self.person(Role.ACQUIRER, share=WHOLE)
        return self.ask("sale", number, parties=(replace(seller, role=Role.DISPOSER), buyer, *more), **values)

    def told(self, order: ApplicationOrder, by: Caller = NOTARY) -> Report:
        """What the notary is told with the journal entry."""
        report = self.file(order, by).report
        assert report is not None, "the application was returned"
        return report

    def decided(self, order: ApplicationOrder, by: Caller = NOTARY) -> Report:
        """What is told at a decision that nothing stopped."""
        report = self.step(self.ready(order, by), StepKind.REGISTER, DECIDER).report
        assert report is not None
        return report

    def ready(self, order: ApplicationOrder, by: Caller = NOTARY) -> UUID:
        """A case that waits for its decision."""
        case_id = self.file(order, by).case_id
        self.step(case_id, StepKind.ASSIGN, CHIEF, assignee=PREPARER.subject)
        self.step(case_id, StepKind.PREPARE, PREPARER)
        return case_id


def is_told(report: Report, rule: str) -> bool:
    """Whether a report holds a finding of a rule."""
    return rule in {item.rule.id for item in report.judged}


def loan(scene: Scene, number: str, owner: NamedParty, **terms: Any) -> ApplicationOrder:
    """A mortgage of a property to a bank without a signatory."""
    bank = scene.person(Role.MORTGAGEE, kind=Kind.LEGAL, voen=f"14{next(scene.serial):06d}71")
    owner = replace(owner, role=Role.MORTGAGOR)
    agreed = {"amount": "50000.00", "currency": "AZN", **terms}
    return scene.ask("mortgage", number, paper="mortgage_contract", parties=(owner, bank), terms=agreed)


def one_home(scene: Scene, **values: Any) -> tuple[str, NamedParty]:
    """A property, and who owns it."""
    owner = scene.person()
    return scene.home(owner, **values), owner


def pieces(*shapes: Polygon) -> list[dict[str, str]]:
    """Terms of a division."""
    return [{"outline": shape.wkt} for shape in shapes]


def divide(scene: Scene, number: str, *shapes: Polygon) -> ApplicationOrder:
    """A division of the one parcel of a property."""
    return scene.ask(
        "division",
        number,
        paper="survey_document",
        capacity="registry_officer",
        by=COUNTER,
        terms={"cadastral_number": f"R-{number}", "pieces": pieces(*shapes)},
    )


def split(scene: Scene, *, gap_m: float = 0.0, off_mm: float = 0.0) -> ApplicationOrder:
    """A division in halves with a strip left out, or a corner off the grid of millimetres."""
    shape = scene.ground()
    number, _ = one_home(scene, shape=shape)
    west, south, east, north = shape.bounds
    middle = west + 20 + off_mm / 1000
    return divide(scene, number, box(west, south, middle, north), box(middle + gap_m, south, east, north))


def attorney(scene: Scene, **row: Any) -> ApplicationOrder:
    """A sale signed by somebody whose power of attorney has these terms."""
    owner, agent = scene.person(), scene.person(Role.AGENT)
    number = scene.home(owner)
    values = {
        "kind": "power_of_attorney",
        "principal": scene.record(owner),
        "agent": scene.record(agent),
        "operations": [],
        "until": None,
        "reason": None,
        **row,
    }

    def write(register: Register) -> None:
        leaf = register.leaf()
        register.connection.execute(
            text("""WITH paper AS (INSERT INTO cadastre.administrative_source (kind, number, recorded_leaf)
                                   VALUES ('power_of_attorney', '1', :leaf) RETURNING source_id)
                    INSERT INTO registry.representation (kind, principal_party_id, agent_party_id, operations,
                           source_id, valid_from, valid_to, end_reason, recorded_leaf)
                    SELECT :kind, :principal, :agent, :operations, source_id, '2020-01-01', :until, :reason, :leaf
                      FROM paper"""),
            {**values, "leaf": leaf},
        )

    if row:
        scene.write(write)
    return scene.sell(number, replace(owner, represented_by=agent.fin), agent)


def neighbours(scene: Scene) -> tuple[str, str, Polygon, Polygon]:
    """Two properties of two owners side by side."""
    row = next(scene.serial)
    west, east = scene.ground(row=row, width_m=20), scene.ground(row=row, east_m=20, width_m=20)
    return scene.home(scene.person(), shape=west), scene.home(scene.person(), shape=east), west, east


def stage(scene: Scene, number: str, name: str) -> None:
    """A building of a property, at a stage."""
    entered = text("""
        WITH s AS (SELECT property_id, recorded_leaf FROM cadastre.property WHERE register_number = :number),
             b AS (INSERT INTO cadastre.building (building_number, kind, valid_from, recorded_leaf)
                   SELECT 'B-' || :number, 'building', DATE '2024-01-01', recorded_leaf FROM s
                   RETURNING building_id, recorded_leaf)
        INSERT INTO cadastre.property_object (property_id, building_id, valid_from, recorded_leaf)
        SELECT property_id, building_id, DATE '2024-01-01', s.recorded_leaf FROM s, b""")
    scene.as_owner(entered, {"number": number})
    known = text("SELECT building_id FROM cadastre.building WHERE building_number = 'B-' || :number")

    def write(register: Register) -> None:
        building_id = register.connection.execute(known, {"number": number}).scalar_one()
        register.stage(building_id, name, date(2024, 1, 1))

    scene.write(write)


def days(count: int) -> date:
    """A day so many after the one of the tests."""
    return DAY + timedelta(days=count)
