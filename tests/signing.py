"""Seals for tests: with the development authority's own time stamps, at a moment that the test chooses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from cadastre.extract.pki import IssuingKeys
from cadastre.extract.signer import PdfSeal
from cadastre.kernel.clock import Clock, FixedClock
from cadastre.pki.authority import load_authority
from cadastre.pki.stamps import StampAuthority
from cadastre.pki.status import StatusDesk


def stamps_of(keys: IssuingKeys, clock: Clock) -> StampAuthority:
    """Give the time-stamp authority that belongs to keys, in this process and by a clock."""
    return StampAuthority(load_authority(keys.authority_dir).stamps, clock)


@dataclass(frozen=True, slots=True)
class OwnStatus:
    """What the development authority says of certificates, in this process and by a clock."""

    desk: StatusDesk

    @classmethod
    def of(cls, keys: IssuingKeys, clock: Clock) -> OwnStatus:
        """Give the status desk of the authority that belongs to keys."""
        return cls(StatusDesk(load_authority(keys.authority_dir), clock))

    def answer(self, certificate: x509.Certificate, issuer: x509.Certificate) -> bytes | None:
        """Give an OCSP response, or None about what the root has issued."""
        if issuer.issuer == issuer.subject:
            return None
        request = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA256()).build()
        return self.desk.answer(request.public_bytes(Encoding.DER))

    def revocations(self, certificate: x509.Certificate, issuer: x509.Certificate) -> bytes | None:
        """Give the list of an issuer."""
        return self.desk.root_list() if issuer.issuer == issuer.subject else self.desk.issuing_list()


def seal_with(keys: IssuingKeys, at: Clock | datetime) -> PdfSeal:
    """Give a seal with keys whose time stamps are of one moment, or of a clock."""
    clock = FixedClock(at) if isinstance(at, datetime) else at
    return PdfSeal(lambda: keys.seal, stamps_of(keys, clock))
