"""Where private keys are kept, under labels: in a token, or for development in files."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from cadastre.kernel.errors import Unavailable
from cadastre.keys.kinds import Ed25519Key, LoadedRsaKey, RsaKey

SEAL_BITS = 3072


class Keeper(Protocol):
    """Makes, lends and destroys private keys; nobody else sees them. ``kept`` says where: file or token."""

    @property
    def kept(self) -> str:
        """Where the keys are."""
        ...

    def make_rsa(self, label: str) -> rsa.RSAPublicKey:
        """Make a key pair; gives the public half."""
        ...

    def make_ed25519(self, label: str) -> Ed25519PublicKey:
        """Make a key pair; gives the public half."""
        ...

    def rsa(self, label: str, public: rsa.RSAPublicKey) -> RsaKey:
        """Give the key that belongs to a public half."""
        ...

    def ed25519(self, label: str, public: Ed25519PublicKey) -> Ed25519Key:
        """Give the key that belongs to a public half."""
        ...

    def destroy(self, label: str) -> None:
        """Destroy a private key for good."""
        ...


@dataclass(frozen=True, slots=True)
class FileKeeper:
    """Keys in files that their owner alone may read; for development, as whoever reads the disk has them."""

    directory: Path
    kept: ClassVar[str] = "file"

    def make_rsa(self, label: str) -> rsa.RSAPublicKey:
        """Make a key pair; gives the public half."""
        key = rsa.generate_private_key(65537, SEAL_BITS)
        self._write(label, key)
        return key.public_key()

    def make_ed25519(self, label: str) -> Ed25519PublicKey:
        """Make a key pair; gives the public half."""
        key = Ed25519PrivateKey.generate()
        self._write(label, key)
        return key.public_key()

    def rsa(self, label: str, public: rsa.RSAPublicKey) -> RsaKey:
        """Load the key that belongs to a public half."""
        key = self._load(label)
        if not isinstance(key, RSAPrivateKey):
            raise Unavailable(f"{self._path(label)} is a key of the wrong kind.", code="keys-damaged")
        if key.public_key() != public:
            raise self._foreign(label)
        return LoadedRsaKey(key)

    def ed25519(self, label: str, public: Ed25519PublicKey) -> Ed25519Key:
        """Load the key that belongs to a public half."""
        key = self._load(label)
        if not isinstance(key, Ed25519PrivateKey):
            raise Unavailable(f"{self._path(label)} is a key of the wrong kind.", code="keys-damaged")
        if key.public_key() != public:
            raise self._foreign(label)
        return key

    def destroy(self, label: str) -> None:
        """Delete a private key."""
        self._path(label).unlink(missing_ok=True)

    def _path(self, label: str) -> Path:
        return self.directory / f"{label}.key"

    def _foreign(self, label: str) -> Unavailable:
        return Unavailable(
            f"{self._path(label)} and what is public of it do not belong together.", code="keys-damaged"
        )

    def _load(self, label: str) -> object:
        path = self._path(label)
        try:
            return serialization.load_pem_private_key(path.read_bytes(), password=None)
        except OSError as error:
            raise Unavailable(f"The signing keys cannot be read: {error}.", code="keys-unreadable") from None
        except (ValueError, TypeError):
            raise Unavailable(f"The signing key {path} is damaged.", code="keys-damaged") from None

    def _write(self, label: str, key: RSAPrivateKey | Ed25519PrivateKey) -> None:
        content = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        descriptor = os.open(self._path(label), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())


__all__ = ["SEAL_BITS", "FileKeeper", "Keeper"]
