"""The signed content of an extract's QR code, to be read without the register.

``https://host/verify/TOKEN#DIGITS``: any telephone opens the page; the part after ``#`` never leaves the
telephone. DIGITS is one decimal number (a QR code packs digits closest) of these bytes: version 1, first
four bytes of the key's thumbprint, identifier (16), SHA-256 of the statement (32), second of issue (5),
ledger index of the register's state (6), area in hundredths of a square metre (6), number of the property
(UTF-8), Ed25519 signature (64). What is signed is a label, the address before ``#`` and these bytes: a code
moved to another host or page is refused, and one moved to another paper shows that the facts are others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cadastre.extract.jws import JwsKey, unb64
from cadastre.extract.reasons import Rejected
from cadastre.extract.statement import Statement, canonical_bytes, digest

LABEL = b"kadastr-verification-code/1\n"
_VERSION = 1
_FIXED, _SIGNATURE = 1 + 4 + 16 + 32 + 5 + 6 + 6, 64
_MOST_NUMBER = 160
_ADDRESS = re.compile(r"(https?://[!-~]{1,230}/verify/([0-9A-Za-z_-]{16,64}))#([1-9][0-9]{300,720})")


@dataclass(frozen=True, slots=True)
class CodeFacts:
    """What a code says under our signature; ``area_m2`` is None when none is recorded."""

    url: str
    token: str
    id: str
    register_number: str
    ledger_index: int
    issued_at: datetime
    area_m2: Decimal | None
    sha256: str


def write_code(statement: Statement, key: JwsKey) -> str:
    """Give the text of the QR code of a statement."""
    url = str(statement["verification"]["url"])
    number = str(statement["register_number"]).encode()[:_MOST_NUMBER]
    payload = b"".join(
        (
            bytes([_VERSION]),
            unb64(key.kid)[:4],
            UUID(statement["id"]).bytes,
            bytes.fromhex(digest(canonical_bytes(statement))),
            int(datetime.fromisoformat(statement["issued_at"]).timestamp()).to_bytes(5, "big"),
            int(statement["state"]["ledger_index"]).to_bytes(6, "big"),
            int((stated_area(statement) or Decimal(0)) * 100).to_bytes(6, "big"),
            number,
        )
    )
    signature = key.private.sign(_signed(url, payload))
    return f"{url}#{int.from_bytes(payload + signature, 'big')}"


def read_code(text: str, keys: Mapping[str, Ed25519PublicKey]) -> CodeFacts:
    """Check a code; gives what it says.

    Raises
    ------
    Rejected
        ``code-malformed``, ``unknown-key``, or ``code-mismatch`` when the signature does not fit.
    """
    match = _ADDRESS.fullmatch(text)
    if match is None:
        raise Rejected("code-malformed")
    number = int(match[3])
    raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
    payload, signature = raw[:-_SIGNATURE], raw[-_SIGNATURE:]
    if not _FIXED <= len(payload) <= _FIXED + _MOST_NUMBER or payload[0] != _VERSION:
        raise Rejected("code-malformed")
    named = [key for kid, key in keys.items() if unb64(kid)[:4] == payload[1:5]]
    if not named:
        raise Rejected("unknown-key")
    if not any(_fits(key, signature, _signed(match[1], payload)) for key in named):
        raise Rejected("code-mismatch")
    return _facts(match[1], match[2], payload)


def require_code_of(statement: Statement, facts: CodeFacts) -> None:
    """Raise unless a code speaks of this statement."""
    said = (facts.id, facts.sha256, facts.url)
    if said != (statement["id"], digest(canonical_bytes(statement)), statement["verification"]["url"]):
        raise Rejected("code-mismatch")


def stated_area(statement: Statement) -> Decimal | None:
    """Give the area to compare with the paper: the unit's, else all parcels'; by document, else measured."""
    section = statement["property"] or {}
    unit = next((area for area in section.get("unit_areas") or () if area["kind"] == "total"), None)
    if unit is not None:
        said = [unit.get("documentary_m2") or unit.get("factual_m2")]
    else:
        areas = [(p["documentary_area"], p["surveyed_area"]) for p in statement["parcels"] or ()]
        said = [(document or survey or {}).get("m2") for document, survey in areas]
    if not said or None in said:
        return None
    return sum((Decimal(area) for area in said if area is not None), Decimal(0))


def _facts(url: str, token: str, payload: bytes) -> CodeFacts:
    fields, position = [], 5
    for size in (16, 32, 5, 6, 6):
        fields.append(payload[position : position + size])
        position += size
    identifier, sha256, issued, index, area = fields
    hundredths = int.from_bytes(area, "big")
    return CodeFacts(
        url=url,
        token=token,
        id=str(UUID(bytes=identifier)),
        register_number=payload[position:].decode("utf-8", "replace"),
        ledger_index=int.from_bytes(index, "big"),
        issued_at=datetime.fromtimestamp(int.from_bytes(issued, "big"), UTC),
        area_m2=Decimal(hundredths) / 100 if hundredths else None,
        sha256=sha256.hex(),
    )


def _signed(url: str, payload: bytes) -> bytes:
    return LABEL + url.encode() + b"\n" + payload


def _fits(key: Ed25519PublicKey, signature: bytes, signed: bytes) -> bool:
    try:
        key.verify(signature, signed)
    except InvalidSignature:
        return False
    return True


__all__ = ["LABEL", "CodeFacts", "read_code", "require_code_of", "stated_area", "write_code"]
