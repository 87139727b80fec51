"""The issuing keys of a directory: made for development, loaded, rotated; old ones stay trusted.

The directory (mode 0700; files 0600)::

    keys.json                which keys are in use: their labels, where they are kept
    seal-1.pem               certificate of the seal (RSA-3072) and those up to the root
    token/                   the development token (SoftHSM) that holds the private keys, with its PIN,
    seal-1.key jws-1.key     or, where CADASTRE_KEYS=file says so, the private keys in files
    authority/               the development authority (see cadastre.pki); nowhere else
    trust/*.pem trust/jws.json trust/*.crl     what verifiers need; may be handed out

Nothing signed under the development authority has legal force, and its
certificates say so by name.  Production brings the certificates of the national
authority and a token of its own (``CADASTRE_KEYS=pkcs11``).
"""

from __future__ import annotations

import json
import math
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from cadastre.extract.credential import Credential
from cadastre.extract.jws import JwsKey, key_of_jwk, thumbprint
from cadastre.extract.key_folder import (
    LOCK,
    MANIFEST,
    REQUEST,
    UNFINISHED,
    locked,
    next_label,
    published_jwk,
    read_manifest,
    replace_bytes,
    replace_json,
    require_private,
)
from cadastre.extract.trust import Trust
from cadastre.kernel.clock import Clock, FixedClock, require_aware
from cadastre.kernel.errors import InvalidInput, Unavailable
from cadastre.keys.keepers import FileKeeper, Keeper
from cadastre.pki.authority import REASONS, Authority, create_authority, load_authority, pem, write_private
from cadastre.pki.profiles import NO_FORCE
from cadastre.pki.status import StatusDesk

_FIRST_PRIVATE = ("ca.key", "seal.key", "jws.key")
_FIRST_FORM = ("ca.pem", "seal.pem", *_FIRST_PRIVATE)
"""Files of the directories that made the first extracts (PAdES B-B)."""
Keeping = Callable[[Path], Keeper]
"""Gives the keeper of a signing directory."""


@dataclass(frozen=True, slots=True)
class IssuingKeys:
    """What the issuing process works with; private keys may stay in their token."""

    directory: Path
    seal: Credential
    jws_key: JwsKey
    anchors: Trust

    @property
    def seal_certificate(self) -> x509.Certificate:
        """Certificate of the seal."""
        return self.seal.certificate

    @property
    def are_for_development(self) -> bool:
        """Whether an authority of our own making issued them: nothing they sign has legal force."""
        names = self.seal.certificate.issuer.get_attributes_for_oid(NameOID.COMMON_NAME)
        return any(NO_FORCE in str(name.value) for name in names)

    @property
    def authority_dir(self) -> Path:
        """Directory of the development authority, where there is one."""
        return self.directory / "authority"

    def trust(self) -> Trust:
        """Give what verifiers of documents made with these keys need."""
        return self.anchors


def load_or_create_keys(directory: Path, *, now: datetime, keeping: Keeping = FileKeeper) -> IssuingKeys:
    """Load the keys of a directory; make them first when it holds none.

    Two processes may do this at once: the second waits for the first.

    Raises
    ------
    Unavailable
        The directory exists and cannot be used; the message names the file.
    """
    _prepare(directory, now, keeping)
    return _load(directory, keeping(directory))


class KeyCabinet:
    """The keys in use, read anew when a rotation changed them; safe to share between threads."""

    def __init__(self, directory: Path, *, now: datetime, keeping: Keeping = FileKeeper) -> None:
        self._directory = directory
        _prepare(directory, now, keeping)
        self._keeper = keeping(directory)
        self._mark = self._marks()
        self._keys = _load(directory, self._keeper)

    def current(self) -> IssuingKeys:
        """Give the keys in use now.

        Raises
        ------
        Unavailable
            They cannot be read.
        """
        mark = self._marks()
        if mark != self._mark:
            self._keys, self._mark = (
                _load(self._directory, self._keeper),
                mark,
            )  # what came after is read next
        return self._keys

    def seal(self) -> Credential:
        """Give the seal in use now."""
        return self.current().seal

    def jws_key(self) -> JwsKey:
        """Give the key for statements in use now."""
        return self.current().jws_key

    def trust(self) -> Trust:
        """Give what is believed now."""
        return self.current().anchors

    def _marks(self) -> tuple[tuple[int, int], ...]:
        """When the files that a rotation or a revocation writes were written."""
        try:
            files = [
                self._directory / MANIFEST,
                self._directory / "trust",
                self._directory / "trust/jws.json",
            ]
            return tuple((file.stat().st_ino, file.stat().st_mtime_ns) for file in files)
        except OSError as error:
            raise Unavailable(f"The signing keys cannot be read: {error}.", code="keys-unreadable") from None


