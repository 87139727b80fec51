"""Proves in rounds what was just issued: one head is signed, and one transaction proves, for all who wait."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from cadastre.kernel.errors import CadastreError
from cadastre.ledger.proof_text import InclusionProof

ProveAll = Callable[[Sequence[UUID]], dict[UUID, InclusionProof]]


@dataclass(slots=True)
class _Waiter:
    """One who waits for a round, and what came of it."""

    wanted: UUID
    done: bool = False
    proof: InclusionProof | None = None
    error: CadastreError | None = None


@dataclass(slots=True)
class ProofRounds:
    """Gathers those who wait while a round is under way; the first of them leads the next.

    Parameters
    ----------
    prove_all
        Signs a head that covers everything committed before the call, and proves under it.
    """

    prove_all: ProveAll
    _waiting: list[_Waiter] = field(default_factory=list)
    _gate: threading.Lock = field(default_factory=threading.Lock)
    _lead: threading.Lock = field(default_factory=threading.Lock)

    def prove(self, wanted: UUID) -> InclusionProof | None:
        """Give the proof of what was committed before this call; None when the log has not come so far.

        Raises
        ------
        CadastreError
            The round failed, for everybody in it.
        """
        waiter = _Waiter(wanted)
        with self._gate:
            self._waiting.append(waiter)
        with self._lead:
            if not waiter.done:
                self._hold_round()
        if waiter.error is not None:
            raise waiter.error
        return waiter.proof

    def _hold_round(self) -> None:
        with self._gate:
            round_, self._waiting = self._waiting, []
        try:
            proofs = self.prove_all([waiter.wanted for waiter in round_])
        except CadastreError as error:
            for waiter in round_:
                waiter.error = error
        else:
            for waiter in round_:
                waiter.proof = proofs.get(waiter.wanted)
        finally:
            for waiter in round_:
                waiter.done = True


__all__ = ["ProofRounds", "ProveAll"]
