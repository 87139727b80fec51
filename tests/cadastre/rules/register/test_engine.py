"""The engine: three verdicts, what stops which stage, dated rules and limits, a digest that can be kept."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import date

import pytest

from cadastre.kernel.errors import InvalidInput, NotFound, RuleBroken
from cadastre.rules.engine import Verdict, judge, require_passed
from cadastre.rules.proposal import Proposal, Stage
from cadastre.rules.rulebook import load_rulebook, parse_rulebook
from tests.cadastre.rules.register.proposals import TODAY, build, read_fixture

SALE = {
    "service": "sale",
    "documents": [{"role": "basis", "kind": "sale_contract", "dated": date(2026, 3, 1)}],
    "command": {
        "type": "Transfer",
        "takings": [{"party_id": "A"}],
        "acquisitions": [{"party_id": "B", "share": "1/1"}],
    },
    "plan": [{"type": "EndRight", "right": 1}, {"type": "OpenRight", "party_id": "B", "share": "1/1"}],
}
RULE = """
valid_from = 2004-08-10

[[rules]]
id = "shares-sum"
weight = "error"
same_text = true
stages = ["decision"]
stops = ["decision"]
limit = {limit}
valid_from = {valid_from}
{rest}
do_az = "Yoxlayın."
do_en = "Check."
do_ru = "Проверьте."
"""


def dated(valid_from: str, *, limit: str = "1", rest: str = "") -> str:
    return RULE.format(valid_from=valid_from, limit=limit, rest=rest)


def test_a_sale_in_order_passes_all_rules() -> None:
    report = judge(build(SALE))
    assert (report.verdict, report.findings, report.stopping) == (Verdict.PASSED, (), ())
    assert len(report.asked) > 30
    require_passed(report)


def test_a_warning_is_told_and_stops_nothing() -> None:
    report = judge(read_fixture("mortgagee-consent-on-transfer", "failing"))
    assert "mortgagee-consent-on-transfer" in {finding.rule for finding in report.findings}
    assert "mortgagee-consent-on-transfer" not in {item.rule.id for item in report.stopping}


def test_an_error_says_its_rule_its_source_and_what_to_do() -> None:
    report = judge(read_fixture("arrest-blocks", "failing"))
    assert report.verdict is Verdict.FAILED
    with pytest.raises(RuleBroken) as broken:
        require_passed(report, "az")
    assert broken.value.code == "rule-broken"
    assert broken.value.facts["rule"] == "arrest-blocks"
    arrest = next(item for item in report.stopping if item.rule.id == "arrest-blocks")
    told = arrest.tell("ru")
    assert told["text"] == "Имущество под арестом; распоряжение им не регистрируется."
    assert told["source"] == "Law 713-IIQ, art. 1.0.3; FLOSS SOLA, rule 33"
    assert "снятии" in told["what_to_do"]


def test_the_same_fault_is_told_at_intake_and_stops_the_decision() -> None:
    decision = read_fixture("arrest-blocks", "failing")
    intake = replace(decision, stage=Stage.INTAKE, plan=None)
    assert "arrest-blocks" in {finding.rule for finding in judge(intake).findings}
    assert "arrest-blocks" not in {item.rule.id for item in judge(intake).stopping}
    assert "arrest-blocks" in {item.rule.id for item in judge(decision).stopping}


def test_a_missing_fact_is_no_pass_and_stops_the_decision() -> None:
    proposal = replace(read_fixture("first-registration-papers", "passing"), house=None)
    report = judge(proposal)
    assert report.verdict is Verdict.INDETERMINATE
    with pytest.raises(RuleBroken) as broken:
        require_passed(report)
    assert broken.value.facts["decided"] is False


def test_the_digest_is_of_canonical_json_and_moves_with_the_findings() -> None:
    passed, failed = judge(build(SALE)), judge(read_fixture("shares-sum", "failing"))
    assert passed.sha256 == judge(build(SALE)).sha256 == hashlib.sha256(passed.canonical()).digest()
    assert passed.sha256 != failed.sha256
    content = json.loads(failed.canonical())
    assert content["verdict"] == "FAILED"
    assert {found["rule"] for found in content["findings"]} >= {"shares-sum"}
    assert all(found["source"] and found["what_to_do"] for found in content["findings"])


def test_a_rule_is_asked_from_its_first_day_to_the_day_before_its_end() -> None:
    book = parse_rulebook(dated("2020-01-01", rest="valid_to = 2026-03-02"))
    proposal = read_fixture("shares-sum", "failing")
    asked = [judge(proposal, book, date(*day)).asked for day in ((2019, 12, 31), (2020, 1, 1), (2026, 3, 1))]
    assert asked == [(), ("shares-sum",), ("shares-sum",)]
    assert judge(proposal, book).asked == ()  # of the day on which it is out of force
    with pytest.raises(NotFound):
        book.rule_at("shares-sum", TODAY)


def test_the_limit_of_the_day_is_the_one_that_is_checked() -> None:
    first = dated("2020-01-01", limit="2", rest="valid_to = 2021-01-01")
    book = parse_rulebook(first + dated("2021-01-01").split("\n\n", 1)[1])
    proposal = read_fixture("shares-sum", "failing")
    limits = [judge(proposal, book, day).findings[0].limit for day in (date(2020, 12, 31), date(2021, 1, 1))]
    assert limits == [2.0, 1.0]


@pytest.mark.parametrize(
    "faulty",
    [
        "rules = 1",
        "valid_from = 2004-08-10\nrules = [{ id = 'x' }]",
        dated("2020-01-01").replace('"error"', '"grave"'),
        dated("2020-01-01").replace('"shares-sum"', '"no-such-text"'),
        dated("2020-01-01") + dated("2021-01-01").split("\n\n", 1)[1],
        "not toml",
    ],
)
def test_a_faulty_rulebook_is_refused(faulty: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_rulebook(faulty)
    assert caught.value.code == "rulebook-faulty"


def test_a_section_in_order_is_in_order_in_the_sweep() -> None:
    proposal = build({"stage": "sweep"})
    assert judge(proposal).verdict is Verdict.PASSED
    broken = build(
        {"stage": "sweep", "properties": [{"rights": [{"right_id": 1, "party_id": "A", "share": "1/2"}]}]}
    )
    report = judge(broken)
    assert [finding.rule for finding in report.findings] == ["shares-sum"]
    assert report.stopping == ()  # the sweep finds, it stops nobody


def test_no_rule_of_the_sweep_needs_a_case() -> None:
    for rule in load_rulebook():
        if Stage.SWEEP in rule.stages:
            assert rule.concerns(Stage.SWEEP, None)


def test_a_finding_never_carries_a_name_or_number_of_a_person() -> None:
    proposal: Proposal = build(
        {
            "stage": "intake",
            "service": "sale",
            "identifiers": [{"field": "parties[0].fin", "kind": "fin", "text": "5ZK1MOA"}],
            "texts": {"parties[0].name": "Sintetik\x07Soyad"},
        }
    )
    canonical = judge(proposal).canonical().decode()
    assert "5ZK1M" not in canonical
    assert "Soyad" not in canonical
