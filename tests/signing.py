"""Seals for tests: with the development authority's own time stamps, at a moment that the test chooses."""

from __future__ import annotations

from datetime import datetime

from cadastre.extract.pki import IssuingKeys
from cadastre.extract.signer import PdfSeal
from cadastre.kernel.clock import Clock, FixedClock
from cadastre.pki.authority import load_authority
from cadastre.pki.stamps import StampAuthority


def stamps_of(keys: IssuingKeys, clock: Clock) -> StampAuthority:
    """Give the time-stamp authority that belongs to keys, in this process and by a clock."""
    return StampAuthority(load_authority(keys.authority_dir).stamps, clock)


def seal_with(keys: IssuingKeys, at: Clock | datetime) -> PdfSeal:
    """Give a seal with keys whose time stamps are of one moment, or of a clock."""
    clock = FixedClock(at) if isinstance(at, datetime) else at
    return PdfSeal(lambda: keys.seal, stamps_of(keys, clock))
