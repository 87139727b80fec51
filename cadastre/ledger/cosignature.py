"""Cosignatures of witnesses (C2SP tlog-cosignature v1): as of a time, this is the largest tree seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from cadastre.ledger.note import (
    COSIGNATURE_V1,
    NoteSigner,
    SignatureLine,
    SignedNote,
    Verifier,
    compute_key_id,
    parse_verifier,
)

_TIME_BYTES, _SIGNATURE_BYTES = 8, 64
_LAST_SECOND = 253_402_300_799
"""Of the year 9999: no later day has a date."""


@dataclass(frozen=True, slots=True)
class WitnessVerifier:
    """The public key of a witness."""

    name: str
    public_key: bytes

    @property
    def key_id(self) -> bytes:
        """The four bytes before each of its signatures."""
        return compute_key_id(self.name, COSIGNATURE_V1, self.public_key)

    @property
    def line(self) -> str:
        """The key as one line for a reader's configuration."""
        return Verifier(self.name, self.public_key, COSIGNATURE_V1).line

    def verify(self, text: str, signature: bytes) -> bool:
        """Tell whether this witness cosigned the text."""
        return self.read_time(text, signature) is not None

    def read_time(self, text: str, signature: bytes) -> datetime | None:
        """Give the moment at which this witness cosigned the text; None when it did not."""
        seconds = int.from_bytes(signature[:_TIME_BYTES], "big")
        if len(signature) != _TIME_BYTES + _SIGNATURE_BYTES or seconds > _LAST_SECOND:
            return None
        key = Verifier(self.name, self.public_key, COSIGNATURE_V1)
        if not key.verify_bytes(_message(text, seconds), signature[_TIME_BYTES:]):
            return None
        return datetime.fromtimestamp(seconds, UTC)


def parse_witness(line: str) -> WitnessVerifier:
    """Read the key of a witness from its line.

    Raises
    ------
    BadNote
        It is none.
    """
    key = parse_verifier(line, algorithms=(COSIGNATURE_V1,))
    return WitnessVerifier(key.name, key.public_key)


def cosign(text: str, signer: NoteSigner, at: datetime) -> SignatureLine:
    """Cosign the text of a checkpoint as of a moment."""
    key = signer.verifier
    seconds = int(at.timestamp())
    signature = seconds.to_bytes(_TIME_BYTES, "big") + signer.sign(_message(text, seconds))
    return SignatureLine(key.name, compute_key_id(key.name, COSIGNATURE_V1, key.public_key), signature)


def list_cosigners(note: SignedNote, witnesses: Iterable[WitnessVerifier]) -> dict[str, datetime]:
    """Give which of these witnesses cosigned a note, each once, and when; forged lines count for nothing."""
    known = {(witness.name, witness.key_id): witness for witness in witnesses}
    found: dict[str, datetime] = {}
    for line in note.signatures:
        witness = known.get((line.name, line.key_id))
        at = None if witness is None else witness.read_time(note.text, line.signature)
        if at is not None:
            found[line.name] = at
    return found


def _message(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


__all__ = ["WitnessVerifier", "cosign", "list_cosigners", "parse_witness"]
