"""Signed notes (C2SP signed-note): a text, a blank line, and lines of signatures under it.

A signature counts only by a key that the reader knew before: name and key id
in the line only say which one to try.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cadastre.kernel.errors import InvalidInput
from cadastre.keys.kinds import Ed25519Key

ED25519 = 0x01
COSIGNATURE_V1 = 0x04
MAX_NOTE_BYTES = 64_000
_KEY_BYTES, _KEY_ID_BYTES, _MAX_SIGNATURES = 32, 4, 64
_NAME = re.compile(r"[^\s+\x00-\x1f\x7f]{1,200}")
_LINE = re.compile(r"\u2014 ([^ ]+) ([A-Za-z0-9+/]+={0,2})")


class BadNote(InvalidInput):
    """A text is no signed note, or no key that is known and meant signed it."""

    default_code = "note-malformed"


def require_key_name(name: str) -> str:
    """Give the name back when a key may be called so: not empty, no spaces, no plus sign.

    Raises
    ------
    InvalidInput
        It may not.
    """
    if not _NAME.fullmatch(name):
        raise InvalidInput(
            "The name of a ledger key has no spaces, no plus signs and at most 200 letters.",
            code="bad-key-name",
        )
    return name


def compute_key_id(name: str, algorithm: int, public_key: bytes) -> bytes:
    """Give the four bytes that name a key: of SHA-256 over name, newline, algorithm and public key."""
    return hashlib.sha256(f"{name}\n".encode() + bytes([algorithm]) + public_key).digest()[:_KEY_ID_BYTES]


class NoteVerifier(Protocol):
    """A key that is known to the reader; how it signs is its own affair."""

    @property
    def name(self) -> str:
        """Name that stands in the line."""

    @property
    def key_id(self) -> bytes:
        """The four bytes before the signature."""

    def verify(self, text: str, signature: bytes) -> bool:
        """Tell whether this key signed the text."""


class NoteSigner(Protocol):
    """A key that signs; it may stand in a file or behind PKCS#11."""

    @property
    def verifier(self) -> Verifier:
        """What readers need to know of it."""

    def sign(self, message: bytes) -> bytes:
        """Give the 64 bytes of an Ed25519 signature over the message."""


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public Ed25519 key with the name it signs under."""

    name: str
    public_key: bytes
    algorithm: int = ED25519

    @property
    def key_id(self) -> bytes:
        """The four bytes before each of its signatures."""
        return compute_key_id(self.name, self.algorithm, self.public_key)

    @property
    def line(self) -> str:
        """The key as one line for a reader's configuration: name, key id, base64 of algorithm and key."""
        encoded = base64.b64encode(bytes([self.algorithm]) + self.public_key).decode()
        return f"{self.name}+{self.key_id.hex()}+{encoded}"

    def verify(self, text: str, signature: bytes) -> bool:
        """Tell whether this key signed the text."""
        return self.algorithm == ED25519 and self.verify_bytes(text.encode(), signature)

    def verify_bytes(self, message: bytes, signature: bytes) -> bool:
        """Tell whether this key made the signature over a message."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, message)
        except InvalidSignature:
            return False
        return True


def parse_verifier(line: str, *, algorithms: Sequence[int] = (ED25519,)) -> Verifier:
    """Read a key from its line.

    Raises
    ------
    BadNote
        It is none, or its key id is not that of its key.
    """
    name, _, rest = line.strip().partition("+")
    shown, _, encoded = rest.partition("+")
    key = _decode(encoded)
    if not _NAME.fullmatch(name) or key is None or len(key) != 1 + _KEY_BYTES or key[0] not in algorithms:
        raise BadNote("This is no line of a key: name+keyid+base64.", code="key-line-malformed")
    verifier = Verifier(name, key[1:], key[0])
    if shown != verifier.key_id.hex():
        raise BadNote("The key id in the line is not that of the key.", code="key-line-malformed")
    return verifier


@dataclass(frozen=True, slots=True)
class Ed25519Signer:
    """A key with the name it signs under, wherever it is kept."""

    name: str
    private: Ed25519Key

    @property
    def verifier(self) -> Verifier:
        """What readers need to know of it."""
        return Verifier(self.name, self.private.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """Give the signature over the message."""
        return self.private.sign(message)


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """One signature of a note, not judged."""

    name: str
    key_id: bytes
    signature: bytes

    def write(self) -> str:
        """Write it as it stands in the note, without the newline."""
        return f"\u2014 {self.name} {base64.b64encode(self.key_id + self.signature).decode()}"


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A text and the signatures that stand under it, not judged."""

    text: str
    signatures: tuple[SignatureLine, ...]

    def write(self) -> str:
        """Write the note as it is handed out."""
        return f"{self.text}\n" + "".join(f"{line.write()}\n" for line in self.signatures)

    def signed_by(self, verifiers: Iterable[NoteVerifier]) -> tuple[SignatureLine, ...]:
        """Give the lines of known keys.

        Raises
        ------
        BadNote
            A known key is named and did not sign this text, or none of them signed it.
        """
        known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
        found = []
        for line in self.signatures:
            verifier = known.get((line.name, line.key_id))
            if verifier is None:
                continue
            if not verifier.verify(self.text, line.signature):
                raise BadNote(f"The signature of {line.name} is not over this text.", code="note-forged")
            found.append(line)
        if not found:
            raise BadNote("No known key signed this note.", code="note-unsigned")
        return tuple(found)


