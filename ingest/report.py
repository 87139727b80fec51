"""What a load says at the end: a person reads the table, a program the last line."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cadastre.rules.catalogue import find_rule
from cadastre.rules.finding import Language, Severity


@dataclass(slots=True)
class LoadReport:
    """Counts of one load; ``findings`` by rule, an overlapping pair once although both rows carry it."""

    read: int = 0
    accepted: int = 0
    rejected: int = 0
    findings: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    load_id: int | None = None
    remarks: list[str] = field(default_factory=list)

    def add(self, rule: str, count: int) -> None:
        """Count findings of a rule."""
        if count:
            self.findings[rule] = self.findings.get(rule, 0) + count

    @property
    def exit_code(self) -> int:
        """0 when everything was accepted without an error, else 1."""
        found = (find_rule(rule_id) for rule_id in self.findings)
        errors = any(rule is None or rule.severity is Severity.ERROR for rule in found)
        return 1 if self.rejected or errors else 0

    def to_json(self) -> str:
        """Write the one line that programs read."""
        rate = self.read / self.seconds if self.seconds > 0 else 0.0
        facts = {
            "load_id": self.load_id,
            "read": self.read,
            "accepted": self.accepted,
            "rejected": self.rejected,
            "findings": dict(sorted(self.findings.items())),
            "seconds": round(self.seconds, 3),
            "rows_per_second": round(rate, 1),
        }
        return json.dumps(facts, ensure_ascii=False)

    def to_lines(
        self, language: Language = "en", examples: Mapping[str, Sequence[str]] | None = None
    ) -> list[str]:
        """Write the lines that a person reads, with examples by rule where they are given."""
        lines = [f"  {remark}" for remark in self.remarks if remark]
        for rule_id, count in sorted(self.findings.items(), key=lambda item: (-item[1], item[0])):
            rule = find_rule(rule_id)
            severity = rule.severity.value if rule else "error"
            text = rule.text(language) if rule else ""
            lines.append(f"  {severity:<8} {count:>9,}  {rule_id:<26} {text}")
            lines.extend(f"             {line}" for line in (examples or {}).get(rule_id, ()))
        if self.read == 0:
            lines.append("  The file has no rows.")
        named = "" if self.load_id is None else f" (load {self.load_id})"
        lines.append(f"read {self.read:,}, accepted {self.accepted:,}, rejected {self.rejected:,}{named}")
        return lines


__all__ = ["LoadReport"]
