"""The rules of the register as data: each with its text, what to do, its source, its limit and its period."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from importlib import resources
from typing import Any, Final

from cadastre.domain.codelist import Language, load_codelist
from cadastre.kernel.errors import InvalidInput, NotFound
from cadastre.rules.finding import Rule, Severity
from cadastre.rules.packaged import list_packaged_rules
from cadastre.rules.proposal import Stage


@dataclass(frozen=True, slots=True)
class RegisterRule:
    """One rule; ``stops`` are the stages that an error of it stops, at the others it is only told.

    ``operations`` is empty when it concerns every operation; ``verified`` is False when the text of
    its source was read in excerpts only; ``valid_to`` is the first day out of force.
    """

    rule: Rule
    do_az: str
    do_en: str
    do_ru: str
    stages: frozenset[Stage]
    stops: frozenset[Stage]
    operations: frozenset[str]
    verified: bool
    valid_from: date
    valid_to: date | None
    fixed_limit: Decimal | None

    @property
    def id(self) -> str:
        """Its id."""
        return self.rule.id

    def what_to_do(self, language: Language) -> str:
        """Say in one language what would repair the fault."""
        text = {"az": self.do_az, "en": self.do_en, "ru": self.do_ru}[language]
        return text.replace("{limit}", str(self.fixed_limit))

    def in_force(self, on: date) -> bool:
        """Tell whether the rule is in force on a day."""
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)

    def concerns(self, stage: Stage, operation: str | None) -> bool:
        """Tell whether the rule is asked at a stage about an operation; the sweep has none."""
        if stage not in self.stages:
            return False
        return stage is Stage.SWEEP or not self.operations or operation in self.operations

    def limit_at(self, on: date) -> Fraction | None:
        """Give the limit in force on a day: its own, or that of the tolerance it names."""
        if self.rule.tolerance is not None:
            return Fraction(load_codelist("tolerances").entry_at(self.rule.tolerance, on).number())
        return None if self.fixed_limit is None else Fraction(self.fixed_limit)


Asked = tuple[RegisterRule, Fraction | None]
"""A rule that is asked on a day, and its limit of that day."""
_MOST_KEPT: Final = 1_000


@dataclass(frozen=True, slots=True)
class Rulebook:
    """All rules, past, present and future."""

    rules: tuple[RegisterRule, ...]
    _asked: dict[tuple[Stage, str | None, date], tuple[Asked, ...]] = field(
        default_factory=dict, compare=False, repr=False
    )

    def __iter__(self) -> Iterator[RegisterRule]:
        return iter(self.rules)

    def applicable(self, stage: Stage, operation: str | None, on: date) -> tuple[RegisterRule, ...]:
        """Give the rules to ask at a stage about an operation on a day, in order."""
        return tuple(r for r in self.rules if r.concerns(stage, operation) and r.in_force(on))

    def asked(self, stage: Stage, operation: str | None, on: date) -> tuple[Asked, ...]:
        """Give the same rules, each with its limit of the day; found once for each day."""
        key = stage, operation, on
        found = self._asked.get(key)
        if found is None:
            found = tuple((rule, rule.limit_at(on)) for rule in self.applicable(stage, operation, on))
            if len(self._asked) >= _MOST_KEPT:
                self._asked.clear()
            self._asked[key] = found
        return found

    def rule_at(self, rule_id: str, on: date) -> RegisterRule:
        """Give a rule as it is in force on a day; raise when there is none."""
        for rule in self.rules:
            if rule.id == rule_id and rule.in_force(on):
                return rule
        raise NotFound(f"No rule {rule_id!r} is in force on {on.isoformat()}.", code="unknown-rule")


@cache
def load_rulebook() -> Rulebook:
    """Read the packaged rules of the register.

    Examples
    --------
    >>> load_rulebook().rule_at("shares-sum", date(2026, 1, 1)).rule.severity.value
    'error'
    """
    file = resources.files("cadastre") / "rules" / "register.toml"
    return parse_rulebook(file.read_text(encoding="utf-8"))


def parse_rulebook(text: str) -> Rulebook:
    """Read rules from TOML and check that no rule is in force twice on one day."""
    try:
        document = tomllib.loads(text, parse_float=Decimal)
        rules = tuple(_parse_rule(raw, document["valid_from"]) for raw in document["rules"])
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise InvalidInput(f"The rulebook is faulty: {error}.", code="rulebook-faulty") from error
    last: dict[str, RegisterRule] = {}
    for rule in sorted(rules, key=lambda r: (r.id, r.valid_from)):
        before = last.get(rule.id)
        if before is not None and before.in_force(rule.valid_from):
            raise InvalidInput(
                f"Rule {rule.id!r} is in force twice on {rule.valid_from.isoformat()}.",
                code="rulebook-faulty",
            )
        last[rule.id] = rule
    return Rulebook(rules)


def _parse_rule(raw: Mapping[str, Any], valid_from: date) -> RegisterRule:
    shared = list_packaged_rules()[raw["id"]] if raw.get("same_text", False) else None
    limit = raw.get("limit")
    return RegisterRule(
        rule=Rule(
            id=raw["id"],
            severity=Severity(raw["weight"]),
            az=raw["az"] if shared is None else shared.az,
            en=raw["en"] if shared is None else shared.en,
            ru=raw["ru"] if shared is None else shared.ru,
            source=raw["source"] if shared is None else shared.source,
            tolerance=raw.get("tolerance"),
            unit=raw.get("unit"),
        ),
        do_az=raw["do_az"],
        do_en=raw["do_en"],
        do_ru=raw["do_ru"],
        stages=frozenset(Stage(stage) for stage in raw["stages"]),
        stops=frozenset(Stage(stage) for stage in raw.get("stops", ())),
        operations=frozenset(raw.get("operations", ())),
        verified=raw.get("verified", True),
        valid_from=raw.get("valid_from", valid_from),
        valid_to=raw.get("valid_to"),
        fixed_limit=None if limit is None else Decimal(limit),
    )


__all__ = ["RegisterRule", "Rulebook", "load_rulebook", "parse_rulebook"]
