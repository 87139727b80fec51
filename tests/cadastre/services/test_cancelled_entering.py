"""What entered the register by a case that a court cancels leaves it again, and nothing else does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from cadastre.db.unit_of_work import Database
from cadastre.domain.filing import ApplicationOrder, NamedDocument, NamedProperty
from cadastre.kernel.errors import InvalidInput
from tests.cadastre.services.counter import CHIEF, refused
from tests.cadastre.services.newcomers import BASE_PAPERS, HOLDER, RIVAL, Newcomers
from tests.cadastre.services.test_first import LOW
from tests.cadastre.services.test_unfinished import DESIGN, kinds
from tests.database import Database as MigratedCopy


@pytest.fixture
def counter(fresh_database: MigratedCopy) -> Iterator[Newcomers]:
    database = Database(fresh_database.app_url, pool_size=4)
    yield Newcomers(database)
    database.close()


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


def test_a_completion_that_falls_leaves_the_claims(counter: Newcomers) -> None:
    parcel, _ = counter.parcel()
    _, building = counter.building(parcel, floors=9)
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
