"""The auditor: an honest log passes, and whatever is changed is found where it is."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable

import pytest

from cadastre.kernel.errors import InvalidInput
from cadastre.ledger.audit import CHECKPOINT, STRAYS, audit
from cadastre.ledger.audit_report import Audited, AuditReport, list_lines, parse_audited
from cadastre.ledger.commitment import BoundLeaf, LostLeaf, Published, parse_block, path_of_block, write_block
from cadastre.ledger.merkle import compute_root, hash_leaf
from tests.cadastre.ledger.published import PublishedLog, a_signer, digest, made_up_leaf


def codes(report: AuditReport) -> set[tuple[str, int | None]]:
    return {(finding.code, finding.index) for finding in report.findings}


def bound(log: PublishedLog, index: int) -> BoundLeaf:
    leaf = log.leaves[index]
    assert isinstance(leaf, BoundLeaf)
    return leaf


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 513])
def test_an_honest_log_passes_and_so_does_what_it_grows_into(size: int) -> None:
    log = PublishedLog.of(size)
    first = audit(log, log.policy, None)
    assert (first.findings, first.size) == ([], size)
    assert first.rows == sum(number % 4 for number in range(size))
    assert sorted(first.cosigned) == ["w/1", "w/2"]
    assert first.audited is not None
    log.leaves += [made_up_leaf(number) for number in range(size, size + 300)]
    grown = audit(log.publish(), log.policy, parse_audited(first.audited.write()))
    assert (grown.findings, grown.size) == ([], size + 300)


def test_tiles_of_tiles_are_audited_too() -> None:
    log = PublishedLog([made_up_leaf(0)] * 65_537).publish()
    log.files["tile/2/000.p/1"] = digest("x")
    report = audit(log, log.policy, Audited(log.policy.origin, 1, hash_leaf(log.entries[0])))
    assert (codes(report), report.size) == ({("tile-differs", 0)}, 65_537)


EDITS: dict[str, tuple[Callable[[BoundLeaf], BoundLeaf | LostLeaf], str]] = {
    "row edited": (
        lambda leaf: dataclasses.replace(leaf, rows=(digest("x"), *leaf.rows[1:])),
        "rows-changed",
    ),
    "row deleted": (lambda leaf: dataclasses.replace(leaf, rows=leaf.rows[1:]), "rows-changed"),
    "row inserted": (lambda leaf: dataclasses.replace(leaf, rows=(*leaf.rows, b"\xff" * 32)), "rows-changed"),
    "rows swapped": (lambda leaf: dataclasses.replace(leaf, rows=leaf.rows[::-1]), "rows-changed"),
    "actor": (lambda leaf: dataclasses.replace(leaf, own=digest("x")), "rows-changed"),
    "payload": (lambda leaf: dataclasses.replace(leaf, body=digest("x")), "leaf-changed"),
    "erased": (lambda leaf: LostLeaf(is_erased=True), "leaf-erased"),
    "deleted": (lambda leaf: LostLeaf(is_erased=False), "leaf-missing"),
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_is_found_where_it_is(edit: str) -> None:
    log = PublishedLog.of(300)
    changed, code = EDITS[edit]
    for index in (2, 3, 255, 258, 299):
        honest = bound(log, index)
        log.leaves[index] = changed(honest)
        assert codes(audit(log.publish_commitments(), log.policy, None)) == {(code, index)}
        log.leaves[index] = honest


def test_a_tree_that_is_computed_anew_is_found_by_who_audited_before() -> None:
    log = PublishedLog.of(600)
    before = audit(log, log.policy, None).audited
    forged = PublishedLog(list(log.leaves), signer=log.signer, witnesses=log.witnesses)
    forged.leaves[100] = dataclasses.replace(bound(log, 100), rows=(digest("another owner"),))
    forged.leaves += [made_up_leaf(number) for number in range(600, 700)]
    forged.publish()
    assert audit(forged, log.policy, None).has_passed  # consistent in itself
    assert codes(audit(forged, log.policy, before)) == {("forked", None)}


def test_a_fork_that_no_witness_signs_is_found_by_who_comes_first() -> None:
    log = PublishedLog.of(20)
    forged = PublishedLog(list(log.leaves), signer=log.signer, witnesses=())
    report = audit(forged.publish(), log.policy, None)
    assert codes(report) == {("not-witnessed", None)}
    one = PublishedLog(list(log.leaves), signer=log.signer, witnesses=log.witnesses[:1]).publish()
    assert codes(audit(one, log.policy, None)) == {("not-witnessed", None)}
    assert audit(one, dataclasses.replace(log.policy, quorum=1), None).has_passed


def test_an_older_state_is_found() -> None:
    log = PublishedLog.of(600)
    before = audit(log, log.policy, None).audited
    older = PublishedLog(log.leaves[:400], signer=log.signer, witnesses=log.witnesses).publish()
    assert codes(audit(older, log.policy, before)) == {("rolled-back", None)}


def test_a_stolen_name_is_no_key() -> None:
    log = PublishedLog.of(20)
    thief = PublishedLog(
        list(log.leaves), signer=a_signer(log.signer.name), witnesses=log.witnesses
    ).publish()
    assert codes(audit(thief, log.policy, None)) == {("checkpoint-not-signed", None)}


@pytest.mark.parametrize("path", ["tile/0/000", "tile/1/000.p/2", "tile/entries/001", "tile/0/002.p/88"])
def test_every_byte_of_a_tile_counts(path: str) -> None:
    log = PublishedLog.of(600)
    content = bytearray(log.files[path])
    content[-5] ^= 1
    log.files[path] = bytes(content)
    found = {code for code, _ in codes(audit(log, log.policy, None))}
    assert found & {"tile-differs", "root-differs"}


def test_what_is_not_published_is_a_finding() -> None:
    log = PublishedLog.of(600)
    whole = dict(log.files)
    for path in whole:
        log.files = {name: content for name, content in whole.items() if name != path}
        if path == CHECKPOINT:
            with pytest.raises(InvalidInput):
                audit(log, log.policy, None)
            continue
        assert not audit(log, log.policy, None).has_passed, path


def test_cut_and_spoiled_files_are_findings_never_more() -> None:
    log = PublishedLog.of(300)
    whole, drawn = dict(log.files), random.Random(7)
    for path in whole:
        for _ in range(12):
            content = bytearray(whole[path])
            if drawn.random() < 0.5:
                content[drawn.randrange(len(content))] ^= 1 << drawn.randrange(8)
            else:
                del content[drawn.randrange(len(content)) :]
            log.files = {**whole, path: bytes(content)}
            assert not audit(log, log.policy, None).has_passed, path


def test_rows_without_a_leaf_are_told_by_table() -> None:
    log = PublishedLog.of(3).publish_commitments({"party.party": 2})
    report = audit(log, log.policy, None)
    assert list(list_lines(report)) == ["rows-without-leaf: party.party: 2 rows that no leaf answers for."]
    assert report.audited is None


def test_salts_may_go_when_their_term_is_over_and_nothing_was_bound() -> None:
    log = PublishedLog.of(12)
    log.leaves[4] = log.leaves[5] = LostLeaf(is_erased=True)  # the one bound no row, the other one
    log.publish_commitments()
    policy = dataclasses.replace(log.policy, erased_below=8)
    report = audit(log, policy, None)
    assert (codes(report), report.erased) == ({("leaf-erased", 5)}, 2)


def test_findings_beyond_a_thousand_are_counted() -> None:
    log = PublishedLog.of(1500)
    log.leaves = [dataclasses.replace(bound(log, n), own=digest("x")) for n in range(1500)]
    report = audit(log.publish_commitments(), log.policy, None)
    assert (len(report.findings), report.total) == (1000, 1500)
    assert list(list_lines(report))[-1] == "... and 500 more"


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"origin":1,"size":2,"root":"x"}', "[" * 100_000])
def test_a_damaged_state_file_is_not_gone_by(content: str) -> None:
    with pytest.raises(InvalidInput):
        parse_audited(content)


def test_a_state_of_another_log_is_refused() -> None:
    log = PublishedLog.of(3)
    with pytest.raises(InvalidInput):
        audit(log, log.policy, Audited("other", 1, digest("x")))


def test_blocks_are_read_as_they_are_written() -> None:
    leaves: list[Published] = [
        made_up_leaf(3),
        LostLeaf(is_erased=True),
        made_up_leaf(0),
        LostLeaf(is_erased=False),
    ]
    assert parse_block(write_block(leaves)) == leaves
    assert path_of_block(70_000, 256) == "commitments/x070/000"


def test_the_strays_file_must_be_readable() -> None:
    log = PublishedLog.of(3)
    for content in (b"", b"[]", b"\xff", b"[" * 100_000):
        log.files[STRAYS] = content
        assert codes(audit(log, log.policy, None)) == {("not-published", None)}


def test_a_root_is_that_of_the_entries() -> None:
    log = PublishedLog.of(5)
    assert log.policy.quorum == 2
    log.sign(5, compute_root([hash_leaf(entry) for entry in log.entries[:4]]))
    assert codes(audit(log, log.policy, None)) == {("root-differs", None)}
