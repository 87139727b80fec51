"""A case desk and a step desk over a real database, with sections, people and uploaded papers."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from cadastre.db.unit_of_work import Database, Isolation, UnitOfWork
from cadastre.domain.caller import Caller, CallerRole
from cadastre.domain.case import StepKind
from cadastre.domain.filing import (
    ApplicationOrder,
    CasePartyRole,
    NamedDocument,
    NamedParty,
    NamedProperty,
)
from cadastre.domain.party import PartyKind
from cadastre.domain.share import WHOLE, Share
from cadastre.kernel.clock import FixedClock
from cadastre.kernel.errors import CadastreError, RuleBroken
from cadastre.kernel.ids import TimeOrderedIds
from cadastre.services.case_filing import FiledCase
from cadastre.services.case_steps import StepDesk, StepOrder, StepTaken
from cadastre.services.cases import CaseDesk, CaseView
from cadastre.services.judgement import RuleJudge
from cadastre.store.ledger import append_leaf
from tests.register import Register

ONE, TWO = "203015000123", "203015000124"
NOON = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
NOTARY = Caller("notary-1", CallerRole.NOTARY, "Nigar Quliyeva")
BANK = Caller("bank-1", CallerRole.BANK, "Sınaq Bank", voen="1401555071")
COURT = Caller("court-1", CallerRole.COURT, "Sınaq məhkəməsi")
CHIEF, PREPARER, DECIDER = (Caller(f"registrar-{n}", CallerRole.REGISTRAR, "Qeydiyyatçı") for n in (1, 2, 3))
SELLER = NamedParty(CasePartyRole.DISPOSER, PartyKind.NATURAL, "Əli Məmmədov", fin="5ZK1M0A")
BUYER = NamedParty(CasePartyRole.ACQUIRER, PartyKind.NATURAL, "Leyla Həsənova", fin="6AB2C3D", share=WHOLE)

_DOCUMENT = text("""
    INSERT INTO party.document_content (sha256, media_type, content)
    VALUES (:sha256, 'application/pdf', :content) ON CONFLICT DO NOTHING;
    INSERT INTO registry.document (document_id, sha256, kind, file_name, uploaded_by, recorded_leaf)
    VALUES (CAST(:id AS uuid), :sha256, :kind, 'contract.pdf', :by, :leaf)
