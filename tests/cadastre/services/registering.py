"""A register with people and cases in a real database, decided by the service that ships."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text

from cadastre.db.unit_of_work import Database, Isolation, UnitOfWork
from cadastre.domain.caller import Caller, CallerRole
from cadastre.domain.commands import Command
from cadastre.domain.moment import Moment
from cadastre.domain.property_state import PropertyState
from cadastre.services.ledger_clock import sequence
from cadastre.services.registration import Draft, Judge, Registered, register_case
from cadastre.store.ledger import append_leaf, get_head_index
from cadastre.store.properties import find_property
from cadastre.store.states import read_states
from tests.register import DAY, Register, square

DECIDER = Caller("registrar-2", CallerRole.REGISTRAR, "Qeydiyyatçı")
Shares = Mapping[UUID, tuple[int, int] | None]


def approve(uow: UnitOfWork, draft: Draft) -> bytes:
    """Judge that lets everything pass, so that a test meets planner and database alone."""
    return hashlib.sha256(str(draft.plan.event).encode()).digest()


@dataclass
class Office:
    """Files cases, decides them and looks at what stands."""

    database: Database
    serial: int = field(default=0)

    def people(self, *names: str) -> list[UUID]:
        """Parties (synthetic)."""
        return self._write(lambda register: [register.party(name) for name in names])

    def section(self, owners: Shares, *, side_m: float | None = None) -> int:
        """A property with these owners (None: joint), on land of its own when a side is given."""
        self.serial += 1
        number = f"2030150{self.serial:05d}"

        def write(register: Register) -> int:
            parcels = []
            if side_m is not None:
                parcels = [register.parcel(f"P-{self.serial}", square(40.0 * self.serial, 0.0, side_m))]
            property_id = register.property(number, *parcels)
            for owner, share in owners.items():
                register.right(property_id, owner, share)
            return property_id

        return self._write(write)

    def file(self, service: str, *property_ids: int, **values: Any) -> UUID:
        """A case that is prepared (or, by one officer's service, accepted) and waits for its decision."""
        one_officer = service in ("mortgage_discharge", "arrest", "arrest_release")
        prepared = {"prepared_by": None} if one_officer else {}

        def write(register: Register) -> UUID:
            register.enter(*property_ids)  # heads before the journal, as services do
            return register.file(service, *property_ids, **prepared, **values)

        return self._write(write)

    def decide(
        self,
        case_id: UUID,
        *commands: Command,
        by: Caller = DECIDER,
        expected_step: int | None = None,
        judge: Judge = approve,
    ) -> Registered:
        """Register a case as the service does."""
        return self.database.run(
            lambda uow: register_case(
                uow, case_id, lambda *_: commands, by, judge=judge, expected_step=expected_step
            ),
            isolation=Isolation.READ_COMMITTED,
        )

    def withdraw(self, case_id: UUID) -> None:
        """Let the applicant give up, so that later cases are not kept waiting."""
        self._write(lambda register: register.step(case_id, "withdraw", "notary-1"))

    def arrest(self, property_id: int) -> int:
        """Arrest of a property by a court; gives ``restriction_id``."""
        return self._write(lambda register: register.arrest(property_id))

    def register(self, service: str, *commands: Command, properties: Sequence[int] = ()) -> Registered:
        """File a case about the properties of its commands and decide it."""
        named = properties or [command.property_id for command in commands]  # type: ignore[union-attr]
        return self.decide(self.file(service, *named), *commands)

    def link(self, record: UUID, stands_for: UUID) -> None:
        """Merge a record of a party into another, on a court's decision."""
        linked = text("""INSERT INTO registry.party_link (from_party_id, to_party_id, manner, evidence, proposed_by,
                                                          decided_by, recorded_leaf)
                         VALUES (:record, :person, 'same', 'court_decision', 'registrar-1', 'registrar-2', :leaf)""")

        def write(register: Register) -> None:
            values = {"record": record, "person": stands_for, "leaf": register.leaf()}
            register.connection.execute(linked, values)

        self._write(write)

    def state(self, property_id: int) -> PropertyState:
        """What stands now."""
        return self.database.run(lambda uow: read_states(uow.connection, [property_id])[property_id])

    def holdings(self, property_id: int) -> dict[UUID, str]:
        """Who owns what, as printed."""
        return {o.party_id: str(o.share or "joint") for o in self.state(property_id).owners}

    def today(self) -> date:
        """The civil day of the register."""
        return self.database.run(
            lambda uow: uow.connection.execute(text("SELECT ledger.today()")).scalar_one()
        )

    def head(self) -> int:
        """Number all leaves; gives the newest index."""
        sequence(self.database)
        return self.database.run(lambda uow: get_head_index(uow.connection))

    def view(self, property_id: int, known_at: int, as_of: date) -> str:
        """Everything that the register says of a property at a moment, as text that can be compared."""

        def read(uow: UnitOfWork) -> str:
            append_leaf(uow.connection, kind="access.test", actor="test", payload={})
            rows = find_property(uow.connection, property_id, Moment(as_of=as_of, known_at=known_at))
            assert rows is not None
            return "\n".join(_line(row) for row in (*rows.rights, *rows.restrictions))

        return self.database.run(read)

    def _write(self, work: Any) -> Any:
        return self.database.run(
            lambda uow: work(Register(uow.connection, serial=self.serial * 100)),
            isolation=Isolation.READ_COMMITTED,
        )


def _line(row: Any) -> str:
    """A row as far as a reader sees it: whether and when it was closed since is not part of the view."""
    hidden = {"superseded_leaf"}
    values = {name: value for name, value in row._asdict().items() if name not in hidden}
    return repr({k: bytes(v) if isinstance(v, memoryview) else str(v) for k, v in values.items()})


__all__ = ["DAY", "DECIDER", "Office", "approve"]
