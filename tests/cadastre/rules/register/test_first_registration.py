"""First registration: the rows of the table of papers, the list of titles, and who may hold what is opened."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cadastre.domain.codelist import load_codelist
from cadastre.rules.engine import judge
from tests.cadastre.rules.register.proposals import TODAY, build

LOW, HIGH = {"height_m": "9"}, {"height_m": "14"}
SMALL = {"height_m": "9", "storeys": 3, "span_m": "6"}
HOUSE = {"residential": True, "land_held": "ownership"}
BASE = ["title", "plan", "sketch_design"]


def rules_of(raw: dict[str, Any]) -> set[str]:
    return {finding.rule for finding in judge(build(raw)).findings}


def missing_papers(house: dict[str, Any], papers: list[str]) -> list[str | None]:
    proposal = build(
        {
            "service": "first_registration",
            "command": {"type": "FirstRegistration", "building_ids": [5]},
            "house": house,
            "documents": [{"role": paper, "kind": "paper"} for paper in papers],
        }
    )
    report = judge(proposal)
    return [found.subject for found in report.findings if found.rule == "first-registration-papers"]


@pytest.mark.parametrize(
    ("provision", "house", "papers"),
    [
        ("8.0.9.1.1", {"built_year": 2012, **LOW, **HOUSE, "land_held": "lease"}, [*BASE, "acceptance_act"]),
        ("8.0.9.1.1", {"built_year": 1980, **LOW, **HOUSE, "land_held": "use"}, [*BASE, "approved_design"]),
        ("8.0.9.1.2", {"built_year": 2012, **LOW, **HOUSE}, BASE),
        ("8.0.9.1.2", {"built_year": 2012, "height_m": "12", **HOUSE}, BASE),
        (
            "8.0.9.2",
            {"built_year": 2012, **HIGH, **HOUSE},
            [*BASE, "approved_design", "permit_decision", "acceptance_act"],
        ),
        ("8.0.10.2", {"built_year": 2013, **SMALL, **HOUSE}, [*BASE, "planning_section", "notification"]),
        (
            "8.0.10.1",
            {"built_year": 2013, **SMALL, "storeys": 4, **HOUSE},
            [*BASE, "building_permit", "planning_section", "operation_permit"],
        ),
        (
            "8.0.10.1",
            {"built_year": 2020, **SMALL, **HOUSE, "residential": False},
            [*BASE, "building_permit", "planning_section", "operation_permit"],
        ),
    ],
)
def test_each_row_of_the_table_asks_for_its_papers(
    provision: str, house: dict[str, Any], papers: list[str]
) -> None:
    assert missing_papers(house, papers) == []
    for paper in papers:
        left = [other for other in papers if other != paper]
        found = missing_papers(house, left)
        assert len(found) == 1
        assert paper in str(found[0])
    rows = {row.text("provision") for row in load_codelist("first_registration").entries_at(TODAY)}
    assert provision in rows
    assert len(rows) == 5


def test_a_house_with_unknown_facts_is_decided_by_nobody() -> None:
    assert missing_papers({}, BASE) == ["house"]
    assert missing_papers({"built_year": 2012, **LOW, "land_held": "ownership"}, BASE) == ["house"]
    # the table has no row for an old low house on own land that is no dwelling
    assert missing_papers({"built_year": 2012, **LOW, **HOUSE, "residential": False}, BASE) == ["house"]


@pytest.mark.parametrize(
    ("kind", "dated", "broken"),
    [
        ("household_book_extract", date(1999, 1, 1), set()),
        ("household_book_extract", date(2003, 1, 1), {"household-book-after-2001"}),
        ("municipal_sale_act", date(2003, 1, 1), set()),
        ("neighbours_word", date(1999, 1, 1), {"title-not-listed"}),
    ],
)
def test_titles_of_the_list(kind: str, dated: date, broken: set[str]) -> None:
    raw = {
        "service": "first_registration",
        "documents": [{"role": "basis", "kind": "state_act"}, {"role": "plan", "kind": "survey_document"}],
        "command": {
            "type": "FirstRegistration",
            "object_kind": "land_parcel",
            "title_kind": kind,
            "title_dated": dated,
        },
    }
    assert rules_of(raw) == broken


def test_every_title_of_the_law_is_listed() -> None:
    codes = load_codelist("title_kinds").codes_at(TODAY)
    assert len(codes) == 12
    for code in ("state_act", "registration_card", "title_certificate", "collective_farm_decision"):
        assert code in codes


def test_every_listed_title_and_paper_can_be_filed() -> None:
    """What a rule asks for is a kind of document, and what it accepts the service accepts."""
    basis = set(load_codelist("basis_kinds").codes_at(TODAY))
    papers = basis | set(load_codelist("document_kinds").codes_at(TODAY)) | {"title"}
    for row in load_codelist("first_registration").entries_at(TODAY):
        asked = row.texts("base_papers") + row.texts("papers") + row.texts("papers_any")
        assert set(asked) <= papers
    titles = set(load_codelist("title_kinds").codes_at(TODAY))
    titles = titles - {"notarised_contract"} | {"sale_contract", "gift_contract", "exchange_contract"}
    accepted = load_codelist("services").entry_at("first_registration", TODAY).texts("basis")
    assert titles == set(accepted) <= basis


def test_a_foreigner_gets_no_section_over_land() -> None:
    plan = [
        {"type": "OpenProperty", "ref": "new", "object_kind": "individual_house"},
        {"type": "OpenRight", "property": "new", "party_id": "F", "share": "1/1"},
    ]
    raw: dict[str, Any] = {
        "service": "first_registration",
        "properties": [],
        "parties": {"F": {"kind": "foreign_natural"}},
        "command": {"type": "FirstRegistration", "holders": [{"party_id": "F", "share": "1/1"}]},
        "plan": plan,
    }
    assert "foreign-land-lease-only" not in rules_of(raw)
    assert "foreign-land-lease-only" in rules_of(
        {**raw, "plan": [*plan, {"type": "MoveObject", "parcel": 7, "to": "new"}]}
    )
