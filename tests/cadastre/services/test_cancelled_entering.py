"""What entered the register by a case that a court cancels leaves it again, and nothing else does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import text

from cadastre.domain.filing import ApplicationOrder, NamedDocument, NamedProperty
from cadastre.kernel.errors import InvalidInput, RuleBroken
from tests.cadastre.services.counter import CHIEF, ONE, refused
from tests.cadastre.services.newcomers import BASE_PAPERS, HOLDER, RIVAL, Newcomers
from tests.cadastre.services.test_first import LOW
from tests.cadastre.services.test_paper_conversion import PAPER, TestPaperOfWhichNoSectionTells, note
from tests.cadastre.services.test_unfinished import DESIGN, kinds

_PAPERS = text("""
    SELECT state FROM registry.paper_extract
     WHERE series = 'RX' AND number = '0123456' AND superseded_leaf IS NULL
""")


def paper_states(counter: Newcomers) -> list[str]:
    return [row.state for row in counter._read(_PAPERS)]


def cancellation(counter: Newcomers, case: UUID, *numbers: str) -> ApplicationOrder:
    """A court's decision about a case and these sections."""
    decision = NamedDocument(counter.paper("court_decision", CHIEF), "basis", "2", date(2026, 4, 1))
    return ApplicationOrder(
        service="cancellation",
        capacity="registry_officer",
        properties=tuple(NamedProperty(number) for number in numbers),
        documents=(decision,),
        terms={"case_id": str(case)},
    )


def test_a_house_leaves_the_section_that_it_had_joined(counter: Newcomers) -> None:
    parcel, number = counter.parcel()
    plot = counter.section_of(counter.registered(counter.order("land_parcel", terms={"parcels": [number]})))
    _, building = counter.building(parcel, kind="individual_house")
    terms = {"buildings": [building], "house": {"built_year": 1975, **LOW}}
    order = counter.order("individual_house", *BASE_PAPERS[1:], terms=terms)
    joined = counter.registered(replace(order, properties=(NamedProperty(plot.register_number),)))
    assert counter.objects_of(plot.property_id) == (1, 1, 0)
    counter.registered(cancellation(counter, joined, plot.register_number))
    assert counter.objects_of(plot.property_id) == (1, 0, 0)
    assert counter.owners(plot.property_id) == [HOLDER.name]


def test_a_completion_that_falls_leaves_the_claims_in_a_building_that_is_being_built(
    counter: Newcomers,
) -> None:
    parcel, _ = counter.parcel()
    building_id, building = counter.building(parcel, floors=9)
    one, two = (
        counter.section_of(
            counter.registered(replace(counter.claim(building, unit, design=DESIGN), parties=(holder,)))
        )
        for unit, holder in (("12", HOLDER), ("13", RIVAL))
    )
    done = counter.registered(counter.acceptance(one.register_number, two.register_number))
    with refused(InvalidInput, "property-not-in-case"):
        counter.file(cancellation(counter, done, one.register_number), CHIEF)
    counter.registered(cancellation(counter, done, one.register_number, two.register_number))
    for section, holder in ((one, HOLDER), (two, RIVAL)):
        assert kinds(counter, section.property_id) == ["future_ownership"]
        assert counter.owners(section.property_id) == [holder.name]
    assert counter.stage_of(building_id) == "under_construction"
    again = counter.registered(counter.acceptance(one.register_number, two.register_number))
    assert counter.stage_of(building_id) == "completed"
    assert len(counter.view(again).registration_numbers) == 2


def test_the_stage_stays_while_flats_of_others_rest_on_it(counter: Newcomers) -> None:
    """The first acceptance falls, the second has a paper of its own; when both fall, the building is unfinished."""
    parcel, _ = counter.parcel()
    building_id, building = counter.building(parcel, floors=9)
    one, two = (
        counter.section_of(counter.registered(counter.claim(building, unit, design=DESIGN)))
        for unit in ("12", "13")
    )
    first = counter.registered(counter.acceptance(one.register_number))
    second = counter.registered(counter.acceptance(two.register_number))
    counter.registered(cancellation(counter, first, one.register_number))
    assert kinds(counter, one.property_id) == ["future_ownership"]
    assert (kinds(counter, two.property_id), counter.stage_of(building_id)) == (["ownership"], "completed")
    done = counter.registered(counter.acceptance(one.register_number))
    order = cancellation(counter, done, one.register_number, two.register_number)
    counter.registered(replace(order, terms={"case_ids": [str(second), str(done)]}))
    assert counter.stage_of(building_id) == "under_construction"


def test_the_first_claim_that_falls_leaves_no_stage_but_for_other_claims(counter: Newcomers) -> None:
    parcel, _ = counter.parcel()
    building_id, building = counter.building(parcel, floors=9)
    first = counter.registered(counter.claim(building, "12", design=DESIGN))
    second = counter.registered(counter.claim(building, "13", design=DESIGN))
    one, two = counter.section_of(first), counter.section_of(second)
    counter.registered(cancellation(counter, first, one.register_number))
    assert counter.stage_of(building_id) == "under_construction"
    counter.registered(cancellation(counter, second, two.register_number))
    assert counter.stage_of(building_id) is None, "nobody tells it any more, though the first case entered it"
    third = counter.registered(counter.claim(building, "12", design=DESIGN))
    assert kinds(counter, counter.section_of(third).property_id) == ["future_ownership"]


@pytest.mark.parametrize("is_known", [True, False], ids=["on record", "brought in"])
def test_a_paper_whose_conversion_falls_counts_again(counter: Newcomers, is_known: bool) -> None:
    property_id = counter.section(ONE)
    if is_known:
        note(counter, property_id)
    case = counter.registered(counter.conversion(ONE, PAPER))
    undone = counter.registered(cancellation(counter, case, ONE))
    assert paper_states(counter) == (["in_use"] if is_known else [])
    twice = counter.waiting(cancellation(counter, case, ONE))
    with refused(RuleBroken, "later-entries-rest-on-it"):
        counter.decide(twice)
    counter.refuse(twice)
    counter.registered(counter.conversion(ONE, PAPER))
    assert paper_states(counter) == ["converted"]
    with refused(RuleBroken, "later-entries-rest-on-it" if is_known else "paper-converted-already"):
        counter.decide(counter.waiting(cancellation(counter, undone, ONE)))


def test_a_section_that_only_a_paper_opened_is_closed_with_it(counter: Newcomers) -> None:
    _, number = counter.parcel()
    order = TestPaperOfWhichNoSectionTells().brought(counter, number)
    case = counter.registered(order)
    section = counter.section_of(case)
    counter.registered(cancellation(counter, case, section.register_number))
    assert paper_states(counter) == []
    assert counter.owners(section.property_id) == []
    anew = counter.section_of(counter.registered(TestPaperOfWhichNoSectionTells().brought(counter, number)))
    assert anew.register_number != section.register_number
    assert paper_states(counter) == ["converted"]
