"""Checks the two CMS objects of a sealed file: the signature over it and the time stamp over the signature.

Each is read for its free parts, which are then verified, and written again from
them: a byte that no signature covers must be the one that our profile fixes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from asn1crypto import tsp
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from cadastre.extract.chain import UNREADABLE, Chain, path_to_anchor
from cadastre.extract.credential import issuer_and_serial
from cadastre.extract.der import (
    BIT_STRING,
    CONTENT_TYPE,
    DATA,
    EXPLICIT_0,
    IMPLICIT_0,
    IMPLICIT_1,
    MESSAGE_DIGEST,
    NULL,
    OCTET_STRING,
    SEQUENCE,
    SET,
    SHA256_RSA,
    SIGNING_CERTIFICATE_V2,
    TIME_STAMP_TOKEN,
    TST_INFO,
    issuer_and_serial_of,
    members,
    oid,
    signed_data,
    signer_info,
    tlv,
    value,
)
from cadastre.extract.reasons import Rejected
from cadastre.extract.trust import Trust

_SET = b"\x31"  # signed attributes are signed under their own tag (RFC 5652, 5.4)
_SHA2 = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}
_NULL = tlv(NULL)
_RSA = tlv(SEQUENCE, oid("1.2.840.113549.1.1.1"), _NULL)
_DIGESTS = {
    name: (tlv(SEQUENCE, oid(dotted), _NULL), tlv(SEQUENCE, oid(dotted)))
    for name, dotted in (
        ("sha256", "2.16.840.1.101.3.4.2.1"),
        ("sha384", "2.16.840.1.101.3.4.2.2"),
        ("sha512", "2.16.840.1.101.3.4.2.3"),
    )
}
_SIGNS_WITH = {
    "sha256": SHA256_RSA,
    "sha384": tlv(SEQUENCE, oid("1.2.840.113549.1.1.12"), _NULL),
    "sha512": tlv(SEQUENCE, oid("1.2.840.113549.1.1.13"), _NULL),
}


@dataclass(frozen=True, slots=True)
class Signed:
    """A CMS object whose signature holds, by a certificate with a chain to an anchor."""

    chain: Chain
    signature: bytes
    token: bytes | None = None
    content: bytes = b""


@dataclass(frozen=True, slots=True)
class TimeStamp:
    """A time that an authority vouches for, the chain of its certificate, and the digest it signed by."""

    moment: datetime
    chain: Chain
    digest_name: str = "sha256"


def check_seal(der: bytes, digest: bytes, trust: Trust) -> Signed:
    """Check a seal's signature over a digest; its time stamp, if any, is left to :func:`check_token`.

    Raises
    ------
    Rejected
        It is none of ours (``seal-malformed``), broken, or by nobody who may seal (``seal-untrusted``).
    """
    parts = _read(der, "seal-malformed")
    rebuilt = signed_data(
        signer_info(parts.name, parts.attributes, parts.value, token=parts.token), parts.certificates
    )
    if rebuilt != der:
        raise Rejected("seal-malformed")
    if parts.content_type != DATA:
        raise Rejected("seal-malformed")
    _verify(parts, "sha256", "seal-malformed", "seal-broken")
    if parts.digest != digest:
        raise Rejected("seal-broken")
    chain = path_to_anchor(parts.certificate, parts.helpers, trust, code="seal-untrusted")
    if not may_seal(parts.certificate):
        raise Rejected("seal-untrusted")
    return Signed(chain, parts.value, parts.token)


def check_token(der: bytes, digest: bytes, trust: Trust) -> TimeStamp:
    """Check a time-stamp token over a digest.

    Raises
    ------
    Rejected
        ``time-stamp-broken``, or ``time-stamp-untrusted`` when no authority known here gave it.
    """
    parts = _read(der, "time-stamp-broken")
    rebuilt = signed_data(
        signer_info(
            parts.name,
            parts.attributes,
            parts.value,
            digest_algorithm=parts.digest_algorithm,
            signature_algorithm=parts.signature_algorithm,
        ),
        parts.certificates,
        content_type=TST_INFO,
        content=parts.content,
        digest_algorithm=parts.digest_algorithm,
    )
    if rebuilt != der or parts.content_type != TST_INFO:
        raise Rejected("time-stamp-broken")
    name = _digest_name(parts.digest_algorithm)
    if parts.signature_algorithm not in (_RSA, _SIGNS_WITH[name]):
        raise Rejected("time-stamp-broken")
    _verify(parts, name, "time-stamp-broken", "time-stamp-broken")
    if parts.digest != hashlib.new(name, parts.content).digest():
        raise Rejected("time-stamp-broken")
    moment = _moment_over(parts.content, digest)
    chain = path_to_anchor(parts.certificate, parts.helpers, trust, code="time-stamp-untrusted")
    if not _may_stamp(parts.certificate):
        raise Rejected("time-stamp-untrusted")
    return TimeStamp(moment, chain, name)


@dataclass(frozen=True, slots=True)
class _Parts:
    """The free parts of a CMS object."""

    name: bytes
    attributes: bytes
    value: bytes
    token: bytes | None
    certificates: list[bytes]
    certificate: x509.Certificate
    helpers: list[x509.Certificate]
    content_type: bytes
    content: bytes
    digest: bytes
    digest_algorithm: bytes
    signature_algorithm: bytes


def _read(der: bytes, code: str) -> _Parts:
    """Read a CMS object with one signer whose certificate is in it and bound to it."""
    try:
        _, explicit = members(der, SEQUENCE)
        (signed,) = members(explicit, EXPLICIT_0)
        _, _, encapsulated, held, signers = members(signed, SEQUENCE)
        (signer,) = members(signers, SET)
        _, name, digest_algorithm, attributes, signature_algorithm, signature, *unsigned = members(
            signer, SEQUENCE
        )
        certificates = members(held, IMPLICIT_0)
        _require_whole_octets(certificates)
        named = [issuer_and_serial_of(*issuer_and_serial(each)) for each in certificates]
        own = certificates[named.index(name)]
        kinds = _attributes(members(attributes, IMPLICIT_0))
        parts = _Parts(
            name=name,
            attributes=_SET + attributes[1:],
            value=value(signature, OCTET_STRING),
            token=_token_of(unsigned),
            certificates=certificates,
            certificate=x509.load_der_x509_certificate(own),
            helpers=[x509.load_der_x509_certificate(each) for each in certificates if each != own],
            content_type=kinds[CONTENT_TYPE],
            content=_content(members(encapsulated, SEQUENCE)),
            digest=value(kinds[MESSAGE_DIGEST], OCTET_STRING),
            digest_algorithm=digest_algorithm,
            signature_algorithm=signature_algorithm,
        )
        bound = _bound_digest(kinds[SIGNING_CERTIFICATE_V2])
    except UNREADABLE:
        raise Rejected(code) from None
    if bound != hashlib.sha256(own).digest():
        raise Rejected(code)
    return parts


def _require_whole_octets(certificates: list[bytes]) -> None:
    """Require signatures of whole octets: a last bit of zero could be called unused, and nothing differs."""
    for certificate in certificates:
        _, _, signature = members(certificate, SEQUENCE)
        if value(signature, BIT_STRING)[:1] != b"\0":
            raise ValueError("unused bits in a signature")


def _attributes(written: list[bytes]) -> dict[bytes, bytes]:
    """Read attributes with one value each, none twice."""
    pairs = [members(each, SEQUENCE) for each in written]
    found = {kind: members(values, SET) for kind, values in pairs}
    if len(found) != len(pairs):
        raise ValueError("attribute twice")
    return {kind: values[0] for kind, values in found.items() if len(values) == 1}


def _bound_digest(binding: bytes) -> bytes:
    """Digest of the certificate that a signature is bound to (ESSCertIDv2, by default SHA-256)."""
    certificates, *_ = members(binding, SEQUENCE)
    first, *_ = members(certificates, SEQUENCE)
    digest, *_ = members(first, SEQUENCE)
    return value(digest, OCTET_STRING)


def _content(encapsulated: list[bytes]) -> bytes:
    if len(encapsulated) == 1:
        return b""
    (written,) = members(encapsulated[1], EXPLICIT_0)
    return value(written, OCTET_STRING)


def _token_of(unsigned: list[bytes]) -> bytes | None:
    if not unsigned:
        return None
    (attributes,) = unsigned
    (written,) = members(attributes, IMPLICIT_1)
    kind, values = members(written, SEQUENCE)
    (token,) = members(values, SET)
    if kind != TIME_STAMP_TOKEN:
        raise ValueError("unsigned attribute")
    return token


def _verify(parts: _Parts, digest_name: str, malformed: str, broken: str) -> None:
    key = parts.certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise Rejected(malformed)
    try:
        key.verify(parts.value, parts.attributes, padding.PKCS1v15(), _SHA2[digest_name])
    except InvalidSignature:
        raise Rejected(broken) from None


def _digest_name(algorithm: bytes) -> str:
    for name, known in _DIGESTS.items():
        if algorithm in known:
            return name
    raise Rejected("time-stamp-broken")


def _moment_over(content: bytes, digest: bytes) -> datetime:
    try:
        info = tsp.TSTInfo.load(content, strict=True)
        imprint = info["message_imprint"]
        fits = imprint["hash_algorithm"]["algorithm"].native == "sha256"
        fits = fits and imprint["hashed_message"].native == digest
        moment: datetime = info["gen_time"].native
    except UNREADABLE:
        raise Rejected("time-stamp-broken") from None
    if not fits or moment.tzinfo is None:
        raise Rejected("time-stamp-broken")
    return moment.astimezone(UTC)


def may_seal(certificate: x509.Certificate) -> bool:
    """Whether a certificate is for sealing documents, and for nothing else."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        basic = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except (x509.ExtensionNotFound, ValueError):
        return False
    return usage.content_commitment and not basic.ca and not _purposes(certificate)


def _may_stamp(certificate: x509.Certificate) -> bool:
    return _purposes(certificate) == [ExtendedKeyUsageOID.TIME_STAMPING]


def _purposes(certificate: x509.Certificate) -> list[x509.ObjectIdentifier]:
    try:
        return list(certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
    except (x509.ExtensionNotFound, ValueError):
        return []


__all__ = ["Signed", "TimeStamp", "check_seal", "check_token", "may_seal"]
