"""A superuser rewrites the register: the auditor finds it from public files, the witnesses refuse what he signs.

Every guard of the database is off, unique indexes and checks are dropped, the key that signs checkpoints is
stolen, and so is its memory. What remains are the heads that two witnesses cosigned, and the auditor's last one.
"""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Connection

from api.furnishing import Furnisher
from cadastre.db.unit_of_work import Database
from cadastre.domain.commands import Acquisition, Taking, Transfer
from cadastre.domain.share import Share
from cadastre.kernel.clock import SystemClock
from cadastre.ledger.audit import CHECKPOINT, STRAYS, audit
from cadastre.ledger.audit_report import Audited, AuditPolicy, AuditReport
from cadastre.ledger.checkpoint import Checkpoint
from cadastre.ledger.commitment import path_of_block, write_block
from cadastre.ledger.cosignature import WitnessVerifier
from cadastre.ledger.key_files import LastSigned, LogKeys, load_or_create_log_keys
from cadastre.ledger.note import parse_note, sign_note
from cadastre.ledger.tiles import WIDTH, bundles_of, tiles_of, write_bundle
from cadastre.ledger.witness import AddCheckpoint, Witness, list_logs
from cadastre.ledger.witness_memory import open_witness
from cadastre.services.ledger_checkpoint import CheckpointDesk
from cadastre.services.ledger_proof import ProofDesk
from cadastre.services.ledger_tree import TreeReader
from cadastre.services.witnessing import Outcome, WitnessAddress, WitnessDesk
from cadastre.store.ledger import append_leaf
from cadastre.store.ledger_rows import count_strays, list_bound_leaves
from cadastre.store.ledger_tree import list_entries, list_hashes
from tests.cadastre.db.planted_rows import lift_checks, list_bound, plant
from tests.cadastre.services.registering import Office
from tests.database import Database as MigratedCopy
from tests.proof.rewriting import Rewriter

ORIGIN = "kadastr.local/ledger"
PROMISED_S = 60.0
WHOLE = Share(1, 1)


@dataclass
class InPlace:
    """Carries requests to witnesses of this process."""

    witnesses: dict[str, Witness]

    def ask(self, url: str, body: bytes) -> tuple[int, str] | None:
        answer = self.witnesses[url].add_checkpoint(body)
        return answer.status.value, answer.body

    def hand_over(self, url: str, body: bytes) -> tuple[int, str] | None:
        answer = self.witnesses[url].add_handover(body)
        return answer.status.value, answer.body


@dataclass
class Scene:
    """A register, witnessed and audited, and its superuser."""

    superuser: Database
    keys: LogKeys
    witnesses: dict[str, Witness]
    policy: AuditPolicy
    head: str
    size: int

    @contextmanager
    def rewriting(self, drawn: random.Random) -> Iterator[Rewriter]:
        """A superuser's session; what each edit did is undone by its own savepoint."""
        with self.superuser.engine.connect() as connection:
            rewriter = Rewriter(connection, drawn)
            with connection.begin():
                rewriter.prepare()
            with connection.begin():
                yield rewriter


def build(copy: MigratedCopy, folder: Path, *, sales: int, parcels: int) -> None:
    """A register with loads, cases and decisions, and a row in every table that got none of them."""
    database = Database(copy.app_url)
    if parcels:
        Furnisher(database, copy.admin_url, SystemClock(), lambda line: None).furnish(parcels)
    office = Office(database)
    people = office.people(*(f"Sakin {number}" for number in range(sales + 1)))
    for number, (seller, buyer) in enumerate(pairwise(people)):
        here = office.section({seller: (1, 1)}, side_m=20.0 if number % 2 and not parcels else None)
        office.register("sale", sell(here, seller, buyer))
        if number % 3 == 0:
            office.arrest(here)
    database.run(
        lambda uow: append_leaf(uow.connection, kind="access.test", actor="curious", payload={"n": "1"})
    )
    database.close()
    superuser = Database(copy.superuser_url)
    with superuser.engine.begin() as connection:
        plant_missing(connection)
    superuser.close()


