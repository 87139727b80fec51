"""Proofs carry the lines of enough witnesses, or there is none yet: issuing goes on, and they come later."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from cadastre.ledger import InclusionProof
from cadastre.ledger.cosignature import list_cosigners
from cadastre.ledger.note import parse_note
from cadastre.services.ledger_clock import LedgerBusy
from cadastre.services.ledger_proof import ProofDesk
from cadastre.services.witnessing import Outcome, WitnessDesk
from cadastre.store.ledger import append_leaf
from tests.cadastre.db.planted_rows import lift_checks, plant
from tests.cadastre.services.witnessed_log import WitnessedLog, witnessed_log
from tests.database import Database as MigratedCopy

PATIENCE_S = 5.0
_NAME = text("""
    UPDATE evidence.extract
       SET extract_id = :id, request_id = :id, verify_token = CAST(:id AS text), document_number = 1000 + :leaf
     WHERE leaf_id = :leaf
""")


@pytest.fixture
def log(fresh_database: MigratedCopy, tmp_path: Path) -> Iterator[WitnessedLog]:
    with witnessed_log(fresh_database, tmp_path) as opened:
        opened.checkpoints.sign()
        opened.desk.collect()
        yield opened


def prover(log: WitnessedLog, quorum: int, patience_s: float = PATIENCE_S) -> ProofDesk:
    desk = WitnessDesk(log.database, log.desk.witnesses, log.network, quorum)
    return ProofDesk(log.database, log.checkpoints, quorum, lambda: desk.collect_soon(patience_s))


def an_extract(log: WitnessedLog) -> UUID:
    """Row of an extract, past every check, under a leaf that any extract might have."""
    leaf = log.database.run(
        lambda uow: append_leaf(uow.connection, kind="extract.issued", actor="test", payload={})
    )
    engine, extract_id = create_engine(log.copy.superuser_url, poolclass=NullPool), uuid4()
    with engine.begin() as connection:
        lift_checks(connection)
        plant(connection, "evidence.extract", leaf, None)
        connection.execute(_NAME, {"id": extract_id, "leaf": leaf})
    engine.dispose()
    return extract_id


def cosigners(log: WitnessedLog, proof: InclusionProof) -> list[str]:
    return sorted(list_cosigners(parse_note(proof.note), [one.verifier for one in log.desk.witnesses]))


def test_a_new_proof_carries_the_lines_of_a_quorum(log: WitnessedLog) -> None:
    for quorum in (1, 2):
        proof = prover(log, quorum).prove_new_extract(an_extract(log))
        assert len(cosigners(log, proof)) >= quorum
    assert cosigners(log, prover(log, 0).prove_new_extract(an_extract(log))) == []


def test_a_dead_witness_is_not_waited_for_and_catches_up(log: WitnessedLog) -> None:
    log.network.down = {"w2"}
    desk = prover(log, 1)
    held = [an_extract(log) for _ in range(3)]
    for extract_id in held:
        assert cosigners(log, desk.prove_new_extract(extract_id)) == ["w/w1"]
    log.network.down = set()
    assert log.desk.collect()["w/w2"] in {Outcome.COSIGNED, Outcome.UP_TO_DATE}
    for extract_id in held:
        proof = prover(log, 2).require_proof_of_extract(extract_id)
        assert cosigners(log, proof) == ["w/w1", "w/w2"]


def test_without_a_quorum_there_is_no_proof_yet_and_nobody_waits_for_the_dead(log: WitnessedLog) -> None:
    log.network.down = {"w1", "w2"}
    desk = prover(log, 1)
    first = an_extract(log)
    began = time.monotonic()
    for _ in range(3):
        with pytest.raises(LedgerBusy):
            desk.prove_new_extract(an_extract(log))
    with pytest.raises(LedgerBusy):
        desk.require_proof_of_extract(first)
    assert time.monotonic() - began < PATIENCE_S
    log.network.down = {"w2"}
    assert log.desk.collect()["w/w1"] is Outcome.COSIGNED
    assert cosigners(log, desk.require_proof_of_extract(first)) == ["w/w1"]


def test_a_witness_that_hangs_costs_the_patience_and_no_more(log: WitnessedLog) -> None:
    released = threading.Event()

    def hang(url: str) -> None:
        if url == "w2":
            assert released.wait(60)

    log.network.before = hang
    try:
        assert cosigners(log, prover(log, 1).prove_new_extract(an_extract(log))) == ["w/w1"]
        with pytest.raises(LedgerBusy):
            prover(log, 2, patience_s=0.2).prove_new_extract(an_extract(log))
    finally:
        released.set()


def test_many_who_wait_share_the_witnesses(log: WitnessedLog) -> None:
    desk, held = prover(log, 2), [an_extract(log) for _ in range(12)]
    found: list[InclusionProof] = []
    threads = [
        threading.Thread(target=lambda one=one: found.append(desk.prove_new_extract(one))) for one in held
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [len(cosigners(log, proof)) for proof in found] == [2] * 12
    assert log.audit().findings == []
