"""The certificates of the development authority: who may do what with which key."""

from __future__ import annotations

from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

NO_FORCE = "no legal force"
ROOT_NAME = f"Kadastr DEVELOPMENT root CA — {NO_FORCE}"
ISSUING_NAME = f"Kadastr DEVELOPMENT issuing CA — {NO_FORCE}"
SEAL_NAME = f"Kadastr DEVELOPMENT seal — {NO_FORCE}"
STAMP_NAME = f"Kadastr DEVELOPMENT time stamps — {NO_FORCE}"
STATUS_NAME = f"Kadastr DEVELOPMENT certificate status — {NO_FORCE}"
ROOT_YEARS, ISSUING_YEARS, SEAL_YEARS, STAMP_YEARS = 30, 25, 5, 6
RESPONDER = "http://ocsp.development.invalid/"
"""That somebody answers for a certificate, which engines ask; where, each start of the service decides."""

CaKey = ec.EllipticCurvePrivateKey
PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey


def root_certificate(key: CaKey, now: datetime) -> x509.Certificate:
    """Make the certificate that all trust begins with."""
    name = _name(ROOT_NAME)
    builder = _builder(name, name, key.public_key(), now, ROOT_YEARS)
    return _as_authority(builder, path_length=1).sign(key, hashes.SHA384())


def issuing_certificate(
    key: CaKey, root: x509.Certificate, root_key: CaKey, now: datetime
) -> x509.Certificate:
    """Make the certificate of the authority that issues to services."""
    builder = _builder(_name(ISSUING_NAME), root.subject, key.public_key(), now, ISSUING_YEARS)
    builder = builder.add_extension(_issued_by(root), critical=False)
    return _as_authority(builder, path_length=0).sign(root_key, hashes.SHA384())


def seal_certificate(
    public: PublicKey,
    issuer: x509.Certificate,
    issuer_key: CaKey,
    now: datetime,
    *,
    lifetime: timedelta | None = None,
) -> x509.Certificate:
    """Make a certificate for sealing documents."""
    builder = _builder(_name(SEAL_NAME), issuer.subject, public, now, SEAL_YEARS, lifetime)
    usage = _key_usage(digital_signature=True, content_commitment=True)
    return _for_service(builder, issuer, usage).sign(issuer_key, hashes.SHA384())


def stamp_certificate(
    public: PublicKey, issuer: x509.Certificate, issuer_key: CaKey, now: datetime
) -> x509.Certificate:
    """Make the certificate of a time-stamp service (RFC 3161, 2.3: its one critical purpose)."""
    builder = _builder(_name(STAMP_NAME), issuer.subject, public, now, STAMP_YEARS)
    purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    builder = _for_service(builder, issuer, _key_usage(digital_signature=True, content_commitment=True))
    return builder.add_extension(purpose, critical=True).sign(issuer_key, hashes.SHA384())


def status_certificate(
    public: PublicKey, issuer: x509.Certificate, issuer_key: CaKey, now: datetime
) -> x509.Certificate:
    """Make the certificate of an OCSP responder, which is not asked about itself (RFC 6960, 4.2.2.2.1)."""
    builder = _builder(_name(STATUS_NAME), issuer.subject, public, now, ISSUING_YEARS - 1)
    builder = _for_service(builder, issuer, _key_usage(digital_signature=True))
    purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING])
    builder = builder.add_extension(purpose, critical=False).add_extension(x509.OCSPNoCheck(), critical=False)
    return builder.sign(issuer_key, hashes.SHA384())


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public: PublicKey,
    now: datetime,
    years: int,
    lifetime: timedelta | None = None,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + (timedelta(days=366 * years) if lifetime is None else lifetime))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _as_authority(builder: x509.CertificateBuilder, *, path_length: int) -> x509.CertificateBuilder:
    basic = x509.BasicConstraints(ca=True, path_length=path_length)
    usage = _key_usage(key_cert_sign=True, crl_sign=True)
    return builder.add_extension(basic, critical=True).add_extension(usage, critical=True)


def _for_service(
    builder: x509.CertificateBuilder, issuer: x509.Certificate, usage: x509.KeyUsage
) -> x509.CertificateBuilder:
    basic = x509.BasicConstraints(ca=False, path_length=None)
    builder = builder.add_extension(basic, critical=True).add_extension(usage, critical=True)
    access = x509.AccessDescription(
        AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(RESPONDER)
    )
    builder = builder.add_extension(x509.AuthorityInformationAccess([access]), critical=False)
    return builder.add_extension(_issued_by(issuer), critical=False)


def _issued_by(issuer: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    identifier = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "AZ"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Kadastr (development)"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _key_usage(
    *,
    digital_signature: bool = False,
    content_commitment: bool = False,
    key_cert_sign: bool = False,
    crl_sign: bool = False,
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=content_commitment,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )


__all__ = [
    "ISSUING_NAME",
    "NO_FORCE",
    "ROOT_NAME",
    "SEAL_NAME",
    "STAMP_NAME",
    "STATUS_NAME",
    "CaKey",
    "PublicKey",
    "issuing_certificate",
    "root_certificate",
    "seal_certificate",
    "stamp_certificate",
    "status_certificate",
]
