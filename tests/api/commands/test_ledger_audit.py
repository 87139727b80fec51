"""``cadastre ledger export`` and ``audit`` with two witness processes: what passes, what is found, what is unusable."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from api.app import create_app
from api.composition import opened_rooms
from api.ledger_room import load_keys
from api.settings import read_api_settings
from api.witness_room import WitnessRound, parse_witnesses
from cadastre.kernel.errors import InvalidInput
from cadastre.ledger.cosignature import WitnessVerifier
from tests.api.commands.conftest import Done, Run
from tests.api.planting import plant_register
from tests.api.server import open_client, running_server
from tests.api.witness_process import WitnessProcess, running_witness
from tests.database import Database, TestCluster


@dataclass
class Scene:
    """A register, its witnesses, and what an auditor needs to know of them."""

    database: Database
    witnesses: list[WitnessProcess]
    folder: Path
    keys: list[str]

    def tamper(self, *statements: str) -> None:
        """Do what a superuser can."""
        engine = create_engine(self.database.superuser_url, poolclass=NullPool)
        with engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            for statement in statements:
                assert connection.execute(text(statement)).rowcount >= 1
        engine.dispose()


@pytest.fixture
def scene(test_cluster: TestCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    database = test_cluster.create_copy()
    plant_register(database.app_url)
    for name, value in {**database.environ, "CADASTRE_HOME": str(tmp_path / "home")}.items():
        monkeypatch.setenv(name, value)
    log_key = load_keys(read_api_settings()).signer.verifier.line
    with ExitStack() as stack:
        stack.callback(test_cluster.drop_copy, database)
        witnesses = [stack.enter_context(running_witness(tmp_path / name, log_key)) for name in ("1", "2")]
        lines = [witness.verifier.line for witness in witnesses]
        listed = ", ".join(f"{line} {w.url}" for line, w in zip(lines, witnesses, strict=True))
        monkeypatch.setenv("CADASTRE_WITNESSES", listed)
        keys = ["--log-key", log_key, *(word for line in lines for word in ("--witness-key", line))]
        yield Scene(database, witnesses, tmp_path, keys)


def export_and_audit(run: Run, scene: Scene, name: str) -> Done:
    """Export to a folder of its own, audit with the one state file."""
    folder = scene.folder / name
    assert run("ledger", "export", folder).code == 0
    return run("ledger", "audit", folder, "--state", scene.folder / "audited.json", *scene.keys)


def test_an_edit_is_found_in_the_export_and_over_http_and_its_undoing_passes(run: Run, scene: Scene) -> None:
    honest = export_and_audit(run, scene, "honest")
    assert (honest.code, honest.out.splitlines()[-1]) == (0, "0 findings")
    assert "cosigned by w.example/1 at " in honest.out
    state = (scene.folder / "audited.json").read_text()

    scene.tamper("UPDATE cadastre.property_right SET share_denominator = 2")
    edited = export_and_audit(run, scene, "edited")
    assert edited.code == 1
    assert edited.out.startswith("rows-changed: Entry ")
    assert (scene.folder / "audited.json").read_text() == state

    scene.tamper("UPDATE cadastre.property_right SET share_denominator = 1")
    assert export_and_audit(run, scene, "undone").code == 0

    run("extract", "203015000123", "--out", scene.folder / "k.pdf")
    grown = export_and_audit(run, scene, "undone")
    assert grown.code == 0, grown.out
    assert (scene.folder / "audited.json").read_text() != state

    settings = read_api_settings()
    with running_server(create_app(settings)) as base, opened_rooms(settings) as rooms:
        where = f"{base}/ledger"
        rooms.ledger.checkpoints.sign()
        WitnessRound(rooms.ledger.witnesses).work_once()
        path = scene.folder / "audited.json"
        served = run("ledger", "audit", where, "--state", path, *scene.keys)
        assert (served.code, served.out.splitlines()[-1]) == (0, "0 findings")
        scene.tamper("UPDATE party.party SET name = name || 'x'")
        edited = run("ledger", "audit", where, "--state", path, *scene.keys)
        assert (edited.code, "rows-changed" in edited.out) == (1, True)
        with open_client(base) as client:
            assert client.get("/health/ledger").json()["status"] == "witnessed"
            for block, status in (
                ("000", 404),
                ("x", 400),
                ("000.p/0", 400),
                ("000.p/200", 404),
                ("0/000", 400),
            ):
                assert client.get(f"/ledger/commitments/{block}").status_code == status, block


def test_a_register_goes_on_while_a_witness_is_dead_and_says_so(run: Run, scene: Scene) -> None:
    assert export_and_audit(run, scene, "both").code == 0
    dead = scene.witnesses[1]
    dead.kill()
    run("extract", "203015000123", "--out", scene.folder / "k.pdf")
    alone = export_and_audit(run, scene, "alone")
    assert (alone.code, "not-witnessed" in alone.out) == (1, True)
    with running_server(create_app(read_api_settings())) as base, open_client(base) as client:
        health = client.get("/health/ledger").json()
        assert client.get("/health/ready").status_code == 200
    assert health["status"] == "behind"
    seen = {witness["name"]: witness["tree_size"] for witness in health["witnesses"]}
    assert seen["w.example/1"] == health["signed_size"] > seen["w.example/2"] == health["witnessed_size"]

    port = int(dead.url.rpartition(":")[2])
    with running_witness(scene.folder / "2", scene.keys[1], port=port):
        assert export_and_audit(run, scene, "again").code == 0


@pytest.mark.parametrize(
    "spoil",
    [
        lambda words: ["nowhere", *words[1:]],
        lambda words: ["http://127.0.0.1:1/ledger", *words[1:]],
        lambda words: ["http://[/ledger", *words[1:]],
        lambda words: [*words[:3], "--log-key", "nobody"],
        lambda words: [word for word in words if not word.startswith("w.example/2")][:-1],
        lambda words: [*words, "--origin", "another.log"],
        lambda words: [*words, "--quorum", "3"],
    ],
)
def test_what_cannot_be_audited_is_one_plain_line(run: Run, tmp_path: Path, spoil: object) -> None:
    assert callable(spoil)
    (tmp_path / "empty").mkdir()
    log = "kadastr.local/ledger+3bcf95aa+AYg4sSQxHq7sm2YkMJuiRYtnrLr1vLdTfHMgA1n1Xq7o"
    words = [str(tmp_path / "empty"), "--state", str(tmp_path / "state"), "--log-key", log, "--quorum", "0"]
    done = run("ledger", "audit", *spoil(words))
    assert (done.code, done.err.count("\n")) == (2, 1), done
    (tmp_path / "state").write_text("damaged")
    assert run("ledger", "audit", *words).code == 2


@pytest.mark.parametrize("setting", ["x", "a+b+c http://w", "key", "w.example/1+00000000+BA== http://w"])
def test_a_setting_that_names_no_witness_is_refused(setting: str) -> None:
    with pytest.raises(InvalidInput):
        parse_witnesses(setting)


def test_more_lines_are_not_asked_than_there_are_witnesses(
    planted_environment: dict[str, str], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CADASTRE_WITNESSES", f"{a_witness('w')} http://127.0.0.1:1")
    monkeypatch.setenv("CADASTRE_WITNESS_QUORUM", "2")
    done = run("ledger", "checkpoint")
    assert (done.code, done.err.count("\n")) == (2, 1)
    monkeypatch.delenv("CADASTRE_WITNESSES")
    assert run("ledger", "checkpoint").code == 0, "a wrong setting leaves nothing that outlives it"


def a_witness(name: str) -> str:
    return WitnessVerifier(name, Ed25519PrivateKey.generate().public_key().public_bytes_raw()).line
