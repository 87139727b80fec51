"""Rounds: whoever comes while one is under way is proven by the next; nobody is forgotten when one fails."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from cadastre.kernel.errors import Unavailable
from cadastre.ledger import InclusionProof
from cadastre.services.proof_rounds import ProofRounds


class Prover:
    """Proves everything, slowly enough that others gather."""

    def __init__(self) -> None:
        self.rounds: list[list[UUID]] = []
        self.begun = threading.Semaphore(0)
        self.go_on = threading.Semaphore(0)
        self.fails = False

    def __call__(self, wanted: Sequence[UUID]) -> dict[UUID, InclusionProof]:
        self.rounds.append(list(wanted))
        self.begun.release()
        assert self.go_on.acquire(timeout=30)
        if self.fails:
            raise Unavailable("no key")
        return {one: InclusionProof(one.int, (), "") for one in wanted if one.int != 13}


def test_who_comes_meanwhile_waits_for_one_round_together() -> None:
    prover = Prover()
    rounds = ProofRounds(prover)
    with ThreadPoolExecutor(9) as pool:
        first = pool.submit(rounds.prove, UUID(int=0))
        assert prover.begun.acquire(timeout=30)
        others = [pool.submit(rounds.prove, UUID(int=number)) for number in range(1, 9)]
        while len(rounds._waiting) < 8:
            threading.Event().wait(0.001)
        prover.go_on.release()
        prover.go_on.release()
        proofs = [waiting.result(30) for waiting in (first, *others)]
    assert [proof.index for proof in proofs if proof] == list(range(9))
    assert [len(round_) for round_ in prover.rounds] == [1, 8]


def test_a_round_that_fails_fails_for_all_in_it_and_the_next_goes_on() -> None:
    prover = Prover()
    rounds = ProofRounds(prover)
    prover.fails = True
    prover.go_on.release()
    with pytest.raises(Unavailable, match="no key"):
        rounds.prove(UUID(int=1))
    prover.fails = False
    prover.go_on.release()
    proof = rounds.prove(UUID(int=2))
    assert proof is not None
    assert proof.index == 2


def test_what_the_log_has_not_reached_is_not_proven() -> None:
    prover = Prover()
    prover.go_on.release()
    assert ProofRounds(prover).prove(UUID(int=13)) is None