def _prepare(directory: Path, now: datetime, keeping: Keeping) -> None:
    if not (directory / MANIFEST).exists():
        _create(directory, require_aware(now), keeping)


def kept_as(directory: Path) -> str | None:
    """Where the private keys of a directory are, ``file`` or ``token``; None when it holds none yet."""
    return str(read_manifest(directory)["kept"]) if (directory / MANIFEST).exists() else None


def rotate_seal(directory: Path, keeper: Keeper, now: datetime) -> x509.Certificate:
    """Seal with a new key from now on; the old private key is destroyed, its certificate stays in force.

    Raises
    ------
    InvalidInput
        The certificates are not of the development authority, which alone can be asked here.
    """
    with locked(directory):
        manifest = read_manifest(directory)
        authority = _authority(directory)
        old = manifest["seal"]["label"]
        label = next_label(old)
        certificate = _issue_seal(directory, authority, keeper, label, now)
        replace_json(directory / MANIFEST, {**manifest, "seal": {"label": label}})
        keeper.destroy(old)
    return certificate


def rotate_jws(directory: Path, keeper: Keeper, clock: Clock) -> str:
    """Sign statements with a new key from now on; the old one stays trusted for what it signed until now."""
    with locked(directory):
        manifest = read_manifest(directory)
        old, retired = manifest["jws"]["label"], manifest["jws"]["kid"]
        label = next_label(old)
        jwk = published_jwk(keeper.make_ed25519(label))
        known = _read_jwks(directory)
        _write_jwks(directory, [*known, jwk])
        replace_json(directory / MANIFEST, {**manifest, "jws": {"label": label, "kid": jwk["kid"]}})
        _write_jwks(
            directory, [*_ended(known, retired, clock.now()), jwk]
        )  # after the switch: none signs later
        keeper.destroy(old)
    return str(jwk["kid"])


def renew_stamps(directory: Path, now: datetime) -> x509.Certificate:
    """Let the development authority's time-stamp service go on with a new key and certificate.

    Raises
    ------
    InvalidInput
        The certificates are not of the development authority.
    """
    with locked(directory):
        return _authority(directory).renew_stamps(now)


def revoke_seal(directory: Path, label: str, at: datetime, reason: str) -> None:
    """Have the certificate of a seal revoked, and tell those who verify with this directory's trust.

    Raises
    ------
    InvalidInput
        There is no such seal, no such reason, or no development authority.
    """
    with locked(directory):
        authority = _authority(directory)
        if reason not in REASONS:
            raise InvalidInput(f"A reason is one of {', '.join(REASONS)}.", code="unknown-reason")
        path = directory / f"{label}.pem"
        if not re.fullmatch(r"seal-[0-9]+", label) or not path.exists():
            raise InvalidInput(f"There is no seal {label}.", code="unknown-key")
        authority.revoke(x509.load_pem_x509_certificate(path.read_bytes()), at, reason)
        replace_bytes(directory / "trust/issuing.crl", StatusDesk(authority, FixedClock(at)).issuing_list())


def _create(directory: Path, now: datetime, keeping: Keeping) -> None:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        require_private(directory)
        with locked(directory):
            if (directory / MANIFEST).exists():
                return
            if (directory / REQUEST).exists():
                raise Unavailable(
                    "The certificate of the seal was requested and is not installed yet; "
                    "see 'cadastre key install'.",
                    code="certificate-awaited",
                )
            _clear_unfinished(directory)
            (directory / UNFINISHED).touch(mode=0o600)
            _make(directory, now, keeping(directory))
            (directory / UNFINISHED).unlink()
    except OSError as error:
        raise Unavailable(
            f"The signing keys cannot be made in {directory}: {error.strerror}.", code="keys-unwritable"
        ) from None


