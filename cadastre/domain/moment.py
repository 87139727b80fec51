"""A point on both time axes of the register."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

EARLIEST_DAY: Final = date(1900, 1, 1)
"""No state before this day can be asked for; no entry of the register is older."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A point of both axes: ``as_of`` of the law, ``known_at`` (ledger index) of the register."""

    as_of: date
    known_at: int


__all__ = ["EARLIEST_DAY", "Moment"]
