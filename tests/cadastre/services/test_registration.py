"""The decision of a case, on a real register: what it writes, what it refuses, what it never loses."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box
from sqlalchemy import text

from cadastre.db.unit_of_work import Database
from cadastre.domain.caller import Caller, CallerRole
from cadastre.domain.commands import (
    Acquisition,
    AssignMortgage,
    ChangeRanks,
    EndEntry,
    GrantRight,
    RegisterMortgage,
    Taking,
    Transfer,
)
from cadastre.domain.property_state import Encumbrance, Terms
from cadastre.domain.share import Share, is_whole_ownership
from cadastre.kernel.errors import CadastreError
from tests.cadastre.domain.operations.drawn import commands, is_idle
from tests.cadastre.services.registering import DAY, DECIDER, Office
from tests.database import TestCluster
from tests.register import KHAZAR_EAST, KHAZAR_NORTH

WHOLE, HALF = Share(1, 1), Share(1, 2)


@pytest.fixture(scope="module")
def office(test_cluster: TestCluster) -> Iterator[Office]:
    """One register for all tests: each has properties of its own."""
    copy = test_cluster.create_copy()
    database = Database(copy.app_url, pool_size=4)
    yield Office(database)
    database.close()
    test_cluster.drop_copy(copy)


def sale(property_id: int, seller: UUID, buyer: UUID, share: Share = WHOLE) -> Transfer:
    return Transfer(property_id, (Taking(seller, share),), (Acquisition(buyer, share),))


def loan(bank: UUID, rank: int | None = None) -> Encumbrance:
    return Encumbrance(
        "mortgage", bank, amount=Decimal(50_000), currency="AZN", interest_rate=Decimal("8.5"), rank=rank
    )


def code_of(refused: pytest.ExceptionInfo[CadastreError]) -> str:
    return refused.value.code


def test_half_is_sold_and_the_rest_keeps_its_registration(office: Office) -> None:
    seller, buyer = office.people("Satıcı", "Alıcı")
    here = office.section({seller: (1, 1)})
    before = office.state(here)
    done = office.register("sale", sale(here, seller, buyer, HALF))
    after = office.state(here)
    assert office.holdings(here) == {seller: "1/2", buyer: "1/2"}
    rest, bought = after.owners
    assert rest.registration_number == before.owners[0].registration_number
    assert rest.registration_date == before.owners[0].registration_date
    assert done.registration_numbers == (bought.registration_number,)
    assert bought.registration_date == bought.valid_from == office.today()
    assert after.version == done.versions[here] > before.version


def test_the_former_state_stays_readable_at_its_day_and_its_ledger_index(office: Office) -> None:
    seller, buyer = office.people("Satıcı", "Alıcı")
    here = office.section({seller: (1, 1)})
    index, today = office.head(), office.today()
    old_law, old_now = office.view(here, index, DAY), office.view(here, index, today)
    office.register("sale", sale(here, seller, buyer))
    newest = office.head()
    assert (office.view(here, index, DAY), office.view(here, index, today)) == (old_law, old_now)
    assert "Satıcı" in office.view(here, newest, DAY)
    assert "Alıcı" in office.view(here, newest, today)
    assert "Satıcı" not in office.view(here, newest, today)


def test_joint_owners_part_and_come_together_again(office: Office) -> None:
    wife, husband = office.people("Arvad", "Ər")
    here = office.section({wife: None, husband: None})
    both = (Taking(wife), Taking(husband))
    office.register("sale", Transfer(here, both, (Acquisition(wife, HALF), Acquisition(husband, HALF))))
    assert office.holdings(here) == {wife: "1/2", husband: "1/2"}
    joint = (Acquisition(wife, None, joint=True), Acquisition(husband, None, joint=True))
    office.register("gift", Transfer(here, both, joint))
    assert office.holdings(here) == {wife: "joint", husband: "joint"}


def test_an_exchange_moves_both_properties_or_none(office: Office) -> None:
    one, other = office.people("Bir", "İki")
    here, there = office.section({one: (1, 1)}), office.section({other: (1, 1)})
    legs = sale(here, one, other), sale(there, other, one)
    case = office.file("exchange", here, there)
    with pytest.raises(CadastreError) as refused:
        office.decide(case, legs[0], sale(there, one, other))
    assert code_of(refused) == "giver-holds-no-right"
    assert office.holdings(here) == {one: "1/1"}
    office.decide(case, *legs)
    assert (office.holdings(here), office.holdings(there)) == ({other: "1/1"}, {one: "1/1"})


def test_mortgages_are_ranked_swapped_assigned_and_discharged(office: Office) -> None:
    owner, bank, other_bank = office.people("Sahib", "Bank A", "Bank B")
    here = office.section({owner: (1, 1)})
    office.register("mortgage", RegisterMortgage(here, loan(bank)))
    office.register("mortgage", RegisterMortgage(here, loan(other_bank)))
    first, second = office.state(here).restrictions
    assert (first.contents.rank, second.contents.rank) == (1, 2)
    swap = ChangeRanks(here, ((first.restriction_id, 2), (second.restriction_id, 1)))
    office.register("mortgage_rank", swap)
    stands = {r.registration_number: r for r in office.state(here).restrictions}
    assert stands[first.registration_number].contents.rank == 2
    assert stands[second.registration_number].contents.rank == 1
    moved = stands[first.registration_number].restriction_id
    office.register("mortgage_assignment", AssignMortgage(here, moved, other_bank))
    assert {r.contents.beneficiary for r in office.state(here).restrictions} == {other_bank}
    for mortgage in office.state(here).restrictions:
        office.register("mortgage_discharge", EndEntry(here, restriction_id=mortgage.restriction_id))
    assert office.state(here).restrictions == ()


def test_a_mortgage_follows_the_property_to_the_buyer(office: Office) -> None:
    owner, buyer, bank = office.people("Sahib", "Alıcı", "Bank")
    here = office.section({owner: (1, 1)})
    office.register("mortgage", RegisterMortgage(here, loan(bank)))
    debt = office.state(here).restrictions
    office.register("sale", sale(here, owner, buyer))
    assert office.state(here).restrictions == debt


def test_a_mortgage_of_one_share_goes_with_it(office: Office) -> None:
    owner, other, buyer, bank = office.people("Sahib", "Şərik", "Alıcı", "Bank")
    here = office.section({owner: (1, 2), other: (1, 2)})
    office.register("mortgage", RegisterMortgage(here, replace(loan(bank), burdened=owner)))
    (debt,) = office.state(here).restrictions
    office.register("sale", sale(here, owner, buyer, HALF))
    (then,) = office.state(here).restrictions
    assert then.contents == replace(debt.contents, burdened=buyer)
    assert then.registration_number == debt.registration_number


def test_a_lease_of_a_part_is_granted_with_its_terms_and_ends(office: Office) -> None:
    owner, tenant = office.people("Sahib", "İcarəçi")
    here = office.section({owner: (1, 1)}, side_m=20.0)
    land = office.state(here).parcels[0].outline
    assert land is not None
    west, south, _, _ = land.bounds
    terms = Terms(date(2199, 1, 1), Decimal("300.00"), "AZN", "month", box(west, south, west + 5, south + 20))
    office.register("lease", GrantRight(here, "lease", tenant, terms))
    lease = next(r for r in office.state(here).rights if r.kind == "lease")
    assert lease.terms == terms
    assert lease.share is None
    office.register("lease_end", EndEntry(here, right_id=lease.right_id))
    assert [r.kind for r in office.state(here).rights] == ["ownership"]


def test_a_servitude_burdens_a_strip_of_land(office: Office) -> None:
    owner, neighbour = office.people("Sahib", "Qonşu")
    here = office.section({owner: (1, 1)}, side_m=20.0)
    east, north = KHAZAR_EAST + 40.0 * office.serial, KHAZAR_NORTH
    strip = box(east, north, east + 20, north + 3)
    office.register("servitude", GrantRight(here, "servitude", neighbour, Terms(part=strip)))
    (servitude,) = office.state(here).restrictions
    assert (servitude.contents.kind, servitude.contents.part) == ("servitude", strip)


def test_an_arrest_blocks_disposals_and_lets_a_lien_or_lease_end(office: Office) -> None:
    owner, buyer, bank = office.people("Sahib", "Alıcı", "Bank")
    here = office.section({owner: (1, 1)})
    office.register("mortgage", RegisterMortgage(here, loan(bank)))
    office.register("lease", GrantRight(here, "lease", buyer))
    arrest = office.arrest(here)
    debt = next(r for r in office.state(here).restrictions if r.contents.kind == "mortgage")
    lease = next(r for r in office.state(here).rights if r.kind == "lease")
    for service, command in (
        ("mortgage", RegisterMortgage(here, loan(buyer))),
        ("lease", GrantRight(here, "lease", bank)),
        ("sale", sale(here, owner, buyer)),
        ("mortgage_assignment", AssignMortgage(here, debt.restriction_id, buyer)),
    ):
        with pytest.raises(CadastreError) as refused:
            office.decide(case := office.file(service, here), command)
        assert code_of(refused) == "property-blocked"
        office.withdraw(case)
    office.register("mortgage_discharge", EndEntry(here, restriction_id=debt.restriction_id))
    office.register("lease_end", EndEntry(here, right_id=lease.right_id))
    assert [r.restriction_id for r in office.state(here).restrictions] == [arrest]
    office.register("court_transfer", sale(here, owner, buyer))
    assert office.holdings(here) == {buyer: "1/1"}


@pytest.mark.parametrize(
    ("service", "kind"), [("mortgage_discharge", "sale"), ("sale", "lease"), ("lease", "usufruct")]
)
def test_a_case_does_what_its_service_is(office: Office, service: str, kind: str) -> None:
    owner, other = office.people("Sahib", "Başqası")
    here = office.section({owner: (1, 1)})
    command = sale(here, owner, other) if kind == "sale" else GrantRight(here, kind, other)
    with pytest.raises(CadastreError) as refused:
        office.register(service, command)
    assert code_of(refused) == "service-misfit"
    assert office.holdings(here) == {owner: "1/1"}


def test_a_discharge_ends_no_lease(office: Office) -> None:
    owner, tenant = office.people("Sahib", "İcarəçi")
    here = office.section({owner: (1, 1)})
    office.register("lease", GrantRight(here, "lease", tenant))
    lease = office.state(here).rights[-1]
    with pytest.raises(CadastreError) as refused:
        office.register("mortgage_discharge", EndEntry(here, right_id=lease.right_id))
    assert code_of(refused) == "service-misfit"


def test_whoever_prepared_does_not_decide_and_a_case_is_decided_once(office: Office) -> None:
    owner, buyer = office.people("Sahib", "Alıcı")
    here = office.section({owner: (1, 1)})
    case, command = office.file("sale", here), sale(here, owner, buyer)
    with pytest.raises(CadastreError) as refused:
        office.decide(case, command, by=Caller("registrar-1", CallerRole.REGISTRAR, "Hazırlayan"))
    assert code_of(refused) == "four-eyes"
    with pytest.raises(CadastreError) as refused:
        office.decide(case, command, expected_step=3)
    assert code_of(refused) == "case-moved-meanwhile"
    office.decide(case, command, expected_step=4)
    with pytest.raises(CadastreError) as refused:
        office.decide(case, command)
    assert code_of(refused) == "case-step-impossible"


def test_a_case_changes_only_properties_that_it_names(office: Office) -> None:
    owner, buyer = office.people("Sahib", "Alıcı")
    here, there = office.section({owner: (1, 1)}), office.section({owner: (1, 1)})
    for command, named, code in (
        (sale(there, owner, buyer), [here], "property-not-in-case"),
        (None, [here], "case-without-command"),
    ):
        with pytest.raises(CadastreError) as refused:
            office.register("sale", *([command] if command else []), properties=named)
        assert code_of(refused) == code
    with pytest.raises(CadastreError) as refused:
        office.decide(UUID(int=1), sale(here, owner, buyer))
    assert code_of(refused) == "case-not-found"


def test_an_exchange_does_not_take_one_share_twice(office: Office) -> None:
    owner, buyer, other = office.people("Sahib", "Alıcı", "Başqası")
    here = office.section({owner: (1, 1)})
    with pytest.raises(CadastreError) as refused:
        office.decide(office.file("sale", here), sale(here, owner, buyer), sale(here, owner, other))
    assert code_of(refused) == "entry-repeated"


def test_of_two_sales_decided_at_once_one_is_too_late(office: Office) -> None:
    owner, *buyers = office.people("Sahib", "Bir", "İki")
    here = office.section({owner: (1, 1)})
    cases = [office.file("sale", here) for _ in buyers]
    outcomes: dict[int, str] = {}
    together = threading.Barrier(2)

    def decide(turn: int) -> None:
        together.wait()
        try:
            office.decide(cases[turn], sale(here, owner, buyers[turn]))
            outcomes[turn] = "registered"
        except CadastreError as error:
            outcomes[turn] = error.code

    threads = [threading.Thread(target=decide, args=(turn,)) for turn in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes[0] == "registered"  # the journal's order decides, not who decides sooner
    assert outcomes[1] in ("giver-holds-no-right", "out-of-turn")
    assert office.holdings(here) == {buyers[0]: "1/1"}


def test_merged_records_of_one_person_act_as_one(office: Office) -> None:
    legacy, found, buyer = office.people("Мамедов Али", "Əli Məmmədov", "Alıcı")
    here = office.section({legacy: (1, 1)})
    case = office.file("sale", here)
    with pytest.raises(CadastreError) as refused:
        office.decide(case, sale(here, found, buyer, HALF))
    assert code_of(refused) == "giver-holds-no-right"
    office.link(legacy, found)
    office.decide(case, sale(here, found, buyer, HALF))
    assert office.holdings(here) == {legacy: "1/2", buyer: "1/2"}
    office.register("sale", sale(here, buyer, found, HALF))
    assert office.holdings(here) == {legacy: "1/1"}


@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_any_history_keeps_ownership_whole_and_every_past_view(office: Office, data: st.DataObject) -> None:
    people = office.people("A", "B", "C", "D")
    here, today = office.section({people[0]: (1, 1)}), office.today()
    remembered: list[tuple[int, date, str]] = []
    for _ in range(data.draw(st.integers(1, 8))):
        service, command = data.draw(commands(office.state(here), people))
        case = office.file(service, here)
        try:
            office.decide(case, command)
        except CadastreError as error:
            if not is_idle(error.code):
                raise
            office.withdraw(case)
        assert is_whole_ownership([owner.share for owner in office.state(here).owners])
        index = office.head()
        remembered += [(index, day, office.view(here, index, day)) for day in (DAY, today)]
    assert [(i, day, office.view(here, i, day)) for i, day, _ in remembered] == remembered


def test_every_entry_names_its_case_and_every_ended_one_goes_on_from_the_former(office: Office) -> None:
    seller, buyer = office.people("Satıcı", "Alıcı")
    here = office.section({seller: (1, 1)})
    office.register("sale", sale(here, seller, buyer, HALF))
    rows = office.database.run(
        lambda uow: uow.connection.execute(
            text("""SELECT right_id, valid_to IS NOT NULL AS ended, continues_right_id AS former,
                           case_id IS NOT NULL AS decided, superseded_leaf IS NOT NULL AS closed
                      FROM cadastre.property_right WHERE property_id = :here ORDER BY right_id"""),
            {"here": here},
        ).all()
    )
    first = rows[0].right_id
    assert [(r.ended, r.former, r.decided, r.closed) for r in rows] == [
        (False, None, True, True),
        (True, first, True, False),
        (False, first, True, False),
        (False, None, True, False),
    ]


def test_deciders_are_named_by_account_only(office: Office) -> None:
    owner, buyer = office.people("Sahib", "Alıcı")
    here = office.section({owner: (1, 1)})
    done = office.register("sale", sale(here, owner, buyer))
    leaf = office.database.run(
        lambda uow: uow.connection.execute(
            text("SELECT kind, actor, payload FROM ledger.leaf WHERE leaf_id = :leaf"), {"leaf": done.leaf}
        ).one()
    )
    assert (leaf.kind, leaf.actor) == ("register.transfer", DECIDER.subject)
    assert "Alıcı" not in leaf.payload
