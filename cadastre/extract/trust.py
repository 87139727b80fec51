"""What a verifier believes beforehand: root certificates, JWS keys, lists of what was revoked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cadastre.extract.jws import key_of_jwk, thumbprint
from cadastre.extract.strict_json import read_object
from cadastre.kernel.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Term:
    """When a key signed; a bound that is None is open."""

    begin: datetime | None = None
    end: datetime | None = None

    def holds(self, moment: datetime) -> bool:
        """Whether a moment lies in the term; its end does not."""
        after = self.begin is None or self.begin <= moment
        return after and (self.end is None or moment < self.end)


@dataclass(frozen=True, slots=True)
class Trust:
    """Trust anchors; ``jws_keys`` by key id (RFC 7638 thumbprint), with ``jws_terms`` where a key has one."""

    ca_certificates: tuple[x509.Certificate, ...]
    jws_keys: Mapping[str, Ed25519PublicKey]
    jws_terms: Mapping[str, Term] = field(default_factory=dict)
    revocations: tuple[x509.CertificateRevocationList, ...] = ()

    @classmethod
    def read(cls, directory: Path) -> Trust:
        """Read a trust directory: every ``*.pem`` a CA, ``*.crl`` a revocation list, ``jws.json`` a JWK set.

        Raises
        ------
        InvalidInput
            Nothing usable there.
        """
        try:
            pems = [path.read_bytes() for path in sorted(directory.glob("*.pem"))]
            lists = [path.read_bytes() for path in sorted(directory.glob("*.crl"))]
            jwks = read_object((directory / "jws.json").read_bytes(), max_bytes=100_000)
        except OSError as error:
            raise InvalidInput(
                f"{directory} is no trust directory: {error.strerror}.", code="bad-trust"
            ) from None
        try:
            certificates = tuple(c for pem in pems for c in x509.load_pem_x509_certificates(pem))
            revocations = tuple(x509.load_der_x509_crl(der) for der in lists)
            keys = {thumbprint(key): (key, jwk) for jwk in jwks["keys"] for key in [key_of_jwk(jwk)]}
            terms = {kid: term for kid, (_, jwk) in keys.items() if (term := _term_of(jwk)) != Term()}
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
            raise InvalidInput(
                f"{directory} holds an unusable certificate, list or key.", code="bad-trust"
            ) from None
        if not certificates or not keys:
            raise InvalidInput(f"{directory} holds no CA certificate or no JWS key.", code="bad-trust")
        return cls(certificates, {kid: key for kid, (key, _) in keys.items()}, terms, revocations)

    def signs_at(self, kid: str, moment: datetime) -> bool:
        """Whether statements of a moment are signed with a key: a retired one signs for its own time only."""
        return self.jws_terms.get(kid, Term()).holds(moment)


def _term_of(jwk: Mapping[str, object]) -> Term:
    bounds = [_moment_of(jwk.get(name)) for name in ("nbf", "exp")]
    return Term(*bounds)


def _moment_of(seconds: object) -> datetime | None:
    if seconds is None:
        return None
    if isinstance(seconds, bool) or not isinstance(seconds, int):
        raise TypeError(type(seconds))
    return datetime.fromtimestamp(seconds, UTC)


__all__ = ["Term", "Trust"]
