"""Processes that decide about sections and look at them through the services, and write down what they saw.

A section is a list of ownerships (ids of rights), one after the other. A decision reads what the
planner was given (``Draft.states``), and appends the ownership that it entered; a look reads eight
sections in one snapshot. Whoever saw an ownership saw the chain that leads to it.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from time import monotonic_ns
from uuid import UUID

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from cadastre.db.unit_of_work import Role, UnitOfWork
from cadastre.domain.case import StepKind
from cadastre.domain.filing import ApplicationOrder, CasePartyRole, NamedDocument, NamedProperty
from cadastre.domain.property_state import PropertyState
from cadastre.kernel.clock import SystemClock
from cadastre.kernel.errors import CadastreError
from cadastre.rules.engine import Report
from cadastre.services.case_steps import StepOrder
from cadastre.services.judgement import RuleJudge
from cadastre.services.registration import Draft
from cadastre.store.states import read_states
from tests.proof.history import Append, Key, Read, Transaction, Value
from tests.proof.processes import spawner
from tests.proof.transfer_log import Sale
from tests.proof.transfer_window import DATED, DECIDER, Ground, Window, contract_of

LOOKED_AT = 8
TOO_EARLY = ("out-of-turn", "earlier-case-open")
_ENTERED = text("""
    SELECT property_id, right_id FROM cadastre.property_right
     WHERE case_id = :case AND superseded_leaf IS NULL AND valid_to IS NULL ORDER BY property_id
""")
_CHAINS = text("""
    SELECT r.property_id, r.right_id FROM cadastre.property_right r
      JOIN ledger.leaf l ON l.leaf_id = r.recorded_leaf
     WHERE r.kind = 'ownership' AND r.valid_to IS NULL ORDER BY r.property_id, l.closing_number
