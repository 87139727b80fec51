"""Tell whether every byte of a file is under our seal, without parsing the PDF.

A file from a stranger may be a bomb, so nothing in it is decompressed or
followed until the seal has been found intact: the byte range and the CMS object
are read by fixed patterns, and the only bytes outside the signed range must be
the signature itself in the one spelling that we write.  Hence one changed byte
anywhere is refused, spaces and hex digits included.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime

from asn1crypto import cms, core
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from cadastre.extract.reasons import Rejected

_BYTE_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s*\]")
_MOST_HEX = 65_536
_UNREADABLE = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    OverflowError,
    RecursionError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
)
"""What asn1crypto and cryptography raise on bytes that only look like CMS."""
_SET = b"\x31"  # signed attributes are signed under their own tag (RFC 5652, 5.4)
_END = re.compile(rb"%%EOF\s*\Z")


def open_seal(pdf: bytes, anchors: tuple[x509.Certificate, ...]) -> x509.Certificate:
    """Check the seal over the whole file; gives the certificate it was made with.

    Raises
    ------
    Rejected
        With the reason; times are for the caller to check, who learns the moment
        of issue from the signed statement only.
    """
    _require_shape(pdf)
    start, end = _signature_span(pdf)
    der = _der_of(pdf[start:end])
    return _check_cms(der, _digest_around(pdf, start, end), anchors)


def require_valid_at(certificate: x509.Certificate, moment: datetime) -> None:
    """Raise unless the certificate was valid at a moment."""
    if not certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc:
        raise Rejected("seal-out-of-time")


def _require_shape(pdf: bytes) -> None:
    if not pdf:
        raise Rejected("empty")
    if not pdf.startswith(b"%PDF-"):
        raise Rejected("not-a-pdf")
    if not _END.search(pdf[-64:]):
        raise Rejected("truncated")


def _signature_span(pdf: bytes) -> tuple[int, int]:
    """Offsets of the hex string of the signature, delimiters included."""
    spans = [tuple(map(int, numbers)) for numbers in _BYTE_RANGE.findall(pdf)]
    whole = [
        (length, second)
        for first, length, second, rest in spans
        if first == 0 and 0 < length < second and second + rest == len(pdf)
    ]
    if len(whole) == 1:  # the words may also occur in a text; only one can fit the file
        return whole[0]
    raise Rejected(_why_not_whole(pdf, spans))


def _why_not_whole(pdf: bytes, spans: list[tuple[int, ...]]) -> str:
    if not spans:
        return "encrypted" if b"/Encrypt" in pdf else "no-seal"
    ends = [second + rest for _, _, second, rest in spans]
    if max(ends) > len(pdf):
        return "truncated"
    return "changed-after-seal" if max(ends) < len(pdf) else "seal-malformed"


def _der_of(delimited: bytes) -> bytes:
    if len(delimited) > _MOST_HEX or not (delimited.startswith(b"<") and delimited.endswith(b">")):
        raise Rejected("seal-malformed")
    try:
        raw = bytes.fromhex(delimited[1:-1].decode("ascii"))
        der = raw[: _der_length(raw)]
    except (ValueError, IndexError):
        raise Rejected("seal-malformed") from None
    if delimited[1:-1] != der.hex().upper().encode().ljust(len(delimited) - 2, b"0"):
        raise Rejected("seal-malformed")
    return der


def _der_length(raw: bytes) -> int:
    if raw[0] != 0x30 or not 0x81 <= raw[1] <= 0x84:
        raise ValueError
    size = raw[1] & 0x7F
    total = 2 + size + int.from_bytes(raw[2 : 2 + size], "big")
    if total > len(raw):
        raise ValueError
    return total


def _digest_around(pdf: bytes, start: int, end: int) -> bytes:
    view = memoryview(pdf)
    digest = hashlib.sha256(view[:start])
    digest.update(view[end:])
    return digest.digest()


def _check_cms(der: bytes, digest: bytes, anchors: tuple[x509.Certificate, ...]) -> x509.Certificate:
    try:
        info = cms.ContentInfo.load(der, strict=True)
        signed = info["content"]
        signer, certificate_der = signed["signer_infos"][0], signed["certificates"][0].chosen.dump()
        if _rebuilt(signed) != der:
            raise Rejected("seal-malformed")
        attributes = {a["type"].native: a["values"] for a in signer["signed_attrs"]}
        message_digest = attributes["message_digest"][0].native
        bound = attributes["signing_certificate_v2"][0]["certs"][0]["cert_hash"].native
        to_verify = _SET + signer["signed_attrs"].dump()[1:]
        signature = signer["signature"].native
        certificate = x509.load_der_x509_certificate(certificate_der)
    except _UNREADABLE:
        raise Rejected("seal-malformed") from None
    if bound != hashlib.sha256(certificate_der).digest():
        raise Rejected("seal-malformed")
    _require_issued_by(certificate, anchors)
    key = certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise Rejected("seal-malformed")
    try:
        key.verify(signature, to_verify, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        raise Rejected("seal-broken") from None
    if message_digest != digest:
        raise Rejected("seal-broken")
    return certificate


def _rebuilt(signed: cms.SignedData) -> bytes:
    """Write the CMS object of our profile (PAdES B-B, one RSA signer, SHA-256) from its free parts.

    The profile leaves certificate, signed attributes and signature free, and all
    three are checked; every other byte of a CMS object of ours is fixed.
    """
    signer, certificate = signed["signer_infos"][0], signed["certificates"][0].chosen
    sha256 = {"algorithm": "sha256", "parameters": core.Null()}
    issuer_and_serial = cms.IssuerAndSerialNumber(
        {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
    )
    content = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [sha256],
            "encap_content_info": {"content_type": "data"},
            "certificates": [certificate],
            "signer_infos": [
                {
                    "version": "v1",
                    "sid": cms.SignerIdentifier({"issuer_and_serial_number": issuer_and_serial}),
                    "digest_algorithm": sha256,
                    "signed_attrs": signer["signed_attrs"],
                    "signature_algorithm": {"algorithm": "sha256_rsa"},
                    "signature": signer["signature"].native,
                }
            ],
        }
    )
    rebuilt: bytes = cms.ContentInfo({"content_type": "signed_data", "content": content}).dump()
    return rebuilt


def _require_issued_by(certificate: x509.Certificate, anchors: tuple[x509.Certificate, ...]) -> None:
    for anchor in anchors:
        try:
            certificate.verify_directly_issued_by(anchor)
        except (*_UNREADABLE, InvalidSignature):
            continue
        if _may_seal(certificate):
            return
    raise Rejected("seal-untrusted")


def _may_seal(certificate: x509.Certificate) -> bool:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        basic = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except (x509.ExtensionNotFound, ValueError):
        return False
    return usage.content_commitment and not basic.ca
