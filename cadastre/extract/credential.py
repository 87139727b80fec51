"""A certificate with its key, and the CMS signatures that they make together."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from cadastre.extract.der import (
    DATA,
    EXPLICIT_0,
    SEQUENCE,
    certificate_binding,
    issuer_and_serial_of,
    members,
    signed_attributes,
    signed_data,
    signer_info,
)
from cadastre.keys.kinds import RsaKey


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature value with the attributes that it is over."""

    attributes: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class Credential:
    """A certificate, those between it and the root, and its key, with what every signature needs ready."""

    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    key: RsaKey
    certificates: tuple[bytes, ...]
    binding: bytes
    name: bytes

    @classmethod
    def of(
        cls, certificate: x509.Certificate, key: RsaKey, chain: tuple[x509.Certificate, ...] = ()
    ) -> Credential:
        """Prepare a certificate for signing."""
        der = certificate.public_bytes(Encoding.DER)
        issuer, serial = issuer_and_serial(der)
        return cls(
            certificate,
            chain,
            key,
            (der, *(each.public_bytes(Encoding.DER) for each in chain)),
            certificate_binding(der, issuer, serial),
            issuer_and_serial_of(issuer, serial),
        )

    def sign(self, digest: bytes, *, content_type: bytes = DATA) -> Signature:
        """Sign the attributes that hold a SHA-256 digest of the content."""
        attributes = signed_attributes(content_type, digest, self.binding)
        return Signature(attributes, self.key.sign(attributes))

    def write(
        self,
        signature: Signature,
        *,
        content_type: bytes = DATA,
        content: bytes | None = None,
        token: bytes | None = None,
        bare: bool = False,
    ) -> bytes:
        """Write a signature as a CMS object (DER); a bare one holds no certificates."""
        signer = signer_info(self.name, signature.attributes, signature.value, token=token)
        held = [] if bare else list(self.certificates)
        return signed_data(signer, held, content_type=content_type, content=content)


def issuer_and_serial(certificate: bytes) -> tuple[bytes, bytes]:
    """Give issuer and serial number of a certificate as they are written in it."""
    signed, algorithm, _ = members(certificate, SEQUENCE)
    version, serial, named, issuer, *_ = members(signed, SEQUENCE)
    if version[0] != EXPLICIT_0 or algorithm != named:  # RFC 5280, 4.1.1.2: the outer is not signed
        raise ValueError("certificate")
    return issuer, serial


__all__ = ["Credential", "Signature", "issuer_and_serial"]
