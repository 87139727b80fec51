"""A published log in memory: its files, and ways to tamper with them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cadastre.ledger.audit import CHECKPOINT, STRAYS
from cadastre.ledger.audit_heads import HANDOVERS
from cadastre.ledger.audit_report import AuditPolicy
from cadastre.ledger.checkpoint import Checkpoint
from cadastre.ledger.commitment import BoundLeaf, Published, path_of_block, write_block
from cadastre.ledger.cosignature import WitnessVerifier, cosign
from cadastre.ledger.handover import sign_handover, split_handovers, write_handovers
from cadastre.ledger.merkle import compute_root, hash_leaf
from cadastre.ledger.note import Ed25519Signer, sign_note
from cadastre.ledger.tiles import HEIGHT, WIDTH, bundles_of, tiles_of, write_bundle
from tests.cadastre.ledger.logs import ORIGIN

NOW = datetime(2026, 5, 4, 8, tzinfo=UTC)


def digest(*parts: object) -> bytes:
    """Made-up digest."""
    return hashlib.sha256(repr(parts).encode()).digest()


def made_up_leaf(number: int) -> BoundLeaf:
    """Leaf with as many rows as its number allows, sorted."""
    rows = sorted(digest("row", number, place) for place in range(number % 4))
    return BoundLeaf(digest("body", number), digest("own", number), tuple(rows))


def a_signer(name: str) -> Ed25519Signer:
    """Fresh key."""
    return Ed25519Signer(name, Ed25519PrivateKey.generate())


@dataclass
class PublishedLog:
    """Leaves, as entered and as they stand; ``files`` is what is published of them."""

    leaves: list[Published]
    entries: list[bytes] = field(default_factory=list)
    signer: Ed25519Signer = field(default_factory=lambda: a_signer(ORIGIN))
    witnesses: tuple[Ed25519Signer, ...] = field(default_factory=lambda: (a_signer("w/1"), a_signer("w/2")))
    files: dict[str, bytes] = field(default_factory=dict)
    looks: frozenset[int] = frozenset()
    pinned: tuple[Ed25519Signer, ...] = ()
    now: datetime = NOW

    @classmethod
    def of(cls, size: int) -> PublishedLog:
        """An honest log."""
        return cls([made_up_leaf(number) for number in range(size)]).publish()

    @property
    def policy(self) -> AuditPolicy:
        """Whom its auditors believe."""
        keys = tuple(WitnessVerifier(w.name, w.verifier.public_key) for w in self.witnesses)
        pinned = self.pinned or (self.signer,)
        return AuditPolicy(ORIGIN, tuple(signer.verifier for signer in pinned), keys)

    def read(self, path: str) -> bytes | None:
        """Give a published file."""
        return self.files.get(path)

    def publish(self) -> PublishedLog:
        """Enter what is not entered yet, sign, and publish everything."""
        for number, leaf in enumerate(self.leaves[len(self.entries) :], len(self.entries)):
            assert isinstance(leaf, BoundLeaf)
            self.entries.append(leaf.body + leaf.commit(of_look=number in self.looks))
        return self.publish_tree().publish_commitments()

    def publish_tree(self) -> PublishedLog:
        """Publish entries, tiles and a cosigned head."""
        size = len(self.entries)
        levels = [[hash_leaf(entry) for entry in self.entries]]
        while len(levels[-1]) >= WIDTH:
            below = levels[-1]
            full = range(0, len(below) - WIDTH + 1, WIDTH)
            levels.append([compute_root(below[start : start + WIDTH]) for start in full])
        for tile in tiles_of(size):
            hashes = levels[tile.level or 0][tile.index * WIDTH :][: tile.width]
            self.files[tile.path] = b"".join(hashes)
        for tile in bundles_of(size):
            self.files[tile.path] = write_bundle(self.entries[tile.index * WIDTH :][: tile.width])
        self.sign(size, compute_root(levels[0]))
        return self

    def sign(self, size: int, root: bytes) -> None:
        """Publish a head with the lines of all witnesses."""
        note = sign_note(Checkpoint(ORIGIN, size, root).write(), self.signer)
        lines = [cosign(note.text, witness, self.now).write() for witness in self.witnesses]
        self.files[CHECKPOINT] = (note.write() + "".join(f"{line}\n" for line in lines)).encode()

    def root(self, size: int) -> bytes:
        """Root of the first entries."""
        return compute_root([hash_leaf(entry) for entry in self.entries[:size]])

    def hand_over(self, size: int, new: Ed25519Signer) -> None:
        """Let the key hand over after so many entries, publish it, and go on with the new one."""
        note = sign_handover(Checkpoint(ORIGIN, size, self.root(size)), self.signer, new).write()
        told = split_handovers(self.files.get(HANDOVERS, b"").decode())
        self.files[HANDOVERS] = write_handovers([*told, note]).encode()
        self.pinned = self.pinned or (self.signer,)
        self.signer = new

    def publish_commitments(self, strays: dict[str, int] | None = None) -> PublishedLog:
        """Publish what stands now."""
        for tile in bundles_of(len(self.entries)):
            start = tile.index * WIDTH
            block = self.leaves[start : start + tile.width]
            self.files[path_of_block(tile.index, tile.width)] = write_block(block)
        self.files[STRAYS] = json.dumps(strays or {}).encode()
        return self


__all__ = ["HEIGHT", "NOW", "PublishedLog", "a_signer", "digest", "made_up_leaf"]
