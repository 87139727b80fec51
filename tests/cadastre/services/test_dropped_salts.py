"""Looks past their term lose their salts: everything else about log, audit and people stays as it was."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from cadastre.db.unit_of_work import Role
from cadastre.domain.caller import Caller, CallerRole
from cadastre.domain.commands import Acquisition, Taking, Transfer
from cadastre.domain.look import Subject
from cadastre.domain.share import Share
from cadastre.kernel.clock import SystemClock
from cadastre.ledger import BadProof, verify_proof
from cadastre.ledger.commitment import is_of_look
from cadastre.services.ledger_proof import ProofDesk
from cadastre.services.looks import Looks, list_looks_at_me
from cadastre.store.ledger_tree import list_entries
from cadastre.store.looks import append_look
from tests.cadastre.services.registering import Office
from tests.cadastre.services.witnessed_log import WitnessedLog, witnessed_log
from tests.database import Database as MigratedCopy

WHOLE = Share(1, 1)
FIN = "7SINAQ1"
PERSON = Caller("owner-1", CallerRole.OWNER, "Sakin", fin=FIN)
NOTARY = Caller("notary-1", CallerRole.NOTARY, "Notarius")
LONG_AGO = timedelta(days=1_097)


@pytest.fixture
def log(fresh_database: MigratedCopy, tmp_path: Path) -> Iterator[WitnessedLog]:
    with witnessed_log(fresh_database, tmp_path) as opened:
        yield opened


def look(log: WitnessedLog) -> int:
    """Let the notary ask for the person; give the leaf."""
    subjects = [Subject(fin=FIN)]
    return log.database.run(
        lambda uow: append_look(
            uow.connection, kind="access.search", caller=NOTARY, payload={}, subjects=subjects
        )
    )


def aged(log: WitnessedLog) -> tuple[int, int, int]:
    """A register whose witnesses saw one look a term ago and one now; old look, new look, entries of then."""
    office = Office(log.database)
    seller, buyer = office.people("Sakin", "Alıcı")
    here = office.section({seller: (1, 1)})
    office.register("sale", Transfer(here, (Taking(seller, WHOLE),), (Acquisition(buyer, WHOLE),)))
    old = look(log)
    log.clock.at = SystemClock().now() - LONG_AGO
    size = log.checkpoints.sign().tree_size
    log.desk.collect()
    log.clock.at = None
    fresh = look(log)
    log.checkpoints.sign()
    log.desk.collect()
    return old, fresh, size


def seen(log: WitnessedLog) -> list[tuple[int, str, str]]:
    found: Looks = list_looks_at_me(log.database, PERSON)
    return [(one.key, one.kind.code, one.actor_name) for one in found.looks]


def salts(log: WitnessedLog, *leaves: int) -> list[bool]:
    query = text("SELECT salt IS NOT NULL FROM ledger.leaf WHERE leaf_id = :leaf")
    return log.database.read(
        lambda uow: [uow.connection.execute(query, {"leaf": leaf}).scalar_one() for leaf in leaves],
        role=Role.WRITE,
    )


def test_what_stays_when_salts_go(log: WitnessedLog) -> None:
    old, fresh, size = aged(log)
    before = log.audit()
    assert (before.findings, before.erased) == ([], 0)
    shown = seen(log)
    assert {key for key, *_ in shown} == {old, fresh}
    prover = ProofDesk(log.database, log.checkpoints)
    opened = prover.proof_of_leaf(old)
    assert opened is not None

    dropped = log.drop_salts()
    assert (dropped, log.drop_salts()) == (4, 0)  # three looks of the office beside it
    assert salts(log, old, fresh) == [False, True]

    assert seen(log) == shown  # who looked is told as before
    proof = prover.proof_of_leaf(old)
    assert proof is not None
    assert (proof.index, proof.extra) == (opened.index, None)
    with pytest.raises(BadProof):
        proof.opening()
    (entry,) = log.database.read(lambda uow: list_entries(uow.connection, proof.index, proof.index + 1))
    assert entry == opened.opening().entry
    assert is_of_look(entry[32:])
    assert verify_proof(proof, entry, log.checkpoints.origin, log.checkpoints.keys.verifiers)
    assert prover.prove(proof.index).entry == entry

    assert log.checkpoints.examine() is not None
    first = log.audit(before.audited)
    assert (first.findings, first.erased) == ([], dropped)
    grown = log.grow(300)
    again = log.audit(first.audited)
    assert (again.findings, again.erased, again.size) == ([], dropped, grown)
    assert log.audit(None).has_passed
    assert proof.index < size


def test_a_salt_that_a_superuser_drops_is_found(log: WitnessedLog) -> None:
    old, fresh, _ = aged(log)
    assert log.drop_salts() == 4
    honest = log.audit()
    assert honest.findings == []
    log.tamper(f"UPDATE ledger.leaf SET salt = NULL WHERE leaf_id = {fresh}")
    assert [finding.code for finding in log.audit(honest.audited).findings] == ["leaf-erased"]
    log.tamper(
        "ALTER TABLE ledger.leaf DROP CONSTRAINT ck_leaf_salt_kept",
        "UPDATE ledger.leaf SET salt = NULL WHERE starts_with(kind, 'register.')",
    )
    said = [finding.said for finding in log.audit(honest.audited).findings]
    assert len(said) == 2
    assert said[0].endswith("its salt is gone, and it is of the register.")
    assert salts(log, old) == [False]


def test_nothing_is_dropped_that_witnesses_have_not_seen_for_the_term(log: WitnessedLog) -> None:
    assert log.drop_salts() == 0  # nothing is signed yet
    _, fresh, size = aged(log)
    log.tamper(f"DELETE FROM ledger.cosignature WHERE tree_size = {size}")
    assert log.drop_salts() == 0
    log.tamper("DELETE FROM ledger.cosignature")  # a register that never had witnesses goes by its own heads
    assert log.drop_salts() == 4
    drop = text("UPDATE ledger.leaf SET salt = NULL WHERE leaf_id = :leaf")
    with pytest.raises(DBAPIError):
        log.database.run(lambda uow: uow.connection.execute(drop, {"leaf": fresh}))


def test_a_look_that_an_earlier_version_entered_keeps_its_salt_if_it_bound_rows(log: WitnessedLog) -> None:
    old, *_ = aged(log)
    log.tamper(
        f"UPDATE ledger.entry SET rows = set_bit(rows, 231, 0) WHERE leaf_id = {old}",
    )
    assert log.drop_salts() == 3
    assert salts(log, old) == [True]
