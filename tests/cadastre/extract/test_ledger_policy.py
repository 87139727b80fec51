"""Proofs of the ledger beside documents: whose they are, who saw them, and what they are of."""

from __future__ import annotations

import pytest

from cadastre.extract import Trust, Verdict
from cadastre.extract.ledger_policy import LedgerPolicy
from cadastre.extract.reasons import Rejected
from cadastre.extract.verify import Verifier
from cadastre.kernel.errors import InvalidInput
from cadastre.ledger.cosignature import parse_witness
from tests.cadastre.extract.conftest import Issued
from tests.cadastre.extract.ledger_proofs import SEEN, SmallLedger

LEDGER = SmallLedger()


@pytest.mark.parametrize(
    ("quorum", "witnessed", "seen"),
    [
        ("none", (), None),
        ("w1", (0, 1), SEEN + 1),
        ("w0", (0, 1), SEEN),
        ("both", (0, 1), SEEN + 1),
        ("nested", (0, 1), SEEN + 1),
    ],
)
def test_the_time_is_that_by_which_the_quorum_had_signed(
    issued: dict[str, Issued], trust: Trust, quorum: str, witnessed: tuple[int, ...], seen: int | None
) -> None:
    policy = LedgerPolicy.parse(LEDGER.policy(quorum))
    one = issued["plain"].signed
    body = {
        "statement": one.statement,
        "jws": one.jws,
        "proof": LEDGER.prove(one.statement, one.sha256, witnessed),
    }
    found = Verifier(trust, policy).judge_bundle(body)
    assert found.verdict is Verdict.AUTHENTIC
    assert "proof-valid" in [reason.code for reason in found.reasons]
    assert found.entry is not None
    assert (found.entry.index, found.entry.tree_size) == (6, 10)
    assert (found.entry.seen_at and found.entry.seen_at.timestamp()) == seen
    assert LedgerPolicy.parse(policy.write()) == policy


@pytest.mark.parametrize(
    ("quorum", "witnessed"), [("w1", ()), ("w1", (0,)), ("both", (0,)), ("nested", (1,))]
)
def test_too_few_witnesses(issued: dict[str, Issued], quorum: str, witnessed: tuple[int, ...]) -> None:
    one = issued["plain"].signed
    proof = LEDGER.prove(one.statement, one.sha256, witnessed)
    with pytest.raises(Rejected) as refused:
        LedgerPolicy.parse(LEDGER.policy(quorum)).check(
            proof, extract_id=one.statement["id"], sha256=one.sha256
        )
    assert refused.value.code == "proof-unwitnessed"


def test_every_changed_line_of_a_proof_is_refused(issued: dict[str, Issued]) -> None:
    one, policy = issued["plain"].signed, LedgerPolicy.parse(LEDGER.policy())
    proof = LEDGER.prove(one.statement, one.sha256)
    lines = proof.split("\n")
    for number, line in enumerate(lines):
        for changed in (line[:-1], line + "x", line[: len(line) // 2] + "A" + line[len(line) // 2 + 1 :], ""):
            if changed == line:
                continue
            text = "\n".join([*lines[:number], changed, *lines[number + 1 :]])
            with pytest.raises(Rejected):
                policy.check(text, extract_id=one.statement["id"], sha256=one.sha256)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "log x",
        "quorum w1",
        "quorum none\nquorum none",
        "witness a b\nquorum a",
        "group g any\nquorum none",
        "group g 1 nobody\nquorum g",
        "dance\nquorum none",
        "quorum none from 1",
        "quorum none from",
        "quorum none from x",
        "quorum none\nquorum none from 0",
        "quorum none\nquorum none from 5\nquorum none from 5",
        "quorum none\nquorum nobody from 5",
        LEDGER.policy().replace("group both all w0 w1", "group both 3 w0 w1"),
        LEDGER.policy().replace("group both all w0 w1", "group both 0 w0 w1"),
        LEDGER.policy().replace("group both all w0 w1", "group both all w0 w0"),
        LEDGER.policy() + LEDGER.policy().splitlines()[1] + "\n",
    ],
)
def test_policies_that_are_none(text: str) -> None:
    with pytest.raises(InvalidInput):
        LedgerPolicy.parse(text)


def test_configured_witnesses_count_from_the_next_head_on() -> None:
    one, other = (parse_witness(line.split()[2]) for line in LEDGER.policy().splitlines()[2:4])
    logs = LedgerPolicy.of_logs([LEDGER.log.verifier])
    asked = logs.with_witnesses([one, other], 1, 8)
    assert [asked.quorum_at(size) for size in (1, 7, 8, 99)] == ["none", "none", "quorum-1", "quorum-1"]
    assert asked.with_witnesses([other, one], 1, 20) is asked
    more = asked.with_witnesses([other], 1, 20).with_witnesses([one, other], 2, 20)
    assert [more.quorum_at(size) for size in (19, 20)] == ["quorum-1", "quorum-3"]
    assert len(more.witnesses) == 2
    assert LedgerPolicy.parse(more.write()) == more
    begun = logs.with_witnesses([one, other], 2, 0)
    assert "from" not in begun.write()  # a plain C2SP policy
    assert begun.quorum_at(1) == "quorum-1"
