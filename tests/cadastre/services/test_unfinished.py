"""Units of unfinished buildings in a real database: claimed once, sold as claims, owned when the building is accepted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from cadastre.domain.case import CaseState
from cadastre.domain.filing import ApplicationOrder, CasePartyRole, NamedDocument, NamedParty, NamedProperty
from cadastre.domain.party import PartyKind
from cadastre.domain.share import WHOLE
from cadastre.kernel.errors import InvalidInput, RuleBroken
from cadastre.services.worklists import WorkAsked, read_worklist
from tests.cadastre.services.counter import CHIEF, NOTARY, broken, refused
from tests.cadastre.services.newcomers import HOLDER, RIVAL, Newcomers

DESIGN = {"entrance": 1, "floor": 5, "rooms": 3, "total_area_m2": "88.20"}
BUYER = NamedParty(CasePartyRole.ACQUIRER, PartyKind.NATURAL, RIVAL.name, fin=RIVAL.fin, share=WHOLE)
SELLER = NamedParty(CasePartyRole.DISPOSER, PartyKind.NATURAL, HOLDER.name, fin=HOLDER.fin)

_KINDS = text("""
    SELECT kind, registration_number FROM cadastre.property_right
     WHERE property_id = :id AND superseded_leaf IS NULL AND valid_to IS NULL
""")
_RESTRICTIONS = text("""
    SELECT kind, registration_number FROM cadastre.restriction
     WHERE property_id = :id AND superseded_leaf IS NULL AND valid_to IS NULL ORDER BY 1
