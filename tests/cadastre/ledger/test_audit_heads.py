"""The auditor follows the log's key where it hands over, and sees by witnesses' clocks whose term is over."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from cadastre.ledger.audit import CHECKPOINT, MOST_MISSING, audit
from cadastre.ledger.audit_heads import HANDOVERS, TERM
from cadastre.ledger.audit_report import AuditReport, parse_audited
from cadastre.ledger.commitment import BoundLeaf, LostLeaf, count_rows, is_of_look
from tests.cadastre.ledger.logs import ORIGIN
from tests.cadastre.ledger.published import NOW, PublishedLog, a_signer, digest, made_up_leaf

LONG = timedelta(days=1096)


def codes(report: AuditReport) -> list[tuple[str, int | None]]:
    return [(finding.code, finding.index) for finding in report.findings]


def grown(log: PublishedLog, count: int) -> PublishedLog:
    log.leaves += [made_up_leaf(number) for number in range(len(log.leaves), len(log.leaves) + count)]
    return log.publish()


def handed_over(size: int = 300) -> PublishedLog:
    """A log whose key handed over twice, at 257 and at 280 entries; its auditor knows the first key."""
    log = PublishedLog.of(size)
    log.hand_over(257, a_signer(ORIGIN))
    log.hand_over(280, a_signer(ORIGIN))
    return log.publish()


def test_the_successor_counts_by_the_word_of_the_one_before() -> None:
    log = handed_over()
    report = audit(log, log.policy, None)
    assert (codes(report), report.size) == ([], 300)
    assert report.audited is not None
    assert len(report.audited.handovers) == 2
    again = audit(grown(log, 20), log.policy, parse_audited(report.audited.write()))
    assert (codes(again), again.size) == ([], 320)


def test_without_the_handover_the_successor_is_a_stranger() -> None:
    log = handed_over()
    del log.files[HANDOVERS]
    assert codes(audit(log, log.policy, None)) == [("checkpoint-not-signed", None)]


def test_a_thief_of_the_old_key_signs_nothing_that_counts() -> None:
    log = handed_over()
    old = log.pinned[0]
    fork = PublishedLog(log.leaves[:260], signer=old, witnesses=log.witnesses, pinned=log.pinned)
    fork.leaves[100] = made_up_leaf(1001)
    fork.files[HANDOVERS] = log.files[HANDOVERS]
    assert codes(audit(fork.publish(), log.policy, None)) == [("checkpoint-not-signed", None)]


def test_a_thief_who_hands_over_himself_is_found_by_who_audited_before() -> None:
    log = handed_over()
    before = audit(log, log.policy, None).audited
    assert before is not None
    fork = PublishedLog(list(log.leaves), signer=log.pinned[0], witnesses=log.witnesses)
    fork.publish().hand_over(257, a_signer(ORIGIN))
    report = audit(grown(fork, 20), log.policy, before)
    assert [code for code, _ in codes(report)] == ["handover-contradicts", "checkpoint-not-signed"]


def test_a_handover_over_other_entries_is_a_fork() -> None:
    log = PublishedLog.of(300)
    other = PublishedLog([made_up_leaf(number + 1) for number in range(300)], signer=log.signer)
    other.publish().hand_over(257, a_signer(ORIGIN))
    log.files[HANDOVERS] = other.files[HANDOVERS]
    log.pinned, log.signer = (log.signer,), other.signer
    assert codes(audit(log.publish(), log.policy, None)) == [("forked", None)]


def test_spoilt_handovers_are_findings_never_more() -> None:
    log = handed_over(281)
    whole = log.files[HANDOVERS]
    for place in range(0, len(whole), 23):
        for content in (whole[:place], whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]):
            log.files[HANDOVERS] = content
            assert not audit(log, log.policy, None).has_passed, place


def test_a_head_below_that_of_a_handover_is_a_rollback() -> None:
    log = handed_over()
    log.signer = log.pinned[0]
    log.sign(257, log.root(257))
    assert ("rolled-back", None) in codes(audit(log, log.policy, None))
    log.sign(258, log.root(258))
    assert codes(audit(log, log.policy, None)) == [("checkpoint-not-signed", None)]


def test_a_size_that_is_a_lie_ends_the_questions() -> None:
    log = PublishedLog.of(3)
    log.sign(2**62, digest("x"))
    report = audit(log, log.policy, None)
    assert report.total < 3 * MOST_MISSING
    assert not report.has_passed


def looked(*, term: timedelta = LONG) -> PublishedLog:
    """A log of whose looks the first two lost their salts, a term after their head, which it shows."""
    log = PublishedLog([made_up_leaf(number) for number in range(8)], looks=frozenset({2, 3, 7, 9}))
    log.now = NOW - term
    log.publish()
    log.files[TERM] = log.files[CHECKPOINT]
    log.now = NOW
    grown(log, 12)
    log.leaves[2] = log.leaves[3] = LostLeaf(is_erased=True)
    return log.publish_commitments()


def test_looks_lose_their_salts_after_a_term_that_witnesses_show() -> None:
    log = looked()
    assert is_of_look(log.entries[3][32:])
    assert (count_rows(log.entries[3][32:]), count_rows(log.entries[5][32:])) == (3, 1)
    report = audit(log, log.policy, None)
    assert (codes(report), report.erased) == ([], 2)


def test_no_other_leaf_loses_its_salt_and_none_early() -> None:
    log = looked()
    for index, found in ((5, [("leaf-erased", 5)]), (9, [("leaf-erased", 9)]), (7, [])):
        honest = log.leaves[index]
        log.leaves[index] = LostLeaf(is_erased=True)
        assert codes(audit(log.publish_commitments(), log.policy, None)) == found
        log.leaves[index] = honest


def test_what_a_look_bound_is_found_changed_like_any_row() -> None:
    log = looked()
    leaf = log.leaves[7]
    assert isinstance(leaf, BoundLeaf)
    log.leaves[7] = dataclasses.replace(leaf, rows=leaf.rows[1:])
    assert codes(audit(log.publish_commitments(), log.policy, None)) == [("rows-changed", 7)]


@pytest.mark.parametrize(
    ("term", "quorum", "code"), [(LONG / 2, 2, "term-not-over"), (LONG, 0, "term-not-shown")]
)
def test_a_term_that_witnesses_do_not_show_is_not_over(term: timedelta, quorum: int, code: str) -> None:
    log = looked(term=term)
    report = audit(log, dataclasses.replace(log.policy, quorum=quorum), None)
    assert codes(report) == [(code, None), ("leaf-erased", 2), ("leaf-erased", 3)]


def test_a_head_of_another_log_shows_no_term() -> None:
    log, other = looked(), looked()
    log.files[TERM] = other.files[CHECKPOINT]
    assert codes(audit(log, log.policy, None))[0] == ("term-not-signed", None)
    forked = PublishedLog([made_up_leaf(9)] * 8, signer=log.signer, witnesses=log.witnesses, now=NOW - LONG)
    log.files[TERM] = forked.publish().files[CHECKPOINT]
    assert codes(audit(log, log.policy, None)) == [("forked", None)]
