"""Corrections on a real register: what was known stays, what is right stands from the first day on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from cadastre.db.unit_of_work import Database
from cadastre.domain.commands import Acquisition, Correct, GrantRight, RegisterMortgage, Taking, Transfer
from cadastre.domain.property_state import Encumbrance, Terms
from cadastre.domain.share import Share
from cadastre.kernel.errors import CadastreError
from tests.cadastre.services.registering import DAY, Office
from tests.database import TestCluster

HALF, THIRD, TWO_THIRDS = Share(1, 2), Share(1, 3), Share(2, 3)


@pytest.fixture(scope="module")
def office(test_cluster: TestCluster) -> Iterator[Office]:
    copy = test_cluster.create_copy()
    database = Database(copy.app_url, pool_size=4)
    yield Office(database)
    database.close()
    test_cluster.drop_copy(copy)


def loan(bank: object, **terms: object) -> Encumbrance:
    return Encumbrance("mortgage", bank, amount=Decimal(50_000), currency="AZN", rank=1, **terms)  # type: ignore[arg-type]


def test_two_shares_are_corrected_together_and_both_histories_hold(office: Office) -> None:
    one, other = office.people("Birinci", "İkinci")
    here = office.section({one: (1, 2), other: (1, 2)})
    before, today = office.head(), office.today()
    wrong = office.view(here, before, DAY), office.view(here, before, today)
    first, second = office.state(here).owners
    fixes = (
        Correct(here, right_id=first.right_id, share=THIRD),
        Correct(here, right_id=second.right_id, share=TWO_THIRDS),
    )
    done = office.register("correction", *fixes, properties=[here])
    assert done.registration_numbers == ()
    assert office.holdings(here) == {one: "1/3", other: "2/3"}
    right = office.state(here).owners[0]
    assert (right.registration_number, right.valid_from) == (first.registration_number, DAY)
    after = office.head()
    assert (office.view(here, before, DAY), office.view(here, before, today)) == wrong
    assert "'share_denominator': '3'" in office.view(here, after, DAY)
    assert "'share_denominator': '2'" not in office.view(here, after, DAY)


def test_shares_that_would_not_sum_to_one_are_refused(office: Office) -> None:
    one, other = office.people("Birinci", "İkinci")
    here = office.section({one: (1, 2), other: (1, 2)})
    with pytest.raises(CadastreError) as refused:
        office.register(
            "correction", Correct(here, right_id=office.state(here).owners[0].right_id, share=THIRD)
        )
    assert refused.value.code == "shares-do-not-sum-to-one"
    assert office.holdings(here) == {one: "1/2", other: "1/2"}


def test_the_wrong_holder_gives_way_to_the_right_one(office: Office) -> None:
    wrong, right = office.people("Məmmədov Əli", "Məmmədova Əliyə")
    here = office.section({wrong: (1, 1)})
    before = office.head()
    entry = office.state(here).owners[0]
    office.register("correction", Correct(here, right_id=entry.right_id, party_id=right, share=entry.share))
    assert office.holdings(here) == {right: "1/1"}
    after = office.head()
    assert "Əliyə" not in office.view(here, before, DAY)
    assert "Əliyə" in office.view(here, after, DAY)


def test_the_past_of_the_entry_names_the_right_holder_too(office: Office) -> None:
    wrong, right, buyer = office.people("Səhv Adam", "Doğru Adam", "Alıcı")
    here = office.section({wrong: (1, 1)})
    office.register("sale", Transfer(here, (Taking(wrong, HALF),), (Acquisition(buyer, HALF),)))
    before, today = office.head(), office.today()
    known = office.view(here, before, DAY), office.view(here, before, today)
    rest = next(owner for owner in office.state(here).owners if owner.party_id == wrong)
    office.register("correction", Correct(here, right_id=rest.right_id, party_id=right, share=HALF))
    assert office.holdings(here) == {right: "1/2", buyer: "1/2"}
    after = office.head()
    for day in (DAY, today):
        assert "Doğru Adam" in office.view(here, after, day)
        assert "Səhv Adam" not in office.view(here, after, day)
    assert (office.view(here, before, DAY), office.view(here, before, today)) == known


def test_joint_ownership_was_entered_as_shares(office: Office) -> None:
    wife, husband = office.people("Arvad", "Ər")
    here = office.section({wife: (1, 2), husband: (1, 2)})
    fixes = [Correct(here, right_id=right.right_id) for right in office.state(here).owners]
    office.register("correction", *fixes, properties=[here])
    assert office.holdings(here) == {wife: "joint", husband: "joint"}
    back = [Correct(here, right_id=right.right_id, share=HALF) for right in office.state(here).owners]
    office.register("correction", *back, properties=[here])
    assert office.holdings(here) == {wife: "1/2", husband: "1/2"}


def test_contents_of_a_mortgage_and_terms_of_a_lease(office: Office) -> None:
    owner, bank, tenant = office.people("Sahib", "Bank", "İcarəçi")
    here = office.section({owner: (1, 1)})
    office.register("mortgage", RegisterMortgage(here, loan(bank)))
    office.register("lease", GrantRight(here, "lease", tenant, Terms()))
    (debt,) = office.state(here).restrictions
    lease = office.state(here).rights[-1]
    fixes = (
        Correct(
            here,
            restriction_id=debt.restriction_id,
            contents=replace(debt.contents, amount=Decimal("5000.00"), currency="USD"),
        ),
        Correct(
            here,
            right_id=lease.right_id,
            terms=Terms(rent=Decimal("12.50"), rent_currency="AZN", rent_period="month"),
        ),
    )
    office.register("correction", *fixes, properties=[here])
    (now,) = office.state(here).restrictions
    assert (now.contents.amount, now.contents.currency) == (Decimal("5000.00"), "USD")
    assert (now.registration_number, now.valid_from) == (debt.registration_number, debt.valid_from)
    assert office.state(here).rights[-1].terms.rent == Decimal("12.50")


def test_what_is_recorded_of_a_parcel(office: Office) -> None:
    (owner,) = office.people("Sahib")
    here = office.section({owner: (1, 1)}, side_m=20.0)
    (land,) = office.state(here).parcels
    right: dict[str, str | int | None] = {
        "purpose": "kənd təsərrüfatı",
        "documentary_area_m2": "401.50",
        "land_category": 1,
    }
    office.register("correction", Correct(here, version_id=land.version_id, attributes=right))
    (now,) = office.state(here).parcels
    assert now.parcel_id == land.parcel_id
    assert (now.attributes["purpose"], now.attributes["land_category"]) == ("kənd təsərrüfatı", 1)
    assert now.documentary_area_m2 == Decimal("401.50")
    assert (now.surveyed_area_m2, now.outline) == (land.surveyed_area_m2, land.outline)


def test_an_arrest_is_no_obstacle_and_stays(office: Office) -> None:
    wrong, right = office.people("Səhv", "Doğru")
    here = office.section({wrong: (1, 1)})
    arrest = office.arrest(here)
    entry = office.state(here).owners[0]
    office.register("correction", Correct(here, right_id=entry.right_id, party_id=right, share=entry.share))
    assert office.holdings(here) == {right: "1/1"}
    assert [r.restriction_id for r in office.state(here).restrictions] == [arrest]
