"""What a verifier believes before he reads anything: certificates of the issuing CA and JWS keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cadastre.extract.jws import key_of_jwk, thumbprint
from cadastre.extract.strict_json import read_object
from cadastre.kernel.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Trust:
    """Trust anchors; ``jws_keys`` by key id (RFC 7638 thumbprint)."""

    ca_certificates: tuple[x509.Certificate, ...]
    jws_keys: Mapping[str, Ed25519PublicKey]

    @classmethod
    def read(cls, directory: Path) -> Trust:
        """Read a trust directory: every ``*.pem`` is a CA, ``jws.json`` a JWK set.

        Raises
        ------
        InvalidInput
            Nothing usable there.
        """
        try:
            pems = [path.read_bytes() for path in sorted(directory.glob("*.pem"))]
            jwks = read_object((directory / "jws.json").read_bytes(), max_bytes=100_000)
        except OSError as error:
            raise InvalidInput(
                f"{directory} is no trust directory: {error.strerror}.", code="bad-trust"
            ) from None
        try:
            certificates = tuple(c for pem in pems for c in x509.load_pem_x509_certificates(pem))
            keys = [key_of_jwk(jwk) for jwk in jwks["keys"]]
        except (ValueError, KeyError, TypeError, AttributeError):
            raise InvalidInput(
                f"{directory} holds an unusable certificate or key.", code="bad-trust"
            ) from None
        if not certificates or not keys:
            raise InvalidInput(f"{directory} holds no CA certificate or no JWS key.", code="bad-trust")
        return cls(certificates, {thumbprint(key): key for key in keys})
