"""Claims that are given back before the building is finished: the unit is free again, and is never claimed twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import text

from cadastre.domain.filing import ApplicationOrder, CasePartyRole, NamedDocument, NamedParty, NamedProperty
from cadastre.domain.moment import AskedMoment
from cadastre.domain.share import Share
from cadastre.kernel.errors import RuleBroken
from cadastre.services.ledger_clock import sequence
from cadastre.services.properties import get_property_view
from tests.cadastre.services.counter import CHIEF, broken, refused
from tests.cadastre.services.newcomers import HOLDER, RIVAL, Newcomers
from tests.cadastre.services.test_unfinished import DESIGN, claimed, counter, kinds, site

__all__ = ["claimed", "counter", "site"]

CLAIMS = text("""
    SELECT count(*) FROM cadastre.building_unit u
      JOIN cadastre.property_object o ON o.unit_id = u.unit_id AND o.superseded_leaf IS NULL AND o.valid_to IS NULL
     WHERE u.building_id = :building AND u.unit_number = '12' AND u.superseded_leaf IS NULL
""")


def back(
    counter: Newcomers,
    section: Any,
    *holders: NamedParty,
    basis: str = "dissolution_agreement",
) -> ApplicationOrder:
    """A claim that its holders give back."""
    return ApplicationOrder(
        service="claim_dissolution",
        capacity="registry_officer",
        properties=(NamedProperty(section.register_number),),
        parties=tuple(replace(holder, role=CasePartyRole.DISPOSER) for holder in holders),
        documents=(NamedDocument(counter.paper(basis, CHIEF), "basis", "9", date(2026, 4, 20)),),
    )


def test_a_claim_given_back_frees_the_unit_for_another(
    counter: Newcomers, site: tuple[int, str], claimed: Any
) -> None:
    """Until the claim is given back nobody else can claim the unit, and afterwards one can."""
    order = replace(counter.claim(site[1]), parties=(RIVAL,))
    case_id = counter.waiting(back(counter, claimed, HOLDER))
    with refused(RuleBroken, "object-registered"):
        counter.file(order, CHIEF)
    sequence(counter.database)
    before = counter._read(text("SELECT max(ledger_index) FROM ledger.leaf")).scalar_one()
    counter.decide(case_id)
    assert (kinds(counter, claimed.property_id), counter.owners(claimed.property_id)) == ([], [])
    assert counter._read(CLAIMS, building=site[0]).scalar_one() == 0
    assert counter.stage_of(site[0]) == "under_construction"
    anew = counter.section_of(counter.registered(order))
    assert anew.register_number != claimed.register_number
    assert counter.owners(anew.property_id) == [RIVAL.name]
    assert counter._read(CLAIMS, building=site[0]).scalar_one() == 1
    sequence(counter.database)
    today = counter._read(text("SELECT ledger.today()")).scalar_one()
    look: dict[str, Any] = {"caller": CHIEF, "purpose": "official_duty", "today": today}
    now = get_property_view(counter.database, claimed.register_number, **look)
    assert now.closing is not None
    assert (now.closing.reason, now.rights) == ("dissolution", ())
    past = get_property_view(
        counter.database, claimed.register_number, **look, moment=AskedMoment(known_at=before)
    )
    assert [(right.kind, right.party_name) for right in past.rights] == [("future_ownership", HOLDER.name)]


def test_of_two_who_wait_for_the_unit_the_first_has_it(
    counter: Newcomers, site: tuple[int, str], claimed: Any
) -> None:
    counter.registered(back(counter, claimed, HOLDER))
    first, second = (
        counter.waiting(replace(counter.claim(site[1]), parties=(holder,))) for holder in (RIVAL, HOLDER)
    )
    with refused(RuleBroken, "out-of-turn"):
        counter.decide(second)
    counter.decide(first)
    with refused(RuleBroken, "object-registered"):
        counter.decide(second)
    assert counter._read(CLAIMS, building=site[0]).scalar_one() == 1


def test_all_holders_give_it_back_or_a_court_ends_the_contract(
    counter: Newcomers, site: tuple[int, str]
) -> None:
    halves = tuple(replace(holder, share=Share(1, 2)) for holder in (HOLDER, RIVAL))
    order = replace(counter.claim(site[1], design=DESIGN), parties=halves)
    section = counter.section_of(counter.registered(order))
    alone = counter.waiting(back(counter, section, HOLDER))
    with broken("claim-given-back-by-holders"):
        counter.decide(alone)
    counter.refuse(alone)
    counter.registered(back(counter, section, HOLDER, basis="court_decision"))
    assert counter._read(CLAIMS, building=site[0]).scalar_one() == 0


def test_a_burdened_claim_is_not_given_back(counter: Newcomers, claimed: Any) -> None:
    counter.write(lambda register: register.arrest(claimed.property_id))
    with broken("claim-burdened"):
        counter.decide(counter.waiting(back(counter, claimed, HOLDER)))
    assert kinds(counter, claimed.property_id) == ["future_ownership"]


def test_a_flat_that_is_owned_is_not_given_back(
    counter: Newcomers, site: tuple[int, str], claimed: Any
) -> None:
    counter.registered(counter.acceptance(claimed.register_number))
    with refused(RuleBroken, "claim-not-found"):
        counter.decide(counter.waiting(back(counter, claimed, HOLDER)))


def test_a_claim_in_an_accepted_building_is_completed_and_not_given_back(
    counter: Newcomers, site: tuple[int, str], claimed: Any
) -> None:
    counter.stage(site[0], "completed")
    with broken("building-stage"):
        counter.decide(counter.waiting(back(counter, claimed, HOLDER)))
