"""Keys for development: a CA of our own, a seal certificate, an Ed25519 key; made once, kept private.

Nothing signed with them has legal force, and the certificates say so by name.
Production replaces the directory's content by certificates of the national CA
(and the seal key by a PKCS#11 token): only :class:`SealSigner` sees the key.

The directory (mode 0700; files 0600)::

    ca.pem ca.key          issuer of the seal certificate, RSA-3072
    seal.pem seal.key      PDF seal, RSA-3072 (an EC key would lift the file to PDF 2.0)
    jws.key                statement signatures, Ed25519, a key of its own
    trust/ca.pem trust/jws.json     what verifiers need; may be handed out
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509.oid import NameOID

from cadastre.extract.jws import JwsKey, public_jwk
from cadastre.extract.trust import Trust
from cadastre.kernel.clock import require_aware
from cadastre.kernel.errors import Unavailable

CA_NAME = "Kadastr DEVELOPMENT CA — no legal force"
SEAL_NAME = "Kadastr DEVELOPMENT seal — no legal force"
_CA_YEARS, _SEAL_YEARS = 20, 10


@dataclass(frozen=True, slots=True)
class IssuingKeys:
    """What the issuing process holds in memory."""

    ca_certificate: x509.Certificate
    seal_certificate: x509.Certificate
    seal_key: rsa.RSAPrivateKey
    jws_key: JwsKey

    @property
    def are_for_development(self) -> bool:
        """Whether these are keys that this program made for itself: nothing they sign has legal force."""
        names = self.ca_certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return any(name.value == CA_NAME for name in names)

    def trust(self) -> Trust:
        """Give what verifiers of documents made with these keys need."""
        return Trust(
            ca_certificates=(self.ca_certificate,),
            jws_keys={self.jws_key.kid: self.jws_key.private.public_key()},
        )


def load_or_create_keys(directory: Path, *, now: datetime) -> IssuingKeys:
    """Load the keys of a directory; make them first when it does not exist.

    Two processes may do this at once: each makes its set aside, the first
    rename wins, the other set is deleted and the winner's loaded.

    Raises
    ------
    Unavailable
        The directory exists and cannot be used; the message names the file.
    """
    if not directory.exists():
        _create(directory, require_aware(now))
    return _load(directory)


def _create(directory: Path, now: datetime) -> None:
    aside = directory.with_name(f".{directory.name}.{secrets.token_hex(6)}")
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        aside.mkdir(mode=0o700)
        _write_new_keys(aside, now)
        try:
            aside.rename(directory)
        except OSError:
            if not directory.is_dir():
                raise
    except OSError as error:
        raise Unavailable(
            f"The signing keys cannot be made in {directory}: {error.strerror}.", code="keys-unwritable"
        ) from None
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _write_new_keys(directory: Path, now: datetime) -> None:
    ca_key = rsa.generate_private_key(65537, 3072)
    seal_key = rsa.generate_private_key(65537, 3072)
    ca = _ca_certificate(ca_key, now)
    seal = _seal_certificate(seal_key, ca, ca_key, now)
    jws = Ed25519PrivateKey.generate()
    kid = JwsKey.of(jws).kid
    jwks = {"keys": [{**public_jwk(jws.public_key()), "kid": kid, "alg": "EdDSA", "use": "sig"}]}
    (directory / "trust").mkdir(mode=0o700)
    _write(directory / "ca.key", _private_pem(ca_key))
    _write(directory / "seal.key", _private_pem(seal_key))
    _write(directory / "jws.key", _private_pem(jws))
    for name in ("ca.pem", "trust/ca.pem"):
        _write(directory / name, ca.public_bytes(serialization.Encoding.PEM))
    _write(directory / "seal.pem", seal.public_bytes(serialization.Encoding.PEM))
    _write(directory / "trust/jws.json", json.dumps(jwks, indent=2).encode())


def _ca_certificate(key: rsa.RSAPrivateKey, now: datetime) -> x509.Certificate:
    name = _name(CA_NAME)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=366 * _CA_YEARS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _seal_certificate(
    key: rsa.RSAPrivateKey, ca: x509.Certificate, ca_key: rsa.RSAPrivateKey, now: datetime
) -> x509.Certificate:
    return (
        x509.CertificateBuilder()
        .subject_name(_name(SEAL_NAME))
        .issuer_name(ca.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=366 * _SEAL_YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(digital_signature=True, content_commitment=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False
        )
        .sign(ca_key, hashes.SHA256())
    )


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


def _private_pem(key: rsa.RSAPrivateKey | Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _load(directory: Path) -> IssuingKeys:
    _require_private(directory)
    try:
        seal_key = serialization.load_pem_private_key((directory / "seal.key").read_bytes(), password=None)
        jws_key = serialization.load_pem_private_key((directory / "jws.key").read_bytes(), password=None)
        ca = x509.load_pem_x509_certificate((directory / "ca.pem").read_bytes())
        seal = x509.load_pem_x509_certificate((directory / "seal.pem").read_bytes())
    except OSError as error:
        raise Unavailable(f"The signing keys cannot be read: {error}.", code="keys-unreadable") from None
    except (ValueError, TypeError):
        raise Unavailable(f"The signing keys in {directory} are damaged.", code="keys-damaged") from None
    if not isinstance(seal_key, rsa.RSAPrivateKey) or not isinstance(jws_key, Ed25519PrivateKey):
        raise Unavailable(f"The signing keys in {directory} are of the wrong kind.", code="keys-damaged")
    if seal.public_key() != seal_key.public_key():
        raise Unavailable(
            f"seal.pem and seal.key in {directory} do not belong together.", code="keys-damaged"
        )
    return IssuingKeys(ca, seal, seal_key, JwsKey.of(jws_key))


def _require_private(directory: Path) -> None:
    if directory.is_dir() and directory.stat().st_mode & 0o077:
        raise Unavailable(
            f"Others may read the signing keys; run: chmod -R go-rwx {directory}", code="keys-not-private"
        )
