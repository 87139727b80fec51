"""Cosignatures are collected from whoever answers; who does not delays nobody and catches up."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from cadastre.db.unit_of_work import Database
from cadastre.kernel.clock import SystemClock
from cadastre.ledger.cosignature import WitnessVerifier, list_cosigners
from cadastre.ledger.key_files import LastSigned, load_or_create_log_keys
from cadastre.ledger.note import parse_note
from cadastre.ledger.witness import Witness, list_logs
from cadastre.ledger.witness_memory import open_witness
from cadastre.services.ledger_checkpoint import CheckpointDesk
from cadastre.services.ledger_proof import ProofDesk
from cadastre.services.witnessing import Outcome, WitnessAddress, WitnessDesk
from cadastre.store.ledger import append_leaf
from tests.database import Database as MigratedCopy

ORIGIN = "kadastr.local/ledger"


@dataclass
class Network:
    """Witnesses by their addresses; who is down does not answer, and lines can be lost on the way."""

    witnesses: dict[str, Witness] = field(default_factory=dict)
    down: set[str] = field(default_factory=set)
    spoiling: bool = False

    def ask(self, url: str, body: bytes) -> tuple[int, str] | None:
        if url in self.down:
            return None
        answer = self.witnesses[url].add_checkpoint(body)
        return answer.status.value, "— w/x AAAAAAA=\nnothing\n" if self.spoiling else answer.body


@dataclass
class Place:
    """A register's log with two witnesses."""

    database: Database
    checkpoints: CheckpointDesk
    network: Network
    desk: WitnessDesk
    superuser_url: str

    def grow(self, count: int = 1) -> int:
        for number in range(count):
            self.database.run(
                lambda uow, number=number: append_leaf(  # type: ignore[misc]
                    uow.connection, kind="test.leaf", actor="test", payload={"number": number}
                )
            )
        return self.checkpoints.sign().tree_size

    def tamper(self, *statements: str) -> None:
        engine = create_engine(self.superuser_url, poolclass=NullPool)
        with engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            for statement in statements:
                connection.exec_driver_sql(statement)
        engine.dispose()


@pytest.fixture
def place(fresh_database: MigratedCopy, tmp_path: Path) -> Iterator[Place]:
    database = Database(fresh_database.app_url)
    keys = load_or_create_log_keys(tmp_path / "ledger", ORIGIN)
    desk = CheckpointDesk(database, keys, LastSigned(tmp_path / "ledger"), ORIGIN, SystemClock())
    network, addresses = Network(), []
    with ExitStack() as stack:
        for name in ("w1", "w2"):
            signer, memory = open_witness(tmp_path / name, tmp_path / f"{name}.pem", f"w/{name}")
            stack.callback(memory.close)
            network.witnesses[name] = Witness(signer, list_logs(keys.verifiers), memory, SystemClock())
            addresses.append(WitnessAddress(name, WitnessVerifier(f"w/{name}", signer.verifier.public_key)))
        witnessing = WitnessDesk(database, addresses, network)
        yield Place(database, desk, network, witnessing, fresh_database.superuser_url)
    database.close()


BOTH = {"w/w1": Outcome.COSIGNED, "w/w2": Outcome.COSIGNED}


def test_heads_get_the_lines_of_both_witnesses(place: Place) -> None:
    assert place.desk.collect() == dict.fromkeys(BOTH, Outcome.UP_TO_DATE)
    for _ in range(3):
        size = place.grow(4)
        assert not place.desk.look().is_witnessed
        assert place.desk.collect() == BOTH
        assert place.desk.collect() == dict.fromkeys(BOTH, Outcome.UP_TO_DATE)
        state = place.desk.look()
        assert (state.signed_size, state.witnessed_size, state.is_witnessed) == (size, size, True)
    note = ProofDesk(place.database, place.checkpoints).newest()
    assert note is not None
    assert set(list_cosigners(parse_note(note), [w.verifier for w in place.desk.witnesses])) == set(BOTH)


def test_a_witness_that_is_down_is_missed_and_catches_up(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    first = place.grow()
    place.desk.collect()
    place.network.down = {"w2"}
    for _ in range(3):
        size = place.grow(2)
        assert place.desk.collect() == {"w/w1": Outcome.COSIGNED, "w/w2": Outcome.SILENT}
    state = place.desk.look()
    assert (state.signed_size, state.witnessed_size, state.is_witnessed) == (size, first, False)
    assert [(w.name, w.tree_size) for w in state.witnesses] == [("w/w1", size), ("w/w2", first)]
    place.network.down = set()
    assert place.desk.collect()["w/w2"] is Outcome.COSIGNED
    assert place.desk.look().is_witnessed
    said = [record.getMessage() for record in caplog.records if record.name == "cadastre.witnessing"]
    assert said == ["a witness does not answer", "a witness cosigns again"]


def test_a_line_that_was_lost_on_the_way_is_asked_for_again(place: Place) -> None:
    place.grow()
    place.network.spoiling = True
    assert place.desk.collect() == dict.fromkeys(BOTH, Outcome.UNUSABLE)
    place.network.spoiling = False
    assert place.desk.collect() == BOTH  # the witness told where it stands


def test_a_register_that_was_put_back_or_rewritten_gets_no_line(
    place: Place, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    place.grow(5)
    place.desk.collect()
    old = place.checkpoints.sign()
    size = place.grow(5)
    place.desk.collect()
    cut = (
        "DELETE FROM ledger.cosignature WHERE tree_size > {0}",
        "DELETE FROM ledger.checkpoint WHERE tree_size > {0}",
        "DELETE FROM ledger.entry WHERE ledger_index >= {0}",
        "DELETE FROM ledger.leaf WHERE ledger_index >= {0}",
        "UPDATE ledger.sequencer SET tree_size = {0}",
    )
    place.tamper(*(statement.format(old.tree_size) for statement in cut))
    LastSigned(tmp_path / "ledger").keep(old.note)  # whoever has the key has its memory
    forged = place.grow()
    assert forged < size
    assert place.desk.collect() == dict.fromkeys(BOTH, Outcome.AHEAD)
    place.grow(10)
    assert place.desk.collect() == dict.fromkeys(BOTH, Outcome.REFUSED)
    assert "a witness refuses the log" in caplog.text
    assert not place.desk.look().is_witnessed


def test_without_witnesses_nothing_is_asked(place: Place) -> None:
    place.grow()
    alone = WitnessDesk(place.database, (), place.network, 0)
    assert alone.collect() == {}
    assert alone.look().is_witnessed
