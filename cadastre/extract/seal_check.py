"""Tell whether every byte of a file is under our seal, without parsing the PDF.

A file from a stranger may be a bomb, so nothing in it is decompressed or
followed until the seal has been found intact: the byte range and the CMS object
are read by fixed patterns, and the only bytes outside the signed range must be
the signature itself in the one spelling that we write.  Hence one changed byte
anywhere is refused, spaces and hex digits included.

How much room a signature was given is under the seal too, and tells its form:
the small one of the first extracts holds no time stamp (PAdES B-B), the large
one must hold one (B-T), so a time stamp cannot be cut out unseen.  Archive
revisions (B-LTA) follow the sealed file; each is written again from its free
parts and must come out the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Literal

from cryptography import x509

from cadastre.extract.archive_form import Peeled, peel, rebuild
from cadastre.extract.chain import Chain, is_revoked_for_compromise, require_in_force
from cadastre.extract.cms_check import TimeStamp, check_seal, check_token
from cadastre.extract.pdf_revision import GAP, OLD_GAP, NotOurPdf, digest_around
from cadastre.extract.reasons import Rejected
from cadastre.extract.time_stamp import CLOCKS_APART, digest_of
from cadastre.extract.trust import Trust

Level = Literal["B-B", "B-T", "B-LTA"]
_BYTE_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s*\]")
_END = re.compile(rb"%%EOF\s*\Z")


@dataclass(frozen=True, slots=True)
class Seal:
    """A seal found intact: by which certificate, and what its times are proven by."""

    chain: Chain
    level: Level
    stamp: TimeStamp | None
    archived: tuple[TimeStamp, ...]
    sealed_bytes: int
    """Length of the sealed file: what follows are archive revisions, every byte of which was checked too."""

    @property
    def certificate(self) -> x509.Certificate:
        """Certificate that the file was sealed with."""
        return self.chain[0]

    @property
    def proven_at(self) -> datetime | None:
        """Moment by which the seal existed, when somebody vouches for it."""
        return None if self.stamp is None else self.stamp.moment


def read_seal(pdf: bytes, trust: Trust) -> Seal:
    """Check the seal over the whole file, its time stamp, and the archive revisions after it.

    Raises
    ------
    Rejected
        With the reason; whether the times fit is for :func:`require_in_time` to say, once the
        moment of issue is known from the signed statement.
    """
    _require_shape(pdf)
    revisions, base = [], pdf
    while (peeled := peel(base)) is not None:
        revisions.append(peeled)
        base = base[: peeled.begin]
    chain, stamp = _check_base(base, trust)
    archived = tuple(_check_archive(pdf, each, trust) for each in reversed(revisions))
    level: Level = "B-LTA" if archived else "B-B" if stamp is None else "B-T"
    return Seal(chain, level, stamp, archived, len(base))


def require_in_time(seal: Seal, issued_at: datetime, trust: Trust, now: datetime | None = None) -> None:
    """Raise unless certificates were in force when used, and the time stamp fits the moment of issue.

    ``now`` lets a time stamp of the future be seen.

    Raises
    ------
    Rejected
        ``seal-out-of-time``, ``certificate-revoked`` or ``time-stamp-untrusted``.
    """
    if seal.stamp is None:
        if is_revoked_for_compromise(seal.chain, trust):
            raise Rejected("certificate-revoked")
        require_in_force(seal.chain, issued_at, trust, code="seal-out-of-time")
        return
    if seal.stamp.moment < issued_at - CLOCKS_APART:
        raise Rejected("seal-out-of-time")
    if now is not None and max(_moments(seal)) > now + CLOCKS_APART:
        raise Rejected("seal-out-of-time")
    require_in_force(seal.chain, seal.stamp.moment, trust, code="seal-out-of-time")
    for before, stamp in pairwise((seal.stamp, seal.stamp, *seal.archived)):
        require_in_force(stamp.chain, stamp.moment, trust, code="time-stamp-untrusted")
        if stamp.moment < before.moment:
            raise Rejected("time-stamp-broken")


def _moments(seal: Seal) -> list[datetime]:
    return [stamp.moment for stamp in (seal.stamp, *seal.archived) if stamp is not None]


def _check_base(base: bytes, trust: Trust) -> tuple[Chain, TimeStamp | None]:
    start, end = _signature_span(base)
    der = read_gap(base[start:end])
    signed = check_seal(der, digest_around(base, start, end - start), trust)
    if end - start == OLD_GAP:
        if signed.token is not None:
            raise Rejected("seal-malformed")
        return signed.chain, None
    if end - start != GAP:
        raise Rejected("seal-malformed")
    if signed.token is None:
        raise Rejected("time-stamp-missing")
    return signed.chain, check_token(signed.token, digest_of(signed.signature), trust)


def _check_archive(pdf: bytes, peeled: Peeled, trust: Trust) -> TimeStamp:
    whole = pdf[: peeled.end]
    first = peeled.begin + peeled.gap
    der = read_gap(whole[first : first + GAP])
    try:
        rebuilt = rebuild(pdf[: peeled.begin], peeled.evidence, der)
    except NotOurPdf:
        raise Rejected("archive-malformed") from None
    if rebuilt != whole:
        raise Rejected("archive-malformed")
    return check_token(der, digest_around(whole, first), trust)


def _require_shape(pdf: bytes) -> None:
    if not pdf:
        raise Rejected("empty")
    if not pdf.startswith(b"%PDF-"):
        raise Rejected("not-a-pdf")
    if not _END.search(pdf[-64:]):
        raise Rejected("truncated")


def _signature_span(pdf: bytes) -> tuple[int, int]:
    """Offsets of the hex string of the signature, delimiters included."""
    spans = [tuple(map(int, numbers)) for numbers in _BYTE_RANGE.findall(pdf)]
    whole = [
        (length, second)
        for first, length, second, rest in spans
        if first == 0 and 0 < length < second and second + rest == len(pdf)
    ]
    if len(whole) == 1:  # the words may also occur in a text; only one can fit the file
        return whole[0]
    raise Rejected(_why_not_whole(pdf, spans))


def _why_not_whole(pdf: bytes, spans: list[tuple[int, ...]]) -> str:
    if not spans:
        return "encrypted" if b"/Encrypt" in pdf else "no-seal"
    ends = [second + rest for _, _, second, rest in spans]
    if max(ends) > len(pdf):
        return "truncated"
    return "changed-after-seal" if max(ends) < len(pdf) else "seal-malformed"


def read_gap(delimited: bytes) -> bytes:
    """Read a signature from its gap, in the one spelling that we write.

    Raises
    ------
    Rejected
        It is spelled otherwise.
    """
    if len(delimited) > GAP or not (delimited.startswith(b"<") and delimited.endswith(b">")):
        raise Rejected("seal-malformed")
    try:
        raw = bytes.fromhex(delimited[1:-1].decode("ascii"))
        der = raw[: _der_length(raw)]
    except (ValueError, IndexError):
        raise Rejected("seal-malformed") from None
    if delimited[1:-1] != der.hex().upper().encode().ljust(len(delimited) - 2, b"0"):
        raise Rejected("seal-malformed")
    return der


def _der_length(raw: bytes) -> int:
    if raw[0] != 0x30 or not 0x81 <= raw[1] <= 0x84:
        raise ValueError
    size = raw[1] & 0x7F
    total = 2 + size + int.from_bytes(raw[2 : 2 + size], "big")
    if total > len(raw):
        raise ValueError
    return total


__all__ = [
    "Level",
    "Seal",
    "read_gap",
    "read_seal",
    "require_in_time",
]
