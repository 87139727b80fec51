"""Who comes first and who may apply: cases about one object, in a real database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sqlalchemy import text

from cadastre.domain.caller import Caller, CallerRole
from cadastre.domain.case import StepKind
from cadastre.domain.filing import ApplicationOrder, NamedDocument, NamedProperty
from cadastre.kernel.errors import Denied, RuleBroken
from tests.cadastre.services.counter import CHIEF, PREPARER, refused
from tests.cadastre.services.newcomers import HOLDER, RIVAL, Newcomers


def test_of_two_cases_the_earlier_is_decided_first(counter: Newcomers) -> None:
    _, number = counter.parcel()
    first = counter.waiting(counter.order("land_parcel", terms={"parcels": [number]}))
    second = counter.waiting(
        replace(counter.order("land_parcel", terms={"parcels": [number]}), parties=(RIVAL,))
    )
    assert [each.earlier for each in counter.file(third_order(counter, number), CHIEF).objects] == [2]
    with refused(RuleBroken, "out-of-turn"):
        counter.decide(second)
    counter.decide(first)
    told = counter._read(
        text("SELECT audience, case_id, payload FROM registry.event WHERE kind = 'object.registered'")
    ).all()
    assert {(row.audience, row.case_id) for row in told} >= {(CHIEF.subject, second)}
    assert {row.payload["object_number"] for row in told} == {number}
    with refused(RuleBroken, "object-registered"):
        counter.decide(second)
    counter.refuse(second)
    assert counter.owners(counter.section_of(first).property_id) == [HOLDER.name]


def third_order(counter: Newcomers, number: str) -> ApplicationOrder:
    return counter.order("land_parcel", terms={"parcels": [number]})


def test_a_later_case_goes_on_when_the_earlier_is_given_up(counter: Newcomers) -> None:
    _, number = counter.parcel()
    first = counter.waiting(counter.order("land_parcel", terms={"parcels": [number]}))
    second = counter.waiting(
        replace(counter.order("land_parcel", terms={"parcels": [number]}), parties=(RIVAL,))
    )
    counter.refuse(first)
    counter.decide(second)
    assert counter.owners(counter.section_of(second).property_id) == [RIVAL.name]


def test_what_a_court_cancels_can_be_registered_for_whom_it_belongs_to(counter: Newcomers) -> None:
    """The section closes, its number is never given again, and the plot has no title until the next case."""
    _, number = counter.parcel()
    wrong = counter.registered(counter.order("land_parcel", terms={"parcels": [number]}))
    section = counter.section_of(wrong)
    decision = NamedDocument(counter.paper("court_decision", CHIEF), "basis", "2", date(2026, 4, 1))
    cancelled = ApplicationOrder(
        service="cancellation",
        capacity="registry_officer",
        properties=(NamedProperty(section.register_number),),
        documents=(decision,),
        terms={"case_id": str(wrong)},
    )
    counter.registered(cancelled)
    assert counter.owners(section.property_id) == []
    assert counter.objects_of(section.property_id) == (0, 0, 0)
    rightly = replace(counter.order("land_parcel", terms={"parcels": [number]}), parties=(RIVAL,))
    other = counter.section_of(counter.registered(rightly))
    assert other.register_number != section.register_number
    assert counter.owners(other.property_id) == [RIVAL.name]


def test_the_office_of_another_district_takes_nothing_in(counter: Newcomers) -> None:
    _, number = counter.parcel()
    counter.competence("registrar", CHIEF.subject, "BAK-SEB")
    with refused(Denied, "outside-competence"):
        counter.file(counter.order("land_parcel", terms={"parcels": [number]}), CHIEF)


def test_nobody_learns_what_others_own_by_applying_for_them(counter: Newcomers) -> None:
    """An owner applies for himself; whether somebody else owns the plot is not told him by a refusal."""
    curious = Caller("owner-9", CallerRole.OWNER, "Maraqlı Şəxs", fin="9ZZ9Z9Z")
    parcel, number = counter.parcel()
    counter.registered(counter.order("land_parcel", terms={"parcels": [number]}))
    _, building = counter.building(parcel)
    papers = (NamedDocument(counter.paper("state_act", curious), "basis", dated=date(1998, 6, 1)),)
    order = ApplicationOrder(
        service="first_registration",
        capacity="owner",
        parties=(HOLDER,),
        documents=papers,
        terms={"object_kind": "building", "buildings": [building]},
    )
    with refused(Denied, "not-own-object"):
        counter.file(order, curious)
    with refused(Denied, "not-own-object"):
        counter.file(
            replace(order, service="paper_conversion", terms={**order.terms, "paper": "RX 0000001"}), curious
        )


def test_a_case_is_given_to_an_officer_of_the_district_of_its_object(counter: Newcomers) -> None:
    _, number = counter.parcel()
    counter.competence("registrar", PREPARER.subject, "BAK-XEZ")
    filed = counter.file(counter.order("land_parcel", terms={"parcels": [number]}), CHIEF)
    assert counter.step(filed.case_id, StepKind.ASSIGN, CHIEF).assignee == PREPARER.subject
