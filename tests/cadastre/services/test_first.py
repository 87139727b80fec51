"""First registration in a real database: every kind of object, every row of papers, each object once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from cadastre.domain.case import CaseState
from cadastre.domain.filing import NamedProperty
from cadastre.domain.share import Share
from cadastre.kernel.errors import InvalidInput, NotFound, RuleBroken
from tests.cadastre.services.counter import CHIEF, broken, refused
from tests.cadastre.services.newcomers import BASE_PAPERS, HOLDER, RIVAL, Newcomers

LOW = {"height_m": "6.5", "storeys": 2, "span_m": "5"}
HIGH = {"height_m": "14", "storeys": 4, "span_m": "5"}
_HOLDER = text("SELECT party_id FROM party.party WHERE fin = :fin")
PERMIT = ("building_permit", "planning_section", "operation_permit")


@pytest.fixture
def counter(common_counter: Newcomers) -> Newcomers:
    """One register for all tests here: each has buildings and plots of its own."""
    return common_counter


def test_a_parcel_gets_a_section_with_its_first_holder(counter: Newcomers) -> None:
    _, number = counter.parcel()
    filed = counter.file(counter.order("land_parcel", terms={"parcels": [number]}), CHIEF)
    assert filed.state is CaseState.ACCEPTED
    assert [(o.kind, o.number, o.place) for o in filed.objects] == [("parcel", number, filed.journal_number)]
    assert counter.view(filed.case_id).case.office_code == "23"
    _, other = counter.parcel()
    case_id = counter.registered(counter.order("land_parcel", terms={"parcels": [other]}))
    section = counter.section_of(case_id)
    assert (section.object_kind, section.district_code) == ("land_parcel", "BAK-XEZ")
    assert counter.owners(section.property_id) == [HOLDER.name]
    assert counter.objects_of(section.property_id) == (1, 0, 0)
    view = counter.view(case_id)
    assert view.state is CaseState.REGISTERED
    assert len(view.registration_numbers) == 1
    assert view.registration_numbers[0].startswith("23")


@pytest.mark.parametrize(
    ("kind", "named"),
    [
        ("land_parcel", "parcels"),
        ("forest", "parcels"),
        ("perennial_plantings", "parcels"),
        ("enterprise_complex", "both"),
        ("individual_house", "both"),
        ("garden_house", "both"),
        ("building", "both"),
        ("structure", "both"),
        ("flat", "unit"),
        ("non_residential", "unit"),
        ("garage", "unit"),
        ("parking_place", "unit"),
    ],
)
def test_every_kind_of_object_can_be_registered(counter: Newcomers, kind: str, named: str) -> None:
    parcel, number = counter.parcel()
    papers: tuple[str, ...] = ()
    if named == "parcels":
        terms: dict[str, Any] = {"parcels": [number]}
    elif named == "both":
        _, building = counter.building(parcel)
        terms = {"parcels": [number], "buildings": [building], "house": {"built_year": 2020, **HIGH}}
        papers = ("sketch_design", *PERMIT)
    else:
        building_id, building = counter.building(parcel)
        counter.unit(building_id, kind=kind)
        terms = {"unit": {"building": building, "number": "12"}}
    case_id = counter.registered(counter.order(kind, *papers, terms=terms))
    section = counter.section_of(case_id)
    assert section.object_kind == kind
    expected = {"parcels": (1, 0, 0), "both": (1, 1, 0), "unit": (0, 0, 1)}
    assert counter.objects_of(section.property_id) == expected[named]


@pytest.mark.parametrize(
    ("house", "papers", "land"),
    [
        ({"built_year": 1975, **LOW}, ("approved_design",), "lease"),
        ({"built_year": 1975, **LOW}, ("acceptance_act",), "permanent_use"),
        ({"built_year": 1975, **LOW}, (), "own"),
        ({"built_year": 1975, **HIGH}, ("approved_design", "permit_decision", "acceptance_act"), "own"),
        ({"built_year": 2016, **LOW}, ("planning_section", "notification"), "own"),
        ({"built_year": 2016, **HIGH}, PERMIT, "own"),
    ],
    ids=["8.0.9.1.1 lease", "8.0.9.1.1 use", "8.0.9.1.2", "8.0.9.2", "8.0.10.2", "8.0.10.1"],
)
def test_each_row_of_papers_registers_a_house_and_refuses_one_without_them(
    counter: Newcomers, house: dict[str, Any], papers: tuple[str, ...], land: str
) -> None:
    """domain.md 2.10: with its papers the house is registered, with any of them missing it is not."""
    parcel, number = counter.parcel()
    _, building = counter.building(parcel, kind="individual_house")
    terms: dict[str, Any] = {"buildings": [building], "house": house}
    if land == "own":
        terms["parcels"] = [number]
    else:
        _land_of_another(counter, parcel, land)
    for missing in (*BASE_PAPERS[1:], *papers):
        there = [paper for paper in (*BASE_PAPERS[1:], *papers) if paper != missing]
        case_id = counter.waiting(counter.order("individual_house", *there, terms=terms))
        with broken("first-registration-papers"):
            counter.decide(case_id)
        counter.refuse(case_id)
    case_id = counter.registered(counter.order("individual_house", *BASE_PAPERS[1:], *papers, terms=terms))
    section = counter.section_of(case_id)
    assert counter.objects_of(section.property_id) == (int(land == "own"), 1, 0)


def _land_of_another(counter: Newcomers, parcel: int, kind: str) -> None:
    """Land of the state, which the holder leases or uses."""

    def write(register: Any) -> None:
        property_id = register.property(f"2030151{parcel:05d}", parcel)
        register.serial = 100_000 + 10 * parcel
        register.right(property_id, register.party("Dövlət", kind="state"))
        known = register.connection.execute(_HOLDER, {"fin": HOLDER.fin}).scalar_one_or_none()
        holder = known or register.party(HOLDER.name, fin=HOLDER.fin)
        register.right(property_id, holder, None, kind=kind)

    counter.write(write)


@pytest.mark.parametrize(
    ("basis", "title"),
    [
        ("state_act", "state_act"),
        ("registration_card", "registration_card"),
        ("title_certificate", "title_certificate"),
        ("household_book_extract", "household_book_extract"),
        ("collective_farm_decision", "collective_farm_decision"),
        ("municipal_sale_act", "municipal_sale_act"),
        ("executive_order", "executive_order"),
        ("sale_contract", "notarised_contract"),
        ("gift_contract", "notarised_contract"),
        ("exchange_contract", "notarised_contract"),
        ("inheritance_certificate", "inheritance_certificate"),
        ("court_decision", "court_decision"),
        ("auction_protocol", "auction_protocol"),
    ],
)
def test_every_title_of_the_list_supports_a_first_registration(
    counter: Newcomers, basis: str, title: str
) -> None:
    _, number = counter.parcel()
    order = counter.order("land_parcel", basis=basis, terms={"parcels": [number], "title_kind": title})
    assert counter.section_of(counter.registered(order)).object_kind == "land_parcel"


def test_a_title_that_is_not_listed_or_came_too_late_is_refused(counter: Newcomers) -> None:
    _, number = counter.parcel()
    unlisted = counter.order("land_parcel", terms={"parcels": [number], "title_kind": "neighbours_word"})
    case_id = counter.waiting(unlisted)
    with broken("title-not-listed"):
        counter.decide(case_id)
    counter.refuse(case_id)
    late = counter.order(
        "land_parcel",
        basis="household_book_extract",
        dated=date(2003, 5, 5),
        terms={"parcels": [number]},
    )
    case_id = counter.waiting(late)
    with broken("household-book-after-2001"):
        counter.decide(case_id)
    counter.refuse(case_id)
    with refused(InvalidInput, "title-misfit"):
        counter.file(
            counter.order("land_parcel", terms={"parcels": [number], "title_kind": "court_decision"}), CHIEF
        )
    returned = counter.file(
        counter.order("land_parcel", basis="mortgage_contract", terms={"parcels": [number]}), CHIEF
    )
    assert (returned.state, returned.missing_documents) == (CaseState.RETURNED, ("basis",))
    assert returned.objects == (), "what is returned takes no place"


def test_what_has_a_section_is_not_registered_again(counter: Newcomers) -> None:
    _, number = counter.parcel()
    order = counter.order("land_parcel", terms={"parcels": [number]})
    counter.registered(order)
    again = replace(counter.order("land_parcel", terms={"parcels": [number]}), parties=(RIVAL,))
    with refused(RuleBroken, "object-registered"):
        counter.file(again, CHIEF)


def test_shares_and_joint_holders(counter: Newcomers) -> None:
    halves = tuple(replace(party, share=Share(1, 2)) for party in (HOLDER, RIVAL))
    joint = tuple(replace(party, share=None, joint=True) for party in (HOLDER, RIVAL))
    for parties in (halves, joint):
        _, number = counter.parcel()
        order = replace(counter.order("land_parcel", terms={"parcels": [number]}), parties=parties)
        section = counter.section_of(counter.registered(order))
        assert counter.owners(section.property_id) == sorted([HOLDER.name, RIVAL.name])
    _, number = counter.parcel()
    third = replace(HOLDER, share=Share(1, 3))
    order = replace(counter.order("land_parcel", terms={"parcels": [number]}), parties=(third, halves[1]))
    case_id = counter.waiting(order)
    with broken("shares-sum"):
        counter.decide(case_id)


class TestPlotAndBuilding:
    def test_a_house_joins_the_section_of_the_plot_of_its_owner(self, counter: Newcomers) -> None:
        parcel, number = counter.parcel()
        section = counter.section_of(
            counter.registered(counter.order("land_parcel", terms={"parcels": [number]}))
        )
        _, building = counter.building(parcel, kind="individual_house")
        terms = {"buildings": [building], "house": {"built_year": 1975, **LOW}}
        order = counter.order("individual_house", *BASE_PAPERS[1:], terms=terms)
        with refused(RuleBroken, "plot-registered"):
            counter.file(order, CHIEF)
        named = replace(order, properties=(NamedProperty(section.register_number),))
        with refused(RuleBroken, "plot-of-others"):
            counter.file(replace(named, parties=(RIVAL,)), CHIEF)
        counter.registered(named)
        assert counter.objects_of(section.property_id) == (1, 1, 0)
        assert counter.owners(section.property_id) == [HOLDER.name]

    def test_a_house_is_not_registered_without_its_plot(self, counter: Newcomers) -> None:
        parcel, _ = counter.parcel()
        _, building = counter.building(parcel, kind="individual_house")
        order = counter.order("individual_house", terms={"buildings": [building]})
        with refused(InvalidInput, "plot-missing"):
            counter.file(order, CHIEF)

    def test_a_house_of_which_too_little_is_known_is_decided_by_nobody(self, counter: Newcomers) -> None:
        parcel, number = counter.parcel()
        _, building = counter.building(parcel, kind="individual_house")
        order = counter.order(
            "individual_house", *BASE_PAPERS[1:], terms={"parcels": [number], "buildings": [building]}
        )
        case_id = counter.waiting(order)
        with broken("first-registration-papers"):
            counter.decide(case_id)


@pytest.mark.parametrize(
    ("kind", "terms", "code"),
    [
        ("land_parcel", {}, "object-missing"),
        ("land_parcel", {"parcels": ["NONE-1"]}, "parcel-not-found"),
        ("land_parcel", {"parcels": "NONE-1"}, "term-malformed"),
        ("land_parcel", {"parcels": [7]}, "term-malformed"),
        ("building", {"buildings": ["NONE-1"]}, "building-not-found"),
        ("flat", {"unit": "12"}, "term-malformed"),
        ("flat", {"unit": {"building": "{building}", "number": "99"}}, "unit-not-found"),
        ("flat", {"parcels": ["{parcel}"]}, "objects-misfit"),
        ("garage", {"unit": {"building": "{building}", "number": "12"}}, "objects-misfit"),
        ("land_parcel", {"parcels": ["{parcel}"], "buildings": ["{building}"]}, "objects-misfit"),
        ("individual_house", {"parcels": ["{parcel}"]}, "objects-misfit"),
        ("building", {"parcels": ["{other}"], "buildings": ["{building}"]}, "building-elsewhere"),
        ("water_body", {"parcels": ["{parcel}"]}, "unknown-object-kind"),
        ("castle", {"parcels": ["{parcel}"]}, "unknown-object-kind"),
        ("land_parcel", {"parcels": ["{parcel}", "{parcel}"]}, "object-repeated"),
    ],
)
def test_what_is_no_property_is_not_taken_in(
    counter: Newcomers, kind: str, terms: dict[str, Any], code: str
) -> None:
    parcel, number = counter.parcel()
    _, other = counter.parcel()
    building_id, building = counter.building(parcel)
    counter.unit(building_id)

    def fill(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: fill(item) for key, item in value.items()}
        if isinstance(value, list):
            return [fill(item) for item in value]
        names = {"{parcel}": number, "{other}": other, "{building}": building}
        return names.get(value, value)

    error = NotFound if code in ("parcel-not-found", "building-not-found") else InvalidInput
    with refused(error, code):
        counter.file(counter.order(kind, terms=fill(terms)), CHIEF)
