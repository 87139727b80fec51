"""What two fixtures of a rule do not show: the exceptions that the law makes."""

from __future__ import annotations

from datetime import date
from typing import Any

from cadastre.rules.engine import judge
from tests.cadastre.rules.register.proposals import build


def rules_of(raw: dict[str, Any]) -> set[str]:
    return {finding.rule for finding in judge(build(raw)).findings}


ARRESTED: dict[str, Any] = {
    "documents": [{"role": "basis", "kind": "court_decision"}],
    "properties": [
        {
            "rights": [{"right_id": 1, "party_id": "A", "share": "1/1"}],
            "restrictions": [{"restriction_id": 11, "contents": {"kind": "arrest"}}],
        }
    ],
    "plan": [{"type": "EndRight", "right": 1}, {"type": "OpenRight", "party_id": "B", "share": "1/1"}],
    "command": {
        "type": "Transfer",
        "takings": [{"party_id": "A"}],
        "acquisitions": [{"party_id": "B", "share": "1/1"}],
    },
}


def test_a_court_transfers_what_is_under_arrest() -> None:
    assert "arrest-blocks" in rules_of({**ARRESTED, "service": "sale"})
    assert "arrest-blocks" not in rules_of({**ARRESTED, "service": "court_transfer"})


def test_an_arrest_upon_an_arrest_is_no_disposal() -> None:
    raw = {
        **ARRESTED,
        "service": "lease",
        "command": {"type": "GrantRight", "kind": "lease", "party_id": "L"},
        "plan": [{"type": "OpenRestriction", "contents": {"kind": "prohibition"}}],
    }
    assert "arrest-blocks" not in rules_of(raw)
    raw["plan"] = [{"type": "OpenRight", "kind": "lease", "party_id": "L"}]
    assert "arrest-blocks" in rules_of(raw)


def test_an_arrest_lets_land_be_divided_among_the_same_holders() -> None:
    raw = {
        **ARRESTED,
        "service": "division",
        "command": {"type": "Divide", "pieces": []},
        "plan": [
            {"type": "EndRight", "right": 1},
            {"type": "EndRestriction", "restriction": 11},
            {"type": "CloseProperty"},
            {"type": "OpenProperty", "ref": "west", "from_property_ids": [1]},
            {"type": "OpenRight", "property": "west", "party_id": "A", "share": "1/1", "continues": 1},
            {"type": "OpenRestriction", "property": "west", "contents": {"kind": "arrest"}, "continues": 11},
        ],
    }
    assert not rules_of(raw) & {"arrest-blocks", "rights-accounted-for", "restrictions-accounted-for"}
    raw["plan"][4] |= {"party_id": "B"}
    assert {"arrest-blocks", "rights-accounted-for"} <= rules_of(raw)


def test_an_arrest_of_one_share_keeps_the_whole_from_being_burdened() -> None:
    halves = [
        {"right_id": 1, "party_id": "A", "share": "1/2"},
        {"right_id": 2, "party_id": "C", "share": "1/2"},
    ]
    arrest = {"restriction_id": 11, "contents": {"kind": "arrest", "burdened": "C"}}

    def mortgage(burdened: str) -> set[str]:
        contents = {"kind": "mortgage", "beneficiary": "Bank", "rank": 1, "burdened": burdened}
        return rules_of(
            {
                "service": "mortgage",
                "documents": [{"role": "basis", "kind": "mortgage_contract"}],
                "properties": [{"rights": halves, "restrictions": [arrest]}],
                "command": {"type": "RegisterMortgage", "contents": contents},
                "plan": [{"type": "OpenRestriction", "contents": contents}],
            }
        )

    assert mortgage("A") == set()
    assert mortgage("C") == mortgage("none") == {"arrest-blocks"}


def test_an_exchange_crosses_both_ways_and_is_no_dealing_with_oneself() -> None:
    flats = [
        {"rights": [{"right_id": at, "party_id": who, "share": "1/1"}]} for at, who in ((1, "A"), (2, "B"))
    ]
    legs = [
        {"type": "Transfer", "property_id": at, "takings": [{"party_id": giver}], "acquisitions": [taking]}
        for at, giver, taking in (
            (1, "A", {"party_id": "B", "share": "1/1"}),
            (2, "B", {"party_id": "A", "share": "1/1"}),
        )
    ]
    plan = [
        {"type": "EndRight", "right": 1},
        {"type": "EndRight", "right": 2},
        {"type": "OpenRight", "property": 1, "party_id": "B", "share": "1/1"},
        {"type": "OpenRight", "property": 2, "party_id": "A", "share": "1/1"},
    ]
    paper = [{"role": "basis", "kind": "exchange_contract"}]
    raw = {"service": "exchange", "properties": flats, "commands": legs, "plan": plan, "documents": paper}
    assert rules_of(raw) == set()
    agent = [{"agent": "V", "principal": who} for who in ("A", "B")]
    mandates = [{"principal": who, "agent": "V"} for who in ("A", "B")]
    assert rules_of({**raw, "acting": agent, "mandates": mandates}) == {"both-sides-one-person"}


def test_a_guardian_may_accept_a_gift_for_his_ward() -> None:
    raw: dict[str, Any] = {
        "documents": [{"role": "basis", "kind": "gift_contract"}],
        "acting": [{"agent": "A", "principal": "Child"}],
        "mandates": [{"kind": "guardian", "principal": "Child", "agent": "A"}],
        "command": {
            "type": "Transfer",
            "takings": [{"party_id": "A"}],
            "acquisitions": [{"party_id": "Child", "share": "1/1"}],
        },
    }
    assert "both-sides-one-person" not in rules_of({**raw, "service": "gift"})
    assert "both-sides-one-person" in rules_of({**raw, "service": "sale"})


