"""A register's log with two witnesses in this process, its export and its auditor."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from cadastre.db.unit_of_work import Database
from cadastre.kernel.clock import Clock, SystemClock
from cadastre.ledger.audit import audit
from cadastre.ledger.audit_report import Audited, AuditPolicy, AuditReport
from cadastre.ledger.cosignature import WitnessVerifier
from cadastre.ledger.key_files import LastSigned, load_or_create_log_keys
from cadastre.ledger.note import Verifier
from cadastre.ledger.witness import Answer, Witness, list_logs
from cadastre.ledger.witness_memory import open_witness
from cadastre.services.commitments import export_commitments
from cadastre.services.ledger_checkpoint import CheckpointDesk
from cadastre.services.ledger_export import export_log
from cadastre.services.witnessing import WitnessAddress, WitnessDesk
from cadastre.store.ledger import append_leaf
from tests.database import Database as MigratedCopy

ORIGIN = "kadastr.local/ledger"


@dataclass
class ShiftedClock:
    """The clock of the machine, or a moment that somebody set it to."""

    at: datetime | None = None

    def now(self) -> datetime:
        return self.at or SystemClock().now()


@dataclass
class Network:
    """Witnesses by their addresses; who is down does not answer, and lines can be lost on the way."""

    witnesses: dict[str, Witness] = field(default_factory=dict)
    down: set[str] = field(default_factory=set)
    spoiling: bool = False
    before: Callable[[str], None] | None = None

    def ask(self, url: str, body: bytes) -> tuple[int, str] | None:
        return self._carry(url, lambda witness: witness.add_checkpoint(body))

    def hand_over(self, url: str, body: bytes) -> tuple[int, str] | None:
        return self._carry(url, lambda witness: witness.add_handover(body))

    def _carry(self, url: str, question: Callable[[Witness], Answer]) -> tuple[int, str] | None:
        if self.before is not None:
            self.before(url)
        if url in self.down:
            return None
        answer = question(self.witnesses[url])
        return answer.status.value, "— w/x AAAAAAA=\nnothing\n" if self.spoiling else answer.body


@dataclass(frozen=True)
class Folder:
    """Reads an export."""

    path: Path

    def read(self, path: str) -> bytes | None:
        place = self.path / path
        return place.read_bytes() if place.is_file() else None


@dataclass
class WitnessedLog:
    """A register's log with two witnesses."""

    database: Database
    checkpoints: CheckpointDesk
    network: Network
    desk: WitnessDesk
    copy: MigratedCopy
    clock: ShiftedClock
    folder: Path
    policy: AuditPolicy

    def grow(self, count: int = 1) -> int:
        """Write leaves, and sign; give the size."""
        for number in range(count):
            self.database.run(
                lambda uow, number=number: append_leaf(  # type: ignore[misc]
                    uow.connection, kind="test.leaf", actor="test", payload={"number": number}
                )
            )
        return self.checkpoints.sign().tree_size

    def tamper(self, *statements: str) -> None:
        """Do what a superuser can who switches every guard off."""
        engine = create_engine(self.copy.superuser_url, poolclass=NullPool)
        with engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            for statement in statements:
                connection.exec_driver_sql(statement)
        engine.dispose()

    def drop_salts(self) -> int:
        """Drop the salts whose term is over, as ``cadastre ledger drop-salts`` does."""
        engine = create_engine(self.copy.admin_url, poolclass=NullPool)
        with engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL ROLE cadastre_owner")
            dropped = int(connection.execute(text("SELECT ledger.drop_access_salts(1000)")).scalar_one())
        engine.dispose()
        return dropped

    def audit(self, before: Audited | None = None) -> AuditReport:
        """Export everything, and audit the export alone."""
        size = self.checkpoints.sign().tree_size
        self.desk.collect()
        export_commitments(self.database, self.folder / "export", size)
        export_log(self.database, self.checkpoints.keys, self.folder / "export", size)
        return audit(Folder(self.folder / "export"), self.policy, before)


@contextmanager
def witnessed_log(copy: MigratedCopy, folder: Path) -> Iterator[WitnessedLog]:
    """Open the desks of a log over a register."""
    database, clock = Database(copy.app_url), ShiftedClock()
    keys = load_or_create_log_keys(folder / "ledger", ORIGIN)
    desk = CheckpointDesk(database, keys, LastSigned(folder / "ledger"), ORIGIN, clock)
    network, addresses = Network(), []
    with ExitStack() as stack:
        stack.callback(database.close)
        for name in ("w1", "w2"):
            network.witnesses[name] = stack.enter_context(a_witness(folder, name, keys.verifiers, clock))
            public = network.witnesses[name].signer.verifier.public_key
            addresses.append(WitnessAddress(name, WitnessVerifier(f"w/{name}", public)))
        policy = AuditPolicy(ORIGIN, keys.verifiers, tuple(address.verifier for address in addresses))
        witnessing = WitnessDesk(database, addresses, network, 2, lambda: keys.handovers)
        yield WitnessedLog(database, desk, network, witnessing, copy, clock, folder, policy)


@contextmanager
def a_witness(folder: Path, name: str, keys: Sequence[Verifier], clock: Clock) -> Iterator[Witness]:
    """Open a witness that was given these keys."""
    signer, memory = open_witness(folder / name, folder / f"{name}.pem", f"w/{name}")
    try:
        yield Witness(signer, list_logs(keys), memory, clock)
    finally:
        memory.close()


__all__ = ["ORIGIN", "Folder", "Network", "ShiftedClock", "WitnessedLog", "a_witness", "witnessed_log"]
