"""A small ledger with witnesses, and the proof that a statement stands in it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cadastre.ledger.checkpoint import Checkpoint
from cadastre.ledger.merkle import compute_root, hash_leaf, inclusion_path, nodes_of
from cadastre.ledger.note import COSIGNATURE_V1, Ed25519Signer, SignatureLine, SignedNote, Verifier, sign_note
from cadastre.ledger.proof_text import InclusionProof, Opening

ORIGIN = "kadastr.test/ledger"
SEEN = 1_795_342_600  # a minute after the statements of the tests


def signer(name: str, seed: int) -> Ed25519Signer:
    return Ed25519Signer(name, Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


@dataclass(frozen=True)
class SmallLedger:
    """Nine other leaves, one statement's among them, two witnesses."""

    log: Ed25519Signer = field(default_factory=lambda: signer(ORIGIN, 1))
    witnesses: tuple[Ed25519Signer, ...] = field(
        default_factory=lambda: (signer("notaries.test/w", 2), signer("auditors.test/w", 3))
    )
    size: int = 10
    place: int = 6
    first: Ed25519Signer | None = None
    eras: str = ""

    def policy(self, quorum: str = "both") -> str:
        keys = [Verifier(w.name, w.verifier.public_key, COSIGNATURE_V1).line for w in self.witnesses]
        return "\n".join(
            [
                "# whom we believe",
                f"log {(self.first or self.log).verifier.line}",
                *(f"witness w{number} {key}" for number, key in enumerate(keys)),
                "group both all w0 w1",
                "group one any both" if quorum == "nested" else "",
                f"quorum {'one' if quorum == 'nested' else quorum}",
                self.eras,
                "",
            ]
        )

    def opening(self, statement: dict[str, Any], sha256: str) -> Opening:
        payload = {
            "extract_id": statement["id"],
            "kind": statement["kind"],
            "ledger_index": 5,
            "statement_sha256": sha256,
        }
        text = json.dumps(payload, separators=(",", ":"), sort_keys=True)
        return Opening(text, hashlib.sha256(sha256.encode()).digest()[:16], bytes(32))

    def prove(self, statement: dict[str, Any], sha256: str, witnessed: tuple[int, ...] = (0, 1)) -> str:
        return self.proof(self.opening(statement, sha256), witnessed).write()

    def proof(self, opening: Opening, witnessed: tuple[int, ...] = (0, 1)) -> InclusionProof:
        leaves = [hash_leaf(bytes([number]) * 64) for number in range(self.size)]
        leaves[self.place] = hash_leaf(opening.entry)
        text = Checkpoint(ORIGIN, self.size, compute_root(leaves)).write()
        note = sign_note(text, self.log)
        lines = [cosign(text, self.witnesses[one], SEEN + one) for one in witnessed]
        path = inclusion_path(self.place, self.size, nodes_of(leaves))
        return InclusionProof(
            self.place, tuple(path), SignedNote(text, (*note.signatures, *lines)).write(), opening.write()
        )


def cosign(text: str, witness: Ed25519Signer, at: int) -> SignatureLine:
    key = Verifier(witness.name, witness.verifier.public_key, COSIGNATURE_V1)
    signature = witness.sign(f"cosignature/v1\ntime {at}\n{text}".encode())
    return SignatureLine(key.name, key.key_id, at.to_bytes(8, "big") + signature)
