"""Client processes of proofs are forked from one that has imported what they need, so that a new one costs little."""

from __future__ import annotations

import multiprocessing
from multiprocessing.context import ForkServerContext
from typing import Final

PRELOADED: Final = ["tests.proof.transfer_clients", "tests.proof.register_history", "tests.proof.probe"]


def spawner() -> ForkServerContext:
    """Give the context; its server is one for the whole test process, started at the first use."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    return context


__all__ = ["spawner"]
