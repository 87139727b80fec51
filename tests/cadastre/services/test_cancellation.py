"""Cancellation by a court on a real register: voided, restored, refused where others rest on it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from shapely import box
from sqlalchemy import text

from cadastre.db.unit_of_work import Database, UnitOfWork
from cadastre.domain.commands import (
    Acquisition,
    CancelEntries,
    Command,
    Divide,
    EndEntry,
    GrantRight,
    Merge,
    Piece,
    RegisterMortgage,
    ShiftBoundary,
    Taking,
    Transfer,
)
from cadastre.domain.property_state import Encumbrance
from cadastre.domain.share import Share
from cadastre.kernel.errors import CadastreError
from cadastre.services.registration import Draft
from cadastre.store.judged_facts import Asked, gather_facts
from tests.cadastre.services.registering import DAY, Office, approve
from tests.database import TestCluster

WHOLE, HALF = Share(1, 1), Share(1, 2)


@pytest.fixture(scope="module")
def office(test_cluster: TestCluster) -> Iterator[Office]:
    copy = test_cluster.create_copy()
    database = Database(copy.app_url, pool_size=4)
    yield Office(database)
    database.close()
    test_cluster.drop_copy(copy)


def sale(property_id: int, seller: UUID, buyer: UUID, share: Share = WHOLE) -> Transfer:
    return Transfer(property_id, (Taking(seller, share),), (Acquisition(buyer, share),))


def loan(bank: UUID, rank: int | None = None) -> Encumbrance:
    return Encumbrance("mortgage", bank, amount=Decimal(50_000), currency="AZN", rank=rank)


def decided(office: Office, service: str, command: Command, *properties: int) -> UUID:
    """Decide a case; gives its id."""
    named = properties or (command.property_id,)  # type: ignore[union-attr]
    case = office.file(service, *named)
    office.decide(case, command)
    return case


def cancel(office: Office, properties: tuple[int, ...], *cases: UUID) -> None:
    office.register("cancellation", CancelEntries(properties, cases), properties=properties)


def refused_code(office: Office, properties: tuple[int, ...], *cases: UUID) -> CadastreError:
    case = office.file("cancellation", *properties)
    with pytest.raises(CadastreError) as refused:
        office.decide(case, CancelEntries(properties, cases))
    office.withdraw(case)
    return refused.value


def test_a_cancelled_sale_gives_the_seller_back_as_if_never_sold(office: Office) -> None:
    seller, buyer = office.people("Satıcı", "Alıcı")
    here = office.section({seller: (1, 1)})
    entry = office.state(here).owners[0]
    case = decided(office, "sale", sale(here, seller, buyer))
    sold, today = office.head(), office.today()
    wrong = office.view(here, sold, today)
    cancel(office, (here,), case)
    assert office.holdings(here) == {seller: "1/1"}
    again = office.state(here).owners[0]
    assert (again.registration_number, again.registration_date, again.valid_from) == (
        entry.registration_number,
        entry.registration_date,
        entry.valid_from,
    )
    now = office.head()
    assert office.view(here, sold, today) == wrong, "what was known then is what was entered then"
    for day in (DAY, today):
        assert "Satıcı" in office.view(here, now, day)
        assert "Alıcı" not in office.view(here, now, day)


def test_half_a_sale_among_co_owners_is_undone_and_shares_sum_to_one(office: Office) -> None:
    seller, other, buyer = office.people("Satıcı", "Şərik", "Alıcı")
    here = office.section({seller: (1, 2), other: (1, 2)})
    case = decided(office, "sale", sale(here, seller, buyer, Share(1, 4)))
    assert len(office.holdings(here)) == 3
    cancel(office, (here,), case)
    assert office.holdings(here) == {seller: "1/2", other: "1/2"}


def test_what_rests_on_it_is_named_and_the_whole_chain_falls_together(office: Office) -> None:
    first, second, third, bank = office.people("Bir", "İki", "Üç", "Bank")
    here = office.section({first: (1, 1)})
    sold = decided(office, "sale", sale(here, first, second))
    lent = decided(office, "mortgage", RegisterMortgage(here, loan(bank)))
    resold = decided(office, "sale", sale(here, second, third))
    error = refused_code(office, (here,), sold)
    assert (error.code, error.facts["rule"]) == ("later-entries-rest-on-it", "cancellation-chain")
    assert cases_of(error) == {str(lent), str(resold)}
    (debt,) = office.state(here).restrictions
    assert debt.registration_number in str(error.facts["registration_numbers"])
    assert office.holdings(here) == {third: "1/1"}
    cancel(office, (here,), sold, resold, lent)
    assert office.holdings(here) == {first: "1/1"}
    assert office.state(here).restrictions == ()


def test_an_earlier_mortgage_and_a_courts_arrest_do_not_rest_on_the_sale(office: Office) -> None:
    seller, buyer, bank = office.people("Satıcı", "Alıcı", "Bank")
    here = office.section({seller: (1, 1)})
    decided(office, "mortgage", RegisterMortgage(here, loan(bank)))
    case = decided(office, "sale", sale(here, seller, buyer))
    office.serial += 1  # the arrest has a number of its own
    arrest = office.arrest(here)
    cancel(office, (here,), case)
    assert office.holdings(here) == {seller: "1/1"}
    assert {r.contents.kind for r in office.state(here).restrictions} == {"mortgage", "arrest"}
    assert arrest in {r.restriction_id for r in office.state(here).restrictions}


def test_another_co_owners_sale_does_not_rest_on_it(office: Office) -> None:
    one, other, buyer, stranger = office.people("Bir", "Başqa", "Alıcı", "Yad")
    here = office.section({one: (1, 2), other: (1, 2)})
    case = decided(office, "sale", sale(here, one, buyer, HALF))
    decided(office, "sale", sale(here, other, stranger, HALF))
    cancel(office, (here,), case)
    assert office.holdings(here) == {one: "1/2", stranger: "1/2"}


def test_a_discharged_mortgage_and_an_ended_lease_stand_again(office: Office) -> None:
    owner, bank, tenant = office.people("Sahib", "Bank", "İcarəçi")
    here = office.section({owner: (1, 1)})
    decided(office, "mortgage", RegisterMortgage(here, loan(bank, 1)))
    decided(office, "lease", GrantRight(here, "lease", tenant))
    (debt,) = office.state(here).restrictions
    lease = office.state(here).rights[-1]
    paid = decided(office, "mortgage_discharge", EndEntry(here, restriction_id=debt.restriction_id))
    left = decided(office, "lease_end", EndEntry(here, right_id=lease.right_id))
    cancel(office, (here,), paid, left)
    (again,) = office.state(here).restrictions
    assert (again.contents, again.registration_number) == (debt.contents, debt.registration_number)
    assert office.state(here).rights[-1].registration_number == lease.registration_number


def test_a_place_that_was_taken_meanwhile_stands_in_the_way(office: Office) -> None:
    owner, bank, other = office.people("Sahib", "Bank", "Başqa bank")
    here = office.section({owner: (1, 1)})
    decided(office, "mortgage", RegisterMortgage(here, loan(bank, 1)))
    (debt,) = office.state(here).restrictions
    paid = decided(office, "mortgage_discharge", EndEntry(here, restriction_id=debt.restriction_id))
    decided(office, "mortgage", RegisterMortgage(here, loan(other, 1)))
    assert refused_code(office, (here,), paid).code == "place-taken-meanwhile"


def test_a_cancellation_is_cancelled_in_its_turn(office: Office) -> None:
    seller, buyer = office.people("Satıcı", "Alıcı")
    here = office.section({seller: (1, 1)})
    sold = decided(office, "sale", sale(here, seller, buyer))
    undone = decided(office, "cancellation", CancelEntries((here,), (sold,)), here)
    assert office.holdings(here) == {seller: "1/1"}
    error = refused_code(office, (here,), sold)
    assert error.facts["cases"] == [str(undone)]
    cancel(office, (here,), undone)
    assert office.holdings(here) == {buyer: "1/1"}
    assert "Satıcı" in office.view(here, office.head(), DAY)


def test_a_cancellation_and_a_resale_at_once_leave_one_truth(office: Office) -> None:
    for _ in range(4):
        seller, buyer, third = office.people("Satıcı", "Alıcı", "Üçüncü")
        here = office.section({seller: (1, 1)})
        sold = decided(office, "sale", sale(here, seller, buyer))
        # an authority's case waits for nobody, so that either may come first
        attempts = (
            (office.file("court_transfer", here), sale(here, buyer, third)),
            (office.file("cancellation", here), CancelEntries((here,), (sold,))),
        )
        outcomes: list[str] = []

        def attempt(case: UUID, command: Command, told: list[str] = outcomes) -> None:
            try:
                office.decide(case, command)
                told.append("done")
            except CadastreError as error:
                told.append(error.code)

        threads = [threading.Thread(target=attempt, args=pair) for pair in attempts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert outcomes.count("done") == 1, outcomes
        assert set(outcomes) <= {"done", "giver-holds-no-right", "later-entries-rest-on-it"}
        assert office.holdings(here) in ({seller: "1/1"}, {third: "1/1"})


def test_what_was_never_registered_is_not_cancelled(office: Office) -> None:
    owner, buyer = office.people("Sahib", "Alıcı")
    here = office.section({owner: (1, 1)})
    case = office.file("sale", here)
    assert refused_code_after(office, here, case) == "case-not-registered"
    office.withdraw(case)
    sold = decided(office, "sale", sale(here, owner, buyer))
    other = office.section({owner: (1, 1)})
    assert refused_code(office, (other,), sold).code == "property-not-in-case"


def cases_of(error: CadastreError) -> set[str]:
    named = error.facts["cases"]
    assert isinstance(named, list)
    return set(named)


def refused_code_after(office: Office, here: int, case: UUID) -> str:
    return refused_code(office, (here,), case).code


def pieces(office: Office, here: int) -> Divide:
    """Cut the land of a property in two halves."""
    (land,) = office.state(here).parcels
    assert land.outline is not None
    west, south, east, north = land.outline.bounds
    middle = (west + east) / 2
    halves = box(west, south, middle, north), box(middle, south, east, north)
    return Divide(here, land.parcel_id, tuple(Piece(half) for half in halves))


def test_a_cancelled_division_restores_the_parcel_and_closes_the_pieces(office: Office) -> None:
    owner, bank = office.people("Sahib", "Bank")
    here = office.section({owner: (1, 1)}, side_m=20.0)
    decided(office, "mortgage", RegisterMortgage(here, loan(bank)))
    (land,) = office.state(here).parcels
    (debt,) = office.state(here).restrictions
    case = office.file("division", here)
    made = office.decide(case, pieces(office, here)).new_ids
    parts = tuple(sorted(key for name, key in made.items() if name.startswith("property")))
    assert office.state(here).closed_on is not None
    assert refused_code(office, parts[:1], case).code == "property-not-in-case"
    cancel(office, parts, case)
    now = office.state(here)
    assert now.closed_on is None
    assert office.holdings(here) == {owner: "1/1"}
    (again,) = now.parcels
    assert (again.parcel_id, again.outline, again.surveyed_area_m2) == (
        land.parcel_id,
        land.outline,
        land.surveyed_area_m2,
    )
    assert [r.registration_number for r in now.restrictions] == [debt.registration_number]
    for part in parts:
        state = office.state(part)
        assert state.closed_on is not None
        assert (state.rights, state.restrictions, state.parcels) == ((), (), ())
    assert lineage_of(office, again.version_id) == 2, "the parcel comes of both pieces"


def test_what_waits_before_a_closed_section_is_known_to_the_judge_who_opens_it(office: Office) -> None:
    (owner,) = office.people("Sahib")
    here = office.section({owner: (1, 1)}, side_m=20.0)
    case, waiting = office.file("division", here), office.file("division", here)
    made = office.decide(case, pieces(office, here)).new_ids
    parts = tuple(sorted(key for name, key in made.items() if name.startswith("property")))
    waits: list[int] = []

    def judge(uow: UnitOfWork, draft: Draft) -> bytes:
        asked = Asked(draft.case.case_id, tuple(draft.states), (), False, False)
        facts = gather_facts(uow.connection, asked, datetime.now(UTC), draft.gathered)
        waits.extend(row["property_id"] for row in facts.other_cases)
        return approve(uow, draft)

    office.decide(office.file("cancellation", *parts), CancelEntries(parts, (case,)), judge=judge)
    assert waits == [here]
    office.withdraw(waiting)


def test_a_piece_that_was_sold_keeps_the_division(office: Office) -> None:
    owner, buyer = office.people("Sahib", "Alıcı")
    here = office.section({owner: (1, 1)}, side_m=20.0)
    case = office.file("division", here)
    made = office.decide(case, pieces(office, here)).new_ids
    one, other = sorted(key for name, key in made.items() if name.startswith("property"))
    sold = decided(office, "sale", sale(one, owner, buyer))
    assert refused_code(office, (one, other), case).facts["cases"] == [str(sold)]
    cancel(office, (one, other), case, sold)
    assert office.holdings(here) == {owner: "1/1"}


def test_a_piece_under_arrest_keeps_the_division(office: Office) -> None:
    (owner,) = office.people("Sahib")
    here = office.section({owner: (1, 1)}, side_m=20.0)
    case = office.file("division", here)
    made = office.decide(case, pieces(office, here)).new_ids
    parts = tuple(sorted(key for name, key in made.items() if name.startswith("property")))
    office.serial += 1
    office.arrest(parts[0])
    assert refused_code(office, parts, case).code == "later-entries-rest-on-it"


def test_a_cancelled_merger_gives_both_sections_back(office: Office) -> None:
    (owner,) = office.people("Sahib")
    here = office.section({owner: (1, 1)}, side_m=20.0)
    case = office.file("division", here)
    made = office.decide(case, pieces(office, here)).new_ids
    one, other = sorted(key for name, key in made.items() if name.startswith("property"))
    grounds = [office.state(key).parcels[0].outline for key in (one, other)]
    assert all(grounds)
    joined = Merge((one, other), grounds[0].union(grounds[1]))  # type: ignore[union-attr, arg-type]
    merged = office.file("merger", one, other)
    (third,) = [
        key for name, key in office.decide(merged, joined).new_ids.items() if name.startswith("property")
    ]
    cancel(office, (third,), merged)
    for key, ground in zip((one, other), grounds, strict=True):
        state = office.state(key)
        assert state.closed_on is None
        assert state.parcels[0].outline == ground
        assert office.holdings(key) == {owner: "1/1"}
    assert office.state(third).closed_on is not None
    cancel(office, (one, other), case)
    assert office.state(here).closed_on is None
    assert office.state(one).closed_on is not None


def test_a_cancelled_boundary_change_gives_each_his_ground_back(office: Office) -> None:
    one, other = office.people("Bir", "Qonşu")
    here = office.section({one: (1, 1)}, side_m=40.0)
    there = office.section({other: (1, 1)}, side_m=40.0)  # begins where the first one ends
    lands = [office.state(key).parcels[0] for key in (here, there)]
    assert lands[0].outline is not None
    assert lands[1].outline is not None
    (west, south, middle, north), east = lands[0].outline.bounds, lands[1].outline.bounds[2]
    moved = (
        (lands[0].parcel_id, box(west, south, middle + 5, north)),
        (lands[1].parcel_id, box(middle + 5, south, east, north)),
    )
    case = office.file("boundary_change", here, there)
    office.decide(case, ShiftBoundary(moved))
    assert office.state(here).parcels[0].outline == moved[0][1]
    cancel(office, (here, there), case)
    for key, land in zip((here, there), lands, strict=True):
        (now,) = office.state(key).parcels
        assert (now.parcel_id, now.outline, now.surveyed_area_m2) == (
            land.parcel_id,
            land.outline,
            land.surveyed_area_m2,
        )
        assert lineage_of(office, now.version_id) >= 1


def lineage_of(office: Office, version: int) -> int:
    return office.database.run(
        lambda uow: int(
            uow.connection.execute(
                text("SELECT count(*) FROM cadastre.parcel_lineage WHERE to_version_id = :version"),
                {"version": version},
            ).scalar_one()
        )
    )
