"""A servitude as the plot that it serves (LADM: the dominant one) has it in its own statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class ServitudeRecord:
    """A servitude that another section (``register_number``) bears for this one; nobody is named by it."""

    kind: str  # codelist restriction_kind
    register_number: str
    registration_number: str
    registration_date: date
    until: date | None = None


__all__ = ["ServitudeRecord"]
