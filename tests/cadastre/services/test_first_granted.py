"""First registration of uses and leases: the state or a municipality owns, who holds the title has his right beside it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from cadastre.domain.filing import ApplicationOrder, CasePartyRole, NamedParty
from cadastre.domain.party import PartyKind
from cadastre.domain.share import WHOLE
from cadastre.kernel.errors import InvalidInput
from tests.cadastre.services.counter import CHIEF, broken, refused
from tests.cadastre.services.newcomers import BASE_PAPERS, HOLDER, Newcomers
from tests.cadastre.services.test_first import LOW

STATE = NamedParty(CasePartyRole.HOLDER, PartyKind.STATE, "Azərbaycan Respublikası", share=WHOLE)
TOWN = NamedParty(CasePartyRole.HOLDER, PartyKind.MUNICIPALITY, "Sınaq Bələdiyyəsi", share=WHOLE)
USER = replace(HOLDER, role=CasePartyRole.ACQUIRER, share=None)
LESSEE = replace(HOLDER, role=CasePartyRole.LESSEE, share=None)
RENT = {"rent": "120.00", "rent_currency": "AZN", "rent_period": "year"}

_RIGHTS = text("""
    SELECT r.kind, p.name, r.until::text, r.rent FROM cadastre.property_right r JOIN party.party p USING (party_id)
     WHERE r.property_id = :id AND r.superseded_leaf IS NULL AND r.valid_to IS NULL ORDER BY r.right_id
""")


@pytest.fixture
def counter(common_counter: Newcomers) -> Newcomers:
    """One register for all tests here: each has buildings and plots of its own."""
    return common_counter


def asked(
    counter: Newcomers, right: str, *parties: NamedParty, basis: str = "executive_order", **terms: Any
) -> ApplicationOrder:
    """A first registration of a plot on a title that gives a right beside ownership."""
    _, number = counter.parcel()
    stated = {"parcels": [number], "right": right, **terms}
    return replace(counter.order("land_parcel", basis=basis, terms=stated), parties=parties)


@pytest.mark.parametrize(
    ("owner", "holder", "right", "basis", "terms"),
    [
        (STATE, LESSEE, "lease", "lease_contract", {"until": "2075-01-01", **RENT}),
        (TOWN, USER, "permanent_use", "state_act", {}),
        (TOWN, USER, "temporary_use", "executive_order", {"until": "2041-06-30"}),
    ],
    ids=["lease", "permanent use", "temporary use"],
)
def test_the_owner_and_the_right_enter_together(
    counter: Newcomers,
    owner: NamedParty,
    holder: NamedParty,
    right: str,
    basis: str,
    terms: dict[str, Any],
) -> None:
    case_id = counter.registered(asked(counter, right, owner, holder, basis=basis, **terms))
    section = counter.section_of(case_id)
    rows = counter.write(
        lambda register: register.connection.execute(_RIGHTS, {"id": section.property_id}).all()
    )
    assert [tuple(row)[:3] for row in rows] == [
        ("ownership", owner.name, None),
        (right, holder.name, terms.get("until")),
    ]
    assert rows[1].rent == (Decimal("120.00") if "rent" in terms else None)
    assert len(counter.view(case_id).registration_numbers) == 2


@pytest.mark.parametrize(("basis", "right"), [("registration_card", "permanent_use"), ("state_act", "lease")])
def test_a_title_gives_what_it_gives(counter: Newcomers, basis: str, right: str) -> None:
    with broken("title-gives-right"):
        counter.decide(counter.waiting(asked(counter, right, STATE, USER, basis=basis)))


def test_land_of_a_person_is_leased_by_a_case_of_its_own(counter: Newcomers) -> None:
    owner = NamedParty(CasePartyRole.HOLDER, PartyKind.NATURAL, "Vəli Sınaqlı", fin="8CD4E5F", share=WHOLE)
    with broken("owner-of-granted-public"):
        counter.decide(counter.waiting(asked(counter, "lease", owner, LESSEE, basis="lease_contract")))


@pytest.mark.parametrize(
    ("right", "parties", "code"),
    [
        ("temporary_use", (STATE, USER), "term-missing"),
        ("usufruct", (STATE, USER), "term-malformed"),
        ("lease", (STATE,), "one-party"),
    ],
)
def test_what_is_not_whole_is_not_taken_in(
    counter: Newcomers, right: str, parties: tuple[NamedParty, ...], code: str
) -> None:
    with refused(InvalidInput, code):
        counter.file(asked(counter, right, *parties), CHIEF)


def test_a_house_on_the_leased_plot_has_a_section_of_its_own(counter: Newcomers) -> None:
    """domain.md 2.10, 8.0.9.1.1: built before 2013 on land that is leased, with an approved design."""
    parcel, number = counter.parcel()
    terms = {"parcels": [number], "right": "lease", "until": "2075-01-01"}
    order = counter.order("land_parcel", basis="lease_contract", terms=terms)
    plot = counter.section_of(counter.registered(replace(order, parties=(STATE, LESSEE))))
    _, building = counter.building(parcel, kind="individual_house")
    house = {"buildings": [building], "house": {"built_year": 1975, **LOW}}
    order = counter.order("individual_house", *BASE_PAPERS[1:], "approved_design", terms=house)
    section = counter.section_of(counter.registered(order))
    assert section.property_id != plot.property_id
    assert counter.objects_of(section.property_id) == (0, 1, 0)
    assert counter.owners(section.property_id) == [HOLDER.name]
