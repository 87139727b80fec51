"""The certificate of the seal from an authority of others: requested, and installed when it is good.

The key is made where keys are kept and never leaves; the request carries its
public half. Nothing changes until a certificate is installed that fits the key,
may seal, is in force, and leads to an anchor that is believed. A directory
without keys stays without a development authority this way.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from asn1crypto import csr, keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cadastre.extract.chain import UNREADABLE, Chain, path_to_anchor, require_in_force
from cadastre.extract.cms_check import may_seal
from cadastre.extract.key_folder import (
    MANIFEST,
    REQUEST,
    locked,
    next_label,
    read_manifest,
    replace_bytes,
    replace_json,
    require_private,
)
from cadastre.extract.key_folder import published_jwk as published
from cadastre.extract.reasons import Rejected
from cadastre.extract.trust import Trust
from cadastre.kernel.errors import InvalidInput
from cadastre.keys.keepers import Keeper
from cadastre.pki.authority import pem

_STRONG = frozenset({"sha256", "sha384", "sha512"})
_USAGE = {"digital_signature", "non_repudiation"}


def request_seal(directory: Path, keeper: Keeper, subject: str) -> bytes:
    """Give a request for a certificate (PKCS#10, PEM) over a new key; asked again, over the same key.

    Raises
    ------
    InvalidInput
        The subject is none (RFC 4514: ``CN=...,O=...,C=AZ``).
    """
    name = _subject(subject)
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    require_private(directory)
    with locked(directory):
        if (directory / REQUEST).exists():
            label, public = _awaited(directory)
        else:
            known = (directory / MANIFEST).exists()
            label = next_label(read_manifest(directory)["seal"]["label"]) if known else "seal-1"
            public = keeper.make_rsa(label)
        made = _write_request(keeper, label, public, name)
        replace_bytes(directory / f"{label}.csr", made)
        replace_json(directory / REQUEST, {"label": label})
    return made


def install_seal(
    directory: Path, keeper: Keeper, given: bytes, anchors: Sequence[bytes], now: datetime
) -> x509.Certificate:
    """Seal by the certificate that was requested from now on; the old key is destroyed.

    Parameters
    ----------
    given
        The certificate and those between it and the anchor (PEM).
    anchors
        Roots to be believed from now on, beside those that are (PEM).

    Raises
    ------
    InvalidInput
        Nothing was requested, or the certificate is not good; nothing has changed then.
    """
    with locked(directory):
        label, public = _awaited(directory)
        roots = [each for anchor in anchors for each in _read(anchor)]
        for root in roots:
            _require_root(root)
        believed = [c for path in sorted(directory.glob("trust/*.pem")) for c in _read(path.read_bytes())]
        leaf, *between = _judge(_read(given), public, Trust((*believed, *roots), {}), now)
        keeper.rsa(label, public).sign(b"a trial, before the old key is destroyed")
        _enter(directory, keeper, label, (leaf, *between), [root for root in roots if root not in believed])
    return leaf


def _judge(given: list[x509.Certificate], public: rsa.RSAPublicKey, trust: Trust, now: datetime) -> Chain:
    """Give the certificate and those between it and the anchor."""
    leaf = next((each for each in given if each.public_key() == public), None)
    if leaf is None:
        raise _refused("other-key", "no certificate in it is for the key that was requested")
    if not may_seal(leaf):
        raise _refused("purpose", "it may not seal: key usage non-repudiation, no CA, no extended purpose")
    helpers = [each for each in given if each != leaf and each not in trust.ca_certificates]
    try:
        chain = path_to_anchor(leaf, helpers, trust, code="seal-untrusted")
    except Rejected:
        raise _refused(
            "untrusted",
            "it leads to no believed anchor by the certificates given; name one by --anchor",
        ) from None
    try:
        require_in_force(chain, now, trust, code="seal-out-of-time")
    except Rejected:
        raise _refused("out-of-time", "a certificate of its chain is not in force now") from None
    weak = [each for each in chain[:-1] if _digest_name(each) not in _STRONG]
    if weak:
        raise _refused("weak", f"it is signed with {_digest_name(weak[0])}")
    return chain[:-1]


def _enter(
    directory: Path, keeper: Keeper, label: str, chain: Chain, roots: Sequence[x509.Certificate]
) -> None:
    trust = directory / "trust"
    trust.mkdir(mode=0o700, exist_ok=True)
    for root in roots:
        digest = hashlib.sha256(root.public_bytes(Encoding.DER)).hexdigest()[:16]
        replace_bytes(trust / f"anchor-{digest}.pem", pem(root))
    replace_bytes(directory / f"{label}.pem", pem(*chain))
    old: str | None = None
    if (directory / MANIFEST).exists():
        manifest = read_manifest(directory)
        old = manifest["seal"]["label"]
    else:
        jwk = published(keeper.make_ed25519("jws-1"))
        replace_json(trust / "jws.json", {"keys": [jwk]})
        manifest = {"kept": keeper.kept, "jws": {"label": "jws-1", "kid": jwk["kid"]}}
    replace_json(directory / MANIFEST, {**manifest, "seal": {"label": label}})
    (directory / REQUEST).unlink()
    if old is not None:
        keeper.destroy(old)


def _awaited(directory: Path) -> tuple[str, rsa.RSAPublicKey]:
    """Give label and public half of the key that a certificate was requested for."""
    try:
        label = str(json.loads((directory / REQUEST).read_bytes())["label"])
        public = x509.load_pem_x509_csr((directory / f"{label}.csr").read_bytes()).public_key()
    except FileNotFoundError:
        raise InvalidInput(
            "No certificate was requested here; see 'cadastre key request'.", code="not-requested"
        ) from None
    except (ValueError, KeyError, TypeError):
        raise InvalidInput(f"{directory / REQUEST} is damaged.", code="keys-damaged") from None
    if not isinstance(public, rsa.RSAPublicKey):
        raise InvalidInput(f"{directory / REQUEST} is damaged.", code="keys-damaged")
    return label, public


def _write_request(keeper: Keeper, label: str, public: rsa.RSAPublicKey, name: x509.Name) -> bytes:
    usage = {"extn_id": "key_usage", "critical": True, "extn_value": asn1_x509.KeyUsage(_USAGE)}
    spki = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    info = csr.CertificationRequestInfo(
        {
            "version": "v1",
            "subject": asn1_x509.Name.load(name.public_bytes()),
            "subject_pk_info": keys.PublicKeyInfo.load(spki),
            "attributes": [{"type": "extension_request", "values": [[usage]]}],
        }
    )
    request = csr.CertificationRequest(
        {
            "certification_request_info": info,
            "signature_algorithm": {"algorithm": "sha256_rsa"},
            "signature": keeper.rsa(label, public).sign(info.dump()),
        }
    )
    return x509.load_der_x509_csr(request.dump()).public_bytes(Encoding.PEM)


def _subject(text: str) -> x509.Name:
    try:
        name = x509.Name.from_rfc4514_string(text)
    except ValueError:
        name = x509.Name([])
    if not name.get_attributes_for_oid(x509.NameOID.COMMON_NAME):
        raise InvalidInput(
            "A subject is written as CN=name,O=organisation,C=AZ, with a CN at least.", code="bad-subject"
        )
    return name


def _read(given: bytes) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(given)
    except UNREADABLE:
        raise _refused("unreadable", "it holds no certificates in PEM form") from None


def _require_root(root: x509.Certificate) -> None:
    try:
        root.verify_directly_issued_by(root)
        basic = root.extensions.get_extension_for_class(x509.BasicConstraints).value
    except (*UNREADABLE, InvalidSignature, x509.ExtensionNotFound):
        raise _refused("no-anchor", "what --anchor names is no root: signed by itself, a CA") from None
    if not basic.ca:
        raise _refused("no-anchor", "what --anchor names is no root: signed by itself, a CA")


def _digest_name(certificate: x509.Certificate) -> str:
    algorithm = certificate.signature_hash_algorithm
    return "no digest" if algorithm is None else algorithm.name


def _refused(why: str, sentence: str) -> InvalidInput:
    return InvalidInput(f"The certificate is not installed: {sentence}.", code=f"certificate-{why}")


__all__ = ["install_seal", "request_seal"]
