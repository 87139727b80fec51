"""Proofs over the public log, as JSON."""

from __future__ import annotations

import base64
from typing import Annotated, Self

from pydantic import BaseModel, Field

from cadastre.services.ledger_proof import PublicConsistency, PublicInclusion

Hash = Annotated[str, Field(description="SHA-256, base64.", min_length=44, max_length=44)]


class Inclusion(BaseModel):
    """Where an entry stands in a tree of the log."""

    leaf_index: int
    tree_size: int
    entry: str = Field(description="The public entry, 64 bytes, base64: salted leaf hash, rows commitment.")
    leaf_hash: Hash
    path: list[Hash] = Field(description="RFC 6962 audit path, the leaf's sibling first.")
    root_hash: Hash
    proof: str | None = Field(
        description="The same as c2sp.org/tlog-proof@v1, when a checkpoint of this size was signed."
    )

    @classmethod
    def of(cls, shown: PublicInclusion) -> Self:
        """Write what the desk found."""
        return cls(
            leaf_index=shown.index,
            tree_size=shown.size,
            entry=_encode(shown.entry),
            leaf_hash=_encode(shown.leaf_hash),
            path=[_encode(part) for part in shown.path],
            root_hash=_encode(shown.root),
            proof=None if shown.proof is None else shown.proof.write(),
        )


class Consistency(BaseModel):
    """That a tree of the log begins with a smaller one."""

    from_size: int
    to_size: int
    from_root_hash: Hash
    to_root_hash: Hash
    path: list[Hash] = Field(description="RFC 6962 consistency proof.")

    @classmethod
    def of(cls, shown: PublicConsistency) -> Self:
        """Write what the desk found."""
        return cls(
            from_size=shown.old,
            to_size=shown.new,
            from_root_hash=_encode(shown.old_root),
            to_root_hash=_encode(shown.new_root),
            path=[_encode(part) for part in shown.path],
        )


def _encode(content: bytes) -> str:
    return base64.b64encode(content).decode()


__all__ = ["Consistency", "Inclusion"]
