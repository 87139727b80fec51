"""What a check says: a finding about one subject, at one place, measured against one limit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

import numpy as np
import numpy.typing as npt

Language = Literal["az", "en", "ru"]
Detail = Mapping[str, str | int | float | None]


class Severity(StrEnum):
    """Weight of a finding: an error keeps its row out of the register."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Rule:
    """One check: its id, what it says in three languages, its source, and the tolerance it reads."""

    id: str
    severity: Severity
    az: str
    en: str
    ru: str
    source: str
    tolerance: str | None = None
    unit: str | None = None

    def text(self, language: Language) -> str:
        """Return the sentence shown in one language."""
        return {"az": self.az, "en": self.en, "ru": self.ru}[language]


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: which rule, how heavy, about what, where, by how much.

    ``where`` is longitude, latitude (WGS 84, degrees) or None; ``row`` counts
    from 1 as a person counts the rows of the file; ``subject`` is the cadastral
    number when there is one.
    """

    rule: str
    severity: Severity
    row: int | None
    subject: str | None = None
    where: tuple[float, float] | None = None
    measured: float | None = None
    limit: float | None = None
    unit: str | None = None
    source: str = ""
    detail: Detail = field(default_factory=dict)


FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(slots=True)
class FindingSet:
    """Many findings of one rule, held as columns (a million of them cost megabytes, not gigabytes).

    ``rows`` are positions in the set that was checked (from 0); ``xy`` are
    coordinates in the system of the checked set, NaN where there is no place.
    """

    rule: Rule
    rows: IntArray
    measured: FloatArray | None = None
    limit: float | None = None
    xy: FloatArray | None = None
    details: list[dict[str, str | int | float | None]] | None = None

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Finding]:
        for at, row in enumerate(self.rows.tolist()):
            yield Finding(
                self.rule.id,
                self.rule.severity,
                row + 1,
                measured=None if self.measured is None else float(self.measured[at]),
                limit=self.limit,
                unit=self.rule.unit,
                source=self.rule.source,
                detail={} if self.details is None else self.details[at],
            )


def find_rows(mask: npt.NDArray[np.bool_]) -> IntArray:
    """Return the positions where a mask is true.

    Examples
    --------
    >>> find_rows(np.array([False, True, True])).tolist()
    [1, 2]
    >>> find_rows(np.array([], dtype=bool)).tolist()
    []
    """
    return np.flatnonzero(mask).astype(np.int64)


__all__ = [
    "Detail",
    "Finding",
    "FindingSet",
    "FloatArray",
    "IntArray",
    "Language",
    "Rule",
    "Severity",
    "find_rows",
]
