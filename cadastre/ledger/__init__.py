"""The ledger: salted RFC 6962 leaves over everything that happens to the register.

The Merkle tree, checkpoints and witnesses stand on these leaves.
"""

from cadastre.ledger.leaf import SALT_BYTES, canonical_payload, compute_leaf_hash

__all__ = ["SALT_BYTES", "canonical_payload", "compute_leaf_hash"]
