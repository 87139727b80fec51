"""What a refusal says in the language asked: the rule, where it comes from, what to do about it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from cadastre.domain.codelist import Language
from cadastre.rules.rulebook import RegisterRule, load_rulebook


@dataclass(frozen=True, slots=True)
class Explanation:
    """A rule in words; ``text`` is None in English, where the refusal itself says it more closely."""

    rule: str
    source: str
    what_to_do: str
    text: str | None

    def facts(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """Give the facts of a refusal with the rule, its source and what to do in the language asked."""
        return {"rule": self.rule, **told, "source": self.source, "what_to_do": self.what_to_do}


def explain(code: str, facts: Mapping[str, Any], language: Language) -> Explanation | None:
    """Explain a refusal by the rule of the register that it names, else by its code; None without either.

    Examples
    --------
    >>> explain("stale-version", {}, "ru").text
    'Данные изменились после того, как вы их прочли.'
    >>> explain("rule-broken", {"rule": "shares-sum"}, "az").rule
    'shares-sum'
    >>> explain("internal", {}, "az") is None
    True
    """
    rule = _rules().get(str(facts.get("rule") or code))
    if rule is not None:
        text = None if language == "en" else rule.rule.text(language)
        return Explanation(rule.id, rule.rule.source, rule.what_to_do(language), text)
    entry = _texts()["codes"].get(code)
    if entry is None:
        return None
    text = None if language == "en" else entry[language]
    return Explanation(code, _texts()["sources"][entry["source"]], entry[f"do_{language}"], text)


@cache
def _texts() -> dict[str, Any]:
    return tomllib.loads((resources.files("api") / "problem_texts.toml").read_text(encoding="utf-8"))


@cache
def _rules() -> dict[str, RegisterRule]:
    return {rule.id: rule for rule in load_rulebook()}


__all__ = ["Explanation", "explain"]
