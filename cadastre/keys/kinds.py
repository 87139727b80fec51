"""What a signing key can do, wherever it is kept: in a PKCS#11 token, or in a file for development."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey


class RsaKey(Protocol):
    """Signs with RSA PKCS#1 v1.5 and SHA-256."""

    def sign(self, data: bytes) -> bytes:
        """Sign a message."""
        ...

    def public_key(self) -> RSAPublicKey:
        """Give the public half."""
        ...


class Ed25519Key(Protocol):
    """Signs with Ed25519; cryptography's own private keys are such keys too."""

    def sign(self, data: bytes) -> bytes:
        """Sign a message."""
        ...

    def public_key(self) -> Ed25519PublicKey:
        """Give the public half."""
        ...


@dataclass(frozen=True, slots=True)
class LoadedRsaKey:
    """A key that a file held, kept loaded: parsing and validating it takes many times a signature's time."""

    private: RSAPrivateKey

    def sign(self, data: bytes) -> bytes:
        """Sign a message."""
        return self.private.sign(data, padding.PKCS1v15(), hashes.SHA256())

    def public_key(self) -> RSAPublicKey:
        """Give the public half."""
        return self.private.public_key()


__all__ = ["Ed25519Key", "LoadedRsaKey", "RsaKey"]
