from __future__ import annotations

import re
import tomllib
from importlib import resources

import pytest

from cadastre.rules.catalogue import RULES, find_rule
from cadastre.rules.finding import Severity
from cadastre.rules.packaged import FILES, find_fault, holds_back, list_packaged_rules


@pytest.mark.parametrize("name", FILES)
def test_every_rule_speaks_three_languages_and_cites_its_source(name: str) -> None:
    text = (resources.files("cadastre") / "rules" / name).read_text(encoding="utf-8")
    raw = tomllib.loads(text)["rules"]
    ids = [rule["id"] for rule in raw]
    assert len(set(ids)) == len(ids)
    for rule_id in ids:
        rule = list_packaged_rules()[rule_id]
        assert re.fullmatch(r"[a-z]+(-[a-z]+)+", rule_id)
        assert all(rule.text(language).endswith((".", ").")) for language in ("az", "en", "ru")), rule_id
        assert len({rule.az, rule.en, rule.ru}) == 3
        assert len(rule.source) > 5


def test_no_rule_stands_in_two_places() -> None:
    assert not set(RULES) & set(list_packaged_rules())
    assert find_rule("shares-sum") is list_packaged_rules()["shares-sum"]
    assert find_rule("no-such-rule") is None


def test_only_an_error_holds_a_row_back() -> None:
    warning = find_fault("party-name-differs", 3, "A-1")
    error = find_fault("shares-sum", 3, "A-1", measured=0.5, limit=1.0, sum="1/2")
    assert not holds_back([warning])
    assert holds_back([warning, error])
    assert (error.severity, error.row, error.detail) == (Severity.ERROR, 3, {"sum": "1/2"})
