"""Renewing an archive copy: another revision, whose time stamp takes over before the last one ends.

A renewal holds what the revisions before it held and what shows that the last
time stamp was good while it could still be told; nothing that was there before
is touched. What protects a copy now is its guard: the certificates of its last
time stamp, and the algorithms that these rest on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from cadastre.domain.archive_guard import Guard
from cadastre.extract.archive import NotArchived, StatusSource, gather, require_long_term
from cadastre.extract.archive_form import Evidence, archive_revision, peel
from cadastre.extract.chain import Chain
from cadastre.extract.cms_check import TimeStamp, check_token
from cadastre.extract.reasons import Rejected
from cadastre.extract.seal_check import Seal, read_seal
from cadastre.extract.time_stamp import TimeStamper
from cadastre.extract.trust import Trust

_RSA_SIZES = (4096, 3072, 2048)


@dataclass(frozen=True, slots=True)
class Prospect:
    """What a time stamp asked for now would be guarded by, and what shows that its certificates hold."""

    guard: Guard
    evidence: Evidence


def guard_of(stamp: TimeStamp) -> Guard:
    """Give what a time stamp is guarded by."""
    first, *_ = stamp.chain
    names = first.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    algorithms = {stamp.digest_name, *(name for each in stamp.chain for name in _algorithms_of(each))}
    return Guard(
        hashlib.sha256(first.public_bytes(Encoding.DER)).digest(),
        str(names[0].value) if names else first.subject.rfc4514_string(),
        min(each.not_valid_after_utc for each in stamp.chain),
        tuple(sorted(algorithms)),
    )


def guard_of_copy(copy: bytes, trust: Trust) -> Guard:
    """Give what an archive copy is guarded by: its last time stamp.

    Raises
    ------
    NotArchived
        The file is no archive copy, or not as it was made.
    """
    return guard_of(_sealed(copy, trust).archived[-1])


def prospect(trust: Trust, status: StatusSource, stamper: TimeStamper) -> Prospect:
    """Ask for a time stamp over nothing in particular, to see what those that are given now are worth.

    Raises
    ------
    Unavailable
        A service does not answer, or gives time stamps that are not believed here.
    """
    digest = hashlib.sha256(b"kadastr archive renewal").digest()
    try:
        stamp = check_token(stamper.stamp(digest), digest, trust)
    except Rejected as refused:
        raise NotArchived(f"The time-stamp service is not believed here ({refused.code}).") from None
    return Prospect(guard_of(stamp), gather((stamp.chain,), status))


def renew_copy(
    copy: bytes,
    found: Prospect,
    *,
    trust: Trust,
    status: StatusSource,
    stamp: Callable[[bytes], bytes],
    now: datetime,
) -> tuple[bytes, Guard]:
    """Append a revision to an archive copy, and check all of it; gives the longer file and its guard.

    Raises
    ------
    Unavailable
        A service does not answer, or the copy would not validate for the long term.
    """
    before, seal = peel(copy), _sealed(copy, trust)
    if before is None:
        raise NotArchived("The file carries no archive revision.")
    evidence = merge(before.evidence, gather(_in_force(seal, now), status), found.evidence)
    longer = archive_revision(copy, evidence, stamp)
    newest = _sealed(longer, trust).archived[-1]
    require_long_term(longer, trust, max(now, newest.moment))
    return longer, guard_of(newest)


def said_today(copy: bytes, trust: Trust, status: StatusSource, now: datetime) -> Evidence:
    """Collect what is said today of those certificates of a copy that have not ended.

    Raises
    ------
    Unavailable
        Nobody says it, or the file is no archive copy.
    """
    return gather(_in_force(_sealed(copy, trust), now), status)


def merge(*parts: Evidence) -> Evidence:
    """Put evidence together, each piece once and in the order in which it came."""
    return Evidence(
        tuple(dict.fromkeys(each for part in parts for each in part.certificates)),
        tuple(dict.fromkeys(each for part in parts for each in part.ocsp)),
        tuple(dict.fromkeys(each for part in parts for each in part.lists)),
    )


def _sealed(copy: bytes, trust: Trust) -> Seal:
    try:
        seal = read_seal(copy, trust)
    except Rejected as refused:
        raise NotArchived(f"The archive copy is not as it was made ({refused.code}).") from None
    if seal.stamp is None or not seal.archived:
        raise NotArchived("The file carries no archive revision.")
    return seal


def _in_force(seal: Seal, now: datetime) -> tuple[Chain, ...]:
    """Chains of seal and time stamps whose service's certificate has not ended."""
    stamps = [] if seal.stamp is None else [seal.stamp, *seal.archived]
    chains = [seal.chain, *(stamp.chain for stamp in stamps)]
    return tuple(chain for chain in chains if chain[0].not_valid_after_utc > now)


def _algorithms_of(certificate: x509.Certificate) -> list[str]:
    key, digest = certificate.public_key(), certificate.signature_hash_algorithm
    named = [] if digest is None else [digest.name]
    if isinstance(key, rsa.RSAPublicKey):
        size = next((size for size in _RSA_SIZES if key.key_size >= size), 0)
        return [*named, f"rsa-{size}"]
    if isinstance(key, ec.EllipticCurvePublicKey):
        return [*named, key.curve.name]
    return [*named, type(key).__name__]


__all__ = ["Prospect", "guard_of", "guard_of_copy", "merge", "prospect", "renew_copy", "said_today"]
