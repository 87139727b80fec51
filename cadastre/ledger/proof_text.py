"""Proofs of inclusion as text (C2SP tlog-proof): an entry can be checked by them with the network off.

``extra`` carries what an entry is made of, for whoever was given the leaf: its
payload, its salt and its rows commitment. It is not believed: hashed, it must
give the entry that the path leads from.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass

from cadastre.kernel.errors import InvalidInput
from cadastre.ledger.checkpoint import Checkpoint, open_checkpoint, parse_number
from cadastre.ledger.leaf import compute_leaf_hash
from cadastre.ledger.merkle import HASH_BYTES, hash_leaf, verify_inclusion
from cadastre.ledger.note import MAX_NOTE_BYTES, NoteVerifier, decode_hash

HEADER = "c2sp.org/tlog-proof@v1"
MEDIA_TYPE = "text/plain; charset=utf-8"
_MOST_HASHES = 63
_MAX_BYTES = MAX_NOTE_BYTES + 64_000


class BadProof(InvalidInput):
    """A text is no proof of inclusion, or proves something else."""

    default_code = "proof-malformed"


@dataclass(frozen=True, slots=True)
class Opening:
    """What an entry is made of, for whoever may know it.

    Parameters
    ----------
    payload
        Canonical JSON text of the leaf.
    rows
        Commitment to the register's rows that the leaf recorded; zeros when there are none.
    """

    payload: str
    salt: bytes
    rows: bytes

    @property
    def entry(self) -> bytes:
        """The 64 public bytes: the salted hash of the leaf, then the rows commitment."""
        return make_entry(compute_leaf_hash(self.payload, self.salt), self.rows)

    def write(self) -> bytes:
        """Write it as JSON."""
        parts = {"payload": self.payload, "rows": self.rows.hex(), "salt": self.salt.hex()}
        return json.dumps(parts, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """Where an entry stands in the tree of a signed checkpoint."""

    index: int
    path: tuple[bytes, ...]
    note: str
    extra: bytes | None = None

    def write(self) -> str:
        """Write the proof as text."""
        lines = [HEADER]
        if self.extra is not None:
            lines.append(f"extra {base64.b64encode(self.extra).decode()}")
        lines.append(f"index {self.index}")
        lines.extend(base64.b64encode(part).decode() for part in self.path)
        return "\n".join(lines) + f"\n\n{self.note}"

    def opening(self) -> Opening:
        """Read what the entry is made of.

        Raises
        ------
        BadProof
            The proof does not say, or not readably.
        """
        try:
            parts = json.loads(self.extra or b"")
            opening = Opening(parts["payload"], bytes.fromhex(parts["salt"]), bytes.fromhex(parts["rows"]))
        except (ValueError, KeyError, TypeError, RecursionError):
            raise BadProof("The proof does not say what its entry is made of.") from None
        if not isinstance(opening.payload, str) or len(opening.rows) != HASH_BYTES:
            raise BadProof("The proof does not say what its entry is made of.")
        return opening


def make_entry(body: bytes, rows: bytes) -> bytes:
    """Give the public entry of a leaf: its salted hash and the commitment to its rows."""
    return body + rows


def parse_proof(text: str) -> InclusionProof:
    """Take a proof apart; nothing about it is believed yet.

    Raises
    ------
    BadProof
        It is none.
    """
    head, separator, note = text.partition("\n\n")
    lines = head.split("\n")
    if len(text) > _MAX_BYTES or not separator or lines.pop(0) != HEADER or not lines:
        raise BadProof(f"A proof begins with {HEADER} and ends with a checkpoint.")
    extra = _read_extra(lines)
    label, _, number = lines.pop(0).partition(" ") if lines else ("", "", "")
    index = parse_number(number) if label == "index" else None
    path = [decode_hash(line) for line in lines[: _MOST_HASHES + 1]]
    hashes = tuple(part for part in path if part is not None)
    if index is None or len(hashes) != len(path) or len(hashes) > _MOST_HASHES:
        raise BadProof("The index or a hash of the proof is not readable.")
    return InclusionProof(index, hashes, note, extra)


def verify_proof(
    proof: InclusionProof, entry: bytes, origin: str, verifiers: Iterable[NoteVerifier]
) -> Checkpoint:
    """Give the checkpoint whose tree holds the entry at the proof's index.

    Raises
    ------
    BadNote
        The checkpoint is not signed by a known key of this log.
    BadProof
        The path does not lead to its root.
    """
    checkpoint = open_checkpoint(proof.note, origin, verifiers)
    if not verify_inclusion(hash_leaf(entry), proof.index, checkpoint.size, proof.path, checkpoint.root):
        raise BadProof("The entry is not at this place of the checkpoint's tree.", code="proof-misleading")
    return checkpoint


def _read_extra(lines: list[str]) -> bytes | None:
    if not lines or not lines[0].startswith("extra "):
        return None
    encoded = lines.pop(0).removeprefix("extra ")
    try:
        return base64.b64decode(encoded, validate=True)
    except ValueError:
        raise BadProof("The extra data of the proof is not readable.") from None


__all__ = [
    "HEADER",
    "MEDIA_TYPE",
    "BadProof",
    "InclusionProof",
    "Opening",
    "make_entry",
    "parse_proof",
    "verify_proof",
]
