"""``cadastre ledger``: the newest head, proofs, and a copy of the log that hangs together and is continued."""

from __future__ import annotations

from pathlib import Path

import pytest

from cadastre.ledger import open_checkpoint, parse_proof, parse_verifier
from cadastre.ledger.merkle import compute_root, hash_leaf
from cadastre.ledger.tiles import bundles_of, parse_bundle
from tests.api.commands.conftest import Run

ORIGIN = "kadastr.local/ledger"
pytestmark = pytest.mark.usefixtures("planted_environment")


def test_a_copy_of_the_log_hangs_together_and_is_continued(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "log"
    assert run("ledger", "export", folder).code == 0
    verifiers = [parse_verifier(line) for line in (folder / "keys").read_text().splitlines()]
    head = open_checkpoint((folder / "checkpoint").read_text(), ORIGIN, verifiers)
    entries = [
        entry
        for bundle in bundles_of(head.size)
        for entry in parse_bundle((folder / bundle.path).read_bytes())
    ]
    assert compute_root([hash_leaf(entry) for entry in entries]) == head.root

    run("extract", "203015000123", "--out", tmp_path / "k.pdf")
    assert run("ledger", "export", folder).code == 0
    assert open_checkpoint((folder / "checkpoint").read_text(), ORIGIN, verifiers).size > head.size
    assert not list(folder.rglob(".*"))


def test_head_key_and_proof_are_printed(run: Run) -> None:
    note, lines = run("ledger", "checkpoint").out, run("ledger", "key").out
    head = open_checkpoint(note, ORIGIN, [parse_verifier(line) for line in lines.splitlines()])
    proof = parse_proof(run("ledger", "proof", 0, "--tree-size", head.size).out)
    assert (proof.index, proof.note) == (0, note)


@pytest.mark.parametrize(
    "arguments",
    [
        ("proof", "-1"),
        ("proof", "x"),
        ("proof", "99999999999"),
        ("proof", "0", "--tree-size", "99999999"),
        ("proof", "0", "--tree-size", "0"),
    ],
)
def test_bad_input_is_one_line(run: Run, arguments: tuple[str, ...]) -> None:
    done = run("ledger", *arguments)
    assert done.code == 2
    assert done.err.count("\n") == 1


def test_a_folder_that_is_no_export_is_left_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "checkpoint").write_text("my notes")
    done = run("ledger", "export", tmp_path)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert (tmp_path / "checkpoint").read_text() == "my notes"
    (tmp_path / "file").write_text("")
    assert run("ledger", "export", tmp_path / "file" / "below").code == 2
