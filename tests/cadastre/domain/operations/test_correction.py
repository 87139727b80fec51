"""Plans that make entries right: the wrong row voided, the right one from the same day, nothing else touched."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from cadastre.domain.commands import Correct
from cadastre.domain.operations import plan_of
from cadastre.domain.plan import CorrectParcel, OpenRestriction, OpenRight, VoidRestriction, VoidRight
from cadastre.domain.property_state import Encumbrance, ParcelState, PropertyState, Terms
from cadastre.domain.share import Share
from cadastre.kernel.errors import CadastreError
from tests.cadastre.domain.operations.section import SINCE, TODAY, A, B, C, mortgage, right, section

LAND = ParcelState(7, 70, 700, "585-03-36-001", None, 32639, None, Decimal("400.00"), {"purpose": "bağ"})


def with_land(state: PropertyState) -> PropertyState:
    return replace(state, parcels=(LAND,))


def refused(command: Correct, state: PropertyState) -> str:
    with pytest.raises(CadastreError) as caught:
        plan_of(command, {1: state}, TODAY)
    return caught.value.code


def test_a_share_is_voided_and_entered_from_its_own_day() -> None:
    wrong = right(A, "1/2")
    state = section([wrong, right(B, "1/2")])
    plan = plan_of(Correct(1, right_id=wrong.right_id, share=Share(1, 3)), {1: state}, TODAY)
    assert plan.event == "register.correction"
    assert plan.acts == (
        VoidRight(wrong),
        OpenRight(
            1, "ownership", A, Share(1, 3), wrong.terms, continues=wrong, keeps_registration=True, since=SINCE
        ),
    )


def test_the_ended_past_is_restated_only_when_the_holder_was_wrong() -> None:
    wrong = right(A, "1/2")
    past = replace(right(A, "1/1"), registration_number=wrong.registration_number)
    state = section([wrong, right(B, "1/2")])
    named = Correct(1, right_id=wrong.right_id, party_id=C, share=wrong.share, past=(past,))
    acts = plan_of(named, {1: state}, TODAY).acts
    assert VoidRight(past) in acts
    (restated,) = [act for act in acts if isinstance(act, OpenRight) and act.ended]
    assert (restated.party_id, restated.share, restated.since) == (C, past.share, past.valid_from)
    shared = replace(named, party_id=None, share=Share(1, 3))
    assert VoidRight(past) not in plan_of(shared, {1: state}, TODAY).acts


def test_what_burdens_the_share_follows_it_and_what_a_court_imposed_does_not() -> None:
    wrong, lien = right(A, "1/2"), mortgage(1)
    lien = replace(lien, contents=replace(lien.contents, burdened=A))
    imposed = replace(mortgage(2), contents=Encumbrance("arrest", burdened=A))
    state = section([wrong, right(B, "1/2")], [lien, imposed])
    acts = plan_of(Correct(1, right_id=wrong.right_id, party_id=C, share=wrong.share), {1: state}, TODAY).acts
    assert [act.restriction for act in acts if isinstance(act, VoidRestriction)] == [lien]
    (opened,) = [act for act in acts if isinstance(act, OpenRestriction)]
    assert (opened.contents.burdened, opened.since) == (C, SINCE)


def test_a_restriction_keeps_its_number_and_its_basis() -> None:
    debt = mortgage(1)
    state = section([right(A, "1/1")], [debt])
    contents = replace(debt.contents, amount=Decimal("5.00"), currency="AZN")
    acts = plan_of(Correct(1, restriction_id=debt.restriction_id, contents=contents), {1: state}, TODAY).acts
    opened = OpenRestriction(1, contents, continues=debt, keeps_basis=True, since=SINCE)
    assert acts == (VoidRestriction(debt), opened)


def test_of_a_parcel_only_what_was_wrong_is_replaced() -> None:
    right_now: dict[str, str | int | None] = {"purpose": "bağ", "documentary_area_m2": "399.00"}
    command = Correct(1, version_id=70, attributes=right_now)
    plan = plan_of(command, {1: with_land(section([right(A, "1/1")]))}, TODAY)
    assert plan.acts == (CorrectParcel(70, {"documentary_area_m2": "399.00"}),)


@pytest.mark.parametrize(
    ("contents", "code"),
    [
        (Encumbrance("mortgage", rank=1, amount=Decimal(5)), "money-incomplete"),
        (Encumbrance("easement", rank=1), "terms-do-not-fit"),
        (Encumbrance("easement", interest_rate=Decimal(8)), "terms-do-not-fit"),
        (Encumbrance("easement", note_number="7"), "terms-do-not-fit"),
    ],
)
def test_contents_are_such_as_may_be_entered(contents: Encumbrance, code: str) -> None:
    debt = mortgage(1)
    entry = replace(debt, contents=replace(debt.contents, kind=contents.kind))
    command = Correct(1, restriction_id=entry.restriction_id, contents=contents)
    assert refused(command, section([right(A, "1/1")], [entry])) == code


def test_an_area_is_greater_than_nothing_and_only_a_lease_has_a_rent() -> None:
    state = with_land(section([owner := right(A, "1/1")]))
    nothing = Correct(1, version_id=70, attributes={"documentary_area_m2": "0.00"})
    assert refused(nothing, state) == "term-malformed"
    rent = Terms(rent=Decimal(5), rent_currency="AZN", rent_period="month")
    rented = Correct(1, right_id=owner.right_id, share=owner.share, terms=rent)
    assert refused(rented, state) == "terms-do-not-fit"


def test_what_makes_no_sense_is_refused() -> None:
    owner, other, debt, behind = right(A, "1/2"), right(B, "1/2"), mortgage(1), mortgage(2)
    lease = right(C, None, "lease")
    state = with_land(section([owner, other, lease], [debt, behind]))
    assert refused(Correct(1), state) == "entry-not-named"
    assert refused(Correct(1, right_id=1, restriction_id=2), state) == "entry-not-named"
    assert (
        refused(Correct(1, right_id=owner.right_id, share=owner.share), state) == "correction-changes-nothing"
    )
    assert (
        refused(Correct(1, right_id=owner.right_id, party_id=B, share=owner.share), state)
        == "holder-has-right"
    )
    assert refused(Correct(1, right_id=lease.right_id, share=Share(1, 2)), state) == "right-without-share"
    timed = Correct(1, right_id=owner.right_id, share=owner.share, terms=Terms(until=date(2030, 1, 1)))
    assert refused(timed, state) == "term-malformed"
    assert refused(Correct(1, right_id=5), state) == "entry-not-current"
    entry = debt.restriction_id
    assert refused(Correct(1, restriction_id=entry), state) == "correction-changes-nothing"
    ranked = Correct(1, restriction_id=entry, contents=replace(debt.contents, rank=2))
    assert refused(ranked, state) == "mortgage-rank-repeated"
    turned = Correct(1, restriction_id=entry, contents=replace(debt.contents, kind="arrest"))
    assert refused(turned, state) == "correction-changes-kind"
    assert refused(Correct(1, version_id=71), state) == "entry-not-current"
    assert (
        refused(Correct(1, version_id=70, attributes={"purpose": "bağ"}), state)
        == "correction-changes-nothing"
    )
    assert refused(Correct(1, version_id=70, attributes={"outline": "x"}), state) == "term-unknown"
