"""What a notary and three officers do with the register, each act under the key of its request.

The services are those that the interface calls, in the transactions in which it calls them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import text

from cadastre.db.unit_of_work import Database, Isolation, Role, UnitOfWork
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
from cadastre.domain.share import parse_share
from cadastre.kernel.clock import SystemClock
from cadastre.kernel.ids import TimeOrderedIds
from cadastre.services.case_steps import StepDesk, StepOrder
from cadastre.services.cases import CaseDesk
from cadastre.services.idempotent import Answer, Refused, RequestKey, answer_once
from cadastre.services.judgement import RuleJudge
from cadastre.services.ledger_clock import repeat_when_numbered
from cadastre.services.priority import NoticeOrder, RefusedNotice, release_place, take_place
from tests.proof.transfer_log import Sale
from tests.register import Register

T = TypeVar("T")
CHIEF, PREPARER, DECIDER = (
    Caller(f"registrar-{n}", CallerRole.REGISTRAR, "Sintetik qeydiyyatçı") for n in range(3)
)
CONTRACTS = ("sale_contract", "gift_contract", "exchange_contract")
DATED = date(2026, 3, 2)
_OWNERS = text("""
    SELECT party_id::text AS party, share_numerator || '/' || share_denominator AS share,
           registry.property_version(property_id) AS version
      FROM cadastre.property_right
     WHERE property_id = :property AND kind = 'ownership' AND superseded_leaf IS NULL AND valid_to IS NULL
     ORDER BY right_id
""")
_BEFORE = text("""
    SELECT EXISTS (SELECT FROM registry.case_property mine
                     JOIN registry.case_property other
                       ON other.property_id = mine.property_id AND other.place < mine.place
                     JOIN registry.case_file f ON f.case_id = other.case_id AND f.closed_leaf IS NULL
                    WHERE mine.case_id = :case)
""")
_LAST_NUMBER = text("SELECT coalesce(max(journal_number), 0) FROM registry.registration_journal")
_CONTRACT = text("""
    INSERT INTO party.document_content (sha256, media_type, content)
    VALUES (:sha256, 'application/pdf', :content) ON CONFLICT DO NOTHING;
    INSERT INTO registry.document (document_id, sha256, kind, file_name, uploaded_by, recorded_leaf)
    VALUES (CAST(:id AS uuid), :sha256, :kind, 'contract.pdf', :by, :leaf)
""")


@dataclass(frozen=True)
class Ground:
    """What is fought for: sections by id with their numbers, and people by id with their FINs.

    ``shared`` are the sections that people hold in quarters, ``planted`` the last journal number of before.
    """

    url: str
    sections: Mapping[int, str]
    people: Mapping[str, str]
    shared: frozenset[int]
    planted: int


def notary(number: int) -> Caller:
    """Account of a client."""
    return Caller(f"notary-{number}", CallerRole.NOTARY, "Sintetik notarius")


def contract_of(number: int, kind: str) -> UUID:
    """Id of the scan that a client files with whatever he files."""
    return UUID(int=len(CONTRACTS) * number + CONTRACTS.index(kind) + 1)


def lay_ground(url: str, *, sections: int, people: int, clients: int, shared_every: int = 10) -> Ground:
    """Enter synthetic people and sections, every tenth of them held in quarters, and the clients' scans."""
    database = Database(url, pool_size=1)

    def write(uow: UnitOfWork) -> Ground:
        register = Register(uow.connection)
        leaf = register.leaf()
        fins = {
            str(register.party(f"Sintetik {n}", fin=f"{n:07X}")): f"{n:07X}" for n in range(1, people + 1)
        }
        owners, numbers, shared = [UUID(party) for party in fins], dict[int, str](), set[int]()
        for n in range(sections):
            number = f"2030{n + 1:08d}"
            property_id = register.property(number)
            numbers[property_id] = number
            if shared_every and n % shared_every == shared_every - 1:
                shared.add(property_id)
            for each in range(4 if property_id in shared else 1):
                share = (1, 4) if property_id in shared else (1, 1)
                register.right(property_id, owners[(n + each) % people], share)
        for client in range(clients):
            for kind in CONTRACTS:
                content = f"%PDF-{kind}".encode()
                uow.connection.execute(
                    _CONTRACT,
                    {
                        "sha256": hashlib.sha256(content).digest(),
                        "content": content,
                        "kind": kind,
                        "id": str(contract_of(client, kind)),
                        "by": notary(client).subject,
                        "leaf": leaf,
                    },
                )
        planted = uow.connection.execute(_LAST_NUMBER).scalar_one()
        return Ground(url, numbers, fins, frozenset(shared), int(planted))

    try:
        return database.run(write)
    finally:
        database.close()