def _make(directory: Path, now: datetime, keeper: Keeper) -> None:
    """Make authority and keys; the manifest, which says that all is there, comes last."""
    create_authority(directory / "authority", now)
    authority = load_authority(directory / "authority")
    _issue_seal(directory, authority, keeper, "seal-1", now)
    jwk = published_jwk(keeper.make_ed25519("jws-1"))
    trust = directory / "trust"
    trust.mkdir(mode=0o700, exist_ok=True)
    replace_bytes(trust / "root.pem", pem(authority.root))
    earlier = _ended(_read_jwks(directory), None, now) if (trust / "jws.json").exists() else []
    _write_jwks(directory, [*earlier, jwk])
    manifest = {
        "kept": keeper.kept,
        "seal": {"label": "seal-1"},
        "jws": {"label": "jws-1", "kid": jwk["kid"]},
    }
    replace_json(directory / MANIFEST, manifest)
    for (
        name
    ) in _FIRST_PRIVATE:  # of homes of the first extracts: their certificates and public keys stay trusted
        (directory / name).unlink(missing_ok=True)


def _clear_unfinished(directory: Path) -> None:
    """Remove what a crash left of an earlier attempt; anything else is keys of somebody's, and stays.

    Raises
    ------
    Unavailable
        There are keys here, and nothing that says which are in use.
    """
    first_form = all((directory / name).exists() for name in _FIRST_FORM)
    made = {"authority", "token", *(path.name for path in directory.glob("*-[0-9]*.*"))}
    here = {path.name for path in directory.iterdir()} - {LOCK, UNFINISHED, *_FIRST_FORM, "trust"}
    believed = (directory / "trust/jws.json").exists() and not first_form
    if not (directory / UNFINISHED).exists() and (here or believed):
        raise Unavailable(
            f"The signing keys cannot be read: {directory / MANIFEST} is missing.", code="keys-unreadable"
        )
    for name in made & here:
        path = directory / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def _issue_seal(
    directory: Path, authority: Authority, keeper: Keeper, label: str, now: datetime
) -> x509.Certificate:
    certificate = authority.issue_seal(keeper.make_rsa(label), now)
    write_private(directory / f"{label}.pem", pem(certificate, *authority.chain))
    return certificate


def _load(directory: Path, keeper: Keeper) -> IssuingKeys:
    require_private(directory)
    manifest = read_manifest(directory)
    try:
        certificates = x509.load_pem_x509_certificates(
            (directory / f"{manifest['seal']['label']}.pem").read_bytes()
        )
        jwks = {each["kid"]: key_of_jwk(each) for each in _read_jwks(directory)}
        public = jwks[manifest["jws"]["kid"]]
        anchors = Trust.read(directory / "trust")
    except OSError as error:
        raise Unavailable(f"The signing keys cannot be read: {error}.", code="keys-unreadable") from None
    except (ValueError, TypeError, KeyError, InvalidInput):
        raise Unavailable(f"The signing keys in {directory} are damaged.", code="keys-damaged") from None
    certificate, *chain = certificates
    key = certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise Unavailable(f"The signing keys in {directory} are of the wrong kind.", code="keys-damaged")
    return IssuingKeys(
        directory,
        Credential.of(certificate, keeper.rsa(manifest["seal"]["label"], key), tuple(chain)),
        JwsKey.of(keeper.ed25519(manifest["jws"]["label"], public)),
        anchors,
    )


def _read_jwks(directory: Path) -> list[dict[str, Any]]:
    keys: list[dict[str, Any]] = json.loads((directory / "trust/jws.json").read_bytes())["keys"]
    return [{**each, "kid": thumbprint(key_of_jwk(each))} for each in keys]


def _write_jwks(directory: Path, keys: list[dict[str, Any]]) -> None:
    replace_json(directory / "trust/jws.json", {"keys": keys})


def _ended(keys: list[dict[str, Any]], retired: str | None, now: datetime) -> list[dict[str, Any]]:
    """Give keys with an end for the retired one, or for all that have none when none is named."""
    end = math.floor(now.timestamp()) + 1
    return [
        {**each, "exp": end} if "exp" not in each and retired in (None, each["kid"]) else each
        for each in keys
    ]


def _authority(directory: Path) -> Authority:
    if not (directory / "authority").is_dir():
        raise InvalidInput(
            "There is no development authority here: use 'cadastre key request' and 'cadastre key install'.",
            code="no-authority",
        )
    return load_authority(directory / "authority")


__all__ = [
    "IssuingKeys",
    "Keeping",
    "KeyCabinet",
    "kept_as",
    "load_or_create_keys",
    "renew_stamps",
    "revoke_seal",
    "rotate_jws",
    "rotate_seal",
]
