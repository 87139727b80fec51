"""Services die, keys vanish, clocks are turned: nothing leaves unsigned, unstamped or unlogged, all recovers.

The register is a process of its own, over a token (SoftHSM) and a time-stamp service, under clocks that
libfaketime turns while it runs; it is never started anew. A short form runs with ``make test``;
``make proof`` goes round several times, with askers beside that never stop, and kills witnesses too.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.planting import plant_register
from tests.database import Database
from tests.proof.evidence_stage import CALL, PDF, Stage

ROUNDS = 5


@pytest.fixture
def stage(fresh_database: Database, tmp_path: Path) -> Iterator[Stage]:
    plant_register(fresh_database.app_url)
    home = tmp_path / "home"
    home.mkdir()
    made = Stage(fresh_database, home)
    try:
        made.start_register()
        made.start_stamps()
        yield made
    finally:
        made.close()


def without_stamps(stage: Stage) -> None:
    stage.kill("stamps")
    assert stage.ask().status_code == 201, "a statement needs no time stamp"
    refused = stage.ask(PDF)
    assert refused.json()["code"] == "time-stamp-unavailable"
    address = refused.headers["Location"]
    assert stage.fetch(address).status_code == 503
    stage.start_stamps()
    stage.until(lambda: stage.fetch(address).status_code == 200, "the print is not made later")


def with_stamps_of_another_time(stage: Stage) -> None:
    offset = next(stage.offsets)
    stage.stamps_clock.turn(offset)
    assert stage.ask(PDF).json()["code"] == "time-stamp-unavailable"
    stage.stamps_clock.turn("+0")
    stage.recovers(PDF)


def with_a_turned_clock(stage: Stage) -> None:
    stage.clock.turn(next(stage.offsets))
    assert stage.ask().json()["code"] == "clock-distrusted"
    assert stage.ask(PDF).json()["code"] == "clock-distrusted"
    stage.clock.turn("+0")
    stage.recovers()


def without_a_token(stage: Stage) -> None:
    store, away, pin = (stage.signing / "token" / name for name in ("tokens", "away", "pin"))
    right = pin.read_text()
    store.rename(away)
    assert stage.ask().json()["code"] == "hsm-unavailable"
    assert stage.ask(PDF).json()["code"] == "hsm-unavailable"
    pin.write_text("0000")
    away.rename(store)
    for _ in range(5):  # more often than a token lets a wrong PIN be tried
        assert stage.ask().json()["code"] == "hsm-unavailable"
    pin.write_text(right)
    stage.recovers()
    stage.recovers(PDF)


FAULTS = (without_stamps, with_stamps_of_another_time, with_a_turned_clock, without_a_token)


def test_faults_close_and_pass(stage: Stage) -> None:
    assert stage.ask(PDF).status_code == 201
    for fault in FAULTS:
        fault(stage)
    stage.judge()
    assert set(stage.refused) == {"time-stamp-unavailable", "clock-distrusted", "hsm-unavailable"}


def without_a_witness(stage: Stage) -> None:
    stage.kill("witness-1")
    address = stage.ask().headers["Location"]
    for _ in range(10):
        assert not stage.client.get(address).json().get("proof"), "no proof leaves that one witness alone saw"
    stage.start_witness("witness-1")
    stage.until(lambda: bool(stage.client.get(address).json().get("proof")), "no proof comes later")
    proof = stage.client.get(address).json()["proof"]
    assert all(f"w.example/{name}" in proof for name in stage.witness_ports)


@pytest.mark.proof
def test_faults_close_and_pass_under_load_round_after_round(fresh_database: Database, tmp_path: Path) -> None:
    plant_register(fresh_database.app_url)
    home = tmp_path / "home"
    home.mkdir()
    stage = Stage(fresh_database, home)
    try:
        stage.start_witnesses()
        stage.start_register()
        stage.start_stamps()
        stage.start("worker", "-c", CALL, "worker")
        with stage.askers(3):
            for _ in range(ROUNDS):
                for fault in (*FAULTS, without_a_witness):
                    fault(stage)
        stage.judge()
        assert {"time-stamp-unavailable", "clock-distrusted", "hsm-unavailable"} <= set(stage.refused)
    finally:
        stage.close()