class Window:
    """One client's way to the register."""

    def __init__(self, ground: Ground, number: int, *, judge: RuleJudge | None = None) -> None:
        self.ground, self.number, self.notary = ground, number, notary(number)
        self.database = Database(ground.url, pool_size=1)
        self.clock = SystemClock()
        self.ids = TimeOrderedIds(self.clock)
        self.cases = CaseDesk(self.database, self.clock, self.ids)
        self.steps = StepDesk(self.database, self.clock, judge or RuleJudge(self.clock))

    def run(self, work: Callable[[UnitOfWork], T]) -> T:
        """Do something in a transaction of its own, at the level at which cases are decided."""
        return self.database.run(work, isolation=Isolation.READ_COMMITTED)

    def look(self, property_id: int) -> tuple[Mapping[str, str], int]:
        """Give the owners of a section with their shares, and its version."""
        rows = self.database.read(
            lambda uow: uow.connection.execute(_OWNERS, {"property": property_id}).all(), role=Role.WRITE
        )
        return {row.party: row.share for row in rows}, rows[0].version

    def is_first(self, case: str) -> bool:
        """Tell whether no open case stands before this one."""
        return not self.database.read(
            lambda uow: uow.connection.execute(_BEFORE, {"case": UUID(case)}).scalar_one(), role=Role.WRITE
        )

    def take_notice(self, key: str, property_id: int, notice: str) -> Mapping[str, Any]:
        """Take a place before a section, with the look at it."""
        order = NoticeOrder(self.ground.sections[property_id], "sale")

        def once(uow: UnitOfWork) -> Answer | Refused:
            taken = take_place(uow, order, self.notary, notice_id=UUID(notice), now=self.clock.now())
            if isinstance(taken, RefusedNotice):
                return Refused(taken.error)
            told = {"notice": str(taken.notice.notice_id), "journal": taken.notice.journal_number}
            return Answer(201, json.dumps(told | {"holds": taken.holds}))

        request = self._key(key, self.notary, {"notice": notice, "property": property_id})
        return self._told(
            repeat_when_numbered(self.database, lambda: answer_once(self.database, request, once))
        )

    def release_notice(self, key: str, notice: str) -> Mapping[str, Any]:
        """Give a place up."""

        def once(uow: UnitOfWork) -> Answer:
            release_place(uow, UUID(notice), self.notary)
            return Answer(201, json.dumps({"notice": notice}))

        return self._told(answer_once(self.database, self._key(key, self.notary, notice), once))

    def file(self, key: str, sale: Sale) -> Mapping[str, Any]:
        """File a transfer; the number of its contract is the key of the request."""

        def once(uow: UnitOfWork) -> Answer:
            filed = self.cases.file_within(uow, self._order(key, sale), self.notary)
            told = {"case": str(filed.case_id), "journal": filed.journal_number, "state": filed.state.value}
            return Answer(201, json.dumps(told))

        return self._told(answer_once(self.database, self._key(key, self.notary, sale), once))

    def hand_out(self, key: str, case: str) -> Mapping[str, Any]:
        """Let the case be given to an officer, and be prepared by him."""

        def once(uow: UnitOfWork) -> Answer:
            given = StepOrder(StepKind.ASSIGN, 2, assignee=PREPARER.subject)
            self.steps.take_within(uow, UUID(case), given, CHIEF)
            done = self.steps.take_within(uow, UUID(case), StepOrder(StepKind.PREPARE, 3), PREPARER)
            return Answer(201, json.dumps({"state": done.state.value}))

        return self._told(answer_once(self.database, self._key(key, CHIEF, case), once))

    def decide(self, key: str, case: str) -> Mapping[str, Any]:
        """Let another officer register the case."""

        def once(uow: UnitOfWork) -> Answer:
            done = self.steps.take_within(uow, UUID(case), StepOrder(StepKind.REGISTER, 4), DECIDER)
            told = {"numbers": done.registration_numbers, "state": done.state.value}
            return Answer(201, json.dumps(told))

        return self._told(answer_once(self.database, self._key(key, DECIDER, case), once))

    def withdraw(self, key: str, case: str) -> Mapping[str, Any]:
        """Take the application back."""

        def once(uow: UnitOfWork) -> Answer:
            done = self.steps.take_within(uow, UUID(case), StepOrder(StepKind.WITHDRAW, 4), self.notary)
            return Answer(201, json.dumps({"state": done.state.value}))

        return self._told(answer_once(self.database, self._key(key, self.notary, case), once))

    def _order(self, key: str, sale: Sale) -> ApplicationOrder:
        number = self.ground.sections[sale.property_id]
        service = "gift" if sale.property_id in self.ground.shared else "sale"
        contract = contract_of(self.number, f"{service}_contract")
        return ApplicationOrder(
            service=service,
            capacity="notary",
            properties=(
                NamedProperty(number, sale.version, None if sale.notice is None else UUID(sale.notice)),
            ),
            parties=(
                self.name_party(CasePartyRole.DISPOSER, sale.seller, sale.share),
                self.name_party(CasePartyRole.ACQUIRER, sale.buyer, sale.share),
            ),
            documents=(NamedDocument(contract, "basis", key, DATED),),
        )

    def name_party(self, role: CasePartyRole, party: str, share: str) -> NamedParty:
        """Name a party as its papers do."""
        fin = self.ground.people[party]
        name = f"Sintetik {int(fin, 16)}"
        return NamedParty(role, PartyKind.NATURAL, name, fin=fin, share=parse_share(share))

    def _key(self, key: str, caller: Caller, body: object) -> RequestKey:
        route, act = "POST /proof/", key.rpartition("-")[2]
        return RequestKey(caller.subject, key, route + act, hashlib.sha256(repr(body).encode()).digest())

    @staticmethod
    def _told(answer: Answer) -> Mapping[str, Any]:
        return {**json.loads(answer.body), "replayed": answer.replayed}


__all__ = ["Ground", "Window", "contract_of", "lay_ground", "notary"]
