"""Cosignatures are collected from whoever answers; who does not delays nobody and catches up."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from cadastre.ledger.cosignature import list_cosigners
from cadastre.ledger.handover import open_head
from cadastre.ledger.key_files import LastSigned, rotate_log_key
from cadastre.ledger.note import parse_note
from cadastre.services.ledger_proof import ProofDesk
from cadastre.services.witnessing import Outcome, WitnessDesk
from tests.cadastre.services.witnessed_log import ORIGIN, WitnessedLog, witnessed_log
from tests.database import Database as MigratedCopy


@pytest.fixture
def place(fresh_database: MigratedCopy, tmp_path: Path) -> Iterator[WitnessedLog]:
    with witnessed_log(fresh_database, tmp_path) as log:
        yield log


BOTH = {"w/w1": Outcome.COSIGNED, "w/w2": Outcome.COSIGNED}


def test_heads_get_the_lines_of_both_witnesses(place: WitnessedLog) -> None:
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
    place: WitnessedLog, caplog: pytest.LogCaptureFixture
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


def test_a_line_that_was_lost_on_the_way_is_asked_for_again(place: WitnessedLog) -> None:
    place.grow()
    place.network.spoiling = True
    assert place.desk.collect() == dict.fromkeys(BOTH, Outcome.UNUSABLE)
    place.network.spoiling = False
    assert place.desk.collect() == BOTH  # the witness told where it stands


def test_a_register_that_was_put_back_or_rewritten_gets_no_line(
    place: WitnessedLog, caplog: pytest.LogCaptureFixture, tmp_path: Path
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


def test_without_witnesses_nothing_is_asked(place: WitnessedLog) -> None:
    place.grow()
    alone = WitnessDesk(place.database, (), place.network, 0)
    assert alone.collect() == {}
    assert alone.look().is_witnessed


def test_witnesses_and_auditors_follow_a_rotated_key_without_a_restart(
    place: WitnessedLog, tmp_path: Path
) -> None:
    place.grow(3)
    assert place.desk.collect() == BOTH
    before = place.audit()
    for _ in range(2):
        rotated = rotate_log_key(tmp_path / "ledger", ORIGIN)
        size = place.grow(2)
        assert place.desk.collect() == BOTH
        assert place.checkpoints.keys.signer.verifier == rotated
    assert place.desk.look().is_witnessed
    assert place.checkpoints.examine() is not None
    report = place.audit(before.audited)  # who knows the first key alone
    assert (report.findings, report.size) == ([], size)
    assert report.audited is not None
    assert len(report.audited.handovers) == 2


def test_a_witness_that_was_away_during_a_rotation_catches_up(place: WitnessedLog, tmp_path: Path) -> None:
    place.grow(3)
    place.desk.collect()
    place.network.down = {"w2"}
    for _ in range(2):
        place.grow(2)
        rotate_log_key(tmp_path / "ledger", ORIGIN)
        place.grow(2)
        place.desk.collect()
    place.network.down = set()
    assert place.desk.collect()["w/w2"] is Outcome.COSIGNED
    assert place.audit().findings == []


def test_the_old_key_signs_nothing_more_for_anybody(place: WitnessedLog, tmp_path: Path) -> None:
    place.grow(3)
    stolen = place.checkpoints.keys.signer
    place.desk.collect()
    rotate_log_key(tmp_path / "ledger", ORIGIN)
    place.grow(2)
    place.desk.collect()
    rotate_log_key(tmp_path / "ledger", ORIGIN)
    keys = place.checkpoints.keys
    assert stolen.verifier in keys.verifiers
    assert list(keys.first) == [stolen.verifier]
    last = LastSigned(tmp_path / "ledger").read()
    assert last is not None
    assert open_head(last, ORIGIN, keys.reigns).size == 6


def test_others_who_ask_the_same_witness_are_no_fork(
    place: WitnessedLog, caplog: pytest.LogCaptureFixture
) -> None:
    place.grow(3)
    place.desk.collect()
    place.grow(3)
    beside = WitnessDesk(place.database, place.desk.witnesses, place.network)
    met = set[str]()

    def overtake(url: str) -> None:
        if url not in met:
            met.add(url)
            place.grow()
            beside.collect()

    place.network.before = overtake
    assert set(place.desk.collect().values()) <= {Outcome.UP_TO_DATE, Outcome.COSIGNED}
    assert "refuses" not in caplog.text
