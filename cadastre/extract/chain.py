"""From a certificate to an anchor, and whether all of it held at a moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from cadastre.extract.reasons import Rejected
from cadastre.extract.trust import Trust

_LONGEST = 4
UNREADABLE = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    OverflowError,
    RecursionError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
)
"""What asn1crypto and cryptography raise on bytes that only look like certificates or CMS."""

Chain = tuple[x509.Certificate, ...]
"""A certificate, those between, and the anchor at the end."""


def path_to_anchor(
    certificate: x509.Certificate, helpers: Sequence[x509.Certificate], trust: Trust, *, code: str
) -> Chain:
    """Give the chain from a certificate to an anchor by way of helpers, which must all be of use.

    Raises
    ------
    Rejected
        There is none, with ``code``.
    """
    path, left = [certificate], list(helpers)
    for _ in range(_LONGEST):
        anchor = next((each for each in trust.ca_certificates if _issued(each, path[-1])), None)
        if anchor is not None:
            if left and left != [anchor]:
                raise Rejected(code)
            return (*path, anchor)
        helper = next((each for each in left if _issued(each, path[-1])), None)
        if helper is None:
            break
        left.remove(helper)
        path.append(helper)
    raise Rejected(code)


def require_in_force(chain: Chain, moment: datetime, trust: Trust, *, code: str) -> None:
    """Raise unless each certificate of a chain was valid, and none revoked, at a moment.

    Raises
    ------
    Rejected
        With ``code`` when one was not valid yet or any more, ``certificate-revoked`` when one was revoked.
    """
    for certificate in chain:
        if not certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc:
            raise Rejected(code)
    for certificate, issuer in pairwise(chain):
        revoked_at = _revoked_at(certificate, issuer, trust)
        if revoked_at is not None and revoked_at <= moment:
            raise Rejected("certificate-revoked")


def is_revoked_for_compromise(chain: Chain, trust: Trust) -> bool:
    """Whether the key of a certificate is known to others: then what has no proven time is worth nothing."""
    compromised = {x509.ReasonFlags.key_compromise, x509.ReasonFlags.ca_compromise}
    for certificate, issuer in pairwise(chain):
        entry = _entry(certificate, issuer, trust)
        if entry is None:
            continue
        try:
            reason = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
        except x509.ExtensionNotFound:
            continue
        if reason in compromised:
            return True
    return False


def _revoked_at(certificate: x509.Certificate, issuer: x509.Certificate, trust: Trust) -> datetime | None:
    entry = _entry(certificate, issuer, trust)
    return None if entry is None else entry.revocation_date_utc


def _entry(
    certificate: x509.Certificate, issuer: x509.Certificate, trust: Trust
) -> x509.RevokedCertificate | None:
    for listed in trust.revocations:
        if listed.issuer != issuer.subject:
            continue
        entry = listed.get_revoked_certificate_by_serial_number(certificate.serial_number)
        if entry is not None and _is_signed_by(listed, issuer):
            return entry
    return None


def _is_signed_by(listed: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    try:
        return listed.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]
    except (*UNREADABLE, InvalidSignature):
        return False


def _issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
        usage = issuer.extensions.get_extension_for_class(x509.KeyUsage).value
        basic = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
    except (*UNREADABLE, InvalidSignature, x509.ExtensionNotFound):
        return False
    return basic.ca and usage.key_cert_sign


__all__ = ["UNREADABLE", "Chain", "is_revoked_for_compromise", "path_to_anchor", "require_in_force"]