""")
Seen = tuple[tuple[tuple[str, int, int], ...], bool, int, int]
"""(r or w, section, right) each, committed, began, ended."""


class WatchingJudge(RuleJudge):
    """The judge that ships, who remembers which ownership the decision was planned on."""

    def __init__(self) -> None:
        super().__init__(SystemClock())
        self.seen: Mapping[int, PropertyState] = {}

    def report(self, uow: UnitOfWork, draft: Draft) -> Report:
        """Judge, and remember."""
        self.seen = draft.states
        return super().report(uow, draft)


@dataclass(frozen=True)
class Share:
    """What one process does: decisions to bring about, and looks before each."""

    decisions: int
    looks: int


class Officer:
    """One process: files, has prepared, decides, looks."""

    def __init__(self, ground: Ground, number: int) -> None:
        self.judge = WatchingJudge()
        self.window = Window(ground, number, judge=self.judge)
        self.ground, self.number, self.chance = ground, number, random.Random(number)
        self.pause = threading.Event()
        self.history: list[Seen] = []

    def serve(self, share: Share) -> list[Seen]:
        """Do a share of the work."""
        for serial in range(share.decisions):
            for _ in range(share.looks):
                self._look()
            try:
                case = self._file(serial)
            except CadastreError:
                continue  # somebody was faster: the section has changed since it was read
            while not self._decide(case, serial):
                self._look()
        self.window.database.close()
        return self.history

    def _look(self) -> None:
        """Read eight sections in one snapshot."""
        asked = self.chance.sample(list(self.ground.sections), LOOKED_AT)
        began = monotonic_ns()
        states = self.window.database.read(lambda uow: read_states(uow.connection, asked), role=Role.WRITE)
        seen = tuple(("r", section, _owned(states[section])) for section in asked)
        self.history.append((seen, True, began, monotonic_ns()))

    def _file(self, serial: int) -> str:
        """File a sale, or an exchange of two sections, and have it prepared."""
        first, other = self.chance.sample(list(self.ground.sections), 2)
        here, there = self._sale(first), self._sale(other)
        key = f"{self.number}-{serial}"
        if self.chance.random() < 0.5 and here.seller != there.seller:
            order = self._exchange(key, here, there)
            case = str(self.window.cases.file(order, self.window.notary).case_id)
        else:
            case = str(self.window.file(f"{key}-file", here)["case"])
        self.window.hand_out(f"{key}-handed", case)
        return case

    def _sale(self, section: int) -> Sale:
        owners, version = self.window.look(section)
        seller = min(owners)
        buyer = self.chance.choice([party for party in self.ground.people if party != seller])
        return Sale(section, seller, buyer, "1/1", version)

    def _exchange(self, key: str, here: Sale, there: Sale) -> ApplicationOrder:
        parties = []
        for mine, sale in (
            (here, replace(here, buyer=there.seller)),
            (there, replace(there, buyer=here.seller)),
        ):
            number = self.ground.sections[mine.property_id]
            for role, party in ((CasePartyRole.DISPOSER, sale.seller), (CasePartyRole.ACQUIRER, sale.buyer)):
                named = self.window.name_party(role, party, "1/1")
                parties.append(replace(named, register_number=number))
        contract = contract_of(self.number, "exchange_contract")
        return ApplicationOrder(
            service="exchange",
            capacity="notary",
            properties=tuple(
                NamedProperty(self.ground.sections[sale.property_id], sale.version) for sale in (here, there)
            ),
            parties=tuple(parties),
            documents=(NamedDocument(contract, "basis", key, DATED),),
        )

    def _decide(self, case: str, serial: int) -> bool:
        """Ask for the decision; False when another case stands before this one."""
        self.judge.seen, entered, began = {}, list[tuple[int, int]](), monotonic_ns()

        def work(uow: UnitOfWork) -> None:
            order = StepOrder(StepKind.REGISTER, 4)
            self.window.steps.take_within(uow, UUID(case), order, DECIDER)
            entered[:] = [tuple(row) for row in uow.connection.execute(_ENTERED, {"case": UUID(case)})]

        try:
            self.window.run(work)
        except CadastreError as error:
            if error.code in TOO_EARLY or error.facts.get("rule") in TOO_EARLY:
                return False
            self.window.withdraw(f"{self.number}-{serial}-withdraw", case)
            return True
        read = [("r", section, _owned(state)) for section, state in self.judge.seen.items()]
        written = [("w", section, right) for section, right in entered]
        self.history.append(((*read, *written), True, began, monotonic_ns()))
        return True


def _owned(state: PropertyState) -> int:
    """Give the one ownership of a section."""
    (right,) = state.owners
    return right.right_id


def serve(ground: Ground, number: int, share: Share) -> list[Seen]:
    """Entry of a process."""
    return Officer(ground, number).serve(share)


def record_register(ground: Ground, share: Share, processes: int) -> list[Seen]:
    """Let processes work at one register at once; give what all of them saw."""
    with ProcessPoolExecutor(processes, spawner()) as pool:
        parts = pool.map(serve, [ground] * processes, range(processes), [share] * processes)
        return [seen for part in parts for seen in part]


def read_chains(url: str) -> dict[Key, tuple[Value, ...]]:
    """Give the ownerships of each section in the order in which they were entered."""
    chains: dict[Key, tuple[Value, ...]] = {}
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        for section, right in connection.execute(_CHAINS):
            chains[section] = (*chains.get(section, ()), right)
    return chains


def tell(seen: Iterable[Seen], chains: Mapping[Key, tuple[Value, ...]]) -> list[Transaction]:
    """Make transactions of what was seen; the first owners were entered before all of them.

    An ownership that no chain has was seen by mistake: it is told as the only one, and found out.
    """
    prefixes = {
        (section, right): chain[: place + 1]
        for section, chain in chains.items()
        for place, right in enumerate(chain)
    }
    first = Transaction(tuple(Append(section, chain[0]) for section, chain in chains.items()), True, 0, 1)
    return [first, *(_tell(each, prefixes) for each in seen)]


def _tell(seen: Seen, prefixes: Mapping[tuple[Key, Value], tuple[Value, ...]]) -> Transaction:
    operations, committed, began, ended = seen
    made: Sequence[Append | Read] = [
        Append(section, right) if kind == "w" else Read(section, prefixes.get((section, right), (right,)))
        for kind, section, right in operations
    ]
    return Transaction(tuple(made), committed, began, ended)


__all__ = ["Share", "read_chains", "record_register", "tell"]
