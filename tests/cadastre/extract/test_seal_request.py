"""A certificate of an authority of others is requested and installed; whatever is not good changes nothing."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from cadastre.extract.pki import load_or_create_keys
from cadastre.extract.seal_request import install_seal, request_seal
from cadastre.kernel.errors import InvalidInput, Unavailable
from cadastre.keys.keepers import FileKeeper
from cadastre.pki import profiles
from cadastre.pki.authority import Authority, create_authority, load_authority, pem

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SUBJECT = "CN=Seal of the register,O=State service,C=AZ"
Spoil = Callable[[Authority, rsa.RSAPublicKey], bytes]


@pytest.fixture(scope="module")
def national(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    folder = tmp_path_factory.mktemp("national") / "authority"
    create_authority(folder, NOW - timedelta(days=10))
    return load_authority(folder)


@pytest.fixture(scope="module")
def requested_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("requested") / "signing"
    request_seal(folder, FileKeeper(folder), SUBJECT)
    return folder


@pytest.fixture
def requested(requested_once: Path, tmp_path: Path) -> Path:
    """A directory in which a certificate is awaited."""
    return Path(shutil.copytree(requested_once, tmp_path / "signing"))


def public_of(request: bytes) -> rsa.RSAPublicKey:
    read = x509.load_pem_x509_csr(request)
    assert read.is_signature_valid
    key = read.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    return key


def chained(national: Authority, *leaves: x509.Certificate) -> bytes:
    return pem(*leaves, national.issuing)


def test_a_register_begins_with_a_certificate_of_others(national: Authority, requested: Path) -> None:
    folder = requested
    made = (folder / "seal-1.csr").read_bytes()
    shown = subprocess.run(
        ["openssl", "req", "-noout", "-text", "-verify"], input=made, capture_output=True, check=True
    )
    assert b"Digital Signature, Non Repudiation" in shown.stdout
    again = request_seal(folder, FileKeeper(folder), f"OU=Baku,{SUBJECT}")
    assert public_of(again) == public_of(made), "the key is made once"
    with pytest.raises(Unavailable, match="cadastre key install"):
        load_or_create_keys(folder, now=NOW)
    certificate = national.issue_seal(public_of(made), NOW)
    given, root = chained(national, certificate), pem(national.root)
    assert install_seal(folder, FileKeeper(folder), given, [root], NOW) == certificate
    keys = load_or_create_keys(folder, now=NOW)
    assert keys.seal_certificate == certificate
    assert keys.trust().ca_certificates == (national.root,)
    assert not (folder / "authority").exists(), "no development authority is believed here"
    for path in folder.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_certificate_follows_another_and_the_old_key_is_destroyed(
    national: Authority, key_dir: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(key_dir, tmp_path / "signing"))
    before = load_or_create_keys(folder, now=NOW)
    public = public_of(request_seal(folder, FileKeeper(folder), SUBJECT))
    assert load_or_create_keys(folder, now=NOW).seal_certificate == before.seal_certificate
    certificate = national.issue_seal(public, NOW)
    install_seal(folder, FileKeeper(folder), chained(national, certificate), [pem(national.root)], NOW)
    after = load_or_create_keys(folder, now=NOW)
    assert after.seal_certificate == certificate
    assert set(before.trust().ca_certificates) < set(after.trust().ca_certificates)
    assert not (folder / "seal-1.key").exists()
    with pytest.raises(InvalidInput, match="key request"):
        install_seal(folder, FileKeeper(folder), chained(national, certificate), [], NOW)


def _another_key(national: Authority, public: rsa.RSAPublicKey) -> bytes:
    other = national.stamps.certificate.public_key()
    assert isinstance(other, rsa.RSAPublicKey)
    return chained(national, national.issue_seal(other, NOW))


def _for_time_stamps(national: Authority, public: rsa.RSAPublicKey) -> bytes:
    made = profiles.stamp_certificate(public, national.issuing, national.issuing_key, NOW)
    (purpose,) = made.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert purpose == ExtendedKeyUsageOID.TIME_STAMPING
    return chained(national, made)


def _for_status(national: Authority, public: rsa.RSAPublicKey) -> bytes:
    return chained(national, profiles.status_certificate(public, national.issuing, national.issuing_key, NOW))


BAD: dict[str, Spoil] = {
    "unreadable": lambda national, public: (
        b"-----BEGIN CERTIFICATE-----\nrubbish\n-----END CERTIFICATE-----\n"
    ),
    "other-key": _another_key,
    "purpose": _for_time_stamps,
    "purpose too": _for_status,
    "out-of-time": lambda national, public: chained(
        national, national.issue_seal(public, NOW - timedelta(days=9), lifetime=timedelta(days=3))
    ),
    "out-of-time yet": lambda national, public: chained(
        national, national.issue_seal(public, NOW + timedelta(days=3))
    ),
    "untrusted": lambda national, public: pem(national.issue_seal(public, NOW)),
}


@pytest.mark.parametrize("why", BAD)
def test_what_is_not_good_is_one_sentence_and_changes_nothing(
    national: Authority, requested: Path, why: str
) -> None:
    folder = requested
    public = public_of((folder / "seal-1.csr").read_bytes())
    held = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(InvalidInput) as refused:
        install_seal(folder, FileKeeper(folder), BAD[why](national, public), [pem(national.root)], NOW)
    assert refused.value.code == f"certificate-{why.split()[0]}"
    assert "\n" not in refused.value.message
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == held


def test_an_anchor_is_a_root_and_a_subject_has_a_name(national: Authority, requested: Path) -> None:
    folder = requested
    for subject in ("", "nonsense", "O=State service,C=AZ", "CN=", "C=AZE,CN=x"):
        with pytest.raises(InvalidInput) as refused:
            request_seal(folder, FileKeeper(folder), subject)
        assert refused.value.code == "bad-subject", subject
    public = public_of((folder / "seal-1.csr").read_bytes())
    given = pem(national.issue_seal(public, NOW))
    with pytest.raises(InvalidInput) as refused:
        install_seal(folder, FileKeeper(folder), given, [pem(national.issuing)], NOW)
    assert refused.value.code == "certificate-no-anchor"
    with pytest.raises(InvalidInput) as refused:
        install_seal(folder, FileKeeper(folder), given, [b""], NOW)
    assert refused.value.code == "certificate-unreadable"
    assert not (folder / "trust").exists()
