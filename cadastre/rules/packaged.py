"""Rules kept as data: the .toml files of this package, by id."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Final

from cadastre.rules.finding import Finding, Rule, Severity

FILES: Final = ("rights.toml", "addresses.toml", "units.toml", "zones.toml")


@cache
def list_packaged_rules() -> Mapping[str, Rule]:
    """All rules of the packaged files by id, in their order."""
    folder = resources.files("cadastre") / "rules"
    rules: dict[str, Rule] = {}
    for name in FILES:
        rules |= {rule.id: rule for rule in _parse_rules((folder / name).read_text(encoding="utf-8"))}
    return MappingProxyType(rules)


def _parse_rules(text: str) -> list[Rule]:
    return [
        Rule(
            id=raw["id"],
            severity=Severity(raw["weight"]),
            az=raw["az"],
            en=raw["en"],
            ru=raw["ru"],
            source=raw["source"],
            unit=raw.get("unit"),
        )
        for raw in tomllib.loads(text)["rules"]
    ]


def find_fault(
    rule_id: str,
    row: int,
    subject: str | None = None,
    *,
    measured: float | None = None,
    limit: float | None = None,
    **detail: Any,
) -> Finding:
    """Make the finding of a packaged rule about one row; ``detail`` never holds personal data."""
    rule = list_packaged_rules()[rule_id]
    return Finding(
        rule.id,
        rule.severity,
        row,
        subject=subject,
        measured=measured,
        limit=limit,
        unit=rule.unit,
        source=rule.source,
        detail=detail,
    )


def holds_back(findings: list[Finding]) -> bool:
    """Tell whether a finding among them keeps its row out of the register."""
    return any(finding.severity is Severity.ERROR for finding in findings)


__all__ = ["FILES", "find_fault", "holds_back", "list_packaged_rules"]
