"""Says which certificates of the development authority hold: revocation lists (RFC 5280), OCSP (RFC 6960)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp

from cadastre.kernel.clock import Clock
from cadastre.pki.authority import REASONS, Authority, Revocation

LIST_LIFE = timedelta(days=7)
ANSWER_LIFE = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class StatusDesk:
    """Answers what holds now, from the authority's own list."""

    authority: Authority
    clock: Clock

    def issuing_list(self) -> bytes:
        """Give the list of revoked services' certificates (DER)."""
        authority = self.authority
        return self._list(authority.issuing, authority.issuing_key, self._now())

    def root_list(self) -> bytes:
        """Give the root's list (DER): the issuing authority is on it or not."""
        authority = self.authority
        return self._list(authority.root, authority.root_key, self._now())

    def answer(self, query: bytes) -> bytes:
        """Answer an OCSP request."""
        try:
            request = ocsp.load_der_ocsp_request(query)
            serial, algorithm = request.serial_number, request.hash_algorithm
            nonce = _nonce_of(request)
        except (ValueError, TypeError):
            return _refusal(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
        name_hash, key_hash = _hashes_of(self.authority.issuing, algorithm)
        if (request.issuer_name_hash, request.issuer_key_hash) != (name_hash, key_hash):
            return _refusal(ocsp.OCSPResponseStatus.UNAUTHORIZED)
        revocation = self.authority.revoked().get(serial)
        now = self._now()
        builder = ocsp.OCSPResponseBuilder().add_response_by_hash(
            issuer_name_hash=name_hash,
            issuer_key_hash=key_hash,
            serial_number=serial,
            algorithm=algorithm,
            cert_status=ocsp.OCSPCertStatus.GOOD if revocation is None else ocsp.OCSPCertStatus.REVOKED,
            this_update=now,
            next_update=now + ANSWER_LIFE,
            revocation_time=None if revocation is None else revocation.at,
            revocation_reason=None if revocation is None else REASONS[revocation.reason],
        )
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, self.authority.status)
        builder = builder.certificates([self.authority.status])
        if nonce is not None:
            builder = builder.add_extension(nonce, critical=False)
        return builder.sign(self.authority.status_key, hashes.SHA384()).public_bytes(Encoding.DER)

    def _list(self, issuer: x509.Certificate, key: ec.EllipticCurvePrivateKey, now: datetime) -> bytes:
        number = x509.CRLNumber(int(now.timestamp() * 1000))
        identifier = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(issuer.subject)
            .last_update(now)
            .next_update(now + LIST_LIFE)
            .add_extension(number, critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False
            )
        )
        for serial, revocation in sorted(self.authority.revoked().items()):
            builder = builder.add_revoked_certificate(_entry(serial, revocation))
        return builder.sign(key, hashes.SHA384()).public_bytes(Encoding.DER)

    def _now(self) -> datetime:
        return self.clock.now().replace(microsecond=0)


def _entry(serial: int, revocation: Revocation) -> x509.RevokedCertificate:
    reason = x509.CRLReason(REASONS[revocation.reason])
    builder = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(revocation.at)
    return builder.add_extension(reason, critical=False).build() if _said(revocation) else builder.build()


def _said(revocation: Revocation) -> bool:
    return revocation.reason != "unspecified"  # RFC 5280, 5.3.1: left out rather than said


def _nonce_of(request: ocsp.OCSPRequest) -> x509.OCSPNonce | None:
    try:
        return request.extensions.get_extension_for_class(x509.OCSPNonce).value
    except x509.ExtensionNotFound:
        return None


def _hashes_of(issuer: x509.Certificate, algorithm: hashes.HashAlgorithm) -> tuple[bytes, bytes]:
    key = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    # RFC 5280's key identifier is SHA-1's very hash
    key_hash = key.digest if isinstance(algorithm, hashes.SHA1) else _digest(_key_bits(issuer), algorithm)
    return _digest(issuer.subject.public_bytes(), algorithm), key_hash


def _key_bits(certificate: x509.Certificate) -> bytes:
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise TypeError(type(key))
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _digest(data: bytes, algorithm: hashes.HashAlgorithm) -> bytes:
    digest = hashes.Hash(algorithm)
    digest.update(data)
    return digest.finalize()


def _refusal(status: ocsp.OCSPResponseStatus) -> bytes:
    return ocsp.OCSPResponseBuilder.build_unsuccessful(status).public_bytes(Encoding.DER)


__all__ = ["StatusDesk"]