def sell(property_id: int, seller: UUID, buyer: UUID) -> Transfer:
    return Transfer(property_id, (Taking(seller, WHOLE),), (Acquisition(buyer, WHOLE),))


def plant_missing(connection: Connection) -> None:
    """Two rows, one of them closed, in every table that has none."""
    lift_checks(connection)
    opening = append_leaf(connection, kind="register.test", actor="test", payload={"rows": "opened"})
    closing = append_leaf(connection, kind="register.test", actor="test", payload={"rows": "closed"})
    missing = [
        entry
        for entry in list_bound(connection)
        if not connection.exec_driver_sql(
            'SELECT EXISTS (SELECT FROM {}."{}")'.format(*entry[0].split("."))
        ).scalar_one()
    ]
    for relation, _, closed_by in missing:
        plant(connection, relation, opening, None if closed_by is None else closing)
    numbers = (
        "UPDATE ledger.leaf SET closing_number = nextval('ledger.closing_number') WHERE leaf_id IN ({}, {})"
    )
    connection.exec_driver_sql(numbers.format(opening, closing))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "scene"


@contextmanager
def witnessed(copy: MigratedCopy, folder: Path) -> Iterator[Scene]:
    """Sign the register's log, have it cosigned by two witnesses."""
    database, superuser = Database(copy.app_url), Database(copy.superuser_url)
    keys = load_or_create_log_keys(folder / "ledger", ORIGIN)
    checkpoints = CheckpointDesk(database, keys, LastSigned(folder / "ledger"), ORIGIN, SystemClock())
    with ExitStack() as stack:
        stack.callback(superuser.close)
        stack.callback(database.close)
        witnesses, addresses = {}, []
        for name in ("w1", "w2"):
            signer, memory = open_witness(folder / name, folder / f"{name}.pem", f"w/{name}")
            stack.callback(memory.close)
            witnesses[name] = Witness(signer, list_logs(keys.verifiers), memory, SystemClock())
            addresses.append(WitnessAddress(name, WitnessVerifier(f"w/{name}", signer.verifier.public_key)))
        size = checkpoints.sign().tree_size
        desk = WitnessDesk(database, addresses, InPlace(witnesses))
        assert set(desk.collect().values()) == {Outcome.COSIGNED}
        head = ProofDesk(database, checkpoints).newest()
        assert head is not None
        policy = AuditPolicy(ORIGIN, keys.verifiers, tuple(address.verifier for address in addresses))
        yield Scene(superuser, keys, witnesses, policy, head, size)


@dataclass
class Published:
    """What the register publishes in the state that one session sees."""

    files: dict[str, bytes]

    def read(self, path: str) -> bytes | None:
        return self.files.get(path)


def publish(connection: Connection, head: str, size: int) -> Published:
    """Publish as ``cadastre ledger export`` does, from the tables as they stand in this transaction."""
    files = {CHECKPOINT: head.encode(), STRAYS: json.dumps(count_strays(connection)).encode()}
    for tile in tiles_of(size):
        files[tile.path] = b"".join(list_hashes(connection, tile.level or 0, tile.index, tile.width))
    for tile in bundles_of(size):
        start = tile.index * WIDTH
        files[tile.path] = write_bundle(list_entries(connection, start, start + tile.width))
    leaves = [leaf for _, leaf in list_bound_leaves(connection, 0, size)]
    for tile in bundles_of(size):
        block = leaves[tile.index * WIDTH :][: tile.width]
        files[path_of_block(tile.index, tile.width)] = write_block(block)
    return Published(files)


def found(connection: Connection, scene: Scene, before: Audited | None, head: str, size: int) -> AuditReport:
    """Publish and audit; the register keeps its promise of time."""
    began = time.perf_counter()
    report = audit(publish(connection, head, size), scene.policy, before)
    took = time.perf_counter() - began
    assert took <= PROMISED_S
    TOOK.append(took)
    return report


