"""The one engine that judges the register: at intake, at the decision and in the nightly sweep."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from cadastre.domain.codelist import Language
from cadastre.kernel.canonical import canonical_json
from cadastre.kernel.errors import RuleBroken
from cadastre.rules.checks import CHECKS
from cadastre.rules.fault import Fault
from cadastre.rules.finding import Finding, Severity
from cadastre.rules.proposal import Proposal, Stage
from cadastre.rules.rulebook import RegisterRule, Rulebook, load_rulebook


class Verdict(StrEnum):
    """What a judgement comes to."""

    PASSED = "PASSED"
    INDETERMINATE = "INDETERMINATE"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class Judged:
    """A finding beside the rule that it breaks; ``unknown`` when a fact is missing to decide it."""

    finding: Finding
    rule: RegisterRule
    unknown: bool

    def stops(self, stage: Stage) -> bool:
        """Tell whether it stops the stage: an error does, and so does an error that nobody can rule out."""
        return self.finding.severity is Severity.ERROR and stage in self.rule.stops

    def tell(self, language: Language) -> Mapping[str, Any]:
        """Say it to a person: rule, weight, what is wrong, its source, what to do, by how much."""
        return {
            "rule": self.rule.id,
            "weight": self.finding.severity.value,
            "decided": not self.unknown,
            "text": self.rule.rule.text(language),
            "what_to_do": self.rule.what_to_do(language),
            "source": self.finding.source,
            "source_verified": self.rule.verified,
            "subject": self.finding.subject,
            "measured": self.finding.measured,
            "limit": self.finding.limit,
            "unit": self.finding.unit,
            "detail": dict(self.finding.detail),
        }


@dataclass(frozen=True, slots=True)
class Report:
    """What the rules say about one proposal; ``asked`` are the ids of all rules that were asked."""

    stage: Stage
    on: date
    judged: tuple[Judged, ...]
    asked: tuple[str, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, in the order of the rules."""
        return tuple(item.finding for item in self.judged)

    @property
    def verdict(self) -> Verdict:
        """FAILED by an error; INDETERMINATE when only missing facts stand between it and a verdict."""
        if any(item.finding.severity is Severity.ERROR and not item.unknown for item in self.judged):
            return Verdict.FAILED
        if any(item.unknown for item in self.judged):
            return Verdict.INDETERMINATE
        return Verdict.PASSED

    @property
    def stopping(self) -> tuple[Judged, ...]:
        """What stops the stage; warnings never do."""
        return tuple(item for item in self.judged if item.stops(self.stage))

    def canonical(self) -> bytes:
        """Give the report as canonical JSON (RFC 8785), the same bytes for the same judgement."""
        content = {
            "stage": self.stage.value,
            "on": self.on.isoformat(),
            "verdict": self.verdict.value,
            "asked": list(self.asked),
            "findings": [dict(item.tell("en")) for item in self.judged],
        }
        return canonical_json(content)

    @property
    def sha256(self) -> bytes:
        """Digest of the canonical report, kept with the step of the case that it was made for."""
        return hashlib.sha256(self.canonical()).digest()


def judge(proposal: Proposal, rules: Rulebook | None = None, on: date | None = None) -> Report:
    """Judge a proposal by the rules in force on a day.

    Parameters
    ----------
    proposal
        What is proposed, with all facts; nothing else is read.
    rules
        The packaged rules when omitted.
    on
        Day whose rules and limits count; the proposal's own day when omitted.
    """
    day = proposal.today if on is None else on
    book = load_rulebook() if rules is None else rules
    asked = book.asked(proposal.stage, proposal.operation, day)
    judged = [
        Judged(_finding(rule, fault), rule, fault.unknown)
        for rule, limit in asked
        for fault in CHECKS[rule.id](proposal, limit)
    ]
    return Report(proposal.stage, day, tuple(judged), tuple(rule.id for rule, _ in asked))


def require_passed(report: Report, language: Language = "en") -> None:
    """Raise RuleBroken with rule, source and what to do when something stops the stage."""
    stopping = report.stopping
    if not stopping:
        return
    first = stopping[0]
    rule, unknown = first.rule, first.unknown
    text = rule.rule.text(language)
    raise RuleBroken(
        f"{text} {rule.what_to_do(language)}",
        code="rule-broken",
        rule=rule.id,
        source=first.finding.source,
        what_to_do=rule.what_to_do(language),
        subject=first.finding.subject,
        decided=not unknown,
        findings=sorted({item.rule.id for item in stopping}),
    )


def _finding(rule: RegisterRule, fault: Fault) -> Finding:
    detail = dict(fault.detail)
    if fault.measured is not None:
        detail["measured"] = str(fault.measured)
    return Finding(
        rule.id,
        rule.rule.severity,
        None,
        subject=fault.subject,
        measured=None if fault.measured is None else float(fault.measured),
        limit=None if fault.limit is None else float(fault.limit),
        unit=rule.rule.unit,
        source=rule.rule.source,
        detail=detail,
    )


__all__ = ["Judged", "Report", "Verdict", "judge", "require_passed"]
