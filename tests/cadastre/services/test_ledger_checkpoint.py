"""Heads of the log: signed when it has grown, never for what it did not grow from, proven to holders."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ClassVar

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from cadastre.db.unit_of_work import Database
from cadastre.kernel.clock import SystemClock
from cadastre.kernel.errors import InvalidInput, NotFound, Unavailable
from cadastre.ledger import Opening, canonical_payload, open_checkpoint, parse_proof, verify_proof
from cadastre.ledger.key_files import LastSigned, kept_in, load_or_create_log_keys, rotate_log_key
from cadastre.ledger.merkle import verify_consistency, verify_inclusion
from cadastre.services.ledger_checkpoint import CheckpointDesk, LedgerInconsistent
from cadastre.services.ledger_clock import sequence
from cadastre.services.ledger_proof import ProofDesk
from cadastre.services.ledger_tree import grow
from cadastre.store.ledger import append_leaf
from cadastre.store.ledger_tree import insert_cosignature
from tests.database import Database as MigratedCopy

ORIGIN = "kadastr.local/ledger"


class FakeToken:
    """Keys in memory, as a token lends them."""

    kept: ClassVar[str] = "token"

    def __init__(self) -> None:
        self.held: dict[str, Ed25519PrivateKey] = {}

    def make_ed25519(self, label: str) -> Ed25519PublicKey:
        self.held[label] = Ed25519PrivateKey.generate()
        return self.held[label].public_key()

    def ed25519(self, label: str, public: Ed25519PublicKey) -> Ed25519PrivateKey:
        assert self.held[label].public_key() == public
        return self.held[label]

    def destroy(self, label: str) -> None:
        del self.held[label]


@pytest.fixture
def desk(fresh_database: MigratedCopy, tmp_path: Path) -> Iterator[CheckpointDesk]:
    database = Database(fresh_database.app_url)
    yield open_desk(database, tmp_path / "ledger")
    database.close()


def open_desk(database: Database, directory: Path) -> CheckpointDesk:
    keys = load_or_create_log_keys(directory, ORIGIN)
    return CheckpointDesk(database, keys, LastSigned(directory), ORIGIN, SystemClock())


def write_leaf(desk: CheckpointDesk, number: int = 0) -> int:
    return desk.database.run(
        lambda uow: append_leaf(uow.connection, kind="test.leaf", actor="test", payload={"number": number})
    )


def tamper(copy: MigratedCopy, *statements: str) -> None:
    """Do what an administrator of the database can do who switches every guard off."""
    engine = create_engine(copy.superuser_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


REGROW = (
    "DELETE FROM ledger.tile",
    "DELETE FROM ledger.entry",
)


def test_a_head_is_signed_when_the_log_has_grown_and_only_then(desk: CheckpointDesk) -> None:
    first = desk.sign()
    assert desk.sign() == first
    write_leaf(desk)
    second = desk.sign()

    assert (first.tree_size, second.tree_size) == (1, 2)
    head = open_checkpoint(second.note, ORIGIN, desk.keys.verifiers)
    assert (head.size, head.root) == (2, second.root)
    proof = ProofDesk(desk.database, desk).prove_consistency(1)
    assert verify_consistency(1, 2, first.root, second.root, proof.path)
    assert desk.examine() == second


def test_many_signers_sign_one_line_of_heads(desk: CheckpointDesk, tmp_path: Path) -> None:
    beside = [open_desk(desk.database, tmp_path / "ledger") for _ in range(4)]

    def work(one: CheckpointDesk) -> list[tuple[int, bytes]]:
        heads = []
        for number in range(6):
            write_leaf(one, number)
            signed = one.sign()
            heads.append((signed.tree_size, signed.root))
        return heads

    with ThreadPoolExecutor(4) as pool:
        heads = {head for signed in pool.map(work, beside) for head in signed}
    assert len({size for size, _ in heads}) == len(heads)
    assert desk.sign().tree_size == 25
    desk.examine()


def test_a_rewritten_log_is_not_signed(desk: CheckpointDesk, fresh_database: MigratedCopy) -> None:
    for number in range(5):
        write_leaf(desk, number)
    desk.sign()
    tamper(fresh_database, "UPDATE ledger.entry SET body = sha256(body) WHERE ledger_index = 3")
    write_leaf(desk)
    with pytest.raises(LedgerInconsistent, match="rewritten"):
        desk.sign()
    with pytest.raises(LedgerInconsistent, match="rewritten"):
        desk.examine()


def test_a_log_that_was_rewritten_whole_meets_the_memory_beside_the_key(
    desk: CheckpointDesk, fresh_database: MigratedCopy
) -> None:
    for number in range(300):
        write_leaf(desk, number)
    desk.sign()
    tamper(
        fresh_database,
        "DELETE FROM ledger.checkpoint",
        "UPDATE ledger.leaf SET salt = decode(repeat('00', 16), 'hex'),"
        " leaf_hash = sha256('\\x00'::bytea || decode(repeat('00', 16), 'hex') || convert_to(payload, 'UTF8'))"
        " WHERE ledger_index = 7",
        *REGROW,
    )
    assert grow(desk.database) == 301
    with pytest.raises(LedgerInconsistent, match="rewritten"):
        desk.sign()


def test_a_log_that_was_turned_back_is_not_signed(desk: CheckpointDesk, fresh_database: MigratedCopy) -> None:
    for number in range(5):
        write_leaf(desk, number)
    desk.sign()
    tamper(
        fresh_database,
        "DELETE FROM ledger.checkpoint",
        "DELETE FROM ledger.entry WHERE ledger_index >= 3",
        "DELETE FROM ledger.leaf WHERE ledger_index >= 3",
        "UPDATE ledger.sequencer SET tree_size = 3",
    )
    with pytest.raises(LedgerInconsistent, match="turned back"):
        desk.sign()
    with pytest.raises(LedgerInconsistent, match="turned back"):
        desk.examine()


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE ledger.checkpoint SET root = sha256(root)",
        "UPDATE ledger.checkpoint SET note = replace(note, E'\\n2\\n', E'\\n3\\n')",
        "UPDATE ledger.checkpoint SET note = 'rubbish'",
    ],
)
def test_a_head_that_was_edited_is_seen(
    desk: CheckpointDesk, fresh_database: MigratedCopy, edit: str
) -> None:
    write_leaf(desk)
    desk.sign()
    tamper(fresh_database, edit)
    with pytest.raises(LedgerInconsistent):
        desk.examine()
    write_leaf(desk)
    with pytest.raises(LedgerInconsistent):
        desk.sign()


def test_a_crash_before_the_head_is_kept_does_no_harm(
    desk: CheckpointDesk, fresh_database: MigratedCopy, tmp_path: Path
) -> None:
    write_leaf(desk)
    lost = desk.sign()
    tamper(fresh_database, "DELETE FROM ledger.checkpoint")  # signed and remembered, not committed
    again = desk.sign()
    assert (again.tree_size, again.note) == (lost.tree_size, lost.note)


def test_nothing_is_signed_that_cannot_be_remembered(desk: CheckpointDesk, tmp_path: Path) -> None:
    desk.sign()
    (tmp_path / "ledger" / "last-checkpoint.draft").mkdir()
    write_leaf(desk)
    with pytest.raises(Unavailable) as refused:
        desk.sign()
    assert refused.value.code == "keys-unwritable"
    (tmp_path / "ledger" / "last-checkpoint.draft").rmdir()
    assert desk.sign().tree_size == 2


def test_a_retired_key_still_counts_and_a_strange_one_does_not(desk: CheckpointDesk, tmp_path: Path) -> None:
    before = desk.sign()
    rotated = rotate_log_key(tmp_path / "ledger", ORIGIN)
    write_leaf(desk)
    moved = open_desk(desk.database, tmp_path / "ledger")
    signed = moved.sign()

    assert moved.keys.signer.verifier == desk.keys.signer.verifier == rotated
    assert open_checkpoint(before.note, ORIGIN, moved.keys.verifiers).size == 1
    assert open_checkpoint(signed.note, ORIGIN, [rotated]).size == 2
    write_leaf(desk)
    running = desk.sign()
    assert open_checkpoint(running.note, ORIGIN, [rotated]).size == 3  # nobody started that process anew
    strange = open_desk(desk.database, tmp_path / "strange")
    with pytest.raises(LedgerInconsistent):
        strange.sign()


def test_a_key_in_a_token_signs_and_is_rotated_there(desk: CheckpointDesk, tmp_path: Path) -> None:
    token = FakeToken()
    keys = load_or_create_log_keys(tmp_path / "held", ORIGIN, token)
    assert kept_in(tmp_path / "held") == "token"
    assert not list((tmp_path / "held").glob("*.key"))
    held = CheckpointDesk(desk.database, keys, LastSigned(tmp_path / "held"), ORIGIN, SystemClock())
    note = held.sign().note
    (first,) = token.held
    rotated = rotate_log_key(tmp_path / "held", ORIGIN, token)
    write_leaf(desk)
    assert open_checkpoint(held.sign().note, ORIGIN, [rotated]).size == 2
    again = load_or_create_log_keys(tmp_path / "held", ORIGIN, token)
    assert first not in token.held
    assert len(token.held) == 1
    assert open_checkpoint(note, ORIGIN, again.verifiers).size == 1
    with pytest.raises(Unavailable, match="token"):
        load_or_create_log_keys(tmp_path / "held", ORIGIN)


def test_entries_are_proven_in_signed_trees(desk: CheckpointDesk) -> None:
    leaves = [write_leaf(desk, number) for number in range(20)]
    desk.sign()
    write_leaf(desk)
    desk.sign()
    proofs = ProofDesk(desk.database, desk)

    shown = proofs.prove(7)
    assert verify_inclusion(shown.leaf_hash, 7, 22, shown.path, shown.root)
    assert shown.proof is not None
    older = proofs.prove(7, 15)
    assert verify_inclusion(older.leaf_hash, 7, 15, older.path, older.root)
    assert older.proof is None  # nobody signed a tree of 15
    held = proofs.proof_of_leaf(leaves[3])
    assert held is not None
    read = parse_proof(held.write())
    opening: Opening = read.opening()
    assert opening.payload == canonical_payload({"number": 3})
    assert verify_proof(read, opening.entry, ORIGIN, desk.keys.verifiers).size == 21


def test_a_proof_may_be_asked_to_carry_witnesses(desk: CheckpointDesk) -> None:
    leaf = write_leaf(desk)
    proofs = ProofDesk(desk.database, desk)
    assert proofs.proof_of_leaf(leaf) is None
    size = desk.sign().tree_size
    line = "\u2014 witness.example/w1 " + "A" * 104
    assert proofs.proof_of_leaf(leaf, witnesses=1) is None
    assert desk.database.run(lambda uow: insert_cosignature(uow.connection, size, "w1", line))
    assert not desk.database.run(lambda uow: insert_cosignature(uow.connection, size, "w1", line))
    witnessed = proofs.proof_of_leaf(leaf, witnesses=1)
    assert witnessed is not None
    assert witnessed.write().endswith(f"{line}\n")


def test_what_is_not_there_is_not_proven(desk: CheckpointDesk) -> None:
    proofs = ProofDesk(desk.database, desk)
    assert proofs.newest() is None
    with pytest.raises(NotFound, match="No head"):
        proofs.prove(0)
    desk.sign()
    write_leaf(desk)
    sequence(desk.database)
    for index, size, code in (
        (5, None, "entry-not-found"),
        (1, 1, "entry-not-found"),
        (0, 9, "tree-size-not-reached"),
    ):
        with pytest.raises(NotFound) as missing:
            proofs.prove(index, size)
        assert missing.value.code == code
    with pytest.raises(InvalidInput):
        proofs.prove_consistency(2, 1)


@pytest.mark.parametrize("spoil", ["rubbish", ""])
def test_spoilt_keys_are_said_in_a_sentence(tmp_path: Path, spoil: str) -> None:
    load_or_create_log_keys(tmp_path / "ledger", ORIGIN)
    (tmp_path / "ledger" / "checkpoint.key").write_text(spoil)
    with pytest.raises(Unavailable) as damaged:
        load_or_create_log_keys(tmp_path / "ledger", ORIGIN)
    assert damaged.value.code == "keys-damaged"


def test_a_key_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    load_or_create_log_keys(tmp_path / "ledger", ORIGIN)
    (tmp_path / "ledger").chmod(0o755)
    with pytest.raises(Unavailable) as readable:
        load_or_create_log_keys(tmp_path / "ledger", ORIGIN)
    assert readable.value.code == "keys-not-private"