TOOK: list[float] = []


def rewrite(scene: Scene, edits: int, seed: int) -> Counter[str]:
    """Make and undo so many edits; each is found, and nothing else is."""
    done: Counter[str] = Counter()
    unseen = []
    with scene.rewriting(random.Random(seed)) as rewriter:
        connection = rewriter.connection
        honest = found(connection, scene, None, scene.head, scene.size)
        assert honest.findings == []
        assert honest.audited is not None
        for _ in range(edits):
            with connection.begin_nested() as edit:
                said = rewriter.draw()()
                report = found(connection, scene, honest.audited, scene.head, scene.size)
                if report.has_passed:
                    unseen.append(said)
                edit.rollback()
            done[said.partition(" ")[0]] += 1
        assert found(connection, scene, honest.audited, scene.head, scene.size).has_passed
    assert unseen == []
    return done


def forge(scene: Scene, forgeries: int, seed: int) -> Counter[str]:
    """Rewrite, compute the whole log anew, sign it with the stolen key: witnesses refuse, auditors see it."""
    done: Counter[str] = Counter()
    drawn = random.Random(seed)
    lines = "".join(line.write() + "\n" for line in parse_note(scene.head).signatures[1:])
    with scene.rewriting(drawn) as rewriter:
        connection = rewriter.connection
        honest = found(connection, scene, None, scene.head, scene.size).audited
        for number in range(forgeries):
            with connection.begin_nested() as edit:
                is_cut = number % 4 == 3
                if is_cut:
                    rewriter.cut(drawn.randrange(1, scene.size))
                else:
                    rewriter.edit_column()
                size = rewriter.regrow()
                tree = TreeReader(connection, size)
                head = sign_note(Checkpoint(ORIGIN, size, tree.root()).write(), scene.keys.signer).write()
                for witness in scene.witnesses.values():
                    for old in {0, size, min(scene.size, size)}:
                        path = tuple(tree.path_from(old)) if old > 0 else ()
                        answer = witness.add_checkpoint(AddCheckpoint(old, path, head).write())
                        assert answer.status in {409, 422}, answer
                        done["refused by a witness"] += 1
                for before, expected in ((honest, {"forked", "rolled-back"}), (None, {"not-witnessed"})):
                    report = found(connection, scene, before, head + lines, size)
                    assert {finding.code for finding in report.findings} & expected, report.findings
                edit.rollback()
            done["rolled back" if is_cut else "forked"] += 1
        assert found(connection, scene, honest, scene.head, scene.size).has_passed
    return done


def test_edits_of_a_superuser_are_found_and_forgeries_get_no_witness(
    fresh_database: MigratedCopy, folder: Path
) -> None:
    build(fresh_database, folder, sales=4, parcels=0)
    with witnessed(fresh_database, folder) as scene:
        assert rewrite(scene, 40, seed=4).total() == 40
        assert forge(scene, 4, seed=5) == {"forked": 3, "rolled back": 1, "refused by a witness": 16}


@pytest.mark.proof
def test_a_thousand_edits_and_a_hundred_forgeries(
    fresh_database: MigratedCopy, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build(fresh_database, folder, sales=90, parcels=150)
    with witnessed(fresh_database, folder) as scene:
        TOOK.clear()
        edits = rewrite(scene, 1_000, seed=20261123)
        forgeries = forge(scene, 100, seed=20261124)
    with capsys.disabled():
        print(
            f"\n{scene.size} leaves; {dict(edits)}; {dict(forgeries)}; published and audited in"
            f" {sum(TOOK) / len(TOOK):.2f} s on average, {max(TOOK):.2f} s at most"
        )
    assert edits.total() == 1_000
    assert forgeries["refused by a witness"] >= 200
