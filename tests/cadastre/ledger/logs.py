"""A small log in memory, its key, and what it asks of a witness."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cadastre.ledger.checkpoint import Checkpoint
from cadastre.ledger.merkle import compute_root, consistency_path, hash_leaf, nodes_of
from cadastre.ledger.note import Ed25519Signer, sign_note
from cadastre.ledger.witness import AddCheckpoint

ORIGIN = "log.example/ledger"


def hashes(count: int, seed: str = "", start: int = 0) -> list[bytes]:
    """Made-up leaf hashes."""
    return [hash_leaf(hashlib.sha256(f"{seed}{n}".encode()).digest()) for n in range(start, start + count)]


@dataclass
class Log:
    """Leaves and the key that signs their root."""

    leaves: list[bytes] = field(default_factory=lambda: hashes(10))
    signer: Ed25519Signer = field(default_factory=lambda: Ed25519Signer(ORIGIN, Ed25519PrivateKey.generate()))

    def note(self, size: int | None = None, origin: str = ORIGIN) -> str:
        """Signed head of the first ``size`` leaves."""
        leaves = self.leaves if size is None else self.leaves[:size]
        return sign_note(Checkpoint(origin, len(leaves), compute_root(leaves)).write(), self.signer).write()

    def ask(self, old: int, size: int | None = None) -> bytes:
        """Request to cosign a head that follows the one of ``old`` leaves."""
        new = len(self.leaves) if size is None else size
        path = consistency_path(old, new, nodes_of(self.leaves)) if 0 < old <= new else []
        return AddCheckpoint(old, tuple(path), self.note(size)).write()

    def forked(self, at: int, count: int, seed: str) -> Log:
        """Another log under the same key that differs from the leaf ``at`` on."""
        return Log(self.leaves[:at] + hashes(count, f"fork {seed}"), self.signer)
