"""A contract that a notary, bank or court has signed: what its envelope says, whether its key may sign."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from cadastre.domain.caller import CallerRole
from cadastre.kernel.errors import Denied, InvalidInput

MAX_AGE: Final = timedelta(days=3)
"""How long after its signing a contract may be filed: a holiday weekend, no more."""
SKEW: Final = timedelta(minutes=5)
"""How far the signer's clock may be ahead of the register's."""


@dataclass(frozen=True, slots=True)
class SignedContract:
    """The opened envelope of a signed application; nothing in it is believed before the key has checked it.

    ``signing_input`` are the very bytes that were signed; ``digest`` names the payload in canonical form.
    """

    kid: str
    signing_input: bytes
    signature: bytes
    application: Mapping[str, Any]
    audience: str
    signed_at: datetime
    digest: bytes


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key that an account signs with, as registered; ``public`` are the 32 bytes of Ed25519."""

    kid: str
    subject: str
    public: bytes
    valid_from: datetime
    valid_to: datetime | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SignaturePolicy:
    """Whose applications must be signed in any case, and the name that this register goes by."""

    audience: str = "kadastr-api"
    required_of: frozenset[CallerRole] = field(default_factory=frozenset)


UNBOUND: Final = SignaturePolicy()
"""Nobody but who has registered a key must sign."""


def require_signed(role: CallerRole, keys: Sequence[SigningKey], policy: SignaturePolicy) -> None:
    """Refuse an application without a signature by whoever has to sign.

    Who has registered a key, even one that has ended, signs everything: else a stolen token would file
    what a stolen key could not.
    """
    if keys or role in policy.required_of:
        raise Denied(
            "Applications of this account are signed; send signed_payload, made with its registered key.",
            code="signature-required",
        )


def find_key(kid: str, keys: Sequence[SigningKey]) -> SigningKey:
    """Give the account's own key of this name."""
    for key in keys:
        if key.kid == kid:
            return key
    raise Denied(
        "The signature is by a key that is not registered for this account; register it first.",
        code="signing-key-unknown",
        key_id=kid[:60],
    )


def require_usable(key: SigningKey, now: datetime) -> None:
    """Refuse a key that was revoked, has expired or is not valid yet, whatever the signer says about when.

    Examples
    --------
    >>> from datetime import UTC
    >>> noon = datetime(2026, 5, 4, 8, tzinfo=UTC)
    >>> key = SigningKey("k", "notary-1", bytes(32), noon, valid_to=noon + timedelta(days=1))
    >>> require_usable(key, noon)
    >>> require_usable(key, noon + timedelta(days=1))
    Traceback (most recent call last):
        ...
    cadastre.kernel.errors.Denied: The key expired on 2026-05-05T08:00:00+00:00; register a new one.
    """
    if key.revoked_at is not None:
        raise Denied(
            f"The key was revoked on {key.revoked_at.isoformat()}; sign with another one.",
            code="signing-key-revoked",
            key_id=key.kid,
        )
    if now < key.valid_from:
        raise Denied(
            f"The key is valid from {key.valid_from.isoformat()}.", code="signing-key-not-yet", key_id=key.kid
        )
    if key.valid_to is not None and now >= key.valid_to:
        raise Denied(
            f"The key expired on {key.valid_to.isoformat()}; register a new one.",
            code="signing-key-expired",
            key_id=key.kid,
        )


def require_meant_for_us(contract: SignedContract, policy: SignaturePolicy, now: datetime) -> None:
    """Refuse what was signed for another register, long ago, or in the future."""
    if contract.audience != policy.audience:
        raise InvalidInput(
            f"The payload was signed for another register; aud must be {policy.audience}.",
            code="signed-for-other-register",
        )
    if contract.signed_at > now + SKEW:
        raise InvalidInput(
            "The payload says that it was signed in the future; check the signer's clock.",
            code="signed-in-future",
        )
    if contract.signed_at < now - MAX_AGE:
        raise InvalidInput(
            f"The payload was signed more than {MAX_AGE.days} days ago; sign it again.",
            code="signed-too-long-ago",
        )


__all__ = [
    "MAX_AGE",
    "SKEW",
    "UNBOUND",
    "SignaturePolicy",
    "SignedContract",
    "SigningKey",
    "find_key",
    "require_meant_for_us",
    "require_signed",
    "require_usable",
]
