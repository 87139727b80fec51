"""The envelope of a signed application: JWS (RFC 7515, compact) with Ed25519 (RFC 8037), and no choice.

``BASE64URL(header).BASE64URL(payload).BASE64URL(signature)``; the header is
``{"alg":"EdDSA","kid":...,"typ":"kadastr-application"}`` and nothing beside it: no ``none``, no HMAC whose
secret would be a public key, no key or address that the envelope itself brings, no critical extension.
The payload is ``{"application":{...},"aud":...,"iat":...}``.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cadastre.domain.signed_contract import SignedContract, SigningKey
from cadastre.extract.jws import JwsKey
from cadastre.extract.strict_json import read_object
from cadastre.kernel.errors import InvalidInput

TYPE: Final = "kadastr-application"
ALGORITHMS: Final = frozenset({"EdDSA", "Ed25519"})  # two names of one thing: RFC 8037, RFC 9864
MAX_CHARS: Final = 150_000
_CLAIMS: Final = frozenset({"application", "aud", "iat"})


def open_envelope(token: str) -> SignedContract:
    """Read an envelope; the signature is not checked yet.

    Raises
    ------
    InvalidInput
        ``signature-algorithm``: signed by anything else than Ed25519; ``signature-malformed``: all the rest.
    """
    parts = token.split(".")
    if len(token) > MAX_CHARS or not token.isascii() or len(parts) != 3:
        raise _malformed("it is no JWS of three parts")
    header = _object(parts[0], "header")
    algorithm, kid = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise InvalidInput(
            "signed_payload is signed with Ed25519 (alg EdDSA) and with nothing else.",
            code="signature-algorithm",
        )
    if set(header) != {"alg", "kid", "typ"} or header["typ"] != TYPE or not isinstance(kid, str):
        raise _malformed(f"its header is alg, kid and typ ({TYPE}), and nothing else")
    claims = _object(parts[1], "payload")
    application, audience, issued = (claims.get(name) for name in ("application", "aud", "iat"))
    if set(claims) != _CLAIMS or not isinstance(application, dict) or not isinstance(audience, str):
        raise _malformed("its payload is application, aud and iat")
    return SignedContract(
        kid=kid,
        signing_input=f"{parts[0]}.{parts[1]}".encode(),
        signature=_bytes(parts[2]),
        application=application,
        audience=audience,
        signed_at=_moment(issued),
        digest=hashlib.sha256(rfc8785.dumps(claims)).digest(),
    )


def check_signature(contract: SignedContract, key: SigningKey) -> None:
    """Check an opened envelope with a key that the register already had.

    Raises
    ------
    InvalidInput
        ``signature-mismatch``: the key did not sign these bytes.
    """
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(contract.signature, contract.signing_input)
    except InvalidSignature:
        raise InvalidInput(
            "The signature does not fit signed_payload; it was changed, or signed with another key.",
            code="signature-mismatch",
        ) from None


def seal_envelope(application: Mapping[str, Any], key: JwsKey, *, audience: str, at: datetime) -> str:
    """Sign an application, as a notary's program does.

    Examples
    --------
    >>> from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    >>> key = JwsKey.of(Ed25519PrivateKey.from_private_bytes(bytes(32)))
    >>> at = datetime(2026, 5, 4, 8, tzinfo=UTC)
    >>> contract = open_envelope(seal_envelope({"service": "sale"}, key, audience="kadastr-api", at=at))
    >>> contract.application, contract.signed_at == at, contract.kid == key.kid
    ({'service': 'sale'}, True, True)
    """
    claims: dict[str, Any] = {"application": dict(application), "aud": audience, "iat": int(at.timestamp())}
    header = _text(json.dumps({"alg": "EdDSA", "kid": key.kid, "typ": TYPE}, separators=(",", ":")).encode())
    signed = f"{header}.{_text(rfc8785.dumps(claims))}"
    return f"{signed}.{_text(key.private.sign(signed.encode()))}"


def _object(part: str, name: str) -> dict[str, Any]:
    try:
        return read_object(_bytes(part), max_bytes=MAX_CHARS)
    except InvalidInput as error:
        if error.code == "signature-malformed":
            raise
        raise _malformed(f"its {name} is unusable: {error.message}") from None


def _moment(issued: object) -> datetime:
    if not isinstance(issued, int) or isinstance(issued, bool) or not 0 <= issued < 2**35:
        raise _malformed("its iat is the moment of signing in seconds since 1970")
    return datetime.fromtimestamp(issued, UTC)


def _bytes(part: str) -> bytes:
    try:
        raw = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise _malformed("it is not base64url") from None
    if _text(raw) != part:
        raise _malformed("it is not canonical base64url")
    return raw


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _malformed(why: str) -> InvalidInput:
    return InvalidInput(f"signed_payload cannot be used: {why}.", code="signature-malformed")


__all__ = ["ALGORITHMS", "MAX_CHARS", "TYPE", "check_signature", "open_envelope", "seal_envelope"]
