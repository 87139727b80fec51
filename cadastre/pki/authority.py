"""The development authority as a directory: its keys, what it issued, what it revoked.

::

    root.pem root.key           P-384, signs the issuing authority only
    issuing.pem issuing.key     P-384, issues seals, the time-stamp and the status certificate
    tsa.pem tsa.key             RSA-3072, time stamps; renewed as tsa-2 and so on, the highest counts
    status.pem status.key       P-384, OCSP answers
    revoked.json                serial numbers with moment and reason, written whole
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from cadastre.extract.credential import Credential
from cadastre.kernel.errors import Unavailable
from cadastre.keys.kinds import LoadedRsaKey
from cadastre.pki import profiles

REVOKED = "revoked.json"
REASONS = {
    "unspecified": x509.ReasonFlags.unspecified,
    "key-compromise": x509.ReasonFlags.key_compromise,
    "superseded": x509.ReasonFlags.superseded,
    "cessation": x509.ReasonFlags.cessation_of_operation,
}


@dataclass(frozen=True, slots=True)
class Revocation:
    """When and why a certificate was revoked."""

    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Authority:
    """The keys of the authority, loaded."""

    directory: Path
    root: x509.Certificate
    issuing: x509.Certificate
    issuing_key: ec.EllipticCurvePrivateKey
    stamps: Credential
    status: x509.Certificate
    status_key: ec.EllipticCurvePrivateKey
    root_key: ec.EllipticCurvePrivateKey

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """Certificates between a service's and the root."""
        return (self.issuing,)

    def issue_seal(
        self, public: rsa.RSAPublicKey, now: datetime, *, lifetime: timedelta | None = None
    ) -> x509.Certificate:
        """Issue a certificate for sealing documents."""
        return profiles.seal_certificate(public, self.issuing, self.issuing_key, now, lifetime=lifetime)

    def renew_stamps(self, now: datetime) -> x509.Certificate:
        """Stamp with a new key from now on; the old private key is destroyed, its certificate stays."""
        old = newest_stamps(self.directory)
        number = int(old.partition("-")[2] or 1) + 1
        key = rsa.generate_private_key(65537, 3072)
        certificate = profiles.stamp_certificate(key.public_key(), self.issuing, self.issuing_key, now)
        write_private(self.directory / f"tsa-{number}.key", private_pem(key))
        draft = self.directory / f".tsa-{number}"
        write_private(draft, pem(certificate))
        draft.replace(self.directory / f"tsa-{number}.pem")  # from here on it counts
        (self.directory / f"{old}.key").unlink()
        return certificate

    def revoke(self, certificate: x509.Certificate, at: datetime, reason: str = "unspecified") -> None:
        """Enter a certificate into the list of those revoked."""
        known = {
            str(serial): {"at": entry.at.isoformat(), "reason": entry.reason}
            for serial, entry in self.revoked().items()
        }
        known[str(certificate.serial_number)] = {"at": at.isoformat(), "reason": reason}
        draft = self.directory / f".{REVOKED}.{os.getpid()}"
        write_private(draft, json.dumps(known, indent=1).encode())
        draft.replace(self.directory / REVOKED)

    def revoked(self) -> Mapping[int, Revocation]:
        """What is revoked now; read anew each time, for a command may have entered more."""
        path = self.directory / REVOKED
        if not path.exists():
            return {}
        entries = json.loads(path.read_text(encoding="utf-8"))
        return {
            int(serial): Revocation(datetime.fromisoformat(entry["at"]).astimezone(UTC), entry["reason"])
            for serial, entry in entries.items()
        }


def create_authority(directory: Path, now: datetime) -> None:
    """Make an authority with all its keys in a directory that does not exist yet."""
    directory.mkdir(mode=0o700)
    root_key, issuing_key, status_key = (ec.generate_private_key(ec.SECP384R1()) for _ in range(3))
    stamp_key = rsa.generate_private_key(65537, 3072)
    root = profiles.root_certificate(root_key, now)
    issuing = profiles.issuing_certificate(issuing_key, root, root_key, now)
    stamps = profiles.stamp_certificate(stamp_key.public_key(), issuing, issuing_key, now)
    status = profiles.status_certificate(status_key.public_key(), issuing, issuing_key, now)
    for name, key, certificate in (
        ("root", root_key, root),
        ("issuing", issuing_key, issuing),
        ("tsa", stamp_key, stamps),
        ("status", status_key, status),
    ):
        write_private(directory / f"{name}.key", private_pem(key))
        write_private(directory / f"{name}.pem", pem(certificate))


def newest_stamps(directory: Path) -> str:
    """Give the name of the files that hold the time-stamp service's key and certificate of now."""
    numbers = [int(path.stem.partition("-")[2]) for path in directory.glob("tsa-[0-9]*.pem")]
    return f"tsa-{max(numbers)}" if numbers else "tsa"


def load_authority(directory: Path) -> Authority:
    """Load an authority.

    Raises
    ------
    Unavailable
        A file is missing or damaged.
    """
    try:
        files = {"root": "root", "issuing": "issuing", "tsa": newest_stamps(directory), "status": "status"}
        certificates = {
            name: x509.load_pem_x509_certificate((directory / f"{file}.pem").read_bytes())
            for name, file in files.items()
        }
        keys = {
            name: serialization.load_pem_private_key((directory / f"{file}.key").read_bytes(), None)
            for name, file in files.items()
        }
    except OSError as error:
        raise Unavailable(
            f"The development authority cannot be read: {error}.", code="keys-unreadable"
        ) from None
    except (ValueError, TypeError):
        raise Unavailable(
            f"The development authority in {directory} is damaged.", code="keys-damaged"
        ) from None
    stamp_key = keys["tsa"]
    root_key, issuing_key, status_key = keys["root"], keys["issuing"], keys["status"]
    if not (
        isinstance(stamp_key, rsa.RSAPrivateKey)
        and isinstance(root_key, ec.EllipticCurvePrivateKey)
        and isinstance(issuing_key, ec.EllipticCurvePrivateKey)
        and isinstance(status_key, ec.EllipticCurvePrivateKey)
    ):
        raise Unavailable(f"The development authority in {directory} is damaged.", code="keys-damaged")
    issuing = certificates["issuing"]
    return Authority(
        directory=directory,
        root=certificates["root"],
        issuing=issuing,
        issuing_key=issuing_key,
        stamps=Credential.of(certificates["tsa"], LoadedRsaKey(stamp_key), (issuing,)),
        status=certificates["status"],
        status_key=status_key,
        root_key=root_key,
    )


def private_pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    """Write a private key for a file of development."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def pem(*certificates: x509.Certificate) -> bytes:
    """Write certificates one after the other."""
    return b"".join(each.public_bytes(serialization.Encoding.PEM) for each in certificates)


def write_private(path: Path, content: bytes) -> None:
    """Write a new file that its owner alone may read, to the disk."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


__all__ = [
    "REASONS",
    "Authority",
    "Revocation",
    "create_authority",
    "load_authority",
    "newest_stamps",
    "pem",
    "private_pem",
    "write_private",
]
