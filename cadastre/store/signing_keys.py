"""Keys that accounts sign with, and which payload was signed for which case."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, Row, text

from cadastre.db.prepared import fetch, prepared
from cadastre.domain.signed_contract import SignedContract, SigningKey

KEYS: Final = """
    SELECT kid, subject, public_key, valid_from, valid_to, revoked_at, revocation_reason
      FROM registry.signing_key
     WHERE superseded_leaf IS NULL AND (CAST(:subject AS text) IS NULL OR subject = :subject)
     ORDER BY subject, valid_from, kid
"""
_KEYS = prepared(KEYS)
_REGISTER = text("""
    INSERT INTO registry.signing_key (kid, subject, public_key, valid_from, valid_to, recorded_leaf)
    VALUES (:kid, :subject, :public_key, :valid_from, :valid_to, :leaf)
""")
_CLOSE = text("""
    UPDATE registry.signing_key SET superseded_leaf = :leaf
     WHERE kid = :kid AND superseded_leaf IS NULL AND revoked_at IS NULL RETURNING key_version_id
""")
_RESTATE = text("""
    INSERT INTO registry.signing_key (kid, subject, public_key, valid_from, valid_to, revoked_at,
                                      revocation_reason, recorded_leaf)
    SELECT kid, subject, public_key, valid_from, valid_to, :revoked_at, :reason, :leaf
      FROM registry.signing_key WHERE key_version_id = :version
""")
_ENTER = text("""
    INSERT INTO registry.signed_payload (case_id, payload_sha256, kid, signed_at, recorded_leaf)
    VALUES (:case, :digest, :kid, :signed_at, :leaf) ON CONFLICT DO NOTHING RETURNING case_id
""")
_FIRST = text("""
    SELECT f.journal_number FROM registry.signed_payload s JOIN registry.case_file f USING (case_id)
     WHERE s.payload_sha256 = :digest
""")
_SIGNER = text("""
    SELECT s.kid, s.signed_at, f.applicant_subject AS subject
      FROM registry.signed_payload s JOIN registry.case_file f USING (case_id) WHERE s.case_id = :case
""")


def list_signing_keys(connection: Connection, subject: str | None = None) -> list[SigningKey]:
    """Give every key of an account (or of all) as it stands now, ended ones too."""
    rows = fetch(connection, _KEYS, {"subject": subject})
    return [
        SigningKey(row.kid, row.subject, bytes(row.public_key), row.valid_from, row.valid_to, row.revoked_at)
        for row in rows
    ]


def enter_signing_key(connection: Connection, key: SigningKey, leaf: int) -> None:
    """Register a key; one that any account ever had is refused by the database."""
    values = {"kid": key.kid, "subject": key.subject, "public_key": key.public, "leaf": leaf}
    connection.execute(_REGISTER, {**values, "valid_from": key.valid_from, "valid_to": key.valid_to})


def revoke_signing_key(connection: Connection, kid: str, *, at: datetime, reason: str, leaf: int) -> bool:
    """Revoke a key for ever; False when there is none of this name that is not revoked yet."""
    version = connection.execute(_CLOSE, {"kid": kid, "leaf": leaf}).scalar_one_or_none()
    if version is None:
        return False
    connection.execute(_RESTATE, {"version": version, "revoked_at": at, "reason": reason, "leaf": leaf})
    return True


def enter_signature(connection: Connection, case_id: UUID, contract: SignedContract, leaf: int) -> bool:
    """Keep what was signed for a case; False when this very payload was filed before.

    A filing of the same payload that is under way is waited for.
    """
    values = {"case": case_id, "digest": contract.digest, "kid": contract.kid}
    entered = connection.execute(_ENTER, {**values, "signed_at": contract.signed_at, "leaf": leaf})
    return entered.scalar_one_or_none() is not None


def find_first_filing(connection: Connection, digest: bytes) -> int | None:
    """Give the journal number under which a signed payload was filed, or None."""
    number: int | None = connection.execute(_FIRST, {"digest": digest}).scalar_one_or_none()
    return number


def find_signer(connection: Connection, case_id: UUID) -> Row[Any] | None:
    """Give who signed a case, with which key and when, or None."""
    return connection.execute(_SIGNER, {"case": case_id}).one_or_none()


def list_all_keys(connection: Connection, subject: str | None) -> Sequence[Row[Any]]:
    """Give keys with why they were revoked, for the operator."""
    return connection.execute(_KEYS, {"subject": subject}).all()


__all__ = [
    "KEYS",
    "enter_signature",
    "enter_signing_key",
    "find_first_filing",
    "find_signer",
    "list_all_keys",
    "list_signing_keys",
    "revoke_signing_key",
]
