"""What a check of the register says before the engine gives it the rule's weight, text and source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

FaultDetail = Mapping[str, str | int | None]


@dataclass(frozen=True, slots=True)
class Fault:
    """One breach: about what, by how much; ``unknown`` when a needed fact is missing and nobody can tell.

    ``subject`` is a register, registration or journal number, a party's id or the name of a field,
    never a person's name or number.
    """

    subject: str | None = None
    measured: Fraction | None = None
    limit: Fraction | None = None
    detail: FaultDetail = field(default_factory=dict)
    unknown: bool = False


__all__ = ["Fault", "FaultDetail"]