""")


@pytest.fixture
def counter(common_counter: Newcomers) -> Newcomers:
    """One register for all tests here: each has buildings and plots of its own."""
    return common_counter


@pytest.fixture
def site(counter: Newcomers) -> tuple[int, str]:
    """A building of which the register knows no stage; id and number."""
    parcel, _ = counter.parcel()
    return counter.building(parcel, floors=9)


@pytest.fixture
def claimed(counter: Newcomers, site: tuple[int, str]) -> Any:
    """The section of a flat that somebody has a claim to."""
    return counter.section_of(counter.registered(counter.claim(site[1], design=DESIGN)))


def sale_of(counter: Newcomers, section: Any) -> ApplicationOrder:
    paper = NamedDocument(counter.paper("sale_contract", NOTARY), "basis", "7", date(2026, 5, 1))
    return ApplicationOrder(
        service="sale",
        capacity="notary",
        properties=(NamedProperty(section.register_number),),
        parties=(SELLER, BUYER),
        documents=(paper,),
    )


def waiting_claims(counter: Newcomers, *sections: Any) -> list[str]:
    """Those of some sections that the office is shown as claims in accepted buildings."""
    page = read_worklist(counter.database, counter.clock, WorkAsked("claims_to_complete"), CHIEF)
    numbers = {section.register_number for section in sections}
    return [item.subject for item in page.items if item.subject in numbers]


def kinds(counter: Newcomers, property_id: int) -> list[str]:
    return [row.kind for row in counter._read(_KINDS, id=property_id)]


def test_the_first_claim_enters_the_unit_and_that_the_building_is_being_built(
    counter: Newcomers, site: tuple[int, str]
) -> None:
    building_id, number = site
    assert counter.stage_of(building_id) is None
    section = counter.section_of(counter.registered(counter.claim(number, design=DESIGN)))
    assert section.object_kind == "flat"
    assert counter.objects_of(section.property_id) == (0, 0, 1)
    assert kinds(counter, section.property_id) == ["future_ownership"]
    assert counter.stage_of(building_id) == "under_construction"
    unit = counter._read(text("SELECT * FROM cadastre.building_unit WHERE building_id = :id"), id=building_id)
    row = unit.one()
    assert (row.unit_number, row.entrance_number, row.floor, row.room_count) == ("12", 1, 5, 3)
    counter.registered(counter.claim(number, "13", design=DESIGN))
    assert counter.stage_of(building_id) == "under_construction"


def test_a_measured_unit_is_claimed_too(counter: Newcomers, site: tuple[int, str]) -> None:
    building_id, number = site
    counter.unit(building_id, "12")
    section = counter.section_of(counter.registered(counter.claim(number)))
    assert counter.objects_of(section.property_id) == (0, 0, 1)


def test_a_unit_is_not_sold_twice_before_its_building_is_finished(
    counter: Newcomers, site: tuple[int, str]
) -> None:
    """Whoever filed first has it; the second buyer of the same flat is told so, at filing or at decision."""
    first = counter.waiting(counter.claim(site[1], design=DESIGN))
    second = counter.waiting(replace(counter.claim(site[1], design=DESIGN), parties=(RIVAL,)))
    with refused(RuleBroken, "out-of-turn"):
        counter.decide(second)
    counter.decide(first)
    with refused(RuleBroken, "object-registered"):
        counter.decide(second)
    with refused(RuleBroken, "object-registered"):
        counter.file(replace(counter.claim(site[1], design=DESIGN), parties=(RIVAL,)), CHIEF)
    assert counter.owners(counter.section_of(first).property_id) == [HOLDER.name]


def test_a_notary_files_the_contract_with_the_builder(counter: Newcomers, site: tuple[int, str]) -> None:
    order = replace(counter.claim(site[1], design=DESIGN, by=NOTARY), capacity="notary")
    case_id = counter.waiting(order, NOTARY)
    counter.decide(case_id)
    assert counter.view(case_id).case.channel == "notary"
    assert kinds(counter, counter.section_of(case_id).property_id) == ["future_ownership"]


def test_a_claim_is_sold_as_a_claim(counter: Newcomers, claimed: Any) -> None:
    counter.decide(counter.waiting(sale_of(counter, claimed), NOTARY))
    assert kinds(counter, claimed.property_id) == ["future_ownership"]
    assert counter.owners(claimed.property_id) == [RIVAL.name]


def test_a_claim_needs_the_building_permit(counter: Newcomers, site: tuple[int, str]) -> None:
    order = counter.claim(site[1], design=DESIGN)
    without = replace(order, documents=order.documents[:1])
    filed = counter.file(without, CHIEF)
    assert (filed.state, filed.missing_documents) == (CaseState.RETURNED, ("building_permit",))


@pytest.mark.parametrize("stage", ["completed", "demolished"])
def test_a_unit_of_a_finished_building_is_not_claimed(
    counter: Newcomers, site: tuple[int, str], stage: str
) -> None:
    building_id, number = site
    counter.stage(building_id, stage)
    case_id = counter.waiting(counter.claim(number, design=DESIGN))
    with broken("building-stage"):
        counter.decide(case_id)


def test_a_building_with_owned_flats_is_finished_whoever_says_otherwise(
    counter: Newcomers, site: tuple[int, str]
) -> None:
    building_id, number = site
    counter.unit(building_id, "12")
    counter.registered(counter.order("flat", terms={"unit": {"building": number, "number": "12"}}))
    with broken("building-stage"):
        counter.file(counter.claim(number, "13", design=DESIGN), CHIEF)


def test_a_flat_of_an_unfinished_building_is_not_owned(counter: Newcomers, claimed: Any, site: Any) -> None:
    counter.unit(site[0], "14")
    with broken("building-stage"):
        counter.file(counter.order("flat", terms={"unit": {"building": site[1], "number": "14"}}), CHIEF)


class TestCompletion:
    def test_claims_become_ownership_of_the_same_holders(
        self, counter: Newcomers, site: tuple[int, str]
    ) -> None:
        one, two = (
            counter.section_of(
                counter.registered(replace(counter.claim(site[1], unit, design=DESIGN), parties=(holder,)))
            )
            for unit, holder in (("12", HOLDER), ("13", RIVAL))
        )
        before = counter._read(_KINDS, id=one.property_id).one()
        case_id = counter.registered(counter.acceptance(one.register_number, two.register_number))
        assert counter.stage_of(site[0]) == "completed"
        for section, holder in ((one, HOLDER), (two, RIVAL)):
            assert kinds(counter, section.property_id) == ["ownership"]
            assert counter.owners(section.property_id) == [holder.name]
        after = counter._read(_KINDS, id=one.property_id).one()
        assert after.registration_number != before.registration_number
        assert len(counter.view(case_id).registration_numbers) == 2

    def test_what_burdens_the_claim_burdens_the_flat(self, counter: Newcomers, claimed: Any) -> None:
        """An arrest does not keep a claim from becoming ownership: nothing is taken from its creditor."""

        def burden(register: Any) -> None:
            bank = register.party("Sınaq Bank", kind="legal")
            terms = {"amount": 50_000, "currency": "AZN", "rank": 1}
            register.restriction(claimed.property_id, "mortgage", bank, **terms)
            register.arrest(claimed.property_id)

        counter.write(burden)
        before = counter._read(_RESTRICTIONS, id=claimed.property_id).all()
        counter.registered(counter.acceptance(claimed.register_number))
        assert kinds(counter, claimed.property_id) == ["ownership"]
        assert counter._read(_RESTRICTIONS, id=claimed.property_id).all() == before
        with broken("arrest-blocks"):
            counter.decide(counter.waiting(sale_of(counter, claimed), NOTARY))

    def test_what_is_owned_is_not_completed_again(self, counter: Newcomers, claimed: Any) -> None:
        counter.registered(counter.acceptance(claimed.register_number))
        with refused(RuleBroken, "claim-not-found"):
            counter.decide(counter.waiting(counter.acceptance(claimed.register_number)))

    def test_a_later_unit_follows_when_its_building_is_completed(
        self, counter: Newcomers, site: tuple[int, str]
    ) -> None:
        one, two = (
            counter.section_of(counter.registered(counter.claim(site[1], unit, design=DESIGN)))
            for unit in ("12", "13")
        )
        assert waiting_claims(counter, one, two) == []
        counter.registered(counter.acceptance(one.register_number))
        assert waiting_claims(counter, one, two) == [two.register_number]
        counter.registered(counter.acceptance(two.register_number))
        assert kinds(counter, two.property_id) == ["ownership"]
        assert waiting_claims(counter, one, two) == []

    def test_a_building_that_was_pulled_down_is_not_accepted(
        self, counter: Newcomers, claimed: Any, site: tuple[int, str]
    ) -> None:
        counter.stage(site[0], "demolished")
        with broken("building-stage"):
            counter.decide(counter.waiting(counter.acceptance(claimed.register_number)))


@pytest.mark.parametrize(
    ("unit", "code"),
    [
        ({"floor": "five"}, "term-malformed"),
        ({"rooms": -1}, "term-malformed"),
        ({"total_area_m2": "large"}, "area-malformed"),
    ],
)
def test_a_design_that_cannot_be_read_is_not_taken_in(
    counter: Newcomers, site: tuple[int, str], unit: dict[str, Any], code: str
) -> None:
    with refused(InvalidInput, code):
        counter.file(counter.claim(site[1], design=unit), CHIEF)
