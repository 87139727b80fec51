"""Every rule of the register: one passing and one failing proposal, three languages, source, dates in force."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from typing import Any

import pytest

from cadastre.domain.codelist import load_codelist
from cadastre.rules.checks import CHECKS
from cadastre.rules.engine import Verdict, judge
from cadastre.rules.finding import Severity
from cadastre.rules.proposal import Stage
from cadastre.rules.rulebook import RegisterRule, load_rulebook
from tests.cadastre.rules.register.proposals import FIXTURES, TODAY, read_fixture

RULES = tuple(load_rulebook())
COUNT = 70
"""Two published systems lost rules in rewrites; whoever adds or drops one says so here."""

AZ_LETTERS = set("abcçdeəfgğhxıijkqlmnoöprsştuüvyzABCÇDEƏFGĞHXIİJKQLMNOÖPRSŞTUÜVYZ")
LATIN_NAMES = re.compile(r"\b(?:FIN|VOEN|UTM)\b")


def found_of(rule_id: str, which: str) -> list[Any]:
    return [item for item in judge(read_fixture(rule_id, which)).judged if item.rule.id == rule_id]


def test_every_rule_has_its_text_its_check_and_its_fixtures() -> None:
    ids = [rule.id for rule in RULES]
    assert len(ids) == len(set(ids)) == COUNT
    assert set(ids) == set(CHECKS)
    assert {file.stem for file in FIXTURES.glob("*.toml")} == set(ids)


@pytest.mark.parametrize("rule_id", sorted(CHECKS))
def test_its_passing_proposal_passes(rule_id: str) -> None:
    proposal = read_fixture(rule_id, "passing")
    report = judge(proposal)
    assert rule_id in report.asked
    assert [item.finding for item in report.judged if item.rule.id == rule_id] == []


@pytest.mark.parametrize("rule_id", sorted(CHECKS))
def test_its_failing_proposal_fails_and_says_where_and_by_how_much(rule_id: str) -> None:
    expected = expectation(rule_id)
    found = found_of(rule_id, "failing")
    assert len(found) == 1
    finding = found[0].finding
    rule = found[0].rule
    assert (finding.severity, finding.source, finding.unit) == (
        rule.rule.severity,
        rule.rule.source,
        rule.rule.unit,
    )
    if "subject" in expected:
        assert finding.subject == expected["subject"]
    if "measured" in expected:
        assert finding.detail["measured"] == expected["measured"]
    if "limit" in expected:
        assert finding.limit == expected["limit"]
    if "stops" in expected:
        assert bool(found[0].stops(read_fixture(rule_id, "failing").stage)) is expected["stops"]
    for key, value in expected.get("detail", {}).items():
        assert finding.detail[key] == value


def expectation(rule_id: str) -> dict[str, Any]:
    return dict(
        tomllib.loads((FIXTURES / f"{rule_id}.toml").read_text(encoding="utf-8"))["failing"]["expect"]
    )


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_it_speaks_three_languages_in_their_own_letters(rule: RegisterRule) -> None:
    texts = {code: (rule.rule.text(code), rule.what_to_do(code)) for code in ("az", "en", "ru")}
    for language, pair in texts.items():
        for text in pair:
            assert text.endswith((".", ").")), (language, text)
            assert len(text) < 160
    assert len({text for pair in texts.values() for text in pair}) == 6
    for az, en, ru in zip(*texts.values(), strict=True):
        assert {letter for letter in az if letter.isalpha()} <= AZ_LETTERS, az
        assert all(ord(letter) < 0x250 for letter in en if letter.isalpha()), en
        assert not re.search("[A-Za-zƏə]", LATIN_NAMES.sub("", ru)), ru


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_figure_it_shows_is_the_figure_it_checks(rule: RegisterRule) -> None:
    for language, text in (("az", rule.do_az), ("en", rule.do_en), ("ru", rule.do_ru)):
        shown = rule.what_to_do(language)  # type: ignore[arg-type]
        assert "{" not in shown
        if rule.limit_at(TODAY) is not None and rule.id != "shares-sum":
            assert not re.search("[0-9]", text), text


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_it_says_when_its_law_was_not_read(rule: RegisterRule) -> None:
    assert len(rule.rule.source) > 5
    assert rule.verified is not ("to be re-checked" in rule.rule.source)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_it_is_asked_somewhere_and_only_errors_stop(rule: RegisterRule) -> None:
    assert rule.stages
    assert rule.stops <= rule.stages - {Stage.SWEEP}
    assert bool(rule.stops) is (rule.rule.severity is Severity.ERROR)
    known = {entry.text("operation") for entry in load_codelist("services")}
    assert rule.operations <= known


@pytest.mark.parametrize("rule_id", sorted(CHECKS))
def test_it_is_silent_on_the_day_before_it_came_into_force(rule_id: str) -> None:
    rule = load_rulebook().rule_at(rule_id, TODAY)
    proposal = read_fixture(rule_id, "failing")
    assert rule_id in {item.rule.id for item in judge(proposal, on=rule.valid_from).judged}
    eve = date.fromordinal(rule.valid_from.toordinal() - 1)
    assert judge(proposal, on=eve).asked == () or rule_id not in judge(proposal, on=eve).asked


def test_the_category_of_land_is_asked_since_its_law_only() -> None:
    proposal = read_fixture("land-category-mismatch", "failing")
    before, since = judge(proposal, on=date(2025, 7, 13)), judge(proposal, on=date(2025, 7, 14))
    assert "land-category-mismatch" not in before.asked
    assert since.verdict is Verdict.FAILED
