"""Judges the signature of an application, and keeps the keys that accounts sign with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import Connection

from cadastre.domain.caller import Caller
from cadastre.domain.signed_contract import (
    SignaturePolicy,
    SignedContract,
    SigningKey,
    find_key,
    require_meant_for_us,
    require_signed,
    require_usable,
)
from cadastre.extract.envelope import check_signature
from cadastre.extract.jws import thumbprint
from cadastre.kernel.errors import Conflict, InvalidInput, NotFound
from cadastre.kernel.text import clean_text
from cadastre.store import signing_keys as store
from cadastre.store.ledger import append_leaf

MAX_SUBJECT: Final = 100
MAX_REASON: Final = 500


def require_signature(
    connection: Connection,
    contract: SignedContract | None,
    caller: Caller,
    policy: SignaturePolicy,
    now: datetime,
    keys: Sequence[SigningKey],
) -> None:
    """Check that an application is signed by its applicant's own key, now, for us, and for the first time.

    Parameters
    ----------
    keys
        Every key of the applicant's account.

    Raises
    ------
    Denied
        No signature where one is due; a key that is unknown, revoked, expired or not valid yet.
    InvalidInput
        The signature does not fit, or was made for another register or another time.
    Conflict
        This very payload was filed before; the journal number of that filing is told.
    """
    if contract is None:
        require_signed(caller.role, keys, policy)
        return
    key = find_key(contract.kid, keys)
    check_signature(contract, key)
    require_usable(key, now)
    require_meant_for_us(contract, policy, now)
    _require_first(connection, contract)


def keep_signature(connection: Connection, contract: SignedContract | None, case_id: UUID, leaf: int) -> None:
    """Keep whose key signed a case; the case itself follows in the same transaction."""
    if contract is not None and not store.enter_signature(connection, case_id, contract, leaf):
        _require_first(connection, contract)
        raise AssertionError("a payload that is kept was filed by a case")


def _require_first(connection: Connection, contract: SignedContract) -> None:
    first = store.find_first_filing(connection, contract.digest)
    if first is not None:
        raise Conflict(
            f"This signed payload was filed before, under journal number {first}; "
            "what is applied for anew is signed anew.",
            code="signed-payload-replayed",
            journal_number=first,
        )


def register_key(
    connection: Connection,
    subject: str,
    public: Ed25519PublicKey,
    *,
    valid_from: datetime,
    valid_to: datetime | None,
    actor: str,
) -> SigningKey:
    """Register a key for an account, as the owner's login; from then on the account signs what it files.

    Raises
    ------
    InvalidInput
        An unprintable account, or a key that would end before it begins.
    Conflict
        The key belongs to an account already, or was revoked.
    """
    subject = clean_text(subject, field="subject", max_length=MAX_SUBJECT)
    if not subject:
        raise InvalidInput("Name the account that signs with the key.", code="subject-missing")
    if valid_to is not None and valid_to <= valid_from:
        raise InvalidInput("The key would end before it begins.", code="validity-backwards")
    raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    key = SigningKey(thumbprint(public), subject, raw, valid_from, valid_to)
    if any(known.kid == key.kid for known in store.list_signing_keys(connection)):
        raise Conflict("This key is registered already.", code="signing-key-known", key_id=key.kid)
    leaf = append_leaf(connection, kind="key.registered", actor=actor, payload={"kid": key.kid})
    store.enter_signing_key(connection, key, leaf)
    return key


def revoke_key(connection: Connection, kid: str, reason: str, *, at: datetime, actor: str) -> None:
    """Revoke a key for ever, as the owner's login; what it signed and what was filed before stands.

    Raises
    ------
    NotFound
        There is no key of this name that is not revoked yet.
    InvalidInput
        No reason is given.
    """
    reason = clean_text(reason, field="reason", max_length=MAX_REASON)
    if not reason:
        raise InvalidInput("Say why the key is revoked.", code="reason-missing")
    leaf = append_leaf(connection, kind="key.revoked", actor=actor, payload={"kid": kid})
    if not store.revoke_signing_key(connection, kid, at=at, reason=reason, leaf=leaf):
        raise NotFound(f"There is no key {kid[:60]!r} that could be revoked.", code="signing-key-not-found")


__all__ = ["keep_signature", "register_key", "require_signature", "revoke_key"]
