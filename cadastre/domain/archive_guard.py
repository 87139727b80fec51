"""What protects an archive copy until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Guard:
    """What protects an archive copy: the chain of its last time stamp.

    Parameters
    ----------
    certificate_sha256
        Digest of the time-stamp service's certificate.
    ends_at
        Moment at which the first certificate of its chain ends.
    algorithms
        Those that the chain and the time stamp rest on, by their codes, in order.
    """

    certificate_sha256: bytes
    subject: str
    ends_at: datetime
    algorithms: tuple[str, ...]


__all__ = ["Guard"]
