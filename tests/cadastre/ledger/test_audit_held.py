"""What holders were given leads into the published log, or is found not to."""

from __future__ import annotations

import dataclasses

from cadastre.ledger.audit import CHECKPOINT, audit
from cadastre.ledger.audit_held import HeldProof
from cadastre.ledger.audit_report import AuditReport
from cadastre.ledger.commitment import BoundLeaf
from cadastre.ledger.leaf import compute_leaf_hash
from cadastre.ledger.merkle import hash_leaf, inclusion_path, nodes_of
from cadastre.ledger.proof_text import InclusionProof, Opening
from tests.cadastre.ledger.logs import ORIGIN
from tests.cadastre.ledger.published import PublishedLog, a_signer, digest, made_up_leaf

SALT, PAYLOAD, PLACE = bytes(16), '{"extract":"x"}', 7


def a_log(size: int = 20, payload: str = PAYLOAD) -> PublishedLog:
    """A log with an extract's leaf in its place."""
    leaves = [made_up_leaf(number) for number in range(size)]
    leaves[PLACE] = BoundLeaf(compute_leaf_hash(payload, SALT), digest("own"))
    log = PublishedLog(list(leaves))
    return log.publish()


def given(log: PublishedLog, index: int = PLACE) -> HeldProof:
    """What its holder was given under the newest head."""
    entry = log.entries[PLACE]
    hashes = [hash_leaf(one) for one in log.entries]
    path = inclusion_path(index, len(hashes), nodes_of(hashes))
    opening = Opening(PAYLOAD, SALT, entry[32:]).write()
    return HeldProof("k.json", InclusionProof(index, tuple(path), log.files[CHECKPOINT].decode(), opening))


def codes(report: AuditReport) -> list[str]:
    return [finding.code for finding in report.findings]


def test_a_proof_of_the_past_is_redeemed_for_ever() -> None:
    log = a_log()
    held = [given(log)]
    for _ in range(3):
        assert codes(audit(log, log.policy, None, held)) == []
        log.leaves += [made_up_leaf(number) for number in range(300)]
        log.publish()
        held.append(given(log))
    log.hand_over(len(log.entries), a_signer(ORIGIN))
    log.leaves.append(made_up_leaf(1))
    assert codes(audit(log.publish(), log.policy, None, held)) == []


def test_a_log_that_knows_nothing_of_it_is_found_out() -> None:
    log = a_log()
    held = [given(log)]
    other = a_log(40, '{"extract":"y"}')
    other.signer, other.witnesses = log.signer, log.witnesses
    other.publish_tree()
    assert codes(audit(other, log.policy, None, held)) == ["held-forked"]
    short = PublishedLog(log.leaves[:12], signer=log.signer, witnesses=log.witnesses).publish()
    assert codes(audit(short, log.policy, None, held)) == ["held-not-published"]


def test_what_the_log_never_signed_is_no_proof() -> None:
    log = a_log()
    honest = given(log)
    stranger = a_log()
    unopened = dataclasses.replace(honest.proof, extra=None)
    moved = dataclasses.replace(honest.proof, index=PLACE + 1)
    for proof, code in (
        (given(stranger).proof, "held-not-signed"),
        (unopened, "held-not-signed"),
        (moved, "held-misleads"),
        (given(log, PLACE + 1).proof, "held-misleads"),
    ):
        assert codes(audit(log, log.policy, None, [HeldProof("k", proof), honest])) == [code]
