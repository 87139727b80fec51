"""Detached JSON Web Signatures over the unencoded payload: RFC 7515, 7797 (b64=false), 8037 (Ed25519).

The payload is the canonical statement itself, the compact form is
``BASE64URL(header)..BASE64URL(signature)``.  Parsing is strict: one algorithm,
one header shape, one spelling of the base64; nothing in the header is believed
before the signature is checked with a key that the verifier already had.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cadastre.extract.strict_json import read_object
from cadastre.kernel.errors import InvalidInput
from cadastre.keys.kinds import Ed25519Key

MAX_JWS_CHARS = 1_000


class BadJws(InvalidInput):
    """The signature is malformed, by an unknown key, or does not fit the statement."""

    default_code = "bad-jws"


@dataclass(frozen=True, slots=True)
class JwsKey:
    """A signing key and its name."""

    private: Ed25519Key
    kid: str

    @classmethod
    def of(cls, private: Ed25519Key) -> JwsKey:
        """Name a key by its RFC 7638 thumbprint."""
        return cls(private, thumbprint(private.public_key()))


def thumbprint(key: Ed25519PublicKey) -> str:
    """Name of a public key: RFC 7638 SHA-256 thumbprint, base64url."""
    return b64(hashlib.sha256(rfc8785.dumps(dict(public_jwk(key)))).digest())


def public_jwk(key: Ed25519PublicKey) -> dict[str, str]:
    """Write a public key as a JWK with its required members only (RFC 8037)."""
    return {"crv": "Ed25519", "kty": "OKP", "x": b64(key.public_bytes(Encoding.Raw, PublicFormat.Raw))}


def key_of_jwk(jwk: Mapping[str, object]) -> Ed25519PublicKey:
    """Read an Ed25519 public key from a JWK."""
    x = jwk.get("x")
    if jwk.get("kty") != "OKP" or jwk.get("crv") != "Ed25519" or not isinstance(x, str) or "d" in jwk:
        raise InvalidInput("The key is not a public Ed25519 JWK.", code="bad-jwk")
    raw = unb64(x)
    if len(raw) != 32:
        raise InvalidInput("The key is not a public Ed25519 JWK.", code="bad-jwk")
    return Ed25519PublicKey.from_public_bytes(raw)


def sign_detached(payload: bytes, key: JwsKey) -> str:
    """Sign a payload; the result carries no copy of it.

    Examples
    --------
    >>> from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    >>> key = JwsKey.of(Ed25519PrivateKey.from_private_bytes(bytes(32)))
    >>> token = sign_detached(b'{"a":1}', key)
    >>> verify_detached(token, b'{"a":1}', {key.kid: key.private.public_key()}) == key.kid
    True
    >>> verify_detached(token, b'{"a":2}', {key.kid: key.private.public_key()})
    Traceback (most recent call last):
        ...
    cadastre.extract.jws.BadJws: The signature does not fit the statement.
    """
    header = {"alg": "EdDSA", "b64": False, "crit": ["b64"], "kid": key.kid}
    protected = b64(json.dumps(header, separators=(",", ":")).encode())
    signature = key.private.sign(protected.encode() + b"." + payload)
    return f"{protected}..{b64(signature)}"


def verify_detached(token: str, payload: bytes, keys: Mapping[str, Ed25519PublicKey]) -> str:
    """Check a detached signature; gives the name of the key that made it.

    Raises
    ------
    BadJws
        Anything but a valid EdDSA signature by one of ``keys``; ``code`` tells
        malformed (``bad-jws``), unknown key (``unknown-key``) and wrong
        signature (``jws-mismatch``) apart.
    """
    if len(token) > MAX_JWS_CHARS or not token.isascii():
        raise BadJws("The signature is not a detached JWS.")
    parts = token.split(".")
    if len(parts) != 3 or parts[1]:
        raise BadJws("The signature is not a detached JWS.")
    kid = _kid_of(parts[0])
    signature = unb64(parts[2])
    key = keys.get(kid)
    if key is None:
        raise BadJws("The signature is by a key that is not trusted here.", code="unknown-key")
    try:
        key.verify(signature, parts[0].encode() + b"." + payload)
    except InvalidSignature:
        raise BadJws("The signature does not fit the statement.", code="jws-mismatch") from None
    return kid


def _kid_of(protected: str) -> str:
    try:
        header = read_object(unb64(protected), max_bytes=MAX_JWS_CHARS)
    except InvalidInput as error:
        raise BadJws(f"The signature's header is unusable: {error.message}") from None
    kid = header.pop("kid", None)
    plain = header.get("b64") is False
    if header != {"alg": "EdDSA", "b64": False, "crit": ["b64"]} or not plain or not isinstance(kid, str):
        raise BadJws("The signature's header is not that of a statement (EdDSA, b64=false, kid).")
    return kid


def b64(raw: bytes) -> str:
    """Write bytes as base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """Read base64url in its one spelling."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise BadJws("The signature is not base64url.") from None
    if b64(raw) != text:
        raise BadJws("The signature is not canonical base64url.")
    return raw