def test_co_owners_turn_joint_ownership_into_shares_without_bargaining() -> None:
    raw = {
        "service": "court_transfer",
        "documents": [{"role": "basis", "kind": "court_decision"}],
        "properties": [{"rights": [{"right_id": 1, "party_id": "A"}, {"right_id": 2, "party_id": "B"}]}],
        "command": {
            "type": "Transfer",
            "takings": [{"party_id": "A"}, {"party_id": "B"}],
            "acquisitions": [{"party_id": "A", "share": "1/2"}, {"party_id": "B", "share": "1/2"}],
        },
        "plan": [
            {"type": "EndRight", "right": 1},
            {"type": "EndRight", "right": 2},
            {"type": "OpenRight", "party_id": "A", "share": "1/2"},
            {"type": "OpenRight", "party_id": "B", "share": "1/2"},
        ],
    }
    assert rules_of(raw) == set()


def test_half_of_what_is_held_jointly_cannot_be_sold() -> None:
    raw = {
        "service": "sale",
        "properties": [{"rights": [{"right_id": 1, "party_id": "A"}, {"right_id": 2, "party_id": "B"}]}],
        "command": {
            "type": "Transfer",
            "takings": [{"party_id": "A", "share": "1/2"}],
            "acquisitions": [{"party_id": "C", "share": "1/2"}],
        },
    }
    assert "taking-exceeds-share" in rules_of(raw)


def test_a_foreign_heir_of_land_is_let_in_and_watched() -> None:
    land = {
        "object_kind": "land_parcel",
        "rights": [
            {"right_id": 1, "party_id": "F", "share": "1/1", "terms": {"dispose_by": date(2026, 3, 1)}}
        ],
    }
    parties = {"F": {"kind": "foreign_natural"}}
    assert rules_of({"stage": "sweep", "properties": [land], "parties": parties}) == {"foreign-heir-deadline"}
    land["rights"] = [
        {"right_id": 1, "party_id": "F", "share": "1/1", "terms": {"dispose_by": date(2026, 3, 2)}}
    ]
    assert rules_of({"stage": "sweep", "properties": [land], "parties": parties}) == set()


def test_a_foreigner_may_own_a_flat() -> None:
    raw = {
        "service": "sale",
        "documents": [{"role": "basis", "kind": "sale_contract"}],
        "parties": {"F": {"kind": "foreign_natural"}},
        "command": {
            "type": "Transfer",
            "takings": [{"party_id": "A"}],
            "acquisitions": [{"party_id": "F", "share": "1/1"}],
        },
    }
    assert rules_of(raw) == set()
    house = {"object_kind": "individual_house", "parcels": [{"parcel_id": 7}], "rights": []}
    assert "foreign-land-lease-only" in rules_of({**raw, "properties": [house]})


def test_a_name_of_ten_megabytes_is_measured_and_not_repeated() -> None:
    raw = {"stage": "intake", "service": "sale", "texts": {"name": "Ə" * 10_000_000}}
    report = judge(build(raw))
    found = next(item for item in report.findings if item.rule == "text-unreadable")
    assert (found.measured, found.limit) == (10_000_000.0, 300.0)
    assert len(report.canonical()) < 20_000


def test_an_authority_waits_for_no_notice_and_no_earlier_case() -> None:
    raw = {
        "place": 42,
        "notices": [{"property_id": 1, "journal_number": 40, "ours": False}],
        "other_cases": [{"journal_number": 41, "property_id": 1, "place": 41}],
        "documents": [{"role": "basis", "kind": "court_ruling"}],
        "command": {"type": "Impose", "property_id": 1, "contents": {"kind": "arrest"}},
    }
    assert rules_of({**raw, "service": "arrest"}) == set()
    assert rules_of({**raw, "service": "sale"}) >= {"priority-taken", "earlier-case-open"}


def test_an_application_stands_last_unless_it_rests_on_its_own_notice() -> None:
    earlier = {"journal_number": 41, "property_id": 1, "place": 41}
    raw = {
        "stage": "intake",
        "service": "sale",
        "documents": [{"role": "basis", "kind": "sale_contract"}],
        "other_cases": [earlier],
    }
    assert rules_of(raw) == {"earlier-case-open"}
    notice = {"property_id": 1, "journal_number": 40}
    assert rules_of({**raw, "notices": [{**notice, "ours": True}]}) == set()
    assert rules_of({**raw, "notices": [{**notice, "ours": False}]}) == {
        "earlier-case-open",
        "priority-taken",
    }


def test_each_property_has_its_own_place_in_the_order() -> None:
    flats = [{"rights": [{"right_id": at, "party_id": "A", "share": "1/1"}]} for at in (1, 2)]
    other = {"journal_number": 20, "property_id": 2, "place": 20}
    raw = {
        "service": "sale",
        "documents": [{"role": "basis", "kind": "sale_contract"}],
        "properties": flats,
        "other_cases": [other],
    }
    assert rules_of({**raw, "places": {1: 10, 2: 50}}) == {"earlier-case-open"}
    assert rules_of({**raw, "places": {1: 50, 2: 10}}) == set()
