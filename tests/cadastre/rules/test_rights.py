from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from cadastre.domain.party import PartyKind, PartyMention
from cadastre.domain.register_row import RegisterRow, RestrictionEntry, RightEntry
from cadastre.domain.share import Share
from cadastre.rules.rights import Judgement, PlacedRow, judge_property

OWNER = PartyMention(PartyKind.NATURAL, "Sintetik Şəxs")


def owner(row: int, holder: str, share: Share | None, *, joint: bool = False, **other: object) -> PlacedRow:
    entry = RegisterRow(
        row,
        "203015000001",
        "A-1",
        "land_parcel",
        "2026000001",
        date(2026, 1, 2),
        RightEntry("ownership", OWNER, share, joint),
    )
    return PlacedRow(row, "203015000001", entry, holder=holder, **other)  # type: ignore[arg-type]


def restricted(row: PlacedRow, kind: str = "mortgage", *, rank: int | None = None) -> PlacedRow:
    assert row.entry is not None
    return replace(row, entry=replace(row.entry, restriction=RestrictionEntry(kind, rank=rank)))


def alone(row: PlacedRow) -> PlacedRow:
    """The restriction of a row without its right."""
    assert row.entry is not None
    return replace(row, entry=replace(row.entry, right=None), holder=None)


def rules(judgement: Judgement) -> list[tuple[int | None, str]]:
    return [(finding.row, finding.rule) for finding in judgement.findings]


def test_shares_that_sum_to_one_are_accepted() -> None:
    judged = judge_property([owner(n, f"F:{n}", Share(1, 3)) for n in (1, 2, 3)])
    assert (judged.accepted, judged.rejected, judged.findings) == ([1, 2, 3], [], [])
    assert judged.new_rights == {1, 2, 3}


def test_a_wrong_sum_rejects_every_row_and_names_the_sum() -> None:
    judged = judge_property([owner(1, "F:1", Share(1, 3)), owner(2, "F:2", Share(1, 2))])
    assert judged.rejected == [1, 2]
    assert judged.accepted == []
    assert rules(judged) == [(1, "shares-sum"), (2, "shares-sum")]
    assert judged.findings[0].detail == {"sum": "5/6"}
    assert judged.findings[0].limit == 1.0


@given(st.lists(st.integers(1, 40), min_size=1, max_size=12))
def test_exactly_one_is_told_from_nearly_one(weights: list[int]) -> None:
    whole = sum(weights)
    rows = [owner(n, f"F:{n}", Share(weight, whole)) for n, weight in enumerate(weights, start=1)]
    assert judge_property(rows).rejected == []
    rows[0] = owner(1, "F:1", Share(weights[0] * 10**9, whole * 10**9 + 1))
    judged = judge_property(rows)
    assert judged.accepted == []
    assert Fraction(str(judged.findings[0].detail["sum"])) != 1


def test_joint_owners_are_two_at_least_and_have_no_shares_beside_them() -> None:
    assert judge_property([owner(n, f"F:{n}", None, joint=True) for n in (1, 2)]).rejected == []
    lonely = judge_property([owner(1, "F:1", None, joint=True)])
    assert rules(lonely) == [(1, "joint-one-holder")]
    mixed = judge_property([owner(1, "F:1", None, joint=True), owner(2, "F:2", Share(1, 1))])
    assert {rule for _, rule in rules(mixed)} == {"joint-mixed"}


def test_one_faulty_row_keeps_the_whole_property_out() -> None:
    unreadable = PlacedRow(2, "203015000001", None)
    judged = judge_property([owner(1, "F:1", Share(1, 1)), unreadable])
    assert judged.rejected == [1, 2]
    assert rules(judged) == [(1, "property-incomplete")]
    assert judged.findings[0].detail == {"faulty_row": 2}
    assert not judged.new_rights


def test_an_exact_repetition_is_rejected_alone() -> None:
    rows = [owner(1, "F:1", Share(1, 1)), owner(2, "F:1", Share(1, 1))]
    judged = judge_property(rows)
    assert (judged.accepted, judged.rejected) == ([1], [2])
    assert rules(judged) == [(2, "right-duplicate")]


def test_the_same_holder_with_other_contents_contradicts() -> None:
    judged = judge_property([owner(1, "F:1", Share(1, 2)), owner(2, "F:1", Share(1, 4))])
    assert judged.rejected == [1, 2]
    assert (2, "right-holder-repeated") in rules(judged)


def test_one_owner_with_two_restrictions_has_one_right() -> None:
    rows = [
        restricted(owner(1, "F:1", Share(1, 1)), "arrest"),
        restricted(owner(2, "F:1", Share(1, 1)), "servitude"),
    ]
    judged = judge_property(rows)
    assert judged.rejected == []
    assert judged.new_rights == {1}
    assert judged.new_restrictions == {1, 2}


def test_a_mortgage_written_beside_every_owner_is_one_mortgage() -> None:
    rows = [restricted(owner(n, f"F:{n}", Share(1, 2))) for n in (1, 2)]
    judged = judge_property(rows)
    assert judged.accepted == [1, 2]
    assert judged.new_restrictions == {1}
    assert rules(judged) == [(2, "restriction-shared")]


def test_two_mortgages_need_two_ranks() -> None:
    first, second = owner(1, "F:1", Share(1, 1)), owner(2, "F:1", Share(1, 1))
    assert second.entry is not None
    other = replace(second, entry=replace(second.entry, registration_number="2026000002"))
    clash = judge_property([restricted(first, rank=1), alone(restricted(other, rank=1))])
    assert (2, "restriction-rank-taken") in rules(clash)
    assert clash.accepted == []
    vague = judge_property([restricted(first), alone(restricted(other))])
    assert rules(vague) == [(1, "restriction-rank-missing"), (2, "restriction-rank-missing")]
    assert vague.accepted == [1, 2]


def test_the_register_keeps_out_what_it_has_or_does_not_know() -> None:
    taken = owner(1, "F:1", Share(1, 1), number_taken=True, object_of="203015000009")
    assert rules(judge_property([taken])) == [(1, "register-number-taken"), (1, "parcel-in-other-property")]
    unknown = owner(1, "F:1", Share(1, 1), object_known=False)
    assert rules(judge_property([unknown])) == [(1, "parcel-not-registered")]
    claimed = owner(1, "F:1", Share(1, 1), claimed_by="203015000002")
    assert rules(judge_property([claimed])) == [(1, "parcel-claimed-twice")]


def test_a_property_needs_a_right_and_wants_an_owner() -> None:
    lone = judge_property([alone(restricted(owner(1, "F:1", Share(1, 1)), "arrest"))])
    assert "property-without-right" in {rule for _, rule in rules(lone)}
    lessee = owner(1, "F:1", Share(1, 1))
    assert lessee.entry is not None
    lease = replace(lessee, entry=replace(lessee.entry, right=RightEntry("lease", OWNER, Share(1, 1))))
    judged = judge_property([lease])
    assert judged.accepted == [1]
    assert rules(judged) == [(1, "property-without-ownership")]


def test_one_property_is_of_one_kind() -> None:
    second = owner(2, "F:2", Share(1, 2))
    assert second.entry is not None
    house = replace(second, entry=replace(second.entry, object_kind="individual_house"))
    judged = judge_property([owner(1, "F:1", Share(1, 2)), house])
    assert rules(judged) == [(1, "object-kind-mixed"), (2, "object-kind-mixed")]
