"""The ledger: salted RFC 6962 leaves over everything that happens to the register, and the tree over them.

A leaf (``leaf``) is private; its public entry is the salted hash and the
commitment to the rows it recorded. The tree (``merkle``) stands over entries,
is published as ``tiles`` and signed as ``checkpoint`` in a ``note``;
``proof_text`` is what a holder of a document keeps.
"""

from cadastre.ledger.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint, read_checkpoint
from cadastre.ledger.leaf import SALT_BYTES, canonical_payload, compute_leaf_hash
from cadastre.ledger.note import (
    BadNote,
    Ed25519Signer,
    NoteSigner,
    NoteVerifier,
    SignedNote,
    Verifier,
    parse_note,
    parse_verifier,
    sign_note,
)
from cadastre.ledger.proof_text import (
    BadProof,
    InclusionProof,
    Opening,
    make_entry,
    parse_proof,
    verify_proof,
)

__all__ = [
    "SALT_BYTES",
    "BadNote",
    "BadProof",
    "Checkpoint",
    "Ed25519Signer",
    "InclusionProof",
    "NoteSigner",
    "NoteVerifier",
    "Opening",
    "SignedNote",
    "Verifier",
    "canonical_payload",
    "compute_leaf_hash",
    "make_entry",
    "open_checkpoint",
    "parse_checkpoint",
    "parse_note",
    "parse_proof",
    "parse_verifier",
    "read_checkpoint",
    "sign_note",
    "verify_proof",
]
