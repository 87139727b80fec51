"""Findings on their way to staging: written down as they come, counted for the report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TextIO

from cadastre.rules.catalogue import find_rule
from cadastre.rules.finding import Finding, Rule, Severity
from ingest.report import LoadReport
from ingest.staging_rows import format_finding

Place = tuple[float, float]


@dataclass(slots=True)
class FindingLog:
    """Writes findings as COPY lines to ``lines`` and counts them in ``report``.

    ``limits`` gives the limit that a rule was checked against, by rule.
    """

    load_id: int
    lines: TextIO
    report: LoadReport
    limits: Mapping[str, float] = field(default_factory=dict)

    def write(self, found: Finding) -> None:
        """Write a finding."""
        self.report.add(found.rule, 1)
        self.lines.write(
            format_finding(
                self.load_id,
                found.row,
                found.rule,
                found.severity,
                subject=found.subject,
                measured=found.measured,
                limit=found.limit,
                unit=found.unit,
                detail=found.detail,
                lon_lat=found.where,
            )
        )

    def add(
        self,
        rule_id: str,
        row: int | None,
        detail: Mapping[str, Any],
        *,
        subject: str | None = None,
        measured: float | None = None,
        place: Place | None = None,
    ) -> bool:
        """Write a finding of a rule; tell whether it keeps its row out of the register."""
        rule = require_rule(rule_id)
        limit = self.limits.get(rule_id)
        self.write(
            Finding(
                rule.id,
                rule.severity,
                row,
                subject=subject,
                where=place,
                measured=measured,
                limit=limit,
                unit=rule.unit,
                source=rule.source,
                detail=detail,
            )
        )
        return rule.severity is Severity.ERROR


def require_rule(rule_id: str) -> Rule:
    """Return a rule of any loader; an unknown id is a fault of the program."""
    rule = find_rule(rule_id)
    if rule is None:
        raise KeyError(rule_id)
    return rule


__all__ = ["FindingLog", "Place", "require_rule"]