""")


@dataclass
class Counter:
    """What a test of cases does; every write commits."""

    database: Database
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOON))

    def __post_init__(self) -> None:
        self.cases = CaseDesk(self.database, self.clock, TimeOrderedIds())
        self.steps = StepDesk(self.database, self.clock, RuleJudge(self.clock))

    def section(self, number: str, *, owner: NamedParty = SELLER, district: str = "BAK-XEZ") -> int:
        """A property wholly owned by one person; gives ``property_id``."""

        def write(register: Register) -> int:
            property_id = register.property(number, district=district)
            found = register.connection.execute(
                text("SELECT party_id FROM party.party WHERE fin = :fin"), {"fin": owner.fin}
            ).scalar_one_or_none()
            register.right(property_id, found or register.party(owner.name, fin=owner.fin))
            return property_id

        return int(self.write(write))

    def write(self, work: Any) -> Any:
        """Write through the test builder."""

        def run(uow: UnitOfWork) -> Any:
            register = Register(uow.connection)
            register.leaf()
            return work(register)

        return self.database.run(run)

    def paper(self, kind: str, by: Caller = NOTARY) -> UUID:
        """An uploaded document; gives its id."""
        document_id, content = uuid4(), f"%PDF-{kind}".encode()

        def write(uow: UnitOfWork) -> None:
            leaf = append_leaf(uow.connection, kind="access.test", actor="test", payload={})
            values = {"sha256": hashlib.sha256(content).digest(), "content": content, "kind": kind}
            uow.connection.execute(
                _DOCUMENT, {**values, "id": str(document_id), "by": by.subject, "leaf": leaf}
            )

        self.database.run(write)
        return document_id

    def sale(self, *numbers: str, version: int | None = None, **changes: Any) -> ApplicationOrder:
        """A sale with its contract, from the seller to the buyer."""
        values: dict[str, Any] = {
            "service": "sale",
            "capacity": "notary",
            "properties": tuple(NamedProperty(number, version) for number in numbers),
            "parties": (SELLER, BUYER),
            **changes,
        }
        if "documents" not in values:
            dated = date(2026, 5, 4)
            values["documents"] = (NamedDocument(self.paper("sale_contract"), "basis", "17", dated),)
        return ApplicationOrder(**values)

    def file(self, order: ApplicationOrder, by: Caller = NOTARY) -> FiledCase:
        """File an application."""
        return self.cases.file(order, by)

    def step(self, case_id: UUID, kind: StepKind, by: Caller, **values: Any) -> StepTaken:
        """Take a step on what the case is now at, unless ``seen`` is given."""
        seen = values.pop("seen", None) or self.view(case_id).steps[-1].step_number
        return self.steps.take(case_id, StepOrder(kind, seen, **values), by)

    def prepared(self, order: ApplicationOrder | None = None, **values: Any) -> UUID:
        """A sale that one officer has prepared; gives ``case_id``."""
        case_id = self.file(order or self.sale(**values)).case_id
        self.step(case_id, StepKind.ASSIGN, CHIEF, assignee=PREPARER.subject)
        self.step(case_id, StepKind.PREPARE, PREPARER)
        return case_id

    def view(self, case_id: UUID, by: Caller = CHIEF) -> CaseView:
        """The case as the office sees it."""
        return self.cases.show(case_id, by)

    def version(self, property_id: int) -> int:
        """Version of a property's head."""
        query = text("SELECT registry.property_version(:id)")
        return self.database.run(
            lambda uow: int(uow.connection.execute(query, {"id": property_id}).scalar_one())
        )

    def mandate(self, kind: str, principal: NamedParty, agent: NamedParty) -> None:
        """Who may act for whom, entered by the office."""

        def write(register: Register) -> None:
            source = register.connection.execute(
                text("""INSERT INTO cadastre.administrative_source (kind, number, recorded_leaf)
                        VALUES ('power_of_attorney', '1', :leaf) RETURNING source_id"""),
                {"leaf": register._current_leaf()},
            ).scalar_one()
            register.connection.execute(
                text("""INSERT INTO registry.representation (kind, principal_party_id, agent_party_id, source_id,
                                                             valid_from, recorded_leaf)
                        VALUES (:kind, :principal, :agent, :source, '2020-01-01', :leaf)"""),
                {
                    "kind": kind,
                    "principal": register.party(principal.name, kind=principal.kind, voen=principal.voen),
                    "agent": register.party(agent.name, fin=agent.fin),
                    "source": source,
                    "leaf": register._current_leaf(),
                },
            )

        self.write(write)

    def competence(self, kind: str, subject: str, *districts: str) -> None:
        """Territory of a notary or registrar."""

        def write(register: Register) -> None:
            for district in districts:
                register.connection.execute(
                    text("""INSERT INTO registry.competence (kind, subject, district_code, valid_from, recorded_leaf)
                            VALUES (:kind, :subject, :district, '2020-01-01', :leaf)"""),
                    {
                        "kind": kind,
                        "subject": subject,
                        "district": district,
                        "leaf": register._current_leaf(),
                    },
                )

        self.write(write)

    def owners(self, property_id: int) -> list[str]:
        """Names of the current owners."""
        query = text("""SELECT p.name FROM cadastre.property_right r JOIN party.party p USING (party_id)
                         WHERE r.property_id = :id AND r.superseded_leaf IS NULL AND r.valid_to IS NULL
                         ORDER BY 1""")

        def read(uow: UnitOfWork) -> list[str]:
            append_leaf(uow.connection, kind="access.test", actor="test", payload={})
            return list(uow.connection.execute(query, {"id": property_id}).scalars())

        return self.database.run(read, isolation=Isolation.REPEATABLE_READ)

    def parties(self) -> int:
        """How many party records there are."""

        def read(uow: UnitOfWork) -> int:
            append_leaf(uow.connection, kind="access.test", actor="test", payload={})
            return int(uow.connection.execute(text("SELECT count(*) FROM party.party")).scalar_one())

        return self.database.run(read)


def half(party: NamedParty) -> NamedParty:
    """The same party with half of the property."""
    return NamedParty(party.role, party.kind, party.name, party.fin, share=Share(1, 2))


def kinds(view: CaseView) -> Sequence[str]:
    """Kinds of the steps taken."""
    return [step.kind for step in view.steps]


def refused(error: type[CadastreError], code: str) -> pytest.RaisesExc[CadastreError]:
    """Expect an error with this code."""
    return pytest.raises(error, check=lambda raised: raised.code == code)


def broken(rule: str) -> pytest.RaisesExc[RuleBroken]:
    """Expect the refusal of this rule."""
    return pytest.raises(RuleBroken, check=lambda raised: raised.facts["rule"] == rule)