def sign_note(text: str, signer: NoteSigner) -> SignedNote:
    """Sign a text, which ends in a newline."""
    verifier = signer.verifier
    line = SignatureLine(require_key_name(verifier.name), verifier.key_id, signer.sign(text.encode()))
    return SignedNote(text, (line,))


def parse_signature_line(line: str) -> SignatureLine:
    """Read one line of a signature.

    Raises
    ------
    BadNote
        It is none.
    """
    match = _LINE.fullmatch(line)
    decoded = _decode(match[2]) if match else None
    if match is None or not _NAME.fullmatch(match[1]) or decoded is None or len(decoded) <= _KEY_ID_BYTES:
        raise BadNote("A line under the note is no signature.")
    return SignatureLine(match[1], decoded[:_KEY_ID_BYTES], decoded[_KEY_ID_BYTES:])


def parse_note(note: str) -> SignedNote:
    """Take a note apart; nothing about it is believed yet.

    Raises
    ------
    BadNote
        It is no note.
    """
    if len(note.encode("utf-8", "replace")) > MAX_NOTE_BYTES:
        raise BadNote("The note is too long.")
    text, separator, signatures = note.rpartition("\n\n")
    if not separator or not text or not signatures.endswith("\n"):
        raise BadNote("A signed note is a text, a blank line and lines of signatures.")
    if any((ord(sign) < 0x20 and sign != "\n") or 0xD800 <= ord(sign) <= 0xDFFF for sign in note):
        raise BadNote("A signed note has no control characters.")
    lines = signatures[:-1].split("\n")
    if len(lines) > _MAX_SIGNATURES:
        raise BadNote("The note has too many signatures.")
    return SignedNote(f"{text}\n", tuple(parse_signature_line(line) for line in lines))


def decode_hash(encoded: str) -> bytes | None:
    """Read the base64 of a SHA-256 hash; None when it is none, or written in another way."""
    decoded = _decode(encoded)
    return decoded if decoded is not None and len(decoded) == hashlib.sha256().digest_size else None


def _decode(encoded: str) -> bytes | None:
    """Read standard base64 that is written in the one canonical way."""
    try:
        decoded = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return None
    return decoded if base64.b64encode(decoded).decode() == encoded else None


__all__ = [
    "COSIGNATURE_V1",
    "ED25519",
    "MAX_NOTE_BYTES",
    "BadNote",
    "Ed25519Signer",
    "NoteSigner",
    "NoteVerifier",
    "SignatureLine",
    "SignedNote",
    "Verifier",
    "compute_key_id",
    "decode_hash",
    "parse_note",
    "parse_signature_line",
    "parse_verifier",
    "require_key_name",
    "sign_note",
]
